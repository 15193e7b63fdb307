/* SPDX-License-Identifier: MIT */
/* A simulated device that a test turns by hand, in virtual time. */
#include "stepped_device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum {
	BATCH = 480,
};

void stepped_device_open(struct stepped_device *stepped, const char *name, int rate_hz,
			 int period_us)
{
	const struct tp_hal_want want = {
		.rate_hz = rate_hz, .period_us = period_us, .buffer_us = 100000, .seed = 1};
	const char *args;

	*stepped = (struct stepped_device){.now_ns = STEPPED_DEVICE_START_NS};
	stepped->ops = tp_hal_find(name, &args);
	assert_non_null(stepped->ops);
	if (stepped->ops->open(&stepped->device, args, &want, &stepped->got) < 0)
		fail_msg("%s: %s", name, tp_error_detail());
}

/* Queues up to n frames of the far sound; false if the device takes no more now. */
static bool feed(struct stepped_device *stepped, const int16_t *far, int64_t far_n, int n)
{
	int16_t pcm[BATCH] = {0};
	int64_t left = far_n - stepped->played;
	int done;

	if (n > BATCH)
		n = BATCH;
	if (left > 0)
		memcpy(pcm, far + stepped->played, (size_t)(left < n ? left : n) * sizeof(*pcm));
	done = stepped->ops->playback(stepped->device, stepped->now_ns, pcm, n);
	if (done == TP_ERR_XRUN) {
		stepped->playback_xruns++;
		return true;
	}
	assert_true(done >= 0);
	stepped->played += done;
	return done > 0;
}

static void fill(struct stepped_device *stepped, const int16_t *far, int64_t far_n, int queue_n)
{
	struct tp_hal_position position;

	do {
		assert_int_equal(stepped->ops->position(stepped->device, TP_PLAYBACK,
							stepped->now_ns, &position),
				 0);
	} while (position.queued_n < queue_n &&
		 feed(stepped, far, far_n, queue_n - position.queued_n));
}

void stepped_device_start(struct stepped_device *stepped, const int16_t *far, int64_t far_n)
{
	fill(stepped, far, far_n, 2 * stepped->got.period_n);
	assert_int_equal(stepped->ops->start(stepped->device, stepped->now_ns), 0);
}

void stepped_device_step(struct stepped_device *stepped, int64_t step_ns, int16_t *near,
			 int64_t near_n, const int16_t *far, int64_t far_n)
{
	int16_t pcm[BATCH];
	int got;

	stepped->now_ns += step_ns;
	while ((got = stepped->ops->capture(stepped->device, stepped->now_ns, pcm, BATCH)) != 0) {
		if (got == TP_ERR_XRUN) {
			stepped->capture_xruns++;
			continue;
		}
		assert_true(got > 0);
		for (int i = 0; i < got && stepped->captured + i < near_n; i++)
			near[stepped->captured + i] = pcm[i];
		stepped->captured += got;
	}
	fill(stepped, far, far_n, 2 * stepped->got.period_n);
}

void stepped_device_run(const char *name, int rate_hz, int16_t *near, int64_t near_n,
			const int16_t *far, int64_t far_n)
{
	struct stepped_device stepped;

	stepped_device_open(&stepped, name, rate_hz, 10000);
	stepped_device_start(&stepped, far, far_n);
	while (stepped.captured < near_n)
		stepped_device_step(&stepped, 10000000, near, near_n, far, far_n);
	assert_int_equal(stepped.capture_xruns, 0);
	assert_int_equal(stepped.playback_xruns, 0);
	stepped.ops->stop(stepped.device);
	stepped.ops->close(stepped.device);
}
