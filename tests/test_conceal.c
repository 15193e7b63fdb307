/* SPDX-License-Identifier: MIT */
/* Concealment: the good path is free, losses sound on, long ones
 * become background, returns merge. */
#include "dsp/conceal.h"
#include "dsp/level.h"
#include "dsp/pitch.h"
#include "tests/fixtures/fake_speech.h"
#include "tests/fixtures/spectrum.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int rates[] = {8000, 16000, 48000};
enum { RATES = 3, SECONDS = 6, N_MAX = 48000 * SECONDS };

static int16_t clean[N_MAX], heard[N_MAX];
static struct tp_conceal conceal;

/* Plays `clean` into `heard` in blocks; those of lost[block % lost_n] == 'x' do not arrive. */
static void play(int rate_hz, int n, int block, const char *lost)
{
	size_t pattern_n = strlen(lost);

	memcpy(heard, clean, (size_t)n * sizeof(*heard));
	tp_conceal_init(&conceal, rate_hz);
	for (int b = 0; (b + 1) * block <= n; b++)
		if (lost[b % (int)pattern_n] == 'x')
			tp_conceal_make(&conceal, heard + b * block, block);
		else
			tp_conceal_good(&conceal, heard + b * block, block);
}

static void good_sound_is_not_touched(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int n = rates[r] * 2;

		real_speech("p225_003", rates[r], clean, n);
		play(rates[r], n, rates[r] / 100 + 3, ".");
		assert_memory_equal(clean, heard, (size_t)n * 2);
		tp_conceal_good(&conceal, heard, 0);
		tp_conceal_make(&conceal, heard, 0);
		assert_memory_equal(clean, heard, (size_t)n * 2);
	}
}

/* A voice-like pulse train: what is made in the first 10 ms is what would have come. */
static void pitch_goes_on(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++)
		for (double hz = 80; hz < 380; hz *= 1.17) {
			int rate = rates[r], n = rate / 2, block = rate / 100;
			double period = rate / hz;

			for (int i = 0; i < n; i++) {
				double t = fmod(i, period) / rate;

				clean[i] = (int16_t)(12000 * exp(-t * 400) *
						     sin(2 * 3.14159265 * 700 * t));
			}
			play(rate, n, block, "...................x");
			float like =
				tp_pitch_likeness(clean + 39 * block, heard + 39 * block, block);

			/* A period that is no whole number of samples at 8 kHz costs most. */
			if (like < 0.8f)
				fail_msg("%d Hz, pitch %.0f: likeness %.3f", rate, hz, like);
		}
}

/* The largest jump from sample to sample, as a part of what the tone itself does. */
static double roughness(const int16_t *pcm, int n, double hz, double amplitude, int rate_hz)
{
	double w = 2 * 3.14159265358979 * hz / rate_hz, worst = 0;

	for (int i = 2; i < n; i++)
		worst = fmax(worst, abs(pcm[i] - 2 * pcm[i - 1] + pcm[i - 2]));
	return worst / (amplitude * w * w);
}

static void tones_have_no_clicks_and_no_holes(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++)
		for (double hz = 150; hz < 1200; hz *= 1.13) {
			int rate = rates[r], n = rate, block = rate / 100;

			fake_tone(hz, 12000, 0, rate, clean, n);
			play(rate, n, block, ".........x");
			/* A click of a tenth of the amplitude at 8 kHz would be 0.1 / w^2. */
			double w = 2 * 3.14159265358979 * hz / rate;
			double rough = roughness(heard + n / 4, n / 2, hz, 12000, rate);

			if (rough > 1.6 + 0.1 / (w * w))
				fail_msg("%d Hz, tone %.0f: roughness %.2f", rate, hz, rough);
			for (int at = n / 4; at < n * 3 / 4; at += block / 2) {
				double level = tp_level_db(heard + at, block);

				if (fabs(level - tp_level_db(clean + at, block)) > 3.0)
					fail_msg("%d Hz, tone %.0f: level off by %.1f dB", rate, hz,
						 level - tp_level_db(clean + at, block));
			}
		}
}

