/* SPDX-License-Identifier: MIT */
/* A sound card in virtual time: a microphone that hears a buffer, an ear that remembers, and faults on
 * demand. */
#ifndef FAKE_DEVICE_H
#define FAKE_DEVICE_H

#include <talkpath/hal.h>

enum {
	FAKE_DEVICES = 8,
};

/* Set before the engine starts; open() takes the device by its number: device "0" to "7" of
 * fake_device_ops. 0 in a field: the engine's wish is granted. */
struct fake_device {
	int rate_hz, period_n; /* what the card insists on */
	bool two_crystals;
	double playback_ppm, capture_ppm;

	const int16_t *mic; /* borrowed; silence after its end */
	int64_t mic_n;
	int16_t *ear; /* borrowed; what crossed the converter, from the start on */
	int64_t ear_cap;

	int64_t capture_xrun_at; /* frame at which capture loses xrun_n frames; 0: never */
	int64_t playback_xrun_at; /* frame at which playback loses what is queued; 0: never */
	int xrun_n;
	int64_t lost_at_ns; /* from this time on it is gone; 0: never */

	/* Read-only outside. */
	bool open, running, dry;
	int64_t start_ns;
	int64_t captured; /* frames read or lost */
	int64_t written, played; /* frames queued since start; crossed, silence included */
	int xruns;
};

extern struct fake_device fake_device[FAKE_DEVICES];
extern const struct tp_hal_ops fake_device_ops;

/* All devices as new. */
void fake_device_reset(void);

#endif
