/* SPDX-License-Identifier: MIT */
/* Fourier transform of real sound, lengths that are powers of two. */
#ifndef TP_FFT_H
#define TP_FFT_H

#include <stdint.h>

enum {
	TP_FFT_MAX = 1024,
	TP_FFT_BINS_MAX = TP_FFT_MAX / 2 + 1,
};

/* Tables for one length. Caller-owned, read only after init, so any
 * number of threads may share it. */
struct tp_fft {
	int n;
	float cosine[TP_FFT_MAX / 2], sine[TP_FFT_MAX / 2]; /* of 2 pi i / n */
	/* The same, each stage's own in a row: those of span s from s on. */
	float stage_cosine[TP_FFT_MAX / 2], stage_sine[TP_FFT_MAX / 2];
	uint16_t place[TP_FFT_MAX / 2]; /* bit-reversed index in a transform of n / 2 */
};

/* n: a power of two, 16..TP_FFT_MAX. [any] */
void tp_fft_init(struct tp_fft *fft, int n);

/* n samples to n / 2 + 1 bins, not scaled. [any] */
void tp_fft_forward(const struct tp_fft *fft, const float *in, float *re, float *im);

/* And back: tp_fft_inverse(tp_fft_forward(x)) is x. The imaginary parts of the first and the
 * last bin are taken as 0. [any] */
void tp_fft_inverse(const struct tp_fft *fft, const float *re, const float *im, float *out);

#endif