/* What goes on when sound of that length and at least that level is all that was ever heard. */
static void expect_quiet(int rate, int n, double most_db)
{
	tp_conceal_init(&conceal, rate);
	tp_conceal_good(&conceal, heard, n);
	tp_conceal_make(&conceal, heard + n, rate);
	/* The fade is over after 200 ms. */
	assert_true(tp_level_db(heard + n + rate * 21 / 100, rate * 79 / 100) < most_db);
	assert_true(tp_conceal_background_db(&conceal) < most_db);
}

/* A talker who was lost in the first word, and a tone that ends: neither goes on as a roar. */
static void nothing_loud_is_taken_for_background(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r];

		fake_noise(3, 3000, heard, rate / 5);
		expect_quiet(rate, rate / 5, -49);
		for (int i = 0; i < 3 * rate; i++)
			heard[i] = (int16_t)lrint(10000 * sin(2 * M_PI * 1004 * i / rate));
		expect_quiet(rate, 3 * rate, -34);
	}
}

/* Noise of a colour, with speech on it: behind a long loss that noise goes on at its level. */
static void long_losses_become_background(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = rate * 4, talk_n = rate * 3;
		static int16_t noise[N_MAX];
		double low = 0;

		fake_noise(7, 300, noise, n);
		fake_speech(9, rate, clean, n);
		memset(clean + talk_n, 0, (size_t)(n - talk_n) * 2);
		for (int i = 0; i < n; i++) {
			low = 0.8 * low + noise[i];
			noise[i] = (int16_t)low;
			clean[i] = (int16_t)(clean[i] + low);
		}
		memcpy(heard, clean, sizeof(heard));
		tp_conceal_init(&conceal, rate);
		tp_conceal_good(&conceal, heard, rate);
		for (int at = rate; at < talk_n; at += rate / 50)
			tp_conceal_good(&conceal, heard + at, rate / 50);
		tp_conceal_make(&conceal, heard + talk_n, n - talk_n);
		const int16_t *tail = heard + talk_n + rate / 5;
		int tail_n = n - talk_n - rate / 5;
		double level = tp_level_db(tail, tail_n), wanted = tp_level_db(noise, n);

		if (fabs(level - wanted) > 3)
			fail_msg("%d Hz: background %.1f dB, made %.1f dB", rate, wanted, level);
		assert_true(fabs(tp_conceal_background_db(&conceal) - wanted) < 3);
		/* Its colour: the likeness of neighbouring samples. */
		assert_true(fabs(tp_pitch_likeness(tail, tail + 1, tail_n - 1) -
				 tp_pitch_likeness(noise, noise + 1, n - 1)) < 0.1);
		/* And never a hole. */
		for (int at = 0; at + rate / 100 <= tail_n; at += rate / 100)
			assert_true(tp_level_db(tail + at, rate / 100) > wanted - 10);
	}
}

/* Fills `heard` with n samples of room, and puts 40 ms of a voice behind it if `voice`.
 * Returns how many there are. */
static int hear_room(int rate, int n, bool voice)
{
	fake_noise(12, 60, heard, n);
	if (voice) {
		for (int i = 0; i < rate / 25; i++, n++)
			heard[n] = (int16_t)lrint(8000 * sin(2 * M_PI * 180 * i / rate));
	}
	tp_conceal_init(&conceal, rate);
	for (int at = 0; at < n; at += rate / 50)
		tp_conceal_good(&conceal, heard + at, rate / 50);
	return n;
}

/* A loss that begins in the room alone is a noise at once, at its level; behind a voice that takes
 * longer. */
