/* SPDX-License-Identifier: MIT */
/* The ALSA backend on a sound card in user space, in real time. What is compared comes from the
 * card's own clock and log: a machine that wakes us late makes a call longer, never wrong. */
#include "hal/alsa.h"
#include "tests/fake_card.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	PLAY = 0, /* as snd_pcm_stream_t counts */
	CAPT = 1,
	HEARD_MAX = 48000 * 3,
	TRIES = 5, /* a call that the machine itself interrupted is made again so often */
};

/* Half a second of lead: a machine that stands still for less does not disturb a call. */
static const struct tp_hal_want usual = {
	.rate_hz = 16000, .period_us = 10000, .buffer_us = 500000, .seed = 1};

struct call {
	struct fake_card card;
	void *device;
	struct tp_hal_got got;
	int16_t heard[HEARD_MAX];
	int heard_n, written_n, capture_xruns, playback_xruns;
	int lost; /* TP_ERR_DEVICE_LOST came */
};

static struct call call; /* large; one test at a time */

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* The played frame n: neighbours tell each other apart, and none is 0, which is silence. */
static int16_t sound(int n)
{
	uint32_t x = (uint32_t)n * 2654435761u;

	return (int16_t)((x >> 16) | 1);
}

static int play(int n)
{
	int16_t pcm[TP_HAL_PERIOD_MAX];

	for (int i = 0; i < n; i++)
		pcm[i] = sound(call.written_n + i);
	n = tp_hal_alsa.playback(call.device, now(), pcm, n);
	if (n > 0)
		call.written_n += n;
	return n;
}

static void fill_to(int lead_n)
{
	struct tp_hal_position at;

	assert_int_equal(tp_hal_alsa.position(call.device, TP_PLAYBACK, now(), &at), 0);
	while (at.queued_n < lead_n) {
		int want = lead_n - at.queued_n, n;

		n = play(want < TP_HAL_PERIOD_MAX ? want : TP_HAL_PERIOD_MAX);
		if (n == TP_ERR_XRUN) {
			call.playback_xruns++;
			at.queued_n = 0;
			continue;
		}
		call.lost |= n == TP_ERR_DEVICE_LOST;
		if (n <= 0)
			return;
		at.queued_n += n;
	}
}

static void open_card(const char *name, const struct tp_hal_want *want)
{
	call.device = NULL;
	call.heard_n = call.written_n = call.capture_xruns = call.playback_xruns = call.lost = 0;
	if (tp_hal_alsa.open(&call.device, name, want, &call.got) < 0)
		fail_msg("%s: %s", name, tp_error_detail());
}

static void begin(void)
{
	fill_to(call.got.buffer_n * 4 / 5);
	assert_int_equal(tp_hal_alsa.start(call.device, now()), 0);
}

/* Takes all that has been captured and keeps the lead: the body of an engine's loop. */
static void turn(void)
{
	int n = 0;

	call.lost |= tp_hal_alsa.wait(call.device, 50) == TP_ERR_DEVICE_LOST;
	do {
		if (n > 0)
			call.heard_n += n;
		n = tp_hal_alsa.capture(call.device, now(), call.heard + call.heard_n,
					HEARD_MAX - call.heard_n < 512 ? HEARD_MAX - call.heard_n
								       : 512);
		call.capture_xruns += n == TP_ERR_XRUN;
		call.lost |= n == TP_ERR_DEVICE_LOST;
	} while (n > 0 || n == TP_ERR_XRUN);
	if (!call.lost)
		fill_to(call.got.buffer_n * 4 / 5);
}

static void talk(int ms)
{
	int end = call.heard_n + (int)((int64_t)call.got.rate_hz * ms / 1000);

	while (call.heard_n < end && call.heard_n < HEARD_MAX && !call.lost)
		turn();
}

static void hang_up(void)
{
	tp_hal_alsa.stop(call.device);
	tp_hal_alsa.close(call.device);
}

static bool undisturbed(void)
{
	return call.card.shared->direction[PLAY].natural == 0 &&
	       call.card.shared->direction[CAPT].natural == 0;
}

