/* SPDX-License-Identifier: MIT */
/* The acoustics of the simulated room are what its keys say: echo, decay, noise, distortion. */
#include "tests/fixtures/sound.h"
#include "tests/fixtures/stepped_device.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	MOST = 20 * 16000, /* samples of the longest recording here */
};

static int16_t far_pcm[MOST], near_pcm[MOST], other_pcm[MOST];

static void hear(const char *room, int rate_hz, int64_t near_n, int64_t far_n)
{
	stepped_device_run(room, rate_hz, near_pcm, near_n, far_pcm, far_n);
}

/* White noise comes back by the echo return loss weaker, in any room. */
static void test_echo_level(void **state)
{
	static const struct {
		const char *room;
		int rate_hz;
		double erl_db;
	} cases[] = {
		{"room:noise=-100", 8000, 6},
		{"room:noise=-100,erl=0", 16000, 0},
		{"room:noise=-100,erl=-10,size=hall", 16000, -10},
		{"room:noise=-100,erl=20,rt60=0", 16000, 20},
		{"room:noise=-100,erl=12,size=small,seed=99", 48000, 12},
		{"room:noise=-100,erl=6,play_ppm=150,capture_ppm=-150", 16000, 6},
	};
	enum { N = 120000 };

	(void)state;
	sound_make_noise(far_pcm, N, 5000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* After 2.5 s at 16 kHz the room is as full of sound as it gets. */
		int64_t settled = 40000, n = N - 2 * settled;
		double erl_db;

		hear(cases[i].room, cases[i].rate_hz, N, N);
		erl_db = sound_level_db(far_pcm + settled, n) -
			 sound_level_db(near_pcm + settled, n);
		if (fabs(erl_db - cases[i].erl_db) > 0.5)
			fail_msg("%s: %.2f dB", cases[i].room, erl_db);
	}
}

static void test_echo_delay(void **state)
{
	static const int rates_hz[] = {8000, 16000, 48000};
	static const double delays_ms[] = {2, 3, 20.5, 250};
	char room[128];

	(void)state;
	for (int seed = 1; seed <= 3; seed++)
		for (int r = 0; r < 3; r++)
			for (int d = 0; d < 4; d++) {
				int64_t n = rates_hz[r] / 2, loudest = 0;

				sound_make_silence(far_pcm, n);
				far_pcm[0] = 20000;
				snprintf(room, sizeof(room), "room:noise=-100,delay=%.1f,seed=%d",
					 delays_ms[d], seed);
				hear(room, rates_hz[r], n, n);
				for (int64_t i = 0; i < n; i++)
					if (abs(near_pcm[i]) > abs(near_pcm[loudest]))
						loudest = i;
				assert_int_equal(loudest, lrint(delays_ms[d] * rates_hz[r] / 1000));
				for (int64_t i = 0; i < loudest; i++)
					assert_int_equal(near_pcm[i], 0);
			}
}

/* Time in which an impulse's backward-integrated energy falls from 5 to 25 dB below what it is
 * after the early echoes, times 3 (ISO 3382). */
static double measure_rt60_s(const int16_t *pcm, int64_t n, int rate_hz, double after_s)
{
	int64_t from = (int64_t)(after_s * rate_hz), at_5 = 0, at_25 = 0;
	double total = 0, left;

	for (int64_t i = from; i < n; i++)
		total += (double)pcm[i] * pcm[i];
	left = total;
	for (int64_t i = from; i < n && !at_25; i++) {
		left -= (double)pcm[i] * pcm[i];
		if (!at_5 && left < total * 0.31623)
			at_5 = i;
		if (left < total * 0.0031623)
			at_25 = i;
	}
	return 3.0 * (double)(at_25 - at_5) / rate_hz;
}

static void test_decay(void **state)
{
	static const struct {
		const char *room;
		int rate_hz;
		double rt60_s, after_s;
	} cases[] = {
		{"room:noise=-100,erl=0,size=small,rt60=120", 8000, 0.12, 0.03},
		{"room:noise=-100,erl=0,rt60=250", 8000, 0.25, 0.04},
		{"room:noise=-100,erl=0,rt60=250,seed=5", 16000, 0.25, 0.04},
		{"room:noise=-100,erl=0,rt60=500", 48000, 0.5, 0.04},
		{"room:noise=-100,erl=0,rt60=900,size=hall", 16000, 0.9, 0.12},
		{"room:noise=-100,erl=0,rt60=1800,size=hall", 8000, 1.8, 0.12},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int rate_hz = cases[i].rate_hz;
		int64_t n = (int64_t)(2 * cases[i].rt60_s * rate_hz);
		double middle_s, high_s;

		/* A step is an impulse whose low end is loud enough for 16 bits. */
		sound_make_silence(far_pcm, n);
		for (int k = 0; k < rate_hz / 4000; k++)
			far_pcm[k] = 32000;
		hear(cases[i].room, rate_hz, n, n);
		memcpy(other_pcm, near_pcm, (size_t)n * sizeof(*near_pcm));
		sound_keep_octave(near_pcm, n, rate_hz, 700);
		middle_s = measure_rt60_s(near_pcm, n, rate_hz, cases[i].after_s);
		sound_keep_octave(other_pcm, n, rate_hz, 3000);
		high_s = measure_rt60_s(other_pcm, n, rate_hz, cases[i].after_s);
		if (fabs(middle_s / cases[i].rt60_s - 1) > 0.15)
			fail_msg("%s: %.3f s", cases[i].room, middle_s);
		assert_true(high_s < 0.95 * middle_s && high_s > 0.6 * middle_s);
	}
}

