/* SPDX-License-Identifier: MIT */
/* Figures of an echo: of blocks whose energies are known, and of a scene
 * whose loss and talkers are. */
#include "dsp/echo_meter.h"
#include "dsp/level.h"
#include "dsp/voice.h"
#include "tests/fixtures/fake_echo.h"
#include "tests/fixtures/fake_speech.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { RATE_HZ = 16000, BLOCK_N = 160, SECONDS = 16, N = RATE_HZ * SECONDS };

static int16_t far[N], near[N], mic[N], out[N];

static double power(double db)
{
	return pow(10, db / 10);
}

static void levels_and_shares_are_as_fed(void **state)
{
	const double loud = BLOCK_N * 1e6;
	struct tp_echo_meter meter;

	(void)state;
	tp_echo_meter_init(&meter, RATE_HZ, BLOCK_N, 100);
	assert_true(isnan(tp_echo_meter_loss_db(&meter)));
	assert_true(isnan(tp_echo_meter_double_talk(&meter)));
	for (int i = 0; i < 1600; i++) {
		bool talks = i % 200 >= 150;
		struct tp_echo_meter_block block = {
			.reference = loud,
			.microphone = loud * power(talks ? 5 : -6),
			.cancelled = loud * power(talks ? 5 : -20),
			.left = loud * power(talks ? 5 : -33),
		};

		/* He is noticed 30 ms after he began. */
		tp_echo_meter_add(&meter, &block, i % 200 >= 153);
	}
	assert_true(fabs(tp_echo_meter_loss_db(&meter) - 6) < 0.01);
	assert_true(fabs(tp_echo_meter_linear_db(&meter) - 14) < 0.01);
	assert_true(fabs(tp_echo_meter_reduction_db(&meter) - 27) < 0.01);
	assert_true(fabs(tp_echo_meter_double_talk(&meter) - 47.0 / 200) < 0.01);
}

static void a_silent_loudspeaker_teaches_nothing(void **state)
{
	struct tp_echo_meter_block block = {0, 1e9, 1e9, 1e9};
	struct tp_echo_meter meter;

	(void)state;
	tp_echo_meter_init(&meter, RATE_HZ, BLOCK_N, 100);
	for (int i = 0; i < 400; i++)
		tp_echo_meter_add(&meter, &block, i % 2);
	assert_true(isnan(tp_echo_meter_loss_db(&meter)));
	assert_true(isnan(tp_echo_meter_reduction_db(&meter)));
	assert_true(isnan(tp_echo_meter_double_talk(&meter)));
}

static struct tp_voice_stats run(void)
{
	const struct tp_voice_config aec = {.aec = true, .tail_ms = 200};
	struct tp_voice *voice = tp_voice_create(RATE_HZ, BLOCK_N, &aec);
	struct tp_voice_stats stats;

	assert_non_null(voice);
	for (int at = 0; at < N; at += BLOCK_N)
		tp_voice_process(voice, mic + at, far + at, out + at);
	tp_voice_stats(voice, &stats);
	tp_voice_destroy(voice);
	return stats;
}

/* A room that gives back so much less than the loudspeaker had, and half the time a talker. */
static void figures_are_those_of_the_scene(void **state)
{
	static const double losses_db[] = {3, 15};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct fake_echo room;
		struct tp_voice_stats stats;
		double true_db;

		fake_speech(31, RATE_HZ, far, N);
		memset(mic, 0, sizeof(mic));
		fake_echo_init(&room, 4, RATE_HZ, 40, 130, 250, -losses_db[i]);
		fake_echo_add(&room, far, mic, N);
		true_db = tp_level_db(far + N / 2, N / 2) - tp_level_db(mic + N / 2, N / 2);
		fake_noise(5, 8, near, N);
		for (int k = 0; k < N; k++)
			mic[k] = (int16_t)(mic[k] + near[k]);
		stats = run();
		if (fabs(stats.erl_db - true_db) > 2.5)
			fail_msg("echo loss %.1f dB, true %.1f dB", stats.erl_db, true_db);
		assert_true(fabs(stats.delay_ms - 40) < 3);
		assert_true(fabs(stats.drift_ppm) < 5);
		assert_true(stats.erle_db > 20 && stats.erle_db > stats.linear_erle_db);
		assert_true(stats.linear_erle_db > 10);
		assert_true(stats.double_talk < 0.1);
		assert_true(fabs(stats.far_db - tp_level_db(far + N - 4800, 4800)) < 6);

		/* The second half of it somebody talks here. */
		fake_speech(77, RATE_HZ, near, N);
		for (int k = N / 2; k < N; k++)
			mic[k] = (int16_t)fmax(-32768, fmin(32767, mic[k] + 0.5 * near[k]));
		stats = run();
		if (!(stats.double_talk > 0.3 && stats.double_talk < 0.6))
			fail_msg("double talk in %.0f %% of the time", 100 * stats.double_talk);
		if (fabs(stats.erl_db - true_db) > 3)
			fail_msg("echo loss %.1f dB with a talker, true %.1f dB", stats.erl_db,
				 true_db);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_and_shares_are_as_fed),
		cmocka_unit_test(a_silent_loudspeaker_teaches_nothing),
		cmocka_unit_test(figures_are_those_of_the_scene),
	};

	return cmocka_run_group_tests_name("echo_meter", tests, NULL, NULL);
}
