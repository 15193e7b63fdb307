/* SPDX-License-Identifier: MIT */
/* The simulated room as a device: its talker, its clocks, its xruns, and that it repeats. */
#include "hal/random.h"
#include "hal/wav.h"
#include "tests/fixtures/scratch_folder.h"
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
	PERIOD_NS = 10000000,
	MOST = 20 * 16000, /* samples of the longest recording here */
};

static int16_t far_pcm[MOST], near_pcm[MOST], other_pcm[MOST];

static uint64_t hash_of(const int16_t *pcm, int64_t n)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */

	for (int64_t i = 0; i < n; i++)
		hash = (hash ^ (uint16_t)pcm[i]) * 1099511628211u;
	return hash;
}

static void hear(const char *room, int rate_hz, int64_t near_n, int64_t far_n)
{
	stepped_device_run(room, rate_hz, near_pcm, near_n, far_pcm, far_n);
}

static void write_talker(int rate_hz, int64_t n)
{
	struct tp_wav_writer writer;

	assert_int_equal(tp_wav_writer_open(&writer, scratch_folder_path("talker.wav"), rate_hz, 1),
			 0);
	assert_int_equal(tp_wav_writer_write(&writer, far_pcm, (size_t)n), 0);
	assert_int_equal(tp_wav_writer_close(&writer), 0);
}

static const char *with_talker(const char *options)
{
	static char name[1024];

	snprintf(name, sizeof(name), "room:talker=%s%s", scratch_folder_path("talker.wav"),
		 options);
	return name;
}

static void test_talker_is_heard_exactly(void **state)
{
	enum { N = 5000 };

	(void)state;
	sound_make_noise(far_pcm, N, 20000);
	write_talker(16000, N);
	hear(with_talker(",noise=-100"), 16000, 3 * N, 0);
	for (int i = 0; i < 3 * N; i++)
		assert_int_equal(near_pcm[i], far_pcm[i % N]);
	hear(with_talker(",noise=-100,loop=0,gain=-20"), 16000, 2 * N, 0);
	for (int i = 0; i < 2 * N; i++)
		assert_true(fabs(near_pcm[i] - (i < N ? far_pcm[i] / 10.0 : 0)) <= 0.51);
}

/* `near` is the level of the speech, not of speech and pauses. */
static void test_talker_level(void **state)
{
	static const int rates_hz[] = {8000, 16000, 48000};
	enum { N = 32000 };

	(void)state;
	sound_make_silence(far_pcm, N);
	sound_make_tone(far_pcm + 8000, 16000, 440.0 / 16000, 1000);
	write_talker(16000, N);
	for (int i = 0; i < 3; i++) {
		int64_t s = rates_hz[i];

		hear(with_talker(",noise=-100,near=-26"), rates_hz[i], 2 * s, 0);
		/* the tone is from 0.5 to 1.5 s */
		assert_true(fabs(sound_level_db(near_pcm + 6 * s / 10, s / 2) + 26) < 0.1);
		assert_true(sound_level_db(near_pcm, s / 4) < -80);
	}
}

static void test_same_seed_same_sound(void **state)
{
	static const char *const rooms[] = {
		"room:seed=1",
		"room:seed=2",
		"room:seed=1,play_ppm=30,capture_ppm=-70,size=hall,distort=3",
		"room:seed=1,erl=6.1",
	};
	enum { N = 40000 };
	uint64_t hash[4];

	(void)state;
	sound_make_noise(far_pcm, N, 3000);
	for (int i = 0; i < 4; i++) {
		hear(rooms[i], 8000, N, N);
		hash[i] = hash_of(near_pcm, N);
		hear(rooms[i], 8000, N, N);
		assert_true(hash[i] == hash_of(near_pcm, N));
		for (int k = 0; k < i; k++)
			assert_true(hash[i] != hash[k]);
	}
}

