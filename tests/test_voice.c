/* SPDX-License-Identifier: MIT */
/* The microphone's chain: causal, of known delay, echo out, near talker in, state kept, silent. */
#include "dsp/level.h"
#include "dsp/pitch.h"
#include "dsp/voice.h"
#include "tests/fixtures/fake_echo.h"
#include "tests/fixtures/fake_speech.h"
#include "tests/fixtures/spectrum.h"
#include "tests/fixtures/stderr_trap.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int rates[] = {8000, 16000, 48000};
enum { RATES = 3, SECONDS = 8, N_MAX = 48000 * SECONDS };

static const struct tp_voice_config aec_only = {.aec = true, .tail_ms = 128};
static const struct tp_voice_config nothing = {.tail_ms = 128};
static const struct tp_voice_config everything = {
	.aec = true, .ns = true, .agc = true, .tail_ms = 128};

static int16_t far[N_MAX], near[N_MAX], mic[N_MAX], out[N_MAX];

static void run(struct tp_voice *voice, int n, int block_n)
{
	for (int at = 0; at + block_n <= n; at += block_n)
		tp_voice_process(voice, mic + at, far + at, out + at);
}

static void run_once(const struct tp_voice_config *config, int rate_hz, int block_n, int n)
{
	struct tp_voice *voice = tp_voice_create(rate_hz, block_n, config);

	assert_non_null(voice);
	run(voice, n, block_n);
	tp_voice_destroy(voice);
}

/* Far talks; the near talker from second `near_s` on; a room at -10 dB with noise at -72 dB. */
static void make_scene(int rate_hz, int n, int near_s)
{
	struct fake_echo room;
	int from = near_s * rate_hz < n ? near_s * rate_hz : n;

	real_speech("p225_003", rate_hz, far, n);
	memset(near, 0, (size_t)n * sizeof(*near));
	real_speech("p226_006", rate_hz, near + from, n - from);
	fake_noise(5, 8, mic, n);
	for (int i = 0; i < n; i++)
		mic[i] = (int16_t)fmax(-32768, fmin(32767, mic[i] + near[i]));
	fake_echo_init(&room, 4, rate_hz, 6, 90, 250, -10);
	fake_echo_add(&room, far, mic, n);
}

static double reduction(int from, int to)
{
	return tp_level_db(mic + from, to - from) - tp_level_db(out + from, to - from);
}

static void output_never_depends_on_the_future(void **state)
{
	static int16_t whole[N_MAX];
	static const struct tp_voice_config *configs[] = {&aec_only, &nothing, &everything};

	(void)state;
	for (int r = 0; r < RATES; r++)
		for (int c = 0; c < 3; c++) {
			int rate = rates[r], n = rate * 3, block_n = rate / 100,
			    cut = rate + block_n;

			make_scene(rate, n, 1);
			run_once(configs[c], rate, block_n, n);
			memcpy(whole, out, sizeof(whole));
			run_once(configs[c], rate, block_n, n);
			assert_memory_equal(whole, out, (size_t)n * 2);
			fake_noise(1, 20000, far + cut, n - cut);
			fake_noise(2, 20000, mic + cut, n - cut);
			run_once(configs[c], rate, block_n, n);
			assert_memory_equal(whole, out, (size_t)cut * 2);
			assert_true(memcmp(whole, out, (size_t)n * 2) != 0);
		}
}

/* Where near sound leaves: the lag at which it is most like what came in. */
static int lag_of(int n, int most)
{
	float best = -1;
	int found = -1;

	for (int lag = 0; lag <= most; lag++) {
		float like = tp_pitch_likeness(mic, out + lag, n - most);

		if (like > best) {
			best = like;
			found = lag;
		}
	}
	return found;
}

static void delay_is_as_told(void **state)
{
	static const struct tp_voice_config one[] = {{.tail_ms = 64},
						     {.aec = true, .tail_ms = 64},
						     {.ns = true, .tail_ms = 64},
						     {.agc = true, .tail_ms = 64}};

	(void)state;
	for (int r = 0; r < RATES; r++)
		for (int c = 0; c < 4; c++)
			for (int per_s = 100; per_s <= 200; per_s += 100) {
				int rate = rates[r], n = rate, block_n = rate / per_s;
				struct tp_voice *voice = tp_voice_create(rate, block_n, &one[c]);

				memset(far, 0, sizeof(far));
				fake_noise(3, 2000, mic, n);
				run(voice, n, block_n);
				assert_int_equal(tp_voice_delay_n(voice), c ? rate / 250 : 0);
				assert_int_equal(lag_of(n, 2 * block_n), tp_voice_delay_n(voice));
				tp_voice_destroy(voice);
			}
}

