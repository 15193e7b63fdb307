/* SPDX-License-Identifier: MIT */
/* How much later than the loudspeaker's signal its echo comes, 0 to 500 ms, from the signals
 * alone. */
#ifndef TP_ALIGN_H
#define TP_ALIGN_H

#include "fft.h"

#include <stdbool.h>

enum {
	TP_ALIGN_RATE_HZ = 8000,
	TP_ALIGN_HOP_N = 256, /* 32 ms */
	TP_ALIGN_BINS = TP_ALIGN_HOP_N + 1,
	TP_ALIGN_HOPS = 17, /* 544 ms of delay */
};

/* Cross-correlation of whitened spectra, kept apart for each 32 ms of delay and forgotten within
 * half a second. Both signals at 8 kHz. Caller-owned, some 80 KiB; one thread at a time. */
struct tp_align {
	struct tp_fft fft;
	float far[2 * TP_ALIGN_HOP_N], mic[2 * TP_ALIGN_HOP_N];
	/* Of the microphone's hop: where both pieces began and ended at once,
	 * the edges would look alike. */
	float taper[TP_ALIGN_HOP_N];
	int fill_n; /* of the running hop */
	float far_re[TP_ALIGN_HOPS][TP_ALIGN_BINS], far_im[TP_ALIGN_HOPS][TP_ALIGN_BINS];
	float mic_re[TP_ALIGN_BINS], mic_im[TP_ALIGN_BINS]; /* of the last whole hop */
	float far_power[TP_ALIGN_BINS], mic_power[TP_ALIGN_BINS];
	float cross_re[TP_ALIGN_HOPS][TP_ALIGN_BINS], cross_im[TP_ALIGN_HOPS][TP_ALIGN_BINS];
	int newest; /* in far_re */
	float loudness[TP_ALIGN_HOPS]; /* of far, mean square, beside far_re */
	int scan; /* which piece is looked at next */
	struct tp_align_peak {
		float height, energy, lag_n;
	} peak[TP_ALIGN_HOPS];
	bool hurry; /* forget faster */
	float lag_n; /* answer, at 8 kHz; negative: none yet */
	float standing; /* height of the correlation there */
	float candidate_n;
	int agreed;
	bool ambiguous; /* another delay does nearly as well: tones do that */
	float best_n; /* where the peak is */
	float sureness; /* height of the peak over the mean of what surrounds it */
	float quiet; /* power of the microphone's hop when nothing is heard there, from below */
	int strange_hops; /* in which the microphone was loud with what is no echo; runs back with echo */
};

/* [any] */
void tp_align_init(struct tp_align *align);

/* Takes n <= 80 samples of both. Returns true when a hop is complete (32 ms). [audio] */
bool tp_align_add(struct tp_align *align, const float *far, const float *mic, int n);

/* How much of what the microphone lately heard after the loudspeaker was like nothing that it had
 * played: hops of 32 ms, 0 where echo is heard. [audio] */
int tp_align_strange_hops(const struct tp_align *align);

/* The delay in samples at 8 kHz; negative before it is known. [audio] */
float tp_align_lag_n(const struct tp_align *align);

#endif
