/* SPDX-License-Identifier: MIT */
/* The drift resampler: free at ratio 1, exact counts, clean images, no
 * click when it begins or moves. */
#include "dsp/drift.h"
#include "dsp/level.h"
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

static int16_t in[N_MAX], out[N_MAX + N_MAX / 100];

/* n samples in blocks; ppm becomes `ppm` before block `from`. */
static int run(struct tp_drift *drift, int n, int block, double ppm, int from)
{
	int made = 0;

	for (int at = 0; at + block <= n; at += block) {
		if (at / block == from)
			tp_drift_set_ppm(drift, ppm);
		int got = tp_drift_process(drift, in + at, block, out + made, block + 2);

		assert_in_range(got, block - 3, block + 2);
		made += got;
	}
	return made;
}

static void ratio_one_is_a_copy(void **state)
{
	(void)state;
	fake_noise(1, 10000, in, N_MAX);
	for (int r = 0; r < RATES; r++) {
		struct tp_drift drift;

		tp_drift_init(&drift, rates[r]);
		assert_int_equal(run(&drift, rates[r], rates[r] / 100, 0, 3), rates[r]);
		assert_memory_equal(in, out, (size_t)rates[r] * 2);
		assert_true(tp_drift_delay_n(&drift) == 0);
	}
}

/* Once the delay is gained the count is never a sample off, so the
 * ratio is exact in the long run. */
static void assert_count(int rate_hz, double ppm, int64_t length)
{
	struct tp_drift drift;
	int64_t taken = 0, made = 0;
	int block = rate_hz / 100;

	tp_drift_init(&drift, rate_hz);
	run(&drift, rate_hz, block, ppm, 0);
	while (taken < length) {
		made += tp_drift_process(&drift, in, block, out, block + 2);
		taken += block;
	}
	if (fabs((double)made * (1 + ppm * 1e-6) - (double)taken) > 1.01)
		fail_msg("%d Hz, %g ppm: %lld in, %lld out", rate_hz, ppm, (long long)taken,
			 (long long)made);
}

static void counts_are_exact(void **state)
{
	static const double ppms[] = {-1000, -300, -17.3, 0.5, 42, 200, 1000};

	(void)state;
	memset(in, 0, sizeof(in));
	for (int r = 0; r < RATES; r++)
		for (int p = 0; p < 7; p++)
			assert_count(rates[r], ppms[p], 400000);
	/* One sample in 10^7 is 1e-7. */
	assert_count(8000, 123.456, 10000000);
}

/* A slow drift passes through every phase in 8 s: what it does to a tone beside shifting it is
 * image, table and rounding. Loud tones, so that 16 bits are not the limit. */
static double worst_image_db(int rate_hz, double hz, double ppm, double *gain_db)
{
	struct tp_drift drift;
	double worst = -200;

	fake_tone(hz, 29000, 0, rate_hz, in, rate_hz * SECONDS);
	tp_drift_init(&drift, rate_hz);
	int n = run(&drift, rate_hz * SECONDS, rate_hz / 100, ppm, 0);
	int skip = rate_hz / 2, piece = n - 2 * skip;
	struct tone tone = measure_tone(out + skip, piece, hz * (1 + ppm * 1e-6), rate_hz);

	worst = fmax(worst, tone.rest_db);
	*gain_db = 20 * log10(tone.amplitude / 29000);
	return worst;
}

static void images_stay_down(void **state)
{
	static const struct {
		int rate_hz;
		double hz, image_db, droop_db;
	} bars[] = {
		{8000, 300, -55, 0.1},   {8000, 1000, -55, 0.1},   {8000, 2000, -55, 0.1},
		{8000, 3000, -50, 0.1},  {8000, 3400, -48, 1.5},   {16000, 100, -70, 0.1},
		{16000, 1000, -70, 0.1}, {16000, 3000, -70, 0.1},  {16000, 5000, -70, 0.1},
		{16000, 6000, -70, 0.1}, {16000, 7000, -70, 0.3},  {48000, 1000, -70, 0.1},
		{48000, 7000, -70, 0.1}, {48000, 15000, -70, 0.1}, {48000, 20000, -70, 0.2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bars) / sizeof(bars[0]); i++) {
		static const double ppms[] = {37, -200};

		for (int p = 0; p < 2; p++) {
			double gain, image;

			image = worst_image_db(bars[i].rate_hz, bars[i].hz, ppms[p], &gain);
			if (image > bars[i].image_db || fabs(gain) > bars[i].droop_db)
				fail_msg("%d Hz, tone %.0f, %g ppm: images %.1f dB, gain %.2f dB",
					 bars[i].rate_hz, bars[i].hz, ppms[p], image, gain);
		}
	}
}

static void delay_is_one_millisecond_or_less(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		struct tp_drift drift;
		double hz = rates[r] / 80.0;
		int n = rates[r], skip = n / 2;

		fake_tone(hz, 20000, 0, n, in, n);
		tp_drift_init(&drift, n);
		tp_drift_set_ppm(&drift, 1e-9);
		int made = run(&drift, n, n / 100, 1e-9, 0);

		assert_true(tp_drift_delay_n(&drift) * 1000 / n <= 1.0);
		assert_int_equal(made, n);
		/* The tone comes out shifted by just that much. */
		double error = 0;

		for (int i = skip; i < made; i++) {
			int from = i - (int)tp_drift_delay_n(&drift);

			error = fmax(error, abs(out[i] - in[from]));
		}
		/* The ripple of the pass band: under -60 dB. */
		if (error > 20)
			fail_msg("%d Hz: tone off by %g", n, error);
	}
}

