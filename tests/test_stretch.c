/* SPDX-License-Identifier: MIT */
/* Time scaling: seams that nobody hears, pitch and level kept, speech
 * that does not fit left alone. */
#include "dsp/level.h"
#include "dsp/noise.h"
#include "dsp/stretch.h"
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
enum { RATES = 3, PIECE_MAX = 48 * 40, CAP = 2 * PIECE_MAX };

#define NEVER_QUIET (-200.0)

static int stretch(bool longer, int16_t *pcm, int n, int rate_hz, int most_n, double quiet_db)
{
	if (longer)
		return tp_stretch_lengthen(pcm, n, CAP, rate_hz, most_n, quiet_db);
	return tp_stretch_shorten(pcm, n, rate_hz, most_n, quiet_db);
}

/* Pure tones, 25..40 ms, both directions: one period less or more, no discontinuity at the seam or
 * the ends, still a tone of that frequency and level. */
static void tones_stay_tones(void **state)
{
	int done = 0, tried = 0;

	(void)state;
	for (int r = 0; r < RATES; r++)
		for (int length_ms = 25; length_ms <= 40; length_ms += 5)
			for (double hz = 100; hz < 1500; hz *= 1.11)
				for (int longer = 0; longer < 2; longer++) {
					int16_t pcm[CAP], before[CAP];
					int rate = rates[r], n = rate * length_ms / 1000;
					double w = 2 * 3.14159265358979 * hz / rate, worst = 0;

					fake_tone(hz, 12000, hz, rate, pcm, n);
					memcpy(before, pcm, sizeof(before));
					int got = stretch(longer, pcm, n, rate, rate * 15 / 1000,
							  NEVER_QUIET);

					tried++;
					done += got != n;
					assert_true(longer ? got >= n : got <= n);
					assert_true(abs(got - n) <= rate * 15 / 1000);
					assert_int_equal(pcm[0], before[0]);
					assert_int_equal(pcm[got - 1], before[n - 1]);
					for (int i = 2; i < got; i++)
						worst = fmax(worst, abs(pcm[i] - 2 * pcm[i - 1] +
									pcm[i - 2]));
					/* Joining a fraction of a sample out of phase bends the
					 * tone by up to 1 % over the fade. */
					if (worst > 1.3 * 12000 * w * w + 60)
						fail_msg("%d Hz, %d ms, tone %.0f: second "
							 "difference "
							 "%.0f of %.0f",
							 rate, length_ms, hz, worst, 12000 * w * w);
					struct tone tone = measure_tone(pcm, got, hz, rate);

					if (got != n && tone.rest_db > -9)
						fail_msg("%d Hz, %d ms, tone %.0f: rest %.1f dB",
							 rate, length_ms, hz, tone.rest_db);
					for (int at = 0; at + rate / 100 <= got; at += rate / 400)
						assert_true(fabs(tp_level_db(pcm + at, rate / 100) -
								 tp_level_db(before, n)) < 1.6);
				}
	/* Nearly always a period is found. */
	assert_true(done > tried * 95 / 100);
}

/* The lowest and the highest level of 10 ms anywhere in a piece. */
static void levels(const int16_t *pcm, int n, int rate_hz, double *low, double *high)
{
	*low = 1000;
	*high = -1000;
	for (int at = 0; at + rate_hz / 100 <= n; at += rate_hz / 1000) {
		double level = tp_level_db(pcm + at, rate_hz / 100);

		*low = fmin(*low, level);
		*high = fmax(*high, level);
	}
}

/* Speech in pieces of 30 ms: a good part can be scaled, the level and the pieces' ends stay. */
static void speech_is_scaled_where_it_repeats(void **state)
{
	static int16_t speech[48000 * 5];

	(void)state;
	for (int r = 0; r < RATES; r++)
		for (int longer = 0; longer < 2; longer++) {
			int rate = rates[r], n = rate * 30 / 1000, changed = 0, pieces = 0;

			real_speech("p226_006", rate, speech, rate * 5);
			for (int at = 0; at + n <= rate * 5; at += n, pieces++) {
				int16_t pcm[CAP];

				memcpy(pcm, speech + at, (size_t)n * 2);
				int got = stretch(longer, pcm, n, rate, rate * 15 / 1000, -50);

				assert_int_equal(pcm[0], speech[at]);
				assert_int_equal(pcm[got - 1], speech[at + n - 1]);
				if (got == n) {
					assert_memory_equal(pcm, speech + at, (size_t)n * 2);
					continue;
				}
				changed++;
				double low, high, low_now, high_now;

				levels(speech + at, n, rate, &low, &high);
				levels(pcm, got, rate, &low_now, &high_now);
				if (high > -45 && (low_now < low - 3 || high_now > high + 1.5))
					fail_msg("%d Hz at %d: %.1f..%.1f dB became %.1f..%.1f",
						 rate, at, low, high, low_now, high_now);
			}
			if (changed * 4 < pieces)
				fail_msg("%d Hz: only %d of %d pieces", rate, changed, pieces);
		}
}