/* At the ear a near talker is late by no more than a millisecond, in front of an echo too. */
static void the_handset_adds_a_millisecond_at_most(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++)
		for (int route = TP_ROUTE_HANDSET; route <= TP_ROUTE_HEADSET; route++) {
			int rate = rates[r], n = rate, block_n = rate / 100;
			struct tp_voice *voice = tp_voice_create_route((enum tp_route)route, rate,
								       block_n, &everything);

			real_speech("p225_003", rate, far, n);
			memset(far + n / 2, 0, sizeof(far) - (size_t)n);
			fake_noise(3, 2000, mic, n);
			run(voice, n, block_n);
			assert_true(tp_voice_delay_n(voice) > 0);
			assert_true(tp_voice_delay_n(voice) <= rate / 1000);
			assert_int_equal(lag_of(n, 2 * block_n), tp_voice_delay_n(voice));
			tp_voice_destroy(voice);
		}
}

/* What is left of a handset's echo, and what a talker loses: 4 s far end alone, then both. */
static void try_handset(enum tp_route route, int rate, double *left_db, double *lost_db)
{
	int n = rate * SECONDS, block_n = rate / 100;
	struct tp_voice *voice = tp_voice_create_route(route, rate, block_n, &aec_only);

	run(voice, n, block_n);
	*left_db = tp_level_db(out + 2 * rate, 2 * rate);
	*lost_db = tp_level_db(near + 4 * rate, n - 4 * rate) -
		   tp_level_db(out + 4 * rate, n - 4 * rate);
	tp_voice_destroy(voice);
}

static void a_handset_has_its_own_canceller(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = rate * SECONDS;
		struct fake_echo shell;
		double left, lost, left_free, lost_free;

		/* A short way within the handset in place of the room, 15 dB softer. */
		make_scene(rate, n, 4);
		fake_noise(5, 8, mic, n);
		for (int i = 0; i < n; i++)
			mic[i] = (int16_t)(mic[i] + near[i]);
		fake_echo_init(&shell, 4, rate, 3, 12, 20, -25);
		fake_echo_add(&shell, far, mic, n);
		try_handset(TP_ROUTE_HANDSET, rate, &left, &lost);
		try_handset(TP_ROUTE_HANDSFREE, rate, &left_free, &lost_free);
		if (left > -68 || left > left_free + 2 || lost > lost_free + 0.3)
			fail_msg("%d Hz: %.1f dB are left of the echo, hands-free %.1f; the talker "
				 "lost %.1f dB, hands-free %.1f",
				 rate, left, left_free, lost, lost_free);
	}
}

/* Whether the microphone's level was both above and below this in the last 2 s. */
static bool was_lately(double db, int rate_hz, int n)
{
	double least = INFINITY, most = -INFINITY;

	for (int at = n - 2 * rate_hz; at + rate_hz / 10 <= n; at += rate_hz / 10) {
		least = fmin(least, tp_level_db(mic + at, rate_hz / 10));
		most = fmax(most, tp_level_db(mic + at, rate_hz / 10));
	}
	return db >= least && db <= most;
}

static void echo_is_gone_from_the_first_word_on(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++)
		for (int per_s = 100; per_s <= 200; per_s += 100) {
			int rate = rates[r], n = rate * SECONDS, block_n = rate / per_s;
			struct tp_voice *voice = tp_voice_create(rate, block_n, &aec_only);
			struct tp_voice_stats stats;

			tp_voice_stats(voice, &stats);
			assert_true(isnan(stats.erle_db) && isnan(stats.near_db) &&
				    isnan(stats.microphone_db));
			make_scene(rate, n, SECONDS);
			run(voice, n, block_n);
			double first = reduction(0, 2 * rate), last = reduction(6 * rate, n);

			if (first < 7 || last < 15)
				fail_msg("%d Hz, blocks of %d: %.1f dB in the first 2 s, %.1f dB "
					 "at the end",
					 rate, block_n, first, last);
			tp_voice_stats(voice, &stats);
			assert_true(stats.erle_db > 8);
			assert_true(was_lately(stats.microphone_db, rate, n));
			assert_true(stats.near_db < stats.microphone_db - 10);
			tp_voice_destroy(voice);
		}
}