/* The largest second difference of what comes out, against that of the tone that goes in: a click
 * of 1 % of the amplitude would be three times it at these frequencies. */
static void begins_and_moves_without_a_click(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++)
		for (double hz = 200; hz <= 600; hz += 100) {
			struct tp_drift drift;
			double w = 2 * 3.14159265358979 * hz / rates[r], amplitude = 20000;
			int n = rates[r] * 4, block = rates[r] / 100, made = 0, worst = 0;

			fake_tone(hz, amplitude, 1.0, rates[r], in, n);
			tp_drift_init(&drift, rates[r]);
			for (int b = 0; b * block < n; b++) {
				static const double ppms[] = {0, 150, -300, 1000, 0, -1000, 20};

				tp_drift_set_ppm(&drift, ppms[b / 50 % 7]);
				made += tp_drift_process(&drift, in + b * block, block, out + made,
							 block + 2);
			}
			for (int i = 2; i < made; i++) {
				int second = abs(out[i] - 2 * out[i - 1] + out[i - 2]);

				worst = second > worst ? second : worst;
			}
			/* Rounding adds up to 2 steps, the short filters of
			 * the beginning up to -50 dB. */
			if (worst > 1.15 * amplitude * w * w + 0.003 * amplitude)
				fail_msg("%d Hz, tone %.0f: second difference %d of %.0f", rates[r],
					 hz, worst, amplitude * w * w);
		}
}

/* While the delay is gained a tone keeps its level: nothing fades. */
static void level_holds_while_delay_is_gained(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++)
		for (double share = 0.02; share < 0.45; share += 0.06) {
			struct tp_drift drift;
			int block = rates[r] / 100, n = 40 * block, made = 0;

			fake_tone(share * rates[r] / 2, 20000, 0, rates[r], in, n);
			double level = tp_level_db(in, n);

			tp_drift_init(&drift, rates[r]);
			for (int b = 0; b < 40; b++) {
				tp_drift_set_ppm(&drift, b < 10 ? 0 : 100);
				int got = tp_drift_process(&drift, in + b * block, block,
							   out + made, block + 2);

				assert_true(fabs(tp_level_db(out + made, got) - level) < 1.5);
				made += got;
			}
		}
}

static void blocks_of_any_size_give_the_same(void **state)
{
	static int16_t whole[N_MAX];

	(void)state;
	fake_speech(5, 16000, in, 64000);
	struct tp_drift a, b;
	int sizes[] = {1, 80, 159, 960, 7};
	int made = 0, taken = 0, k = 0;

	/* From where the whole filter is in. */
	tp_drift_init(&a, 16000);
	tp_drift_set_ppm(&a, 250);
	for (int at = 0; at < 8000; at += 80)
		tp_drift_process(&a, in + at, 80, out, 82);
	b = a;
	for (taken = 8000; taken + 960 <= 64000; k++) {
		made += tp_drift_process(&a, in + taken, sizes[k % 5], out + made,
					 sizes[k % 5] + 2);
		taken += sizes[k % 5];
	}
	int n = 0;

	for (int at = 8000; at + 160 <= taken; at += 160)
		n += tp_drift_process(&b, in + at, 160, whole + n, 162);
	assert_memory_equal(whole, out, (size_t)n * 2);
	assert_true(n > 50000);
}

/* Whoever takes what it asks for never lacks a sample, and has no more than one too many. */
static void what_it_needs_is_enough(void **state)
{
	(void)state;
	fake_noise(1, 10000, in, N_MAX);
	for (int r = 0; r < RATES; r++)
		for (int ppm = -1000; ppm <= 1000; ppm += 125) {
			/* 10 and 5 ms */
			int block = rates[r] / (ppm % 2 ? 100 : 200), taken = 0, ready = 0;
			struct tp_drift drift;

			tp_drift_init(&drift, rates[r]);
			for (int b = 0; b < 500; b++) {
				tp_drift_set_ppm(&drift, b < 2        ? 0
							 : b % 50 < 2 ? -ppm
								      : ppm + b % 7);
				int n = tp_drift_needs_n(&drift, block - ready);

				ready +=
					tp_drift_process(&drift, in + taken, n, out, n + 2) - block;
				taken += n;
				assert_in_range(ready, 0, 1);
			}
		}
}

static void short_room_is_never_overrun(void **state)
{
	struct tp_drift drift;

	(void)state;
	fake_noise(1, 30000, in, 10000);
	tp_drift_init(&drift, 16000);
	tp_drift_set_ppm(&drift, -1000);
	for (int i = 0; i < 60; i++) {
		out[10] = 1234;
		assert_true(tp_drift_process(&drift, in, 160, out, 10) <= 10);
		assert_int_equal(out[10], 1234);
	}
	tp_drift_set_ppm(&drift, 1e9);
	assert_in_range(tp_drift_process(&drift, in, 160, out, 162), 158, 162);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ratio_one_is_a_copy),
		cmocka_unit_test(counts_are_exact),
		cmocka_unit_test(images_stay_down),
		cmocka_unit_test(delay_is_one_millisecond_or_less),
		cmocka_unit_test(begins_and_moves_without_a_click),
		cmocka_unit_test(level_holds_while_delay_is_gained),
		cmocka_unit_test(blocks_of_any_size_give_the_same),
		cmocka_unit_test(what_it_needs_is_enough),
		cmocka_unit_test(short_room_is_never_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
