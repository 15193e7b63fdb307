/* SPDX-License-Identifier: MIT */
/* What was learnt of an echo, as a stranger may hand it back: cut, damaged, of
 * another phone, or nonsense. */
#include "dsp/echo_path.h"
#include "dsp/level.h"
#include "dsp/voice.h"
#include "tests/fixtures/fake_echo.h"
#include "tests/fixtures/fake_speech.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE_HZ = 16000, BLOCK_N = 160, SECONDS = 10, N = RATE_HZ * SECONDS };

static const struct tp_voice_config aec_only = {.aec = true, .tail_ms = 128};

static void a_path_of_another_route_is_refused(void **state)
{
	struct tp_voice *handset = tp_voice_create_route(TP_ROUTE_HANDSET, 16000, 160, &aec_only);
	struct tp_voice *free_hands = tp_voice_create(16000, 160, &aec_only);
	size_t len = tp_voice_save(handset, NULL, 0);
	uint8_t *kept = malloc(len);

	(void)state;
	assert_int_equal(tp_voice_save(handset, kept, len), len);
	assert_int_equal(tp_voice_load(handset, kept, len), 0);
	assert_int_equal(tp_voice_load(free_hands, kept, len), TP_ERR_FORMAT);
	assert_non_null(strstr(tp_error_detail(), "handset"));
	assert_non_null(strstr(tp_error_detail(), "handsfree"));
	free(kept);
	tp_voice_destroy(handset);
	tp_voice_destroy(free_hands);
}

static void damaged_paths_are_refused(void **state)
{
	struct tp_voice *voice = tp_voice_create(16000, 160, &aec_only);
	struct tp_voice *other = tp_voice_create(8000, 80, &aec_only);
	size_t len = tp_voice_save(voice, NULL, 0);
	uint8_t *kept = malloc(len);

	(void)state;
	assert_int_equal(tp_voice_save(voice, kept, len - 1), len);
	assert_int_equal(tp_voice_save(voice, kept, len), len);
	/* Never converged: fine, and not used. */
	assert_int_equal(tp_voice_load(voice, kept, len), 0);
	assert_int_equal(tp_voice_load(other, kept, len), TP_ERR_FORMAT);
	for (size_t cut = 0; cut < len; cut += cut < 64 ? 1 : 997)
		assert_int_equal(tp_voice_load(voice, kept, cut), TP_ERR_FORMAT);
	for (size_t bit = 0; bit < len * 8; bit += bit < 256 ? 1 : 1009) {
		kept[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(tp_voice_load(voice, kept, len), TP_ERR_FORMAT);
		kept[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(tp_voice_load(voice, kept, len), 0);
	free(kept);
	tp_voice_destroy(voice);
	tp_voice_destroy(other);
}

/* Well-formed, with a right checksum, and of no room on earth: the phone has to do without it. */
static void nonsense_does_no_lasting_harm(void **state)
{
	static const int32_t tap[] = {INT32_MIN, INT32_MAX, 32767};
	static const int32_t time_us[] = {INT32_MIN, 0, 400000, INT32_MAX};
	static int16_t far[N], mic[N], out[N];
	struct fake_echo room;

	(void)state;
	real_speech("p225_003", RATE_HZ, far, N);
	fake_noise(5, 8, mic, N);
	fake_echo_init(&room, 4, RATE_HZ, 6, 90, 250, -10);
	fake_echo_add(&room, far, mic, N);
	for (int t = 0; t < 3; t++)
		for (int d = 0; d < 4; d++) {
			struct tp_voice *voice = tp_voice_create(RATE_HZ, BLOCK_N, &aec_only);
			struct tp_echo_path path = {
				.rate_hz = RATE_HZ,
				.taps_n = RATE_HZ * aec_only.tail_ms / 1000,
				.erle_db = 1e6,
				.delay_us = time_us[d],
				.lead_us = time_us[(t + d) % 4],
				.route = TP_ROUTE_HANDSFREE,
			};
			size_t len = tp_echo_path_size(path.taps_n);
			int32_t *taps = malloc((size_t)path.taps_n * sizeof(*taps));
			uint8_t *kept = malloc(len);
			int late = N - 2 * RATE_HZ;

			for (int i = 0; i < path.taps_n; i++)
				taps[i] = i % 2 ? tap[t] : -(tap[t] / 2);
			tp_echo_path_write(&path, taps, kept);
			assert_int_equal(tp_voice_load(voice, kept, len), 0);
			for (int at = 0; at < N; at += BLOCK_N)
				tp_voice_process(voice, mic + at, far + at, out + at);
			double less = tp_level_db(mic + late, N - late) -
				      tp_level_db(out + late, N - late);

			if (less < 20)
				fail_msg("taps of %d, %d and %d us: %.1f dB after %d s", tap[t],
					 (int)path.delay_us, (int)path.lead_us, less, SECONDS);
			free(taps);
			free(kept);
			tp_voice_destroy(voice);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_of_another_route_is_refused),
		cmocka_unit_test(damaged_paths_are_refused),
		cmocka_unit_test(nonsense_does_no_lasting_harm),
	};

	return cmocka_run_group_tests_name("echo_path", tests, NULL, NULL);
}