static void nothing_goes_on_where_nobody_spoke(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = hear_room(rate, 2 * rate, false), look_n = rate / 25;
		double room_db = tp_level_db(heard, n);

		tp_conceal_make(&conceal, heard + n, rate / 5);
		assert_int_equal(tp_conceal_gone_ms(&conceal), 30);
		for (int at = n; at + look_n <= n + rate / 5; at += look_n)
			assert_true(fabs(tp_level_db(heard + at, look_n) - room_db) < 3);
		/* the period of 10 ms, in which what was heard last would be repeated */
		assert_true(fabs(tp_pitch_likeness(heard + n + rate / 25,
						   heard + n + rate / 25 + rate / 100, rate / 10)) <
			    0.4);
		n = hear_room(rate, 2 * rate, true);
		tp_conceal_make(&conceal, heard + n, rate / 10);
		assert_int_equal(tp_conceal_gone_ms(&conceal), 200);
		assert_true(tp_level_db(heard + n, rate / 10) > room_db + 20);
	}
}

/* A room that nobody speaks of goes down to a quarter of its loudness, and no further; what the
 * peer tells holds, and sounds again. */
static void a_room_is_let_go_until_it_is_told(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = hear_room(rate, 2 * rate, false), look_n = rate / 20;
		double room_db = tp_level_db(heard, n);
		int16_t *made = heard + n;

		tp_conceal_make(&conceal, made, rate / 10);
		tp_background_let_go(&conceal.background);
		tp_conceal_make(&conceal, made, rate / 5);
		for (int at = rate * 3 / 20; at + look_n <= rate / 5; at += look_n)
			assert_true(fabs(tp_level_db(made + at, look_n) - room_db + 20) < 3);
		tp_background_tell(&conceal.background, conceal.background.correlation[0], NULL, 0);
		tp_conceal_make(&conceal, made, rate);
		assert_true(fabs(tp_level_db(made + rate / 2, rate / 2) - room_db) < 2);
		tp_background_let_go(&conceal.background);
		tp_conceal_make(&conceal, made, rate / 2);
		assert_true(fabs(tp_level_db(made, rate / 2) - room_db) < 2);
	}
}

/* What is left of the level in each 10 ms of a loss. */
static double left_of_it(int block)
{
	if (block < 1)
		return 1;
	if (block < 4)
		return 1 - 0.4 / 3 * (block - 0.5);
	if (block < 10)
		return 0.6;
	return block < 20 ? 0.06 * (19.5 - block) : 0;
}

/* Loud speech fades as it should: to 60 % within 40 ms, and from 100 ms on to nothing at 200 ms. */
static void fade_is_gradual(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], block = rate / 100;

		fake_noise(1, 10, clean, rate);
		fake_tone(200, 12000, 0, rate, clean + rate * 3 / 10, rate * 7 / 10);
		memcpy(heard, clean, (size_t)rate * 2);
		tp_conceal_init(&conceal, rate);
		for (int at = 0; at < rate / 2; at += block)
			tp_conceal_good(&conceal, heard + at, block);
		tp_conceal_make(&conceal, heard + rate / 2, rate * 22 / 100);
		double full = sqrt(tp_level_energy(clean + rate / 2, block) / block);

		for (int b = 0; b < 22; b++) {
			const int16_t *made = heard + rate / 2 + b * block;
			double part = sqrt(tp_level_energy(made, block) / block) / full;
			double wanted = left_of_it(b);

			if (fabs(part - wanted) > 0.05)
				fail_msg("%d Hz: %.2f in block %d, not %.2f", rate, part, b,
					 wanted);
		}
	}
}

/* Lost speech: the level of each 10 ms is far nearer to the truth than a hole is. */
static void speech_losses_keep_the_level(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = rate * SECONDS, block = rate / 50;
		double made = 0, hole = 0;
		int lost = 0;

		real_speech("p226_006", rate, clean, n);
		play(rate, n, block, "......x..........x...x");
		for (int b = 0; b < n / block; b++) {
			const char *pattern = "......x..........x...x";
			double level = tp_level_db(clean + b * block, block);

			if (pattern[b % 22] != 'x' || level < -45)
				continue;
			made += fabs(tp_level_db(heard + b * block, block) - level);
			hole += level + 60;
			lost++;
		}
		assert_true(lost > 15);
		if (made / lost > 5 || made > 0.25 * hole)
			fail_msg("%d Hz: %.1f dB off in the mean", rate, made / lost);
	}
}