/* Short sounds answer each other, with no echo at all: who answers later than the tail after the
 * loudspeaker is heard, although no filter could ever be found right. */
static void an_answer_without_echo_is_heard(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = rate * SECONDS, block_n = rate / 100;
		struct tp_voice *voice = tp_voice_create(rate, block_n, &aec_only);

		memset(far, 0, sizeof(far));
		fake_noise(6, 16, mic, n);
		for (int s = 0; s < SECONDS; s++) {
			fake_noise(20 + s, 4000, far + s * rate + rate / 20, rate / 16);
			fake_noise(40 + s, 4000, mic + s * rate + rate / 2, rate / 16);
		}
		tp_voice_aligned(voice);
		run(voice, n, block_n);
		for (int s = 0; s < SECONDS; s++) {
			int at = s * rate + rate / 2;

			if (reduction(at + rate / 100, at + rate / 16) > 3)
				fail_msg("%d Hz: answer %d is softer by %.1f dB", rate, s,
					 reduction(at + rate / 100, at + rate / 16));
		}
		tp_voice_destroy(voice);
	}
}

/* Two signals' least-squares factor, dB. */
static double likeness_db(const int16_t *of, const int16_t *in, int n)
{
	double both = 0, energy = 1;

	for (int i = 0; i < n; i++) {
		both += (double)of[i] * in[i];
		energy += (double)of[i] * of[i];
	}
	return 20 * log10(fmax(both / energy, 1e-6));
}

/* What the near talker is in the output when he talks alone, against what is
 * in it of that when both talk. */
static void field_17_double_talk_keeps_the_near_end(void **state)
{
	static int16_t alone[N_MAX];

	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = rate * SECONDS, block_n = rate / 100, from = 4 * rate;

		make_scene(rate, n, 4);
		memcpy(alone, mic, sizeof(alone));
		memset(far, 0, sizeof(far));
		memcpy(mic, near, sizeof(mic));
		run_once(&aec_only, rate, block_n, n);
		memcpy(mic, alone, sizeof(mic));
		memcpy(alone, out, sizeof(alone));
		real_speech("p225_003", rate, far, n);
		run_once(&aec_only, rate, block_n, n);
		double kept = likeness_db(alone + from, out + from, n - from);

		if (fabs(kept) > 3)
			fail_msg("%d Hz: near talker at %.1f dB", rate, kept);
	}
}

/* Level of the differences between samples: what a low voice has under the notch counts little. */
static double edge_db(const int16_t *pcm, int n)
{
	double energy = 0;

	for (int i = 1; i < n; i++)
		energy += (double)(pcm[i] - pcm[i - 1]) * (pcm[i] - pcm[i - 1]);
	return tp_level_power_db(energy / n);
}

static void near_alone_is_left_alone(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = rate * 5, block_n = rate / 100;

		memset(far, 0, sizeof(far));
		real_speech("p226_006", rate, mic, n);
		run_once(&nothing, rate, block_n, n);
		assert_true(fabs(edge_db(out, n) - edge_db(mic, n)) < 0.3);
		run_once(&aec_only, rate, block_n, n);
		double change = edge_db(out, n) - edge_db(mic, n);

		if (fabs(change) > (rate == 8000 ? 1 : 0.5))
			fail_msg("%d Hz: near talker changed by %.2f dB", rate, change);
	}
}