/* How often, when and how much is read does not change what there is to be read. */
static void test_sound_does_not_depend_on_steps(void **state)
{
	static const char *const rooms[] = {"room:noise=-70", "room:play_ppm=100,capture_ppm=-33"};
	enum { N = 40000 };
	struct stepped_device stepped;
	struct tp_random random;

	(void)state;
	sound_make_noise(far_pcm, N, 3000);
	for (int i = 0; i < 2; i++) {
		hear(rooms[i], 16000, N, N);
		tp_random_init(&random, 4, 0);
		stepped_device_open(&stepped, rooms[i], 16000, 10000);
		stepped_device_start(&stepped, far_pcm, N);
		while (stepped.captured < N)
			stepped_device_step(&stepped, tp_random_next(&random) % (3 * PERIOD_NS / 2),
					    other_pcm, N, far_pcm, N);
		assert_int_equal(stepped.capture_xruns + stepped.playback_xruns, 0);
		stepped.ops->close(stepped.device);
		assert_memory_equal(near_pcm, other_pcm, N * sizeof(*near_pcm));
	}
}

static void test_stop_and_start_begins_anew(void **state)
{
	enum { N = 16000 };
	struct stepped_device stepped;

	(void)state;
	sound_make_noise(far_pcm, N, 3000);
	stepped_device_open(&stepped, "room:noise=-100", 16000, 10000);
	for (int run = 0; run < 2; run++) {
		stepped.captured = stepped.played = 0;
		stepped_device_start(&stepped, far_pcm, N);
		while (stepped.captured < N)
			stepped_device_step(&stepped, PERIOD_NS, run ? other_pcm : near_pcm, N,
					    far_pcm, N);
		stepped.ops->stop(stepped.device);
	}
	stepped.ops->close(stepped.device);
	assert_memory_equal(near_pcm, other_pcm, N * sizeof(*near_pcm));
}

/* A tone from one crystal, heard by another: its frequency in samples is the ratio of both. Also
 * that of a talker, who has true time. */
static void test_clocks_are_separate(void **state)
{
	static const struct {
		const char *clocks;
		double play_ppm, capture_ppm;
	} cases[] = {
		{"", 0, 0},
		{",play_ppm=50,capture_ppm=50", 50, 50},
		{",play_ppm=100", 100, 0},
		{",capture_ppm=100", 0, 100},
		{",play_ppm=20.5,capture_ppm=-20", 20.5, -20},
		{",play_ppm=-300,capture_ppm=300", -300, 300},
	};
	enum { N = 15 * 16000, HALF = N / 2 };
	static const double tones[] = {1000.0 / 16000, 1777.0 / 16000}; /* loudspeaker, talker */
	char options[128];

	(void)state;
	sound_make_tone(far_pcm, MOST, tones[1], 8000);
	write_talker(16000, MOST);
	sound_make_tone(far_pcm, MOST, tones[0], 8000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(options, sizeof(options), ",noise=-100%s", cases[i].clocks);
		hear(with_talker(options), 16000, N, MOST);
		for (int tone = 0; tone < 2; tone++) {
			double source_ppm = tone ? 0 : cases[i].play_ppm;
			double expected = tones[tone] * (1 + source_ppm * 1e-6) /
					  (1 + cases[i].capture_ppm * 1e-6);
			double amplitude, phase[2], turned, ppm;

			for (int part = 0; part < 2; part++)
				sound_find_tone(near_pcm + part * HALF, HALF, expected, &amplitude,
						&phase[part]);
			assert_true(amplitude > 1000);
			/* By how much the phase has turned more in half the time than expected. */
			turned =
				remainder(phase[0] - phase[1] - 2 * M_PI * fmod(expected * HALF, 1),
					  2 * M_PI);
			ppm = turned / (2 * M_PI * tones[tone] * HALF) * 1e6;
			if (fabs(ppm) > 0.02)
				fail_msg("%s: tone %d is off by %.3f ppm", options, tone, ppm);
		}
	}
}

/* Between two clocks the echo is resampled, and stays clean. */
static void test_crossing_is_clean(void **state)
{
	enum { N = 10 * 16000 };
	const double ratio = (1 + 100e-6) / (1 - 100e-6);
	double signal, sum = 0, amplitude, phase;

	(void)state;
	sound_make_tone(far_pcm, N, 3000.0 / 16000, 20000);
	hear("room:noise=-100,rt60=0,erl=0,play_ppm=100,capture_ppm=-100", 16000, N, N);
	sound_find_tone(near_pcm + N / 2, N / 2, 3000.0 / 16000 * ratio, &amplitude, &phase);
	for (int i = 0; i < N / 2; i++) {
		double angle = 2 * M_PI * fmod(3000.0 / 16000 * ratio * i, 1);
		double rest = near_pcm[N / 2 + i] - amplitude * cos(angle - phase);

		sum += rest * rest;
	}
	signal = amplitude * amplitude / 2;
	assert_true(10 * log10(signal / (sum / (N / 2))) > 60);
}

