/* SPDX-License-Identifier: MIT */
/* The latency bench: what the stages' stamps add up to is what the sound says, to a millisecond. */
#include "bench/chirp.h"
#include "bench/latency.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	SECONDS = 3,
	/* A packet's sending is traced when its slot is used again, which the last 16
	 * never are; some are under way. */
	UNSENT = 24,
	CHIRPS_MIN = 5 * SECONDS * 1000 / TP_CHIRP_PLACE_MS - 5, /* 5 phases; edges may cost one */
};

static struct tp_latency measure(const struct tp_bench_setting *setting)
{
	struct tp_latency latency;

	if (tp_latency_measure(&latency, setting, SECONDS) < 0)
		fail_msg("%s", tp_error_detail());
	return latency;
}

static void agrees(const struct tp_bench_setting *setting)
{
	struct tp_latency latency = measure(setting);
	double stages_ms = latency.packet_ms + latency.wire_ms + latency.jitter_ms +
			   latency.ring_ms + latency.fixed_ms;

	assert_int_equal(latency.chirps_lost, 0);
	assert_int_equal(latency.underruns, 0);
	assert_true(latency.chirps >= CHIRPS_MIN);
	assert_true(latency.packets >= 5 * (SECONDS * 1000 / setting->ptime_ms - UNSENT));
	assert_true(fabs(latency.difference_ms) <= 1);
	if (!(fabs(latency.sum_ms - latency.sound_ms) <= 1))
		fail_msg("%s, periods of %g ms, packets of %d ms: sum %.2f, sound %.2f",
			 setting->codec, tp_bench_period_ms(setting), setting->ptime_ms,
			 latency.sum_ms, latency.sound_ms);
	/* Medians do not add up exactly, but no stage may be left out or counted twice. */
	assert_true(fabs(stages_ms - latency.sum_ms) <= 5);
}

static void sum_is_sound_at_every_period(void **state)
{
	const int periods_ms[] = {5, 10, 20, TP_BENCH_PERIOD_1024};

	(void)state;
	for (int i = 0; i < 4; i++)
		agrees(&(struct tp_bench_setting){
			.codec = "PCMU", .period_ms = periods_ms[i], .ptime_ms = 20});
}

static void sum_is_sound_at_every_packet_time(void **state)
{
	(void)state;
	for (int ptime_ms = 10; ptime_ms <= 40; ptime_ms *= 2)
		agrees(&(struct tp_bench_setting){
			.codec = "PCMU", .period_ms = 10, .ptime_ms = ptime_ms});
}

static void sum_is_sound_with_every_codec(void **state)
{
	const char *const codecs[] = {"G722", "opus"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		agrees(&(struct tp_bench_setting){
			.codec = codecs[i], .period_ms = 10, .ptime_ms = 20});
		agrees(&(struct tp_bench_setting){.codec = codecs[i],
						  .period_ms = TP_BENCH_PERIOD_1024,
						  .ptime_ms = 20,
						  .jitter_ms = 40});
	}
}

static void sum_is_sound_with_voice_and_srtp(void **state)
{
	(void)state;
	agrees(&(struct tp_bench_setting){
		.codec = "PCMU", .period_ms = 10, .ptime_ms = 20, .voice = true});
	agrees(&(struct tp_bench_setting){.codec = "PCMU",
					  .period_ms = 10,
					  .ptime_ms = 20,
					  .suite = TP_SRTP_AES_CM_128_HMAC_SHA1_80});
}

/* The sound itself knows nothing of stamps: what the settings ask for must be heard. */
static void settings_are_heard(void **state)
{
	struct tp_bench_setting setting = {
		.codec = "PCMU", .period_ms = 10, .ptime_ms = 20, .jitter_ms = 40};
	double forty_ms = measure(&setting).sound_ms, packet_ms;

	(void)state;
	setting.jitter_ms = 80;
	assert_true(fabs(measure(&setting).sound_ms - forty_ms - 40) < 3);
	packet_ms = measure(&setting).sound_ms;
	setting.ptime_ms = 40;
	assert_true(fabs(measure(&setting).sound_ms - packet_ms - 20) < 3);
}

static void two_runs_are_equal(void **state)
{
	struct tp_bench_setting setting = {.codec = "opus", .period_ms = 10, .ptime_ms = 20};
	struct tp_latency first = measure(&setting), second = measure(&setting);

	(void)state;
	assert_memory_equal(&first, &second, sizeof(first));
}

/* A chirp at a known place, between two samples, quieter and in noise. */
static void chirps_are_found_where_they_are(void **state)
{
	enum { RATE = 16000, N = 2 * RATE };
	int16_t *heard = calloc(N, sizeof(*heard));
	uint32_t noise = 1;
	double likeness, at;

	(void)state;
	assert_non_null(heard);
	for (int i = 0; i < N; i++) {
		noise = noise * 1664525 + 1013904223;
		heard[i] =
			(int16_t)(tp_chirp_sample(i - 1000, RATE) / 4 + (int)(noise >> 23) - 256);
	}
	for (int k = 0; k < 3; k++) {
		double said = tp_chirp_start_ms(k) * RATE / 1000;

		at = tp_chirp_find(heard, N, RATE, (int64_t)said, &likeness);
		assert_true(likeness > 0.9);
		assert_true(fabs(at - said - 1000) < 0.25);
	}
	memset(heard, 0, N * sizeof(*heard));
	tp_chirp_find(heard, N, RATE, 1000, &likeness);
	assert_true(likeness == 0);
	free(heard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chirps_are_found_where_they_are),
		cmocka_unit_test(sum_is_sound_at_every_period),
		cmocka_unit_test(sum_is_sound_at_every_packet_time),
		cmocka_unit_test(sum_is_sound_with_every_codec),
		cmocka_unit_test(sum_is_sound_with_voice_and_srtp),
		cmocka_unit_test(settings_are_heard),
		cmocka_unit_test(two_runs_are_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