static void saved_path_warms_the_next_call(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = rate * SECONDS, block_n = rate / 100;
		struct tp_voice *voice = tp_voice_create(rate, block_n, &aec_only);
		struct tp_voice_stats warm, cold;
		size_t len = tp_voice_save(voice, NULL, 0);
		uint8_t *kept = malloc(len);

		make_scene(rate, n, SECONDS);
		run(voice, n, block_n);
		assert_int_equal(tp_voice_save(voice, kept, len), len);
		tp_voice_destroy(voice);

		voice = tp_voice_create(rate, block_n, &aec_only);
		run(voice, 2 * rate, block_n);
		tp_voice_stats(voice, &cold);
		tp_voice_destroy(voice);

		/* The next call has blocks of another size. */
		voice = tp_voice_create(rate, block_n / 2, &aec_only);
		assert_int_equal(tp_voice_load(voice, kept, len), 0);
		run(voice, 2 * rate, block_n / 2);
		tp_voice_stats(voice, &warm);
		/* From the first word on. */
		int first = 0;

		while (abs(mic[first]) < 300)
			first++;
		if (reduction(first, first + rate / 2) < 30)
			fail_msg("%d Hz: %.1f dB in the first half second", rate,
				 reduction(first, first + rate / 2));
		tp_voice_destroy(voice);
		if (warm.linear_erle_db < 10 || warm.linear_erle_db < cold.linear_erle_db + 2)
			fail_msg("%d Hz: ERLE after 2 s %.1f dB warm, %.1f dB cold", rate,
				 warm.linear_erle_db, cold.linear_erle_db);
		free(kept);
	}
}

/* A route that comes back after a call on another one: what it learnt is
 * there, what it heard is not. */
static void a_rest_keeps_what_was_learnt(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = rate * SECONDS, block_n = rate / 100;
		struct tp_voice *voice = tp_voice_create(rate, block_n, &aec_only);

		make_scene(rate, n, SECONDS);
		run(voice, n, block_n);
		memset(far, 0, sizeof(far));
		for (int i = 0; i < n; i++)
			mic[i] = (int16_t)(10000 * sin(0.1 * i));
		run(voice, rate / 4, block_n);
		tp_voice_rest(voice);
		memset(mic, 0, sizeof(mic));
		run(voice, block_n, block_n);
		/* Nor of the talker of before. */
		assert_true(tp_level_db(out, block_n) < -60);
		fake_noise(5, 8, mic, n);
		run(voice, rate / 4, block_n);
		/* Of the room's echo nothing is predicted into the silence. */
		assert_true(tp_level_db(out, rate / 4) < tp_level_db(mic, rate / 4) + 1);
		make_scene(rate, n, SECONDS);
		run(voice, n, block_n);
		/* The room's noise is at -72 dB: no more than that is
		 * left, from the first word on. */
		for (int at = 0; at < 2 * rate; at += rate / 2)
			if (tp_level_db(out + at, rate / 2) > -66)
				fail_msg("%d Hz: %.1f dB of echo are left at %.1f s, of %.1f dB",
					 rate, tp_level_db(out + at, rate / 2), (double)at / rate,
					 tp_level_db(mic + at, rate / 2));
		tp_voice_destroy(voice);
	}
}

/* Stages are switched every 0.3 s under a steady tone: no jump between two samples that the tone
 * does not make itself, and no hole. */
static void switching_does_not_click(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = rate * 4, block_n = rate / 100;
		double w = 2 * 3.14159265358979 * 500 / rate, worst = 0;
		struct tp_voice *voice = tp_voice_create(rate, block_n, &nothing);

		memset(far, 0, sizeof(far));
		fake_tone(500, 8000, 0, rate, mic, n);
		for (int b = 0; b * block_n < n; b++) {
			static const struct tp_voice_config configs[] = {
				{0}, {.aec = true}, {0}, {.aec = true}};

			tp_voice_set(voice, &configs[b / 30 % 4]);
			tp_voice_process(voice, mic + b * block_n, far + b * block_n,
					 out + b * block_n);
		}
		for (int i = rate / 5; i < n; i++)
			worst = fmax(worst, abs(out[i] - 2 * out[i - 1] + out[i - 2]));
		if (worst > 1.5 * 8000 * w * w + 80)
			fail_msg("%d Hz: second difference %.0f of %.0f", rate, worst,
				 8000 * w * w);
		for (int at = rate / 5; at + block_n <= n; at += block_n)
			assert_true(tp_level_db(out + at, block_n) >
				    tp_level_db(mic + at, block_n) - 3.5);
		tp_voice_destroy(voice);
	}
}

