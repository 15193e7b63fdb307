/* SPDX-License-Identifier: MIT */
/* The body of a call in real time, and what may be said of it whatever the machine does. */
#include "tests/fake_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

enum {
	TRIES = 5, /* a call that the machine itself interrupted is made again so often */
};

struct fake_call call;

const struct tp_hal_want usual = {
	.rate_hz = 16000, .period_us = 10000, .buffer_us = 2000000, .seed = 1};

int64_t fake_call_now(void)
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

int fake_call_play(int n)
{
	int16_t pcm[TP_HAL_PERIOD_MAX];

	for (int i = 0; i < n; i++)
		pcm[i] = sound(call.written_n + i);
	n = tp_hal_alsa.playback(call.device, fake_call_now(), pcm, n);
	if (n > 0)
		call.written_n += n;
	return n;
}

void fake_call_fill(void)
{
	int lead_n = call.got.buffer_n * 4 / 5;
	struct tp_hal_position at;

	assert_int_equal(tp_hal_alsa.position(call.device, TP_PLAYBACK, fake_call_now(), &at), 0);
	while (at.queued_n < lead_n) {
		int want = lead_n - at.queued_n, n;

		n = fake_call_play(want < TP_HAL_PERIOD_MAX ? want : TP_HAL_PERIOD_MAX);
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

void fake_call_open(const char *name, const struct tp_hal_want *want)
{
	call.device = NULL;
	call.heard_n = call.written_n = call.capture_xruns = call.playback_xruns = call.lost = 0;
	if (tp_hal_alsa.open(&call.device, name, want, &call.got) < 0)
		fail_msg("%s: %s", name, tp_error_detail());
}

void fake_call_begin(void)
{
	fake_call_fill();
	assert_int_equal(tp_hal_alsa.start(call.device, fake_call_now()), 0);
}

void fake_call_turn(void)
{
	int n = 0;

	call.lost |= tp_hal_alsa.wait(call.device, 50) == TP_ERR_DEVICE_LOST;
	do {
		if (n > 0)
			call.heard_n += n;
		n = tp_hal_alsa.capture(call.device, fake_call_now(), call.heard + call.heard_n,
					HEARD_MAX - call.heard_n < 512 ? HEARD_MAX - call.heard_n
								       : 512);
		call.capture_xruns += n == TP_ERR_XRUN;
		call.lost |= n == TP_ERR_DEVICE_LOST;
	} while (n > 0 || n == TP_ERR_XRUN);
	if (!call.lost)
		fake_call_fill();
}

void fake_call_talk(int ms)
{
	int end = call.heard_n + (int)((int64_t)call.got.rate_hz * ms / 1000);

	while (call.heard_n < end && call.heard_n < HEARD_MAX && !call.lost)
		fake_call_turn();
}

void fake_call_hang_up(void)
{
	tp_hal_alsa.stop(call.device);
	tp_hal_alsa.close(call.device);
}

static bool undisturbed(void)
{
	return call.card.shared->direction[PLAY].natural == 0 &&
	       call.card.shared->direction[CAPT].natural == 0;
}

void fake_call_make(const char *fields, const struct tp_hal_want *want, int ms)
{
	for (int i = 0; i < TRIES; i++) {
		fake_card_plug(&call.card, fields, "");
		fake_call_open("card", want);
		fake_call_begin();
		fake_call_talk(ms);
		if (undisturbed())
			return;
		fake_call_hang_up();
		fake_card_remove(&call.card);
	}
	print_message("SKIP: this machine stood still for a second in each of %d calls\n", TRIES);
	skip();
}

void fake_call_expect_calm(void)
{
	if (undisturbed())
		return;
	fake_call_end();
	print_message("SKIP: this machine stood still for a second in the middle of the call\n");
	skip();
}

void fake_call_end(void)
{
	fake_call_hang_up();
	fake_card_remove(&call.card);
}

int fake_call_check_loop(int delay_n)
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

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double fake_call_median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof(*values), compare);
	return values[n / 2];
}

double fake_call_position_error(enum tp_direction direction, int64_t base)
{
	const struct testcard_direction *log =
		&call.card.shared->direction[direction == TP_PLAYBACK ? PLAY : CAPT];
	struct tp_hal_position at;

	assert_int_equal(tp_hal_alsa.position(call.device, direction, fake_call_now(), &at), 0);
	return (double)(at.frames - base) -
	       (double)(at.time_ns - log->start_ns) * 1e-9 * log->rate_hz * (1 + log->ppm * 1e-6);
}
