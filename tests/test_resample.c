/* SPDX-License-Identifier: MIT */
/* The resampler: whole blocks, delay as announced, tones kept, aliases and images down. */
#include "dsp/level.h"
#include "dsp/resample.h"
#include "tests/fixtures/fake_speech.h"
#include "tests/fixtures/spectrum.h"

#include <talkpath/error.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int rates[] = {8000, 16000, 48000};
enum { RATES = 3, N_MAX = 48000 };

static int16_t in[N_MAX], out[N_MAX * 6];

/* A second in blocks of `block` samples; asserts the exact count of every block. */
static int run(int in_hz, int out_hz, int block)
{
	struct tp_resample *resample = tp_resample_create(in_hz, out_hz);
	int made = 0;

	assert_non_null(resample);
	for (int at = 0; at + block <= in_hz; at += block) {
		int want = (int)((int64_t)block * out_hz / in_hz);
		int n = tp_resample_process(resample, in + at, block, out + made, want + 1);

		assert_int_equal(n, want);
		made += n;
	}
	tp_resample_destroy(resample);
	return made;
}

static void whole_blocks_stay_whole(void **state)
{
	(void)state;
	fake_noise(1, 3000, in, N_MAX);
	for (int a = 0; a < RATES; a++)
		for (int b = 0; b < RATES; b++) {
			assert_int_equal(run(rates[a], rates[b], rates[a] / 100), rates[b]);
			assert_int_equal(run(rates[a], rates[b], rates[a] / 200), rates[b]);
		}
}

static void equal_rates_copy(void **state)
{
	(void)state;
	fake_noise(2, 9000, in, N_MAX);
	run(16000, 16000, 160);
	assert_memory_equal(in, out, 16000 * 2);
	struct tp_resample *resample = tp_resample_create(8000, 8000);

	assert_true(tp_resample_delay_ms(resample) == 0);
	tp_resample_destroy(resample);
}

/* The centre of gravity of an impulse arrives when delay_ms says. */
static void delay_is_as_announced(void **state)
{
	(void)state;
	for (int a = 0; a < RATES; a++)
		for (int b = 0; b < RATES; b++) {
			struct tp_resample *resample = tp_resample_create(rates[a], rates[b]);
			double delay_ms = tp_resample_delay_ms(resample), sum = 0, moment = 0;

			tp_resample_destroy(resample);
			memset(in, 0, sizeof(in));
			in[rates[a] / 10] = 30000;
			run(rates[a], rates[b], rates[a] / 100);
			for (int i = 0; i < rates[b]; i++) {
				sum += (double)out[i] * out[i];
				moment += (double)out[i] * out[i] * i;
			}
			double at_ms = moment / sum * 1000 / rates[b];

			if (fabs(at_ms - 100 - delay_ms) > 0.15)
				fail_msg("%d to %d Hz: impulse after %.3f ms, said %.3f", rates[a],
					 rates[b], at_ms - 100, delay_ms);
			assert_true(delay_ms <= 3.001);
		}
}

/* Tones up to 0.8 of the lower Nyquist frequency keep their level within 0.3 dB, and all else
 * that comes out is 60 dB lower. */
static void tones_pass_clean(void **state)
{
	(void)state;
	for (int a = 0; a < RATES; a++)
		for (int b = 0; b < RATES; b++) {
			int low_hz = rates[a] < rates[b] ? rates[a] : rates[b];

			for (double share = 0.1; share < 0.85; share += 0.14) {
				double hz = share * low_hz / 2;

				fake_tone(hz, 16000, 0, rates[a], in, rates[a]);
				int n = run(rates[a], rates[b], rates[a] / 100), skip = n / 20;
				struct tone tone =
					measure_tone(out + skip, n - 2 * skip, hz, rates[b]);

				if (fabs(20 * log10(tone.amplitude / 16000)) > 0.3 ||
				    tone.rest_db > -60)
					fail_msg("%d to %d Hz at %.0f: %.2f dB, rest %.1f dB",
						 rates[a], rates[b], hz,
						 20 * log10(tone.amplitude / 16000), tone.rest_db);
			}
		}
}

static void aliases_are_gone(void **state)
{
	(void)state;
	for (int a = 1; a < RATES; a++)
		for (int b = 0; b < a; b++) {
			fake_tone(rates[b] * 0.6, 16000, 0, rates[a], in, rates[a]);
			int n = run(rates[a], rates[b], rates[a] / 100), skip = n / 20;

			assert_true(tp_level_db(out + skip, n - 2 * skip) < -60);
		}
}

/* Odd ratios of sound cards: the sum of samples is exact, nothing is dropped. */
static void odd_rates_keep_count(void **state)
{
	static const int odd[] = {11025, 22050, 32000, 44100};

	(void)state;
	fake_noise(1, 3000, in, N_MAX);
	for (int o = 0; o < 4; o++) {
		struct tp_resample *resample = tp_resample_create(odd[o], 16000);
		int made = 0, taken = 0;

		assert_non_null(resample);
		for (int block = 1; taken < odd[o]; block = block % 400 + 37) {
			int n = block < odd[o] - taken ? block : odd[o] - taken;
			int cap = (int)((int64_t)n * 16000 / odd[o]) + 1;

			taken += n;
			made += tp_resample_process(resample, in, n, out + made, cap);
			assert_true(llabs((int64_t)taken * 16000 - (int64_t)made * odd[o]) <=
				    odd[o]);
		}
		assert_int_equal(made, 16000);
		tp_resample_destroy(resample);
	}
}

static void full_scale_saturates(void **state)
{
	(void)state;
	for (int i = 0; i < N_MAX; i++)
		in[i] = i / 37 % 2 ? 32767 : -32768;
	run(16000, 48000, 160);
	int peaks = 0;

	/* Gibbs' overshoot of a square wave would wrap if it did not saturate: steps stay steps. */
	for (int i = 200; i < 40000; i++) {
		peaks += out[i] == 32767 || out[i] == -32768;
		assert_true(abs(out[i] - out[i - 1]) < 40000);
	}
	assert_true(peaks > 1000);
}

static void bad_rates_are_refused(void **state)
{
	(void)state;
	assert_null(tp_resample_create(0, 8000));
	assert_null(tp_resample_create(8000, -1));
	assert_null(tp_resample_create(8000, 1000000));
	assert_non_null(strstr(tp_error_detail(), "1000000"));
	tp_resample_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_blocks_stay_whole), cmocka_unit_test(equal_rates_copy),
		cmocka_unit_test(delay_is_as_announced),   cmocka_unit_test(tones_pass_clean),
		cmocka_unit_test(aliases_are_gone),        cmocka_unit_test(odd_rates_keep_count),
		cmocka_unit_test(full_scale_saturates),    cmocka_unit_test(bad_rates_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
