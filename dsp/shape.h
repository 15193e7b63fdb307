/* SPDX-License-Identifier: MIT */
/* Gains over frequency, applied in time: a short filter of even delay that changes every 5 ms. */
#ifndef TP_SHAPE_H
#define TP_SHAPE_H

#include "spectrum.h"

enum {
	TP_SHAPE_DELAY_MAX_N = 192,
	TP_SHAPE_TAPS_MAX = 2 * TP_SHAPE_DELAY_MAX_N,
	TP_SHAPE_HOP_MAX = 48000 / TP_SPECTRUM_HOPS_PER_S,
};

/* Caller-owned, one thread at a time. */
struct tp_shape {
	const struct tp_spectrum *spectrum;
	int delay_n;
	float taps[2][TP_SHAPE_DELAY_MAX_N +
		      1]; /* of this hop and of the last, from the middle one on */
	float window[TP_SHAPE_DELAY_MAX_N];
	float past[TP_SHAPE_TAPS_MAX];
	float silence[TP_FFT_BINS_MAX], response[TP_FFT_MAX]; /* zeros; of a design */
	int now;
	int open_hops; /* how long every gain has been 1 */
};

/* Borrows `spectrum`. delay_n samples of delay, no more than TP_SHAPE_DELAY_MAX_N and half a frame:
 * the longer, the finer the gains that can be followed, 1 / (2 delay). [any] */
void tp_shape_init(struct tp_shape *shape, const struct tp_spectrum *spectrum, int delay_n);

/* One hop, with a factor for each bin, faded over from the last hop's. While all are 1 the sound
 * only waits. `out` may be `in`. [audio] */
void tp_shape_process(struct tp_shape *shape, const float *gain, const float *in, float *out);

#endif
