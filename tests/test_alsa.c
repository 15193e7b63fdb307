/* SPDX-License-Identifier: MIT */
/* The ALSA backend on a sound card in user space, in real time. What is compared comes from the
 * card's own clock and log: a machine that wakes us late makes a call longer, never wrong. */
#include "tests/fixtures/fake_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void sound_comes_back_after_the_delay_of_the_loop(void **state)
{
	static const char *const delays[] = {"delay 480", "delay 77"};
	static const int frames[] = {480, 77};

	(void)state;
	for (int i = 0; i < 2; i++) {
		fake_call_make(delays[i], &usual, 200);
		assert_int_equal(call.got.rate_hz, 16000);
		assert_int_equal(call.got.period_n, 160);
		assert_int_equal(call.got.buffer_n, 32000);
		assert_false(
			call.got.one_crystal); /* no card number: nothing is known of crystals */
		assert_int_equal(call.capture_xruns + call.playback_xruns, 0);
		assert_true(fake_call_check_loop(frames[i]) >= 2000);
		fake_call_end();
	}
}

/* The card gives periods of 441 frames at 44100 Hz, 1024 at 48000, 33 at 8000; nothing else. */
static void field_18_a_device_with_its_own_period_works(void **state)
{
	static const struct {
		const char *fields;
		int rate_hz, period_n;
	} rows[] = {
		{"period_bytes_min 882 period_bytes_max 882 channels_max 1", 44100, 441},
		{"period_bytes_min 2048 period_bytes_max 2048 channels_max 1", 48000, 1024},
		{"period_bytes_min 66 period_bytes_max 66 channels_max 1", 8000, 33},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tp_hal_want want = usual;

		want.rate_hz = rows[i].rate_hz;
		fake_call_make(rows[i].fields, &want, 150);
		assert_int_equal(call.got.rate_hz, rows[i].rate_hz);
		assert_int_equal(call.got.period_n, rows[i].period_n);
		assert_true(fake_call_check_loop(480) >= call.got.rate_hz / 20);
		fake_call_end();
	}
}