static void noise_suppression_is_a_choice(void **state)
{
	static const struct tp_voice_config ns = {.aec = true, .ns = true, .tail_ms = 64};

	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = rate * 6, block_n = rate / 100;

		memset(far, 0, sizeof(far));
		fake_noise(8, 60, mic, n);
		run_once(&aec_only, rate, block_n, n);
		assert_true(fabs(reduction(3 * rate, n)) < (rate == 8000 ? 1.5 : 1));
		run_once(&ns, rate, block_n, n);
		assert_true(reduction(3 * rate, n) > 9);
	}
}

static void agc_lifts_a_quiet_talker_and_spares_a_loud_one(void **state)
{
	static const struct tp_voice_config agc = {.agc = true, .tail_ms = 64};

	(void)state;
	for (int r = 0; r < RATES; r++)
		for (int loud = 0; loud < 2; loud++) {
			int rate = rates[r], n = rate * SECONDS, block_n = rate / 100, clipped = 0;
			struct tp_gain gain;

			memset(far, 0, sizeof(far));
			real_speech("p225_003", rate, mic, n);
			tp_gain_init(&gain, rate);
			tp_gain_set(&gain, (int)(100 * ((loud ? -14 : -44) - tp_level_db(mic, n))));
			tp_gain_apply(&gain, mic, n);
			run_once(&agc, rate, block_n, n);
			double lift = -reduction(5 * rate, n);

			for (int i = 0; i < n; i++)
				clipped += abs(out[i]) >= 32767;
			if (loud ? lift > 1 || clipped > n / 1000 : lift < 6 || lift > 18.5)
				fail_msg("%d Hz, %s: lifted by %.1f dB, %d clipped", rate,
					 loud ? "loud" : "quiet", lift, clipped);
		}
}

static void rumble_is_taken_out(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = rate * 2, block_n = rate / 100;

		memset(far, 0, sizeof(far));
		fake_tone(30, 8000, 0, rate, mic, n);
		for (int i = 0; i < n; i++)
			mic[i] = (int16_t)(mic[i] + 3000);
		run_once(&aec_only, rate, block_n, n);
		assert_true(reduction(rate, n) > 18);
		/* with every stage off the microphone goes through to the bit */
		run_once(&nothing, rate, block_n, n);
		assert_memory_equal(out, mic, (size_t)n * sizeof(*out));
	}
}

static void garbage_and_switching_never_print(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		static struct garbage garbage;
		int rate = rates[r], block_n = rate / 100, blocks = rate == 48000 ? 1500 : 5000;
		struct tp_voice *voice = tp_voice_create(rate, block_n, &everything);

		garbage_init(&garbage, (uint32_t)r + 10);
		stderr_trap_open();
		for (int b = 0; b < blocks; b++) {
			uint32_t dice = tp_noise_bits(&garbage.dice);
			struct tp_voice_config config = {
				.aec = dice & 7, .ns = dice & 8, .agc = dice & 16};

			if (dice >> 26 == 0)
				tp_voice_set(voice, &config);
			garbage_fill(&garbage, mic, far, block_n);
			tp_voice_process(voice, mic, far, mic);
		}
		assert_int_equal(stderr_trap_close(), 0);
		tp_voice_destroy(voice);
	}
}

static void bad_tail_is_refused(void **state)
{
	struct tp_voice_config config = {.aec = true, .tail_ms = 10};

	(void)state;
	assert_null(tp_voice_create(16000, 160, &config));
	tp_voice_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_never_depends_on_the_future),
		cmocka_unit_test(delay_is_as_told),
		cmocka_unit_test(echo_is_gone_from_the_first_word_on),
		cmocka_unit_test(an_answer_without_echo_is_heard),
		cmocka_unit_test(field_17_double_talk_keeps_the_near_end),
		cmocka_unit_test(near_alone_is_left_alone),
		cmocka_unit_test(the_handset_adds_a_millisecond_at_most),
		cmocka_unit_test(a_handset_has_its_own_canceller),
		cmocka_unit_test(saved_path_warms_the_next_call),
		cmocka_unit_test(a_rest_keeps_what_was_learnt),
		cmocka_unit_test(switching_does_not_click),
		cmocka_unit_test(noise_suppression_is_a_choice),
		cmocka_unit_test(agc_lifts_a_quiet_talker_and_spares_a_loud_one),
		cmocka_unit_test(rumble_is_taken_out),
		cmocka_unit_test(garbage_and_switching_never_print),
		cmocka_unit_test(bad_tail_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