/* Captured frames that were lost did happen: what comes after them is what would have come. */
static void test_echo_goes_on_after_an_overrun(void **state)
{
	enum { N = 16000, LOST_FROM = 8000 };
	struct stepped_device stepped;
	struct tp_hal_position position;
	int64_t next;
	int16_t pcm[160];

	(void)state;
	sound_make_noise(far_pcm, N, 3000);
	hear("room:noise=-100", 16000, N, N);
	stepped_device_open(&stepped, "room:noise=-100", 16000, 10000);
	stepped_device_start(&stepped, far_pcm, N);
	while (stepped.captured < LOST_FROM)
		stepped_device_step(&stepped, PERIOD_NS, other_pcm, N, far_pcm, N);
	for (int i = 0; i < 12; i++) { /* 120 ms of playback alone; the ring is 100 ms */
		int done;

		stepped.now_ns += PERIOD_NS;
		do {
			done = stepped.ops->playback(stepped.device, stepped.now_ns,
						     far_pcm + stepped.played, 160);
			stepped.played += done;
		} while (done > 0);
		assert_int_equal(done, 0);
	}
	assert_int_equal(stepped.ops->capture(stepped.device, stepped.now_ns, pcm, 160),
			 TP_ERR_XRUN);
	stepped.now_ns += PERIOD_NS;
	assert_int_equal(
		stepped.ops->position(stepped.device, TP_CAPTURE, stepped.now_ns, &position), 0);
	next = position.frames - position.queued_n;
	assert_int_equal(next, LOST_FROM + 12 * 160);
	assert_int_equal(stepped.ops->capture(stepped.device, stepped.now_ns, pcm, 160), 160);
	assert_memory_equal(pcm, near_pcm + next, sizeof(pcm));
	stepped.ops->close(stepped.device);
}

/* A playback underrun is heard as silence in its place, not as what the ring held before. */
static void test_an_underrun_is_silent(void **state)
{
	enum { N = 16000 };
	struct stepped_device stepped;
	int64_t dry_from;

	(void)state;
	for (int i = 0; i < N; i++)
		far_pcm[i] = (int16_t)(i % 2 ? 8000 : -8000);
	stepped_device_open(&stepped, "room:noise=-100,rt60=0,delay=4", 8000, 10000);
	stepped_device_start(&stepped, far_pcm, N);
	for (int i = 0; i < 150; i++)
		stepped_device_step(&stepped, PERIOD_NS, near_pcm, N, far_pcm, N);
	dry_from = stepped.played + 32;
	stepped_device_step(&stepped, 9 * PERIOD_NS, near_pcm, N, far_pcm, N);
	assert_int_equal(stepped.playback_xruns, 1);
	assert_int_equal(stepped.capture_xruns, 0);
	for (int i = 0; i < 20; i++)
		stepped_device_step(&stepped, PERIOD_NS, near_pcm, N, far_pcm, N);
	assert_true(abs(near_pcm[dry_from - 1]) > 1000);
	for (int64_t i = dry_from + 240; i < 159 * 80 + 32; i++) /* 30 ms of ringing */
		assert_true(abs(near_pcm[i]) <= 1);
	assert_true(abs(near_pcm[159 * 80 + 32]) > 1000);
	stepped.ops->close(stepped.device);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talker_is_heard_exactly),
		cmocka_unit_test(test_talker_level),
		cmocka_unit_test(test_same_seed_same_sound),
		cmocka_unit_test(test_sound_does_not_depend_on_steps),
		cmocka_unit_test(test_stop_and_start_begins_anew),
		cmocka_unit_test(test_clocks_are_separate),
		cmocka_unit_test(test_crossing_is_clean),
		cmocka_unit_test(test_echo_goes_on_after_an_overrun),
		cmocka_unit_test(test_an_underrun_is_silent),
	};

	return cmocka_run_group_tests_name("room", tests, scratch_folder_make,
					   scratch_folder_remove);
}
