/* SPDX-License-Identifier: MIT */
/* A sound card whose microphone hears chirps and whose loudspeaker is recorded, both at converter
 * times that are known exactly; virtual or in real time. */
#ifndef BENCH_CHIRP_DEVICE_H
#define BENCH_CHIRP_DEVICE_H

#include "talk.h"

#include "hal/sim_card.h"

#include <stdbool.h>

enum {
	TP_CHIRP_DEVICES = 2, /* devices "0" and "1" of tp_chirp_device_ops */
};

/* The bench sets the first part before the engine opens the device, and reads the second after the
 * engine has been stopped. */
struct tp_chirp_device {
	int rate_hz, period_n; /* what the card insists on; 0: the engine's wish */
	bool chirps, talks; /* what its microphone hears, else silence */
	int16_t *ear; /* borrowed; what the loudspeaker's converter played, from its start on */
	int64_t ear_cap;

	struct tp_sim_card card;
	int64_t start_ns; /* when frame 0 crossed both converters */
	int granted_hz;
	int16_t talk[TP_TALK_MAX]; /* at granted_hz, again and again */
};

extern struct tp_chirp_device tp_chirp_device[TP_CHIRP_DEVICES];
extern const struct tp_hal_ops tp_chirp_device_ops;

#endif
