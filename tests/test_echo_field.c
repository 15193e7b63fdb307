/* SPDX-License-Identifier: MIT */
/* Failures that users of hands-free phones report: delays, drift,
 * jumps, and echo after a silence. */
#include "dsp/drift.h"
#include "dsp/level.h"
#include "dsp/voice.h"
#include "tests/fixtures/fake_echo.h"
#include "tests/fixtures/fake_speech.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int rates[] = {8000, 16000, 48000};
enum { RATES = 3, SECONDS_MAX = 20, N_MAX = 48000 * SECONDS_MAX };

static const struct tp_voice_config aec = {.aec = true, .tail_ms = 200};
static int16_t far[N_MAX], heard[N_MAX], mic[N_MAX], near[N_MAX], out[N_MAX];

/* What the loudspeaker plays, in a room of 0.25 s at -6 dB with noise at -72 dB; `heard` is as
 * the microphone's clock has it. */
static void make_echo(int rate_hz, int n, double delay_ms)
{
	struct fake_echo room;

	fake_noise(5, 8, mic, n);
	fake_echo_init(&room, 4, rate_hz, delay_ms, delay_ms + 90, 250, -6);
	fake_echo_add(&room, heard, mic, n);
}

static void make_far(int rate_hz, int n)
{
	fake_speech(31, rate_hz, far, n);
	memcpy(heard, far, sizeof(heard));
}

static void hear(struct tp_voice *voice, int rate_hz, int n)
{
	for (int at = 0; at + rate_hz / 100 <= n; at += rate_hz / 100)
		tp_voice_process(voice, mic + at, far + at, out + at);
}

static struct tp_voice_stats run(int rate_hz, int n)
{
	struct tp_voice *voice = tp_voice_create(rate_hz, rate_hz / 100, &aec);
	struct tp_voice_stats stats;

	assert_non_null(voice);
	hear(voice, rate_hz, n);
	tp_voice_stats(voice, &stats);
	tp_voice_destroy(voice);
	return stats;
}

static double reduction(int from, int to)
{
	return tp_level_db(mic + from, to - from) - tp_level_db(out + from, to - from);
}

static void field_13_a_bulk_delay_is_found(void **state)
{
	static const int delays_ms[] = {0, 70, 180, 300};

	(void)state;
	for (int r = 0; r < RATES; r++)
		for (int d = 0; d < 4; d++) {
			int rate = rates[r], n = 6 * rate;

			make_far(rate, n);
			make_echo(rate, n, delays_ms[d] + 1);
			struct tp_voice_stats stats = run(rate, n);
			double first = reduction(2 * rate, 4 * rate), last = reduction(4 * rate, n);

			if (!(fabs(stats.delay_ms - delays_ms[d] - 1) < 3) || first < 15 ||
			    last < 25)
				fail_msg(
					"%d Hz, %d ms: found %.1f ms, %.1f dB from 2 s on, %.1f dB "
					"at last",
					rate, delays_ms[d], stats.delay_ms, first, last);
		}
}

static void field_14_clocks_may_differ(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++)
		for (int ppm = -200; ppm <= 200; ppm += 400) {
			static int16_t drifted[N_MAX + 960];
			int rate = rates[r], n = SECONDS_MAX * rate, made_n = 0;
			struct tp_drift drift;

			make_far(rate, n);
			memset(drifted, 0, sizeof(drifted));
			tp_drift_init(&drift, rate);
			tp_drift_set_ppm(&drift, ppm);
			for (int at = 0; at < n && made_n < n; at += rate / 100)
				made_n += tp_drift_process(&drift, far + at, rate / 100,
							   drifted + made_n, rate / 100 + 2);
			memcpy(heard, drifted, sizeof(heard));
			make_echo(rate, n, 30);
			struct tp_voice_stats stats = run(rate, n);
			double last = reduction(n - 5 * rate, n);

			if (fabs(stats.drift_ppm - ppm) > 4 || last < 25)
				fail_msg("%d Hz, %d ppm: found %.1f ppm, %.1f dB at last", rate,
					 ppm, stats.drift_ppm, last);
		}
}

static void field_15_an_xrun_moves_the_echo(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = 8 * rate, at = 5 * rate, lost = rate / 50;

		make_far(rate, n);
		make_echo(rate, n, 40);
		/* 20 ms of the capture are lost. */
		memmove(mic + at, mic + at + lost, (size_t)(n - at - lost) * sizeof(*mic));
		run(rate, n);
		double after = reduction(at + rate, n - lost);

		if (after < 25)
			fail_msg("%d Hz: %.1f dB from a second after it", rate, after);
	}
}

