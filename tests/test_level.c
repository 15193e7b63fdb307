/* SPDX-License-Identifier: MIT */
/* Levels, gain ramps and the noise source, at every rate. */
#include "dsp/level.h"
#include "dsp/noise.h"
#include "tests/fixtures/fake_speech.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int rates[] = {8000, 16000, 48000};
enum { RATES = 3, SECOND_MAX = 48000 };

static void assert_near(double value, double wanted, double within)
{
	if (!(fabs(value - wanted) <= within))
		fail_msg("%.9g is not %.9g +-%.3g", value, wanted, within);
}

static void level_of_known_signals(void **state)
{
	static int16_t pcm[SECOND_MAX];

	(void)state;
	for (int r = 0; r < RATES; r++) {
		int n = rates[r];

		memset(pcm, 0, sizeof(pcm));
		assert_near(tp_level_db(pcm, n), TP_LEVEL_SILENT_DB, 0);
		fake_tone(1000, 32767, 0, n, pcm, n);
		assert_near(tp_level_db(pcm, n), -3.0103, 0.001);
		fake_noise(3, 327.68, pcm, n);
		assert_near(tp_level_db(pcm, n), -40, 0.2);
		for (int i = 0; i < n; i++)
			pcm[i] = -32768;
		assert_near(tp_level_db(pcm, n), 0, 1e-9);
		assert_near(tp_level_db(pcm, 0), TP_LEVEL_SILENT_DB, 0);
	}
}

static void meter_follows_and_starts_unbiased(void **state)
{
	static int16_t loud[SECOND_MAX], quiet[SECOND_MAX];

	(void)state;
	for (int r = 0; r < RATES; r++) {
		struct tp_level level;
		int n = rates[r], block = n / 100;

		fake_tone(500, 10000, 0, n, loud, n);
		fake_tone(500, 100, 0, n, quiet, n);
		tp_level_init(&level, n, 200);
		assert_true(isnan(tp_level_get_db(&level)));
		tp_level_add(&level, loud, 0);
		assert_true(isnan(tp_level_get_db(&level)));
		tp_level_add(&level, loud, block);
		assert_near(tp_level_get_db(&level), tp_level_db(loud, block), 1e-6);
		for (int b = 0; b < 100; b++)
			tp_level_add(&level, loud + b * block, block);
		assert_near(tp_level_get_db(&level), tp_level_db(loud, n), 0.1);
		/* One time constant of 200 ms after a fall of 40 dB: e^-1 of the power is left. */
		for (int b = 0; b < 20; b++)
			tp_level_add(&level, quiet + b * block, block);
		assert_near(tp_level_get_db(&level), tp_level_db(loud, n) - 4.34, 0.1);
	}
}

static void unity_gain_touches_nothing(void **state)
{
	static int16_t pcm[SECOND_MAX], copy[SECOND_MAX];

	(void)state;
	for (int r = 0; r < RATES; r++) {
		struct tp_gain gain;

		fake_noise(r, 12000, pcm, rates[r]);
		memcpy(copy, pcm, sizeof(pcm));
		tp_gain_init(&gain, rates[r]);
		tp_gain_set(&gain, 0);
		tp_gain_apply(&gain, pcm, rates[r]);
		assert_memory_equal(pcm, copy, (size_t)rates[r] * 2);
	}
}

static void gain_arrives_exactly_and_saturates(void **state)
{
	static int16_t pcm[SECOND_MAX];

	(void)state;
	for (int r = 0; r < RATES; r++) {
		struct tp_gain gain;
		int n = rates[r];

		fake_tone(400, 1000, 0, n, pcm, n);
		double before = tp_level_db(pcm, n);

		tp_gain_init(&gain, n);
		tp_gain_set(&gain, 1234);
		for (int at = 0; at < n; at += n / 200)
			tp_gain_apply(&gain, pcm + at, n / 200);
		assert_near(tp_level_db(pcm + n / 50, n - n / 50), before + 12.34, 0.02);
		fake_tone(400, 30000, 0, n, pcm, n);
		tp_gain_apply(&gain, pcm, n);
		for (int i = 0; i < n; i++)
			assert_true(pcm[i] == 32767 || pcm[i] == -32768 || abs(pcm[i]) < 32767);
		assert_int_equal(pcm[n / 1600], 32767);
		assert_int_equal(pcm[n * 3 / 1600], -32768);
	}
}

/* Muting and opening a steady value: what comes out may change by no more from sample to sample
 * than a ramp of 10 ms does, whatever the blocks. */
static void mute_ramps(void **state)
{
	static int16_t pcm[SECOND_MAX];

	(void)state;
	for (int r = 0; r < RATES; r++) {
		struct tp_gain gain;
		int n = rates[r], block = n / 200, step = 20000 / (n / 100) + 2;

		for (int i = 0; i < n; i++)
			pcm[i] = 20000;
		tp_gain_init(&gain, n);
		for (int at = 0; at < n; at += block) {
			if (at == n / 4)
				tp_gain_mute(&gain, true);
			if (at == n / 2)
				tp_gain_mute(&gain, false);
			if (at == n / 2 + block) /* in the middle of the ramp */
				tp_gain_set(&gain, -9600);
			tp_gain_apply(&gain, pcm + at, block);
		}
		for (int i = 1; i < n; i++)
			assert_true(abs(pcm[i] - pcm[i - 1]) <= step);
		assert_int_equal(pcm[n / 4 - 1], 20000);
		assert_int_equal(pcm[n / 4 + n / 100], 0);
		assert_in_range(pcm[n / 2 + block - 1], 9000, 11000);
		assert_int_equal(pcm[n - 1], 0);
	}
}

static void noise_is_white_and_repeatable(void **state)
{
	struct tp_noise a, b, c;
	double mean = 0, power = 0, next = 0, last = 0;
	int same = 0;

	(void)state;
	tp_noise_init(&a, 0);
	tp_noise_init(&b, 0);
	tp_noise_init(&c, 1);
	for (int i = 0; i < 100000; i++) {
		float x = tp_noise_next(&a);

		assert_true(x >= -1.0f && x < 1.0f);
		assert_true(x == tp_noise_next(&b));
		same += x == tp_noise_next(&c);
		mean += x / 1e5;
		power += (double)x * x / 1e5;
		next += x * last / 1e5;
		last = x;
	}
	assert_near(mean, 0, 0.01);
	assert_near(power, 1.0 / 3, 0.01);
	assert_near(next, 0, 0.01);
	assert_true(same < 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(level_of_known_signals),
		cmocka_unit_test(meter_follows_and_starts_unbiased),
		cmocka_unit_test(unity_gain_touches_nothing),
		cmocka_unit_test(gain_arrives_exactly_and_saturates),
		cmocka_unit_test(mute_ramps),
		cmocka_unit_test(noise_is_white_and_repeatable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