/* Beside the direct sound of a microphone at 0.18 m: diffuse sound by the critical distance,
 * 0.057 sqrt(volume / rt60), and one clear reflection, that of the floor 0.8 m below the desk,
 * which takes Sabine's part of it. */
static void test_direct_to_reverberant_ratio(void **state)
{
	static const struct {
		const char *room;
		double volume_m3, surface_m2, rt60_s;
	} cases[] = {
		{"room:noise=-100,erl=-6,size=small,rt60=300", 18.75, 42.5, 0.3},
		{"room:noise=-100,erl=-6,size=office,rt60=300", 56, 90.4, 0.3},
		{"room:noise=-100,erl=-6,size=office,rt60=1000,seed=4", 56, 90.4, 1},
		{"room:noise=-100,erl=-6,size=hall,rt60=900", 700, 520, 0.9},
	};
	enum { RATE = 16000, N = 2 * RATE, FROM = 48, DIRECT = RATE / 250 };

	(void)state;
	sound_make_silence(far_pcm, N);
	far_pcm[0] = 15000;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double critical_m = 0.057 * sqrt(cases[i].volume_m3 / cases[i].rt60_s);
		double reflected =
			1 - 0.161 * cases[i].volume_m3 / (cases[i].surface_m2 * cases[i].rt60_s);
		double expected =
			pow(0.18 / critical_m, 2) + reflected * pow(0.18 / hypot(0.18, 1.6), 2);
		double direct, rest, error_db;

		hear(cases[i].room, RATE, N, N);
		direct = sound_power(near_pcm + FROM, DIRECT) * DIRECT;
		rest = sound_power(near_pcm + FROM + DIRECT, N - FROM - DIRECT) *
		       (N - FROM - DIRECT);
		error_db = 10 * log10(rest / direct / expected);
		if (fabs(error_db) > 1)
			fail_msg("%s: off by %.1f dB", cases[i].room, error_db);
	}
}

static void test_no_decay_without_a_room(void **state)
{
	enum { N = 8000 };

	(void)state;
	sound_make_silence(far_pcm, N);
	far_pcm[0] = 20000;
	hear("room:noise=-100,rt60=0,delay=5", 16000, N, N);
	assert_true(abs(near_pcm[80]) > 5000);
	for (int i = 80 + 480; i < N; i++) /* the loudspeaker itself has rung out in 30 ms */
		assert_true(abs(near_pcm[i]) <= 1);
}

static void test_noise_level_and_slope(void **state)
{
	static const int rates_hz[] = {8000, 16000, 48000};
	static const int levels_db[] = {-40, -50, -65};
	char room[64];

	(void)state;
	for (int i = 0; i < 3; i++) {
		int64_t n = MOST;
		double low_db, high_db;

		snprintf(room, sizeof(room), "room:noise=%d", levels_db[i]);
		hear(room, rates_hz[i], n, 0);
		assert_true(fabs(sound_level_db(near_pcm, n) - levels_db[i]) < 0.5);
		if (levels_db[i] < -50)
			continue; /* its high end is below the quantum */
		memcpy(other_pcm, near_pcm, sizeof(near_pcm));
		sound_keep_octave(near_pcm, n, rates_hz[i], 250);
		sound_keep_octave(other_pcm, n, rates_hz[i], 2000);
		low_db = sound_level_db(near_pcm, n);
		high_db = sound_level_db(other_pcm, n);
		/* Three octaves: 15 dB less in each hertz, 9 dB more hertz. */
		assert_true(fabs(low_db - high_db - 6) < 1.5);
	}
	hear("room:noise=-100", 8000, 8000, 0);
	assert_int_equal(sound_power(near_pcm, 8000), 0);
}

static void test_distortion(void **state)
{
	static const struct {
		const char *room;
		double third;
	} cases[] = {{"room:noise=-100,rt60=0,erl=6", 0},
		     {"room:noise=-100,rt60=0,erl=6,distort=4", 0.04}};
	enum { N = 16000 };

	(void)state;
	sound_make_tone(far_pcm, N, 500.0 / 16000, 32767);
	for (int i = 0; i < 2; i++) {
		double first, third, phase;

		hear(cases[i].room, 16000, N, N);
		sound_find_tone(near_pcm + N / 2, N / 2, 500.0 / 16000, &first, &phase);
		sound_find_tone(near_pcm + N / 2, N / 2, 1500.0 / 16000, &third, &phase);
		/* The loudspeaker's resonances colour both by at most 10 dB. */
		assert_true(third / first < 3.2 * cases[i].third + 0.0005);
		assert_true(third / first >= cases[i].third / 3.2);
	}
}

static void test_full_scale_is_clipped(void **state)
{
	enum { N = 8000 };
	int clipped = 0;

	(void)state;
	for (int i = 0; i < N; i++)
		far_pcm[i] = i / 8 % 2 ? 32767 : -32768;
	hear("room:noise=-100,erl=-20", 8000, N, N);
	for (int i = 0; i < N; i++)
		clipped += near_pcm[i] == INT16_MAX || near_pcm[i] == INT16_MIN;
	assert_true(clipped > N / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo_level),
		cmocka_unit_test(test_echo_delay),
		cmocka_unit_test(test_decay),
		cmocka_unit_test(test_direct_to_reverberant_ratio),
		cmocka_unit_test(test_no_decay_without_a_room),
		cmocka_unit_test(test_noise_level_and_slope),
		cmocka_unit_test(test_distortion),
		cmocka_unit_test(test_full_scale_is_clipped),
	};

	return cmocka_run_group_tests_name("room acoustics", tests, NULL, NULL);
}