static void field_16_silence_is_not_forgetting(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = 16 * rate, from = 4 * rate, to = 14 * rate;

		make_far(rate, n);
		memset(far + from, 0, (size_t)(to - from) * sizeof(*far));
		memcpy(heard, far, sizeof(heard));
		make_echo(rate, n, 40);
		run(rate, n);
		double again = reduction(to, to + rate);

		if (again < 25)
			fail_msg("%d Hz: %.1f dB in the first second after it", rate, again);
	}
}

/* What is left of the near talker, in dB: the share of him in what comes out, by what
 * comes out when only he is there. */
static double near_loss(int rate_hz, int from, int to)
{
	double both = 0, alone = 0;

	memcpy(heard, out, sizeof(heard));
	memset(far, 0, sizeof(far));
	memcpy(mic, near, sizeof(mic));
	run(rate_hz, to);
	for (int i = from; i < to; i++) {
		both += (double)out[i] * heard[i];
		alone += (double)out[i] * out[i];
	}
	return -20 * log10(both / alone);
}

static void add_near(int from, int n)
{
	for (int i = from; i < n; i++)
		mic[i] = (int16_t)fmax(-32768, fmin(32767, mic[i] + near[i]));
}

/* A headset gives no echo. What answers the loudspeaker within the longest delay, now and then or
 * all the time, must not be taken for one. */
static void answers_without_echo_are_heard(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++)
		for (int sparse = 0; sparse < 2; sparse++) {
			int rate = rates[r], n = 15 * rate, from = 6 * rate;

			make_far(rate, n);
			fake_speech(77, rate, near, n);
			/* A word of 0.2 s a second, and the answer 0.3 s after it. */
			for (int i = 0; sparse && i < n; i++) {
				far[i] = i % rate < rate / 5 ? far[i] : 0;
				near[i] = i % rate > rate / 2 && i % rate < rate * 7 / 10 ? near[i]
											  : 0;
			}
			fake_noise(5, 8, mic, n);
			add_near(0, n);
			run(rate, n);
			double loss = near_loss(rate, from, n);

			if (!(fabs(loss) < 1))
				fail_msg("%d Hz, %s: answers lose %.1f dB", rate,
					 sparse ? "single words" : "both at once", loss);
		}
}

/* ERLE of the first two seconds after a rest, the amplifier said to be at so
 * many dB. Destroys the voice. */
static double erle_at(struct tp_voice *voice, int rate_hz, double gain_db)
{
	struct tp_voice_stats stats;

	tp_voice_rest(voice);
	tp_voice_set_gain(voice, gain_db);
	hear(voice, rate_hz, 2 * rate_hz);
	tp_voice_stats(voice, &stats);
	tp_voice_destroy(voice);
	return stats.linear_erle_db;
}

static struct tp_voice *load(int rate_hz, const void *kept, size_t len)
{
	struct tp_voice *voice = tp_voice_create(rate_hz, rate_hz / 100, &aec);

	assert_non_null(voice);
	assert_int_equal(tp_voice_load(voice, kept, len), 0);
	return voice;
}

/* A path that was learnt with the amplifier down is right with it up, in this call and in one that
 * loads it; who is not told that it is up has to learn it. */
static void a_path_is_right_at_every_gain(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = 8 * rate;
		struct tp_voice *voice = tp_voice_create(rate, rate / 100, &aec);
		size_t len = tp_voice_save(voice, NULL, 0);
		uint8_t *kept = malloc(len);
		double turned, loaded, untold;

		make_far(rate, n);
		make_echo(rate, n, 30);
		for (int i = 0; i < n; i++)
			mic[i] /= 2;
		tp_voice_set_gain(voice, -6.02);
		hear(voice, rate, n);
		assert_int_equal(tp_voice_save(voice, kept, len), len);
		make_echo(rate, n, 30);
		turned = erle_at(voice, rate, 0);
		loaded = erle_at(load(rate, kept, len), rate, 0);
		untold = erle_at(load(rate, kept, len), rate, -6.02);
		if (!(turned > untold + 2 && loaded > untold + 2))
			fail_msg("%d Hz: ERLE %.1f dB turned, %.1f dB loaded, %.1f dB untold", rate,
				 turned, loaded, untold);
		free(kept);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(field_13_a_bulk_delay_is_found),
		cmocka_unit_test(field_14_clocks_may_differ),
		cmocka_unit_test(field_15_an_xrun_moves_the_echo),
		cmocka_unit_test(field_16_silence_is_not_forgetting),
		cmocka_unit_test(answers_without_echo_are_heard),
		cmocka_unit_test(a_path_is_right_at_every_gain),
	};

	return cmocka_run_group_tests_name("echo_field", tests, NULL, NULL);
}
