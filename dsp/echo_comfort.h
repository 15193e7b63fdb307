/* SPDX-License-Identifier: MIT */
/* The room's own noise: what it is, and more of the same where the suppressor left a hole. */
#ifndef TP_ECHO_COMFORT_H
#define TP_ECHO_COMFORT_H

#include "noise.h"
#include "spectrum.h"

#include <stdbool.h>

/* Caller-owned, one thread at a time. */
struct tp_echo_comfort {
	const struct tp_spectrum *spectrum;
	struct tp_noise dice;
	int hops; /* heard since init, no more than it takes to begin */
	float smooth[TP_FFT_BINS_MAX]; /* power of the last 50 ms */
	float floor[TP_FFT_BINS_MAX]; /* the noise: power of each bin */
	float low[TP_FFT_BINS_MAX],
		low_before[TP_FFT_BINS_MAX]; /* least of smooth, this window, the last */
	int window; /* hops of this one */
	float tail[TP_FFT_MAX]; /* of the frames given so far, overlapped */
	float re[TP_FFT_BINS_MAX], im[TP_FFT_BINS_MAX], frame[TP_FFT_MAX]; /* of this hop */
	float scale; /* of a frame, so that the overlapped sum has the bins' power */
};

/* Borrows `spectrum`. [any] */
void tp_echo_comfort_init(struct tp_echo_comfort *comfort, const struct tp_spectrum *spectrum,
			  uint32_t seed);

/* Learns from a frame's powers, every hop. excess_db: by how much they exceed what noise and echo
 * explain, mean of bands; noise alone is learnt from at once, more than that the less the louder.
 * `echo`: there may be echo in it. [audio] */
void tp_echo_comfort_learn(struct tp_echo_comfort *comfort, const float *power, float excess_db,
			   bool echo);

/* Adds a hop of noise to `out`; the share of each bin is given as a power gain. [audio] */
void tp_echo_comfort_add(struct tp_echo_comfort *comfort, const float *share, float *out);

#endif