static void noise_is_left_alone_unless_quiet(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = rate * 30 / 1000, cut = 0;

		for (uint32_t seed = 0; seed < 200; seed++) {
			int16_t pcm[CAP];

			fake_noise(seed, 3000, pcm, n);
			cut += tp_stretch_shorten(pcm, n, rate, n / 2, NEVER_QUIET) != n;
		}
		assert_int_equal(cut, 0);
		double sum = 0;

		for (uint32_t seed = 0; seed < 200; seed++) {
			int16_t pcm[CAP];
			int want = seed % 2 ? n / 2 : n / 3;

			fake_noise(seed, 50, pcm, n);
			/* In a pause all that is asked for goes at once, or comes. */
			int got = stretch(seed % 4 < 2, pcm, n, rate, want, -50);

			assert_int_equal(abs(got - n), want);
			/* 50 is -56.3 dB; the fade does not sink it. */
			for (int at = 0; at + rate / 200 <= got; at += rate / 200)
				sum += tp_level_energy(pcm + at, rate / 200) / (rate / 200) / got *
				       rate / 200;
		}
		assert_true(fabs(tp_level_power_db(sum / 200) + 56.3) < 0.4);
	}
}

/* Power through the middle of a fade between unlike places, as the mean of many. */
static void fade_keeps_power(void **state)
{
	enum { N = 480, CUT = 240 };
	double power[N - CUT] = {0};

	(void)state;
	for (uint32_t seed = 0; seed < 3000; seed++) {
		int16_t pcm[N];

		fake_noise(seed, 60, pcm, N);
		assert_int_equal(tp_stretch_shorten(pcm, N, 16000, CUT, -40), N - CUT);
		for (int i = 0; i < N - CUT; i++)
			power[i] += (double)pcm[i] * pcm[i] / 3000;
	}
	for (int i = 8; i < N - CUT - 8; i++) {
		double mean = 0;

		for (int k = -8; k <= 8; k++)
			mean += power[i + k] / 17;
		assert_true(fabs(10 * log10(mean / 3600)) < 0.7);
	}
}

static void bounds_hold(void **state)
{
	struct tp_noise dice;

	(void)state;
	tp_noise_init(&dice, 8);
	for (int i = 0; i < 30000; i++) {
		int16_t pcm[CAP + 1];
		int rate = rates[tp_noise_bits(&dice) % RATES];
		int n = (int)(tp_noise_bits(&dice) % (unsigned)(rate * 45 / 1000));
		int most = (int)(tp_noise_bits(&dice) % 900) - 5;
		int cap = n + (int)(tp_noise_bits(&dice) % 500);
		bool longer = tp_noise_bits(&dice) % 2;

		if (tp_noise_bits(&dice) % 2)
			fake_tone(100 + tp_noise_bits(&dice) % 900, 32767, 0, rate, pcm, n);
		else
			for (int k = 0; k < n; k++)
				pcm[k] = tp_noise_bits(&dice) & 1 ? 32767 : -32768;
		pcm[cap] = 4321;
		int got = longer ? tp_stretch_lengthen(pcm, n, cap, rate, most, 0)
				 : tp_stretch_shorten(pcm, n, rate, most, 0);

		assert_int_equal(pcm[cap], 4321);
		assert_true(longer ? got >= n && got <= cap : got <= n && got >= 0);
		assert_true(abs(got - n) <= (most > 0 ? most : 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tones_stay_tones),
		cmocka_unit_test(speech_is_scaled_where_it_repeats),
		cmocka_unit_test(noise_is_left_alone_unless_quiet),
		cmocka_unit_test(fade_keeps_power),
		cmocka_unit_test(bounds_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