/* Makes a call of `ms` on a fresh card until the machine lets one through. */
static void make_call(const char *fields, const struct tp_hal_want *want, int ms)
{
	for (int i = 0; i < TRIES; i++) {
		fake_card_plug(&call.card, fields, "");
		open_card("card", want);
		begin();
		talk(ms);
		if (undisturbed())
			return;
		hang_up();
		fake_card_remove(&call.card);
	}
	print_message("SKIP: this machine stood still for 0.4 s in each of %d calls\n", TRIES);
	skip();
}

static void end_call(void)
{
	hang_up();
	fake_card_remove(&call.card);
}

/* Every captured sample is the played one that the loop has at its place, and silence before and
 * after; returns how many were sound. */
static int check_loop(int delay_n)
{
	int offset = (int)(call.card.shared->direction[CAPT].start_frame -
			   call.card.shared->direction[PLAY].start_frame) -
		     delay_n;
	int sounds = 0;

	for (int i = 0; i < call.heard_n; i++) {
		int n = i + offset;

		if (n < 0 || n >= call.written_n) {
			assert_int_equal(call.heard[i], 0);
			continue;
		}
		assert_int_equal(call.heard[i], sound(n));
		sounds++;
	}
	return sounds;
}

static void sound_comes_back_after_the_delay_of_the_loop(void **state)
{
	static const char *const delays[] = {"delay 480", "delay 77"};
	static const int frames[] = {480, 77};

	(void)state;
	for (int i = 0; i < 2; i++) {
		make_call(delays[i], &usual, 200);
		assert_int_equal(call.got.rate_hz, 16000);
		assert_int_equal(call.got.period_n, 160);
		assert_int_equal(call.got.buffer_n, 8000);
		assert_false(
			call.got.one_crystal); /* no card number: nothing is known of crystals */
		assert_int_equal(call.capture_xruns + call.playback_xruns, 0);
		assert_true(check_loop(frames[i]) >= 2000);
		end_call();
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
		{"period_bytes_min 66 period_bytes_max 66 channels_max 1 periods_max 200", 8000,
		 33},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tp_hal_want want = usual;

		want.rate_hz = rows[i].rate_hz;
		make_call(rows[i].fields, &want, 150);
		assert_int_equal(call.got.rate_hz, rows[i].rate_hz);
		assert_int_equal(call.got.period_n, rows[i].period_n);
		assert_true(check_loop(480) >= call.got.rate_hz / 20);
		end_call();
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
		make_call(rows[i].fields, &want, 60);
		assert_int_equal(call.got.rate_hz, rows[i].got_hz);
		assert_true(check_loop(480) > 0);
		end_call();
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
		open_card(names[i], &want);
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
	make_call("channels_min 2", &usual, 100);
	assert_int_equal(call.card.shared->direction[PLAY].channels, 2);
	assert_int_equal(call.card.shared->direction[PLAY].unequal, 0);
	assert_true(check_loop(480) > 0);
	end_call();
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
		make_call(rows[i].fields, &usual, 80);
		assert_int_equal(call.card.shared->direction[PLAY].mmap, rows[i].mmap);
		assert_int_equal(call.card.shared->direction[CAPT].mmap, rows[i].mmap);
		assert_true(check_loop(480) > 0);
		end_call();
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof(*values), compare);
	return values[n / 2];
}

/* How far a position is from the card's own clock, in frames. A reading that was interrupted between
 * counter and stamp is off; their median is not. */
static double position_error(enum tp_direction direction, int64_t base)
{
	const struct testcard_direction *log =
		&call.card.shared->direction[direction == TP_PLAYBACK ? PLAY : CAPT];
	struct tp_hal_position at;

	assert_int_equal(tp_hal_alsa.position(call.device, direction, now(), &at), 0);
	return (double)(at.frames - base) -
	       (double)(at.time_ns - log->start_ns) * 1e-9 * log->rate_hz * (1 + log->ppm * 1e-6);
}

static void positions_are_those_of_the_converters(void **state)
{
	double played[20], captured[20];

	(void)state;
	make_call("", &usual, 20);
	for (int i = 0; i < 20; i++) {
		struct tp_hal_position at;

		turn();
		played[i] = position_error(TP_PLAYBACK, 0);
		captured[i] = position_error(TP_CAPTURE, 0);
		assert_int_equal(tp_hal_alsa.position(call.device, TP_PLAYBACK, now(), &at), 0);
		assert_int_equal(at.frames + at.queued_n, call.written_n);
		assert_int_equal(tp_hal_alsa.position(call.device, TP_CAPTURE, now(), &at), 0);
		assert_int_equal(at.frames - at.queued_n, call.heard_n);
	}
	assert_in_range((int)(median(played, 20) + 100.5), 98, 102);
	assert_in_range((int)(median(captured, 20) + 100.5), 98, 102);
	end_call();
}

