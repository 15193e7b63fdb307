/* SPDX-License-Identifier: MIT */
/* The engine's end of a sound device: whole blocks at the bus's rate on one clock, whatever period,
 * rate and crystals the device has. */
#ifndef TP_DEVICE_H
#define TP_DEVICE_H

#include "dsp/drift.h"
#include "engine/block.h"
#include "engine/bus.h"
#include "engine/device_clock.h"

#include <talkpath/hal.h>

struct tp_resample;

enum {
	/* Captured or to be played sound between the device and the blocks: a long stall and a
	 * large period, at any rate. */
	TP_DEVICE_FIFO_MAX = 16384,
	TP_DEVICE_REFERENCE_MAX = 65536, /* power of two; 1.3 s at 48 kHz */
};

struct tp_device {
	const struct tp_hal_ops *ops;
	void *hal;
	struct tp_hal_got got;
	int rate_hz, block_n; /* of the bus */
	int64_t block_ns;
	bool lost;

	struct tp_resample *from_device, *to_device; /* NULL: the device runs at the bus's rate */
	struct tp_drift drift; /* engine time to playback time, where these are two crystals */

	int64_t read_n; /* device frames captured, lost ones included */
	int in_n;
	int64_t in_end_ns; /* when the last sample of `in` crossed the converter, as measured */
	struct tp_steady_time block_time; /* end of the block taken last */

	int out_n;
	int64_t next_played_ns; /* when a frame handed to the device now would sound, as measured */
	bool broken; /* by an underrun, until the lead is what it should be */
	struct tp_steady_time lead; /* from a block's end to its playback */
	int64_t lead_target_ns;
	uint32_t capture_xruns, playback_xruns;
	int64_t calm_since_ns, least_left_ns; /* in the ring, at any write since then */

	struct tp_crystal_ratio ratio;
	int64_t reference_n; /* samples that went to the ear */
	int64_t reference_lead_ns; /* that the offset below is of */
	int reference_offset_n; /* from the ear block being made back to what the microphone heard */

	int16_t in[TP_DEVICE_FIFO_MAX]; /* at the bus's rate */
	int16_t out[TP_DEVICE_FIFO_MAX]; /* at the device's rate */
	int16_t reference[TP_DEVICE_REFERENCE_MAX];
	int16_t transfer[TP_HAL_PERIOD_MAX];
};

/* Opens "backend:args" (or `args` of the backend `hal`) for a bus of rate_hz. The struct is zero
 * before the first time; the counts of xruns go on from the last one. On failure nothing is open.
 * [control] */
TP_MUST_USE int tp_device_open(struct tp_device *device, const struct tp_hal_ops *hal,
			       const char *name, int rate_hz, int block_n, int period_ms,
			       uint32_t seed);

/* [control], the loops stopped */
void tp_device_close(struct tp_device *device);

/* Fills the ring with the least silence that survives a late wake-up, and starts; a device
 * that does not is lost. [audio] */
void tp_device_start(struct tp_device *device, int64_t now_ns);

/* Moves what was captured in, and what is to be played out: 0 or TP_ERR_DEVICE_LOST. [audio] */
TP_MUST_USE int tp_device_capture(struct tp_device *device, int64_t now_ns);
TP_MUST_USE int tp_device_playback(struct tp_device *device, int64_t now_ns);

/* Whether a whole block has been captured. [audio] */
bool tp_device_ready(const struct tp_device *device);

/* The next captured block, what the loudspeaker played while it was captured, and its times.
 * [audio] */
void tp_device_take(struct tp_device *device, int16_t *microphone, int16_t *reference,
		    struct tp_block_time *time);

/* What of the block that answers it can come back as echo: once, before tp_device_put(). The
 * talker's own voice, which a handset gives him softly, is left out: its echo is nothing, and the
 * canceller would take him for the far end. [audio] */
void tp_device_remember(struct tp_device *device, const int16_t *pcm);

/* The block that answers it. [audio] */
void tp_device_put(struct tp_device *device, const int16_t *ear);

#endif
