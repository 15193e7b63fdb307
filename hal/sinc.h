/* SPDX-License-Identifier: MIT */
/* Band-limited reading of a signal between its samples. */
#ifndef TP_SINC_H
#define TP_SINC_H

enum {
	TP_SINC_HALF = 12, /* samples on each side of the place that is read */
	TP_SINC_TAPS = 2 * TP_SINC_HALF,
	TP_SINC_PHASES = 128,
};

/* Kaiser-windowed sinc rows, one for each 1/TP_SINC_PHASES of a sample; read with linear
 * interpolation between two rows, which is then 80 dB below the signal. */
struct tp_sinc {
	float row[TP_SINC_PHASES + 1][TP_SINC_TAPS];
};

/* [control] */
void tp_sinc_init(struct tp_sinc *sinc);

/* The signal at x[TP_SINC_HALF - 1] + fraction (0..<1), from x[0 .. TP_SINC_TAPS - 1]. [any] */
float tp_sinc_read(const struct tp_sinc *sinc, const float *x, float fraction);

/* sin(pi t) / (pi t), faded to zero at |t| = half by a Kaiser window. [any] */
double tp_sinc_kernel(double t, double half, double beta);

#endif