/* 0.8 % between the crystals, measured over 0.6 s from medians of positions. */
static void positions_show_the_ppm_of_each_crystal(void **state)
{
	enum { N = 30 };
	double slope[2][N], frames[2][2 * N], times[2][2 * N];

	(void)state;
	make_call("playback_ppm 4000 capture_ppm -4000", &usual, 20);
	for (int i = 0; i < 2 * N; i++) {
		turn();
		for (int direction = 0; direction < 2; direction++) {
			struct tp_hal_position at;

			assert_int_equal(tp_hal_alsa.position(call.device,
							      (enum tp_direction)direction, now(),
							      &at),
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
	assert_in_range((int)(median(slope[TP_PLAYBACK], N) + 10000), 13000, 15000);
	assert_in_range((int)(median(slope[TP_CAPTURE], N) + 10000), 5000, 7000);
	end_call();
}

/* After an xrun the counter stands where the card's clock says, as if nothing had been lost: gives how
 * far it is off, in frames, since the first start. */
static double step_error(enum tp_direction direction, int64_t first_start_ns)
{
	const struct testcard_direction *log =
		&call.card.shared->direction[direction == TP_PLAYBACK ? PLAY : CAPT];
	int64_t base = ((log->start_ns - first_start_ns) * log->rate_hz + 500000000) / 1000000000;

	return position_error(direction, base);
}

/* A step that was interrupted between the device's start and its stamp is off by as much, and so are
 * all after it; most are not interrupted. Half a millisecond is for the card, which begins to count
 * before it has taken what is queued. */
static void check_steps(const double *error, int n)
{
	double each[16];

	for (int i = 0; i < n; i++)
		each[i] = error[i] - (i > 0 ? error[i - 1] : 0);
	assert_in_range((int)(median(each, n) + 100.5), 92, 108);
}

/* The call that tells of the xrun has already restarted the capture: its first period comes one
 * period later. */
static void field_19_capture_is_back_at_once_after_an_xrun(void **state)
{
	struct testcard_direction *log;
	int64_t first_start_ns;
	double error[7];

	(void)state;
	make_call("", &usual, 50);
	log = &call.card.shared->direction[CAPT];
	first_start_ns = log->start_ns;
	for (int i = 0; i < 7; i++) {
		int16_t pcm[160];
		int heard_n, n;

		talk(20);
		usleep(3000 * i);
		log->xrun_now = 1;
		n = tp_hal_alsa.capture(call.device, now(), pcm, 160);
		assert_int_equal(n, TP_ERR_XRUN);
		assert_int_equal(log->starts, i + 2);
		heard_n = call.heard_n;
		talk(10);
		assert_true(call.heard_n > heard_n);
		error[i] = step_error(TP_CAPTURE, first_start_ns);
	}
	assert_int_equal(log->injected, 7);
	assert_int_equal(call.capture_xruns, 0);
	check_steps(error, 7);
	assert_int_equal(call.card.shared->direction[PLAY].starts, 1);
	end_call();
}

/* The first frames that are written after an xrun play at once, and at the place that the counter
 * gives them. */
static void field_19_playback_is_back_at_once_after_an_xrun(void **state)
{
	struct testcard_direction *log;
	int64_t first_start_ns;
	double error[7];

	(void)state;
	make_call("", &usual, 50);
	log = &call.card.shared->direction[PLAY];
	first_start_ns = log->start_ns;
	for (int i = 0; i < 7; i++) {
		struct tp_hal_position at;

		talk(20);
		log->xrun_now = 1;
		assert_int_equal(play(160), TP_ERR_XRUN);
		assert_int_equal(log->starts, i + 1);
		usleep(2000 * i);
		assert_int_equal(tp_hal_alsa.position(call.device, TP_PLAYBACK, now(), &at), 0);
		assert_int_equal(at.queued_n, 0);
		assert_int_equal(play(1600), 1600);
		assert_int_equal(log->starts, i + 2);
		error[i] = step_error(TP_PLAYBACK, first_start_ns);
	}
	assert_int_equal(log->injected, 7);
	check_steps(error, 7);
	assert_int_equal(call.card.shared->direction[CAPT].starts, 1);
	end_call();
}

/* Several xruns a second by the card's own count: all are told, the sound goes on after each. */
static void a_card_that_stumbles_is_carried(void **state)
{
	struct testcard_direction *log;

	(void)state;
	make_call("xrun_every 7", &usual, 400);
	log = call.card.shared->direction;
	assert_true(log[CAPT].injected >= 5);
	assert_true(log[PLAY].injected >= 5);
	assert_int_equal(call.capture_xruns, log[CAPT].injected);
	/* The card may have stumbled once more since we last wrote. */
	assert_in_range(log[PLAY].injected - call.playback_xruns, 0, 1);
	assert_int_equal(call.heard_n >= 6400, 1);
	end_call();
}

static void field_21_a_card_that_is_pulled_out_is_lost(void **state)
{
	struct tp_hal_position at;
	int16_t pcm[160] = {0};
	int n;

	(void)state;
	make_call("", &usual, 50);
	call.card.shared->vanished = 1;
	for (int i = 0; i < 3 && !call.lost; i++) {
		(void)tp_hal_alsa.wait(call.device, 50);
		n = tp_hal_alsa.capture(call.device, now(), pcm, 160);
		call.lost = n == TP_ERR_DEVICE_LOST;
	}
	assert_true(call.lost);
	n = tp_hal_alsa.playback(call.device, now(), pcm, 160);
	assert_int_equal(n, TP_ERR_DEVICE_LOST);
	(void)tp_hal_alsa.position(call.device, TP_CAPTURE, now(), &at);
	hang_up();
	assert_int_equal(tp_hal_alsa.open(&call.device, "card", &usual, &call.got), TP_ERR_DEVICE);
	assert_non_null(strstr(tp_error_detail(), "there is no ALSA playback device \"card\""));

	call.card.shared->vanished = 0;
	open_card("card", &usual);
	begin();
	talk(40);
	assert_false(call.lost);
	end_call();
}

/* Time is an argument: the second that the card's clock must stand still need not pass. */
static void a_clock_that_stands_still_is_a_lost_device(void **state)
{
	int16_t pcm[160];
	int64_t stalled_ns;
	int n;

	(void)state;
	make_call("", &usual, 50);
	call.card.shared->stalled = 1;
	do
		n = tp_hal_alsa.capture(call.device, stalled_ns = now(), pcm, 160);
	while (n > 0);
	assert_int_equal(n, 0);
	assert_int_equal(tp_hal_alsa.capture(call.device, stalled_ns + 900000000, pcm, 160), 0);
	assert_int_equal(tp_hal_alsa.capture(call.device, stalled_ns + 1100000000, pcm, 160),
			 TP_ERR_DEVICE_LOST);
	assert_int_equal(tp_hal_alsa.wait(call.device, 5), 0);
	end_call();
}

static void a_start_after_a_stop_counts_from_zero(void **state)
{
	(void)state;
	make_call("", &usual, 30);
	tp_hal_alsa.stop(call.device);
	usleep(40000); /* what was played is on its way for 30 ms */
	call.heard_n = call.written_n = 0;
	begin();
	talk(60);
	if (undisturbed()) {
		assert_true(check_loop(480) > 0);
		assert_int_equal(call.card.shared->direction[CAPT].starts, 2);
	}
	end_call();
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
		cmocka_unit_test(field_19_capture_is_back_at_once_after_an_xrun),
		cmocka_unit_test(field_19_playback_is_back_at_once_after_an_xrun),
		cmocka_unit_test(a_card_that_stumbles_is_carried),
		cmocka_unit_test(field_21_a_card_that_is_pulled_out_is_lost),
		cmocka_unit_test(a_clock_that_stands_still_is_a_lost_device),
		cmocka_unit_test(a_start_after_a_stop_counts_from_zero),
		cmocka_unit_test(refusals_are_one_sentence_and_stderr_stays_silent),
		cmocka_unit_test(the_list_has_what_can_be_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
