/* SPDX-License-Identifier: MIT */
/* What the ALSA backend makes of xruns, lost devices and refusals. */
#include "tests/fixtures/fake_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* After an xrun the counter stands where the card's clock says, as if nothing had been lost: gives
 * how far it is off, in frames, since the first start. */
static double step_error(enum tp_direction direction, int64_t first_start_ns)
{
	const struct testcard_direction *log =
		&call.card.shared->direction[direction == TP_PLAYBACK ? PLAY : CAPT];
	int64_t base = ((log->start_ns - first_start_ns) * log->rate_hz + 500000000) / 1000000000;

	return fake_call_position_error(direction, base);
}

/* A step that was interrupted between the device's start and its stamp is off by as much, and so
 * are all after it; most are not interrupted. */
static void check_steps(const double *error, int n)
{
	double each[16];

	for (int i = 0; i < n; i++)
		each[i] = error[i] - (i > 0 ? error[i - 1] : 0);
	assert_in_range((int)(fake_call_median(each, n) + 100.5), 98, 102);
}

/* The call that tells of the xrun has already restarted the capture: its first period comes one
 * period later. */
static void field_19_capture_is_back_at_once_after_an_xrun(void **state)
{
	struct testcard_direction *log;
	int64_t first_start_ns;
	double error[7];

	(void)state;
	fake_call_make("", &usual, 50);
	log = &call.card.shared->direction[CAPT];
	first_start_ns = log->start_ns;
	for (int i = 0; i < 7; i++) {
		int16_t pcm[160];
		int heard_n, n;

		fake_call_talk(20);
		usleep(3000 * i);
		log->xrun_now = 1;
		n = tp_hal_alsa.capture(call.device, fake_call_now(), pcm, 160);
		fake_call_expect_calm();
		assert_int_equal(n, TP_ERR_XRUN);
		assert_int_equal(log->starts, i + 2);
		heard_n = call.heard_n;
		fake_call_talk(10);
		assert_true(call.heard_n > heard_n);
		error[i] = step_error(TP_CAPTURE, first_start_ns);
	}
	assert_int_equal(log->injected, 7);
	assert_int_equal(call.capture_xruns, 0);
	check_steps(error, 7);
	assert_int_equal(call.card.shared->direction[PLAY].starts, 1);
	fake_call_end();
}

/* The first frames that are written after an xrun play at once, and at the place that the counter
 * gives them. */
static void field_19_playback_is_back_at_once_after_an_xrun(void **state)
{
	struct testcard_direction *log;
	int64_t first_start_ns;
	double error[7];

	(void)state;
	fake_call_make("", &usual, 50);
	log = &call.card.shared->direction[PLAY];
	first_start_ns = log->start_ns;
	for (int i = 0; i < 7; i++) {
		struct tp_hal_position at;

		fake_call_talk(20);
		fake_call_expect_calm();
		log->xrun_now = 1;
		assert_int_equal(fake_call_play(160), TP_ERR_XRUN);
		assert_int_equal(log->starts, i + 1);
		usleep(2000 * i);
		assert_int_equal(
			tp_hal_alsa.position(call.device, TP_PLAYBACK, fake_call_now(), &at), 0);
		assert_int_equal(at.queued_n, 0);
		assert_int_equal(fake_call_play(4000), 4000);
		assert_int_equal(log->starts, i + 2);
		error[i] = step_error(TP_PLAYBACK, first_start_ns);
		fake_call_expect_calm();
	}
	assert_int_equal(log->injected, 7);
	check_steps(error, 7);
	assert_int_equal(call.card.shared->direction[CAPT].starts, 1);
	fake_call_end();
}

/* Several xruns a second by the card's own count: all are told, the sound goes on after each. */
static void a_card_that_stumbles_is_carried(void **state)
{
	struct testcard_direction *log;

	(void)state;
	fake_call_make("xrun_every 7", &usual, 400);
	fake_call_expect_calm();
	log = call.card.shared->direction;
	assert_true(log[CAPT].injected >= 5);
	assert_true(log[PLAY].injected >= 5);
	assert_int_equal(call.capture_xruns, log[CAPT].injected);
	/* The card may have stumbled once more since we last wrote. */
	assert_in_range(log[PLAY].injected - call.playback_xruns, 0, 1);
	assert_int_equal(call.heard_n >= 6400, 1);
	fake_call_end();
}

/* Xruns one after another, in no time, are a broken device; the same number of them from a machine
 * that comes too late each time is weather. Time is an argument. */
static void a_device_that_only_stumbles_is_lost(void **state)
{
	struct testcard_direction *log;
	int16_t pcm[160];
	int64_t now_ns;
	int n = TP_ERR_XRUN;

	(void)state;
	fake_call_make("", &usual, 20);
	log = &call.card.shared->direction[CAPT];
	now_ns = fake_call_now();
	for (int i = 0; i < 30; i++) {
		log->xrun_now = 1;
		n = tp_hal_alsa.capture(call.device, now_ns += 3000000000, pcm, 160);
		assert_int_equal(n, TP_ERR_XRUN);
	}
	for (int i = 0; i < 30 && n == TP_ERR_XRUN; i++) {
		log->xrun_now = 1;
		n = tp_hal_alsa.capture(call.device, now_ns, pcm, 160);
	}
	assert_int_equal(n, TP_ERR_DEVICE_LOST);
	fake_call_end();
}

