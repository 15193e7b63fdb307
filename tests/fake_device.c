/* SPDX-License-Identifier: MIT */
/* A sound card in virtual time: a microphone that hears a buffer, an ear that remembers, and faults on
 * demand. */
#include "fake_device.h"

#include <stdlib.h>
#include <string.h>

struct fake_device fake_device[FAKE_DEVICES];

void fake_device_reset(void)
{
	memset(fake_device, 0, sizeof(fake_device));
}

static int64_t frames_at(const struct fake_device *device, int64_t now_ns, double ppm)
{
	double seconds = (double)(now_ns - device->start_ns) / 1e9;

	return (int64_t)(seconds * device->rate_hz * (1 + ppm * 1e-6) + 1e-6);
}

static int64_t time_of(const struct fake_device *device, int64_t frames, double ppm)
{
	return device->start_ns +
	       (int64_t)((double)frames * 1e9 / (device->rate_hz * (1 + ppm * 1e-6)));
}

static bool gone(const struct fake_device *device, int64_t now_ns)
{
	return device->lost_at_ns != 0 && now_ns >= device->lost_at_ns;
}

static int card_open(void **result, const char *args, const struct tp_hal_want *want,
		     struct tp_hal_got *got)
{
	struct fake_device *device = &fake_device[atoi(args) % FAKE_DEVICES];

	if (device->rate_hz == 0)
		device->rate_hz = want->rate_hz;
	if (device->period_n == 0)
		device->period_n = (int)((int64_t)want->period_us * device->rate_hz / 1000000);
	*got = (struct tp_hal_got){.rate_hz = device->rate_hz,
				   .period_n = device->period_n,
				   .buffer_n = 8 * device->period_n,
				   .one_crystal = !device->two_crystals};
	device->captured = device->written = device->played = 0;
	device->open = true;
	*result = device;
	return 0;
}

static int card_start(void *context, int64_t now_ns)
{
	struct fake_device *device = context;

	device->start_ns = now_ns;
	device->running = true;
	return 0;
}

static int card_wait(void *context, int timeout_ms)
{
	(void)context;
	(void)timeout_ms;
	return 0;
}

static int card_capture(void *context, int64_t now_ns, int16_t *pcm, int n)
{
	struct fake_device *device = context;
	int64_t ready = frames_at(device, now_ns, device->capture_ppm);

	if (gone(device, now_ns))
		return TP_ERR_DEVICE_LOST;
	ready -= ready % device->period_n;
	if (device->capture_xrun_at != 0 && device->captured >= device->capture_xrun_at) {
		device->capture_xrun_at = 0;
		device->captured += device->xrun_n;
		device->xruns++;
		return TP_ERR_XRUN;
	}
	if (n > ready - device->captured)
		n = ready > device->captured ? (int)(ready - device->captured) : 0;
	for (int i = 0; i < n; i++) {
		int64_t frame = device->captured + i;
		pcm[i] = frame < device->mic_n ? device->mic[frame] : 0;
	}
	device->captured += n;
	return n;
}

/* The converter moves on to now; what is not there is silence, of which playback hears once. */
static void play(struct fake_device *device, int64_t now_ns)
{
	int64_t due = device->running ? frames_at(device, now_ns, device->playback_ppm) : 0;

	if (due > device->written) {
		device->dry = true;
		device->written = due;
	}
	device->played = due;
}

static int card_playback(void *context, int64_t now_ns, const int16_t *pcm, int n)
{
	struct fake_device *device = context;
	play(device, now_ns);
	if (gone(device, now_ns))
		return TP_ERR_DEVICE_LOST;
	if (device->playback_xrun_at != 0 && device->played >= device->playback_xrun_at) {
		device->playback_xrun_at = 0;
		device->written = device->played;
		device->dry = true;
	}
	if (device->dry) {
		device->dry = false;
		device->xruns++;
		return TP_ERR_XRUN;
	}
	if (n > 8 * device->period_n - (int)(device->written - device->played))
		n = 8 * device->period_n - (int)(device->written - device->played);
	for (int i = 0; i < n; i++)
		if (device->written + i < device->ear_cap)
			device->ear[device->written + i] = pcm[i];
	device->written += n;
	return n;
}

static int card_position(void *context, enum tp_direction direction, int64_t now_ns,
			 struct tp_hal_position *position)
{
	struct fake_device *device = context;
	bool capture = direction == TP_CAPTURE;
	double ppm = capture ? device->capture_ppm : device->playback_ppm;
	int64_t frames = device->running ? frames_at(device, now_ns, ppm) : 0;

	if (gone(device, now_ns))
		return TP_ERR_DEVICE_LOST;
	play(device, now_ns);
	*position = (struct tp_hal_position){
		.frames = frames,
		.time_ns = device->running ? time_of(device, frames, ppm) : now_ns,
		.queued_n = (int)(capture ? frames - device->captured : device->written - frames),
	};
	return 0;
}

static void card_stop(void *context)
{
	struct fake_device *device = context;

	device->running = false;
}

static void card_close(void *context)
{
	struct fake_device *device = context;

	device->open = device->running = false;
}

const struct tp_hal_ops fake_device_ops = {
	.abi = TP_HAL_ABI,
	.name = "fake",
	.args = "N",
	.about = "a card of the tests",
	.open = card_open,
	.start = card_start,
	.wait = card_wait,
	.capture = card_capture,
	.playback = card_playback,
	.position = card_position,
	.stop = card_stop,
	.close = card_close,
};
