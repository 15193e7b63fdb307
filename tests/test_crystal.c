/* SPDX-License-Identifier: MIT */
/* Crystals count exactly, over any time, and so do their inverses. */
#include "hal/crystal.h"
#include "hal/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const int rates_hz[] = {8000, 11025, 16000, 44100, 48000, 192000};
static const int parts_ppb[] = {0, 1, -1, 20000, -100000, 333333, -2000000, 2000000};

#define FOR_EACH(i, array) for (size_t i = 0; i < sizeof(array) / sizeof(array[0]); i++)

/* floor(a * b / c) by doubling and adding, for b and c below 2^62. */
static int64_t multiply_divide(int64_t a, int64_t b, int64_t c)
{
	int64_t quotient = 0, rest = 0;

	for (int bit = 62; bit >= 0; bit--) {
		rest *= 2;
		quotient = 2 * quotient + rest / c;
		rest %= c;
		if (a >> bit & 1) {
			rest += b;
			quotient += rest / c;
			rest %= c;
		}
	}
	return quotient;
}

static int64_t random_time_ns(struct tp_random *random)
{
	uint64_t wide = (uint64_t)tp_random_next(random) << 32 | tp_random_next(random);

	return (int64_t)(wide >> (6 + tp_random_next(random) % 50)); /* up to 9 years */
}

static void test_frames_are_exact(void **state)
{
	struct tp_random random;
	struct tp_crystal crystal;

	(void)state;
	tp_random_init(&random, 5, 0);
	FOR_EACH(r, rates_hz) FOR_EACH(p, parts_ppb)
	{
		int64_t per_giga_s = rates_hz[r] * (INT64_C(1000000000) + parts_ppb[p]);

		tp_crystal_init(&crystal, rates_hz[r], parts_ppb[p]);
		for (int i = 0; i < 500; i++) {
			int64_t time_ns = random_time_ns(&random);

			assert_int_equal(
				tp_crystal_frames(&crystal, time_ns),
				multiply_divide(time_ns, per_giga_s, INT64_C(1000000000000000000)));
		}
	}
}

static void test_whole_seconds_are_whole_frames(void **state)
{
	struct tp_crystal crystal;

	(void)state;
	tp_crystal_init(&crystal, 48000, 0);
	assert_int_equal(tp_crystal_frames(&crystal, INT64_C(86400000000000)), 86400 * 48000LL);
	tp_crystal_init(&crystal, 16000, 200000); /* 200 ppm: 3.2 frames a second */
	assert_int_equal(tp_crystal_frames(&crystal, INT64_C(3600000000000)),
			 3600 * 16000LL + 3600 * 32 / 10);
	assert_int_equal(tp_crystal_frames(&crystal, -1), 0);
}

static void test_time_is_the_first_nanosecond(void **state)
{
	struct tp_random random;
	struct tp_crystal crystal;

	(void)state;
	tp_random_init(&random, 6, 0);
	FOR_EACH(r, rates_hz) FOR_EACH(p, parts_ppb)
	{
		tp_crystal_init(&crystal, rates_hz[r], parts_ppb[p]);
		for (int i = 0; i < 200; i++) {
			int64_t frames = 1 + (random_time_ns(&random) >> 10) % 20000000000;
			int64_t time_ns = tp_crystal_time_ns(&crystal, frames);

			assert_true(tp_crystal_frames(&crystal, time_ns) >= frames);
			assert_true(tp_crystal_frames(&crystal, time_ns - 1) < frames);
		}
		assert_int_equal(tp_crystal_time_ns(&crystal, 0), 0);
	}
}

/* The counter of another crystal, against a division of whole numbers. */
static void test_crossing_is_exact(void **state)
{
	struct tp_random random;
	struct tp_crystal crystal, other;
	float fraction;

	(void)state;
	tp_random_init(&random, 7, 0);
	FOR_EACH(a, parts_ppb) FOR_EACH(b, parts_ppb) for (int i = 0; i < 200; i++)
	{
		int64_t frames = random_time_ns(&random) % 1000000000000;
		int64_t fine = INT64_C(1000000000) + parts_ppb[b];
		int64_t coarse = INT64_C(1000000000) + parts_ppb[a];
		int64_t whole, exact = multiply_divide(frames, fine, coarse);

		tp_crystal_init(&crystal, 8000, parts_ppb[a]);
		tp_crystal_init(&other, 8000, parts_ppb[b]);
		whole = tp_crystal_cross(&crystal, &other, frames, &fraction);
		assert_true(fraction >= 0 && fraction < 1);
		/* A fraction next to 1 is rounded to the next frame in single precision. */
		assert_true(whole == exact || (whole == exact + 1 && fraction == 0));
	}
}

/* 1 - 1e-9 is 1 in single precision, and 1 is the next frame's 0. */
static void test_a_fraction_next_to_one(void **state)
{
	struct tp_crystal crystal, slower;
	float fraction;

	(void)state;
	tp_crystal_init(&crystal, 8000, 0);
	tp_crystal_init(&slower, 8000, -1);
	assert_int_equal(tp_crystal_cross(&crystal, &slower, 1, &fraction), 1);
	assert_true(fraction == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames_are_exact),
		cmocka_unit_test(test_whole_seconds_are_whole_frames),
		cmocka_unit_test(test_time_is_the_first_nanosecond),
		cmocka_unit_test(test_crossing_is_exact),
		cmocka_unit_test(test_a_fraction_next_to_one),
	};

	return cmocka_run_group_tests_name("crystal", tests, NULL, NULL);
}