/* Plays n samples of `clean` into `heard`; each third packet of `block` is lost, and filled with
 * the next one known, or not. Returns how like the lost ones are what was lost, in the mean. */
static double likeness_of_lost(int rate, int n, int block, bool bridged)
{
	double sum = 0;
	int lost = 0;

	memcpy(heard, clean, (size_t)n * sizeof(*heard));
	tp_conceal_init(&conceal, rate);
	for (int b = 0; (b + 2) * block <= n; b++) {
		int16_t *at = heard + b * block;

		if (b < 10 || b % 3) {
			tp_conceal_good(&conceal, at, block);
			continue;
		}
		if (bridged)
			tp_conceal_bridge(&conceal, at, block, block);
		else
			tp_conceal_make(&conceal, at, block);
		if (tp_level_db(clean + b * block, block) < -40)
			continue;
		sum += (double)tp_pitch_likeness(clean + b * block, at, block);
		lost++;
	}
	assert_true(lost > 15);
	return sum / lost;
}

/* What comes after a gap says much about it, and is itself left alone. */
static void both_sides_are_better_than_one(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = rate * SECONDS, block = rate / 50;

		real_speech("p226_006", rate, clean, n);
		double one = likeness_of_lost(rate, n, block, false);
		double both = likeness_of_lost(rate, n, block, true);

		if (both < one + 0.05)
			fail_msg("%d Hz: %.3f alike with both sides, %.3f with one", rate, both,
				 one);
		for (int b = 10; (b + 2) * block <= n; b++)
			if (b % 3)
				assert_memory_equal(clean + b * block, heard + b * block,
						    (size_t)block * sizeof(*heard));
	}
}

/* Fills a gap in the clean sound from both sides; how like what is made is to what was there. */
static float bridge_gap(int rate_hz, int at, int gap_n)
{
	memcpy(heard, clean, sizeof(heard));
	tp_conceal_init(&conceal, rate_hz);
	tp_conceal_good(&conceal, heard, at);
	memset(heard + at, 0, (size_t)gap_n * sizeof(*heard));
	tp_conceal_bridge(&conceal, heard + at, gap_n, gap_n);
	return tp_pitch_likeness(clean + at, heard + at, gap_n);
}

/* A tone that is a little higher behind the gap: both ends meet in phase, so nothing is
 * cancelled and nothing clicks. */
static void both_sides_meet_in_phase(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++)
		for (double hz = 110; hz < 300; hz *= 1.19) {
			int rate = rates[r], n = rate / 2, gap = rate / 50, at = rate / 4;
			double phase = 0;

			for (int i = 0; i < n; i++) {
				clean[i] = (int16_t)(9000 * (sin(phase) + 0.3 * sin(3 * phase)));
				phase += 2 * M_PI * hz / rate *
					 (i < at ? 1 : 1 + 0.06 * fmin(1, (double)(i - at) / gap));
			}
			float like = bridge_gap(rate, at, gap);
			double level = tp_level_db(heard + at, gap) - tp_level_db(clean + at, gap);

			if (like < 0.9f || fabs(level) > 2)
				fail_msg("%d Hz, %.0f: likeness %.3f, level off by %.1f dB", rate,
					 hz, like, level);
		}
}

/* A voice whose pitch glides by a sixth of itself through a gap: what is made is what would have
 * come, with the overtones that two sides out of phase would take from each other. */