static void playback_that_runs_dry_again_and_again_is_weather(void **state)
{
	struct testcard_direction *log;

	(void)state;
	fake_call_make("", &usual, 20);
	log = &call.card.shared->direction[PLAY];
	for (int i = 0; i < 50; i++) {
		log->xrun_now = 1;
		assert_int_equal(fake_call_play(160), TP_ERR_XRUN);
		assert_int_equal(fake_call_play(160), 160);
	}
	fake_call_end();
}

static void field_21_a_card_that_is_pulled_out_is_lost(void **state)
{
	struct tp_hal_position at;
	int16_t pcm[160] = {0};
	int n;

	(void)state;
	fake_call_make("", &usual, 50);
	call.card.shared->vanished = 1;
	for (int i = 0; i < 3 && !call.lost; i++) {
		(void)tp_hal_alsa.wait(call.device, 50);
		n = tp_hal_alsa.capture(call.device, fake_call_now(), pcm, 160);
		call.lost = n == TP_ERR_DEVICE_LOST;
	}
	assert_true(call.lost);
	n = tp_hal_alsa.playback(call.device, fake_call_now(), pcm, 160);
	assert_int_equal(n, TP_ERR_DEVICE_LOST);
	(void)tp_hal_alsa.position(call.device, TP_CAPTURE, fake_call_now(), &at);
	fake_call_hang_up();
	assert_int_equal(tp_hal_alsa.open(&call.device, "card", &usual, &call.got), TP_ERR_DEVICE);
	assert_non_null(strstr(tp_error_detail(), "there is no ALSA playback device \"card\""));

	call.card.shared->vanished = 0;
	fake_call_open("card", &usual);
	fake_call_begin();
	fake_call_talk(40);
	assert_false(call.lost);
	fake_call_end();
}

/* Time is an argument: the second that the card's clock must stand still need not pass. */
static void a_clock_that_stands_still_is_a_lost_device(void **state)
{
	int16_t pcm[160];
	int64_t stalled_ns;
	int n;

	(void)state;
	fake_call_make("", &usual, 50);
	call.card.shared->stalled = 1;
	do
		n = tp_hal_alsa.capture(call.device, stalled_ns = fake_call_now(), pcm, 160);
	while (n > 0);
	assert_int_equal(n, 0);
	assert_int_equal(tp_hal_alsa.capture(call.device, stalled_ns + 900000000, pcm, 160), 0);
	assert_int_equal(tp_hal_alsa.capture(call.device, stalled_ns + 1100000000, pcm, 160),
			 TP_ERR_DEVICE_LOST);
	assert_int_equal(tp_hal_alsa.wait(call.device, 5), 0);
	fake_call_end();
}

/* alsa-lib prints to stderr of its own accord; a library must not. */
static void refusals_are_one_sentence_and_stderr_stays_silent(void **state)
{
	static const struct {
		const char *name;
		int error;
		const char *sentence;
	} rows[] = {
		{"nosuch", TP_ERR_DEVICE, "there is no ALSA playback device \"nosuch\""},
		{"card+nosuch", TP_ERR_DEVICE, "there is no ALSA capture device \"nosuch\""},
		{"hw:7", TP_ERR_DEVICE, "there is no ALSA playback device \"hw:7\""},
		{"sluggish", TP_ERR_DEVICE, "has periods of 8192 frames or more; at most 4096"},
		{"broken", TP_ERR_DEVICE, "the ALSA playback device \"broken\" cannot be opened"},
		{"floating", TP_ERR_DEVICE,
		 "has no interleaved linear format of 16, 24 or 32 bits"},
	};
	static const char *const more =
		"pcm.sluggish { type testcard shm \"%s\" period_bytes_min 16384 channels_max 1 }\n"
		"pcm.broken { type testcard shm 17 }\n"
		"pcm.floating { type testcard shm \"%s\" format FLOAT_LE }\n"
		"pcm.hw { @args [CARD] @args.CARD { type string } type hw card $CARD }\n";
	char output[256], name[300];
	int ends[2], before = dup(2);
	ssize_t len;

	(void)state;
	fake_card_plug(&call.card, "", more);
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], 2);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int error = tp_hal_alsa.open(&call.device, rows[i].name, &usual, &call.got);

		if (error != rows[i].error || !strstr(tp_error_detail(), rows[i].sentence))
			fail_msg("%s: %d %s", rows[i].name, error, tp_error_detail());
	}
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(tp_hal_alsa.open(&call.device, name, &usual, &call.got), TP_ERR_ARGUMENT);
	dup2(before, 2);
	close(before);
	close(ends[1]);
	len = read(ends[0], output, sizeof(output) - 1);
	assert_int_equal(len, 0);
	close(ends[0]);
	fake_card_remove(&call.card);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(field_19_capture_is_back_at_once_after_an_xrun),
		cmocka_unit_test(field_19_playback_is_back_at_once_after_an_xrun),
		cmocka_unit_test(a_card_that_stumbles_is_carried),
		cmocka_unit_test(a_device_that_only_stumbles_is_lost),
		cmocka_unit_test(playback_that_runs_dry_again_and_again_is_weather),
		cmocka_unit_test(field_21_a_card_that_is_pulled_out_is_lost),
		cmocka_unit_test(a_clock_that_stands_still_is_a_lost_device),
		cmocka_unit_test(refusals_are_one_sentence_and_stderr_stays_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
