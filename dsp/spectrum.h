/* SPDX-License-Identifier: MIT */
/* Short spectra of a running signal, every 5 ms, and the bands of
 * hearing that their bins fall into. */
#ifndef TP_SPECTRUM_H
#define TP_SPECTRUM_H

#include "fft.h"

enum {
	TP_SPECTRUM_HOPS_PER_S = 200,
	TP_SPECTRUM_BANDS_MAX = 32,
};

/* What all signals of one rate share. Caller-owned; read only after init. */
struct tp_spectrum {
	struct tp_fft fft;
	int n, hop_n, bins; /* length of a frame, its advance, n / 2 + 1 */
	int bands;
	int edge[TP_SPECTRUM_BANDS_MAX + 1]; /* band b holds the bins edge[b] .. edge[b + 1] - 1 */
	float window[TP_FFT_MAX];
};

/* 8000, 16000 or 48000 Hz. [any] */
void tp_spectrum_init(struct tp_spectrum *spectrum, int rate_hz);

/* Shifts hop_n new samples into `line` (n of them, the newest last) and transforms it. [audio] */
void tp_spectrum_add(const struct tp_spectrum *spectrum, float *line, const float *in, float *re,
		     float *im);

/* Sums of the bins of every band. [audio] */
void tp_spectrum_bands(const struct tp_spectrum *spectrum, const float *bins, float *bands);

#endif
