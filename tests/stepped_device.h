/* SPDX-License-Identifier: MIT */
/* A simulated device that a test turns by hand, in virtual time. */
#ifndef STEPPED_DEVICE_H
#define STEPPED_DEVICE_H

#include <talkpath/hal.h>

struct stepped_device {
	const struct tp_hal_ops *ops;
	void *device;
	struct tp_hal_got got;
	int64_t now_ns;
	int64_t played, captured; /* frames of the sound that the test gave and took */
	int capture_xruns, playback_xruns;
};

enum {
	STEPPED_DEVICE_START_NS = 1234567891, /* any time but 0 */
};

/* Opens "backend:args", fails the test if that is refused. buffer 100 ms. */
void stepped_device_open(struct stepped_device *stepped, const char *name, int rate_hz,
			 int period_us);

/* Prefills one period (or what there is of `far`) and starts. */
void stepped_device_start(struct stepped_device *stepped, const int16_t *far, int64_t far_n);

/* Moves time on by step_ns; captures what is there to `near` (which must hold what the test expects
 * to capture), keeps two periods of `far`, silence after its end, queued for the loudspeaker.
 * near[k] and far[k] are the device's frames number k if there was no xrun. */
void stepped_device_step(struct stepped_device *stepped, int64_t step_ns, int16_t *near,
			 int64_t near_n, const int16_t *far, int64_t far_n);

/* Open, start, step by 10 ms until near_n frames were captured, close. */
void stepped_device_run(const char *name, int rate_hz, int16_t *near, int64_t near_n,
			const int16_t *far, int64_t far_n);

#endif
