/* SPDX-License-Identifier: MIT */
/* The part of a sound card that every simulated device shares: crystals, rings, xruns, waiting. */
#ifndef TP_SIM_CARD_H
#define TP_SIM_CARD_H

#include "crystal.h"
#include "device_args.h"

#include <talkpath/hal.h>

/* What a simulated card can be told; zeros are the defaults. A device puts TP_SIM_CARD_KEYS(args)
 * into its table of keys. */
struct tp_sim_card_args {
	double period_n; /* 0: as wanted */
	double play_ppm, capture_ppm;
	double vanish_s; /* seconds after start at which the device is unplugged; 0: never */
};

/* clang-format off */
#define TP_SIM_CARD_KEYS(args) \
	{"period", "frames", 16, TP_HAL_PERIOD_MAX, true, &(args)->period_n, NULL}, \
	{"play_ppm", "ppm", -TP_CRYSTAL_PPM_MAX, TP_CRYSTAL_PPM_MAX, false, \
	 &(args)->play_ppm, NULL}, \
	{"capture_ppm", "ppm", -TP_CRYSTAL_PPM_MAX, TP_CRYSTAL_PPM_MAX, false, \
	 &(args)->capture_ppm, NULL}, \
	{"vanish", "s", 0.001, 1e6, false, &(args)->vanish_s, NULL}
/* clang-format on */

/* The first member of every simulated device, so that the functions below that take `device` can
 * stand in its ops.
 *
 * Playback: frame k is taken from ring[k & mask] when the playback crystal counts k; a frame that
 * nobody wrote in time is silence. The ring remembers what was played while any capture frame was
 * heard that still waits, or that an overrun of twice the buffer lost, and a device's `history_n`
 * frames before it.
 * Capture: frames become available in whole periods, like those of hardware that interrupts at
 * period boundaries; the capture counter therefore moves in periods. */
struct tp_sim_card {
	int rate_hz, period_n, buffer_n;
	struct tp_crystal crystal[2]; /* by enum tp_direction */
	int64_t vanish_ns; /* after start */
	/* How late frames may still be read and written: 0 on what plays like a card. Set between
	 * open and start. */
	int patience_n;
	int16_t *ring;
	uint32_t mask;

	bool running;
	bool waited; /* wait was called since start: paced in real time, not stepped */
	int64_t start_ns;
	int64_t read; /* capture frames that were read or lost */
	int64_t written; /* playback frames that were queued or missed */
	bool dry; /* playback has missed a frame and nothing was queued since */
	bool report[2]; /* an xrun that its direction has not been told of */
};

/* Answers `want` and allocates the ring, which tp_sim_card_close() takes back. [control] */
TP_MUST_USE int tp_sim_card_open(struct tp_sim_card *card, const char *name, int rate_hz,
				 const struct tp_sim_card_args *args,
				 const struct tp_hal_want *want, int history_n,
				 struct tp_hal_got *got);
void tp_sim_card_close(struct tp_sim_card *card);

/* As in struct tp_hal_ops. wait is the only place of all simulated devices that reads a clock.
 * [audio] */
int tp_sim_card_start(void *device, int64_t now_ns);
int tp_sim_card_wait(void *device, int timeout_ms);
int tp_sim_card_playback(void *device, int64_t now_ns, const int16_t *pcm, int n);
int tp_sim_card_position(void *device, enum tp_direction direction, int64_t now_ns,
			 struct tp_hal_position *position);
void tp_sim_card_stop(void *device);

/* Claims up to n captured frames: returns how many, and *first as the number of the first; the
 * device makes their samples. TP_ERR_XRUN, TP_ERR_DEVICE_LOST as in struct tp_hal_ops. [audio] */
int tp_sim_card_claim(struct tp_sim_card *card, int64_t now_ns, int n, int64_t *first);

/* Puts silence where frames that have been played by now were never queued. [audio] */
void tp_sim_card_settle(struct tp_sim_card *card, int64_t now_ns);

#endif