static void field_20_a_refused_rate_gives_the_devices_own(void **state)
{
	static const struct {
		const char *fields;
		int want_hz, got_hz;
	} rows[] = {
		{"rate_min 44100 rate_max 44100", 48000, 44100},
		{"rate_max 16000", 48000, 16000},
		{"rate_min 16000", 8000, 16000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tp_hal_want want = usual;

		want.rate_hz = rows[i].want_hz;
		fake_call_make(rows[i].fields, &want, 60);
		assert_int_equal(call.got.rate_hz, rows[i].got_hz);
		assert_true(fake_call_check_loop(480) > 0);
		fake_call_end();
	}
}

/* What playback has is not what capture has: the one rate that both have is found from either. */
static void two_devices_meet_at_a_common_rate(void **state)
{
	static const char *const more =
		"pcm.narrow { type testcard shm \"%s\" rate_max 16000 }\n"
		"pcm.wide { type testcard shm \"%s\" rate_min 16000 }\n"
		"pcm.apart { type testcard shm \"%s\" rate_min 44100 rate_max 44100 }\n";
	static const char *const names[] = {"narrow+wide", "wide+narrow"};
	struct tp_hal_want want = usual;

	(void)state;
	want.rate_hz = 48000;
	fake_card_plug(&call.card, "", more);
	for (int i = 0; i < 2; i++) {
		fake_call_open(names[i], &want);
		assert_int_equal(call.got.rate_hz, 16000);
		tp_hal_alsa.close(call.device);
	}
	assert_int_equal(tp_hal_alsa.open(&call.device, "apart+narrow", &want, &call.got),
			 TP_ERR_DEVICE);
	assert_non_null(strstr(tp_error_detail(), "no rate near 48000 Hz in common"));
	fake_card_remove(&call.card);
}

static void a_stereo_card_plays_on_both_and_records_the_first(void **state)
{
	(void)state;
	fake_call_make("channels_min 2", &usual, 100);
	assert_int_equal(call.card.shared->direction[PLAY].channels, 2);
	assert_int_equal(call.card.shared->direction[PLAY].unequal, 0);
	assert_true(fake_call_check_loop(480) > 0);
	fake_call_end();
}

static void every_access_and_format_carries_the_same_sound(void **state)
{
	static const struct {
		const char *fields;
		int mmap;
	} rows[] = {
		{"access both", 1},
		{"access mmap format S32_LE", 1},
		{"access rw", 0},
		{"access rw format S32_LE channels_min 2", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fake_call_make(rows[i].fields, &usual, 80);
		assert_int_equal(call.card.shared->direction[PLAY].mmap, rows[i].mmap);
		assert_int_equal(call.card.shared->direction[CAPT].mmap, rows[i].mmap);
		assert_true(fake_call_check_loop(480) > 0);
		fake_call_end();
	}
}

static void positions_are_those_of_the_converters(void **state)
{
	double played[20], captured[20];

	(void)state;
	fake_call_make("", &usual, 20);
	for (int i = 0; i < 20; i++) {
		struct tp_hal_position at;

		fake_call_turn();
		fake_call_expect_calm();
		played[i] = fake_call_position_error(TP_PLAYBACK, 0);
		captured[i] = fake_call_position_error(TP_CAPTURE, 0);
		assert_int_equal(
			tp_hal_alsa.position(call.device, TP_PLAYBACK, fake_call_now(), &at), 0);
		assert_int_equal(at.frames + at.queued_n, call.written_n);
		assert_int_equal(
			tp_hal_alsa.position(call.device, TP_CAPTURE, fake_call_now(), &at), 0);
		assert_int_equal(at.frames - at.queued_n, call.heard_n);
	}
	fake_call_expect_calm();
	assert_in_range((int)(fake_call_median(played, 20) + 100.5), 98, 102);
	assert_in_range((int)(fake_call_median(captured, 20) + 100.5), 98, 102);
	fake_call_end();
}

/* 0.8 % between the crystals, measured over 0.6 s from medians of positions. */
static void positions_show_the_ppm_of_each_crystal(void **state)
{
	enum { N = 30 };
	double slope[2][N], frames[2][2 * N], times[2][2 * N];

	(void)state;
	fake_call_make("playback_ppm 4000 capture_ppm -4000", &usual, 20);
	for (int i = 0; i < 2 * N; i++) {
		fake_call_turn();
		for (int direction = 0; direction < 2; direction++) {
			struct tp_hal_position at;

			assert_int_equal(tp_hal_alsa.position(call.device,
							      (enum tp_direction)direction,
							      fake_call_now(), &at),
					 0);
			frames[direction][i] = (double)at.frames;
			times[direction][i] = (double)(at.time_ns % INT64_C(1000000000000)) * 1e-9;
		}
	}
	for (int direction = 0; direction < 2; direction++)
		for (int i = 0; i < N; i++)
			slope[direction][i] =
				((frames[direction][i + N] - frames[direction][i]) /
					 (times[direction][i + N] - times[direction][i]) / 16000 -
				 1) *
				1e6;
	fake_call_expect_calm();
	assert_in_range((int)(fake_call_median(slope[TP_PLAYBACK], N) + 10000), 13000, 15000);
	assert_in_range((int)(fake_call_median(slope[TP_CAPTURE], N) + 10000), 5000, 7000);
	fake_call_end();
}

static void a_start_after_a_stop_counts_from_zero(void **state)
{
	(void)state;
	fake_call_make("", &usual, 30);
	tp_hal_alsa.stop(call.device);
	usleep(40000); /* what was played is on its way for 30 ms */
	call.heard_n = call.written_n = 0;
	fake_call_begin();
	fake_call_talk(60);
	fake_call_expect_calm();
	assert_true(fake_call_check_loop(480) > 0);
	assert_int_equal(call.card.shared->direction[CAPT].starts, 2);
	fake_call_end();
}

static void remember(void *context, const char *args, const char *about)
{
	if (!strcmp(args, "card") && !strcmp(about, "a card"))
		++*(int *)context;
}

static void the_list_has_what_can_be_opened(void **state)
{
	int found = 0;

	(void)state;
	fake_card_plug(&call.card, "", "");
	assert_int_equal(tp_hal_alsa.list(remember, &found), 0);
	assert_int_equal(found, 1);
	fake_card_remove(&call.card);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_comes_back_after_the_delay_of_the_loop),
		cmocka_unit_test(field_18_a_device_with_its_own_period_works),
		cmocka_unit_test(field_20_a_refused_rate_gives_the_devices_own),
		cmocka_unit_test(two_devices_meet_at_a_common_rate),
		cmocka_unit_test(a_stereo_card_plays_on_both_and_records_the_first),
		cmocka_unit_test(every_access_and_format_carries_the_same_sound),
		cmocka_unit_test(positions_are_those_of_the_converters),
		cmocka_unit_test(positions_show_the_ppm_of_each_crystal),
		cmocka_unit_test(a_start_after_a_stop_counts_from_zero),
		cmocka_unit_test(the_list_has_what_can_be_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