static void a_glide_goes_through_a_gap(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++)
		for (double hz = 100; hz < 240; hz *= 1.13) {
			int rate = rates[r], n = rate / 2, gap = rate / 50, at = rate / 4;
			double phase = 0;

			for (int i = 0; i < n; i++) {
				double x = fmax(0, fmin(1, (double)(i - at) / gap)), sum = 0;

				for (int k = 1; k <= 6; k++)
					sum += sin(k * phase + k * k);
				clean[i] = (int16_t)(3000 * sum);
				phase += 2 * M_PI * hz / rate * (1 + x / 6);
			}
			float like = bridge_gap(rate, at, gap);

			if (like < 0.92f)
				fail_msg("%d Hz, %.0f: likeness %.3f", rate, hz, like);
		}
}

static void any_cut_makes_the_same(void **state)
{
	static int16_t again[N_MAX];

	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], from = rate, lost_n = rate * 6 / 100;

		real_speech("p225_003", rate, clean, rate * 2);
		for (int cut = 0; cut < 3; cut++) {
			int step = cut == 0 ? lost_n : cut == 1 ? 1 : 37;

			memcpy(heard, clean, sizeof(heard));
			tp_conceal_init(&conceal, rate);
			for (int at = 0; at < from; at += rate / 100)
				tp_conceal_good(&conceal, heard + at, rate / 100);
			for (int at = 0; at < lost_n; at += step)
				tp_conceal_make(&conceal, heard + from + at,
						step < lost_n - at ? step : lost_n - at);
			tp_conceal_good(&conceal, heard + from + lost_n, rate / 50);
			if (cut == 0)
				memcpy(again, heard, sizeof(heard));
			assert_memory_equal(again, heard, (size_t)rate * 4);
		}
		assert_true(memcmp(clean + from, heard + from, (size_t)lost_n * 2) != 0);
		/* The merge is over after 8 ms; from there on it is the truth. */
		int back = from + lost_n + rate * 8 / 1000 + 1;

		assert_memory_equal(clean + back, heard + back, (size_t)(2 * rate - back) * 2);
	}
}

static void single_samples_and_garbage_are_safe(void **state)
{
	struct tp_noise dice;

	(void)state;
	tp_noise_init(&dice, 4);
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r];

		tp_conceal_init(&conceal, rate);
		tp_conceal_make(&conceal, heard, rate / 10); /* before anything was heard */
		assert_true(tp_level_db(heard, rate / 10) < -70);
		assert_true(tp_level_db(heard, rate / 10) > TP_LEVEL_SILENT_DB);
		for (int i = 0; i < 3000; i++) {
			static int16_t pcm[48 * 60];
			int n = (int)(tp_noise_bits(&dice) % (unsigned)(rate * 60 / 1000)) + 1;

			if (tp_noise_bits(&dice) % 3 == 0)
				n = 1;
			for (int k = 0; k < n; k++)
				pcm[k] = tp_noise_bits(&dice) & 1 ? 32767 : -32768;
			switch (tp_noise_bits(&dice) % 3) {
			case 0:
				tp_conceal_good(&conceal, pcm, n);
				break;
			case 1:
				tp_conceal_bridge(&conceal, pcm, 1 + n / 2, n - n / 2 - 1);
				break;
			default:
				tp_conceal_make(&conceal, pcm, n);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_sound_is_not_touched),
		cmocka_unit_test(pitch_goes_on),
		cmocka_unit_test(tones_have_no_clicks_and_no_holes),
		cmocka_unit_test(nothing_loud_is_taken_for_background),
		cmocka_unit_test(long_losses_become_background),
		cmocka_unit_test(nothing_goes_on_where_nobody_spoke),
		cmocka_unit_test(a_room_is_let_go_until_it_is_told),
		cmocka_unit_test(fade_is_gradual),
		cmocka_unit_test(speech_losses_keep_the_level),
		cmocka_unit_test(both_sides_are_better_than_one),
		cmocka_unit_test(both_sides_meet_in_phase),
		cmocka_unit_test(a_glide_goes_through_a_gap),
		cmocka_unit_test(any_cut_makes_the_same),
		cmocka_unit_test(single_samples_and_garbage_are_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
