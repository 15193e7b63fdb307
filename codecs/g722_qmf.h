/* SPDX-License-Identifier: MIT */
/* The quadrature mirror filters of G.722: 16 kHz sound to two bands at 8 kHz and back. */
#ifndef TP_G722_QMF_H
#define TP_G722_QMF_H

#include <stdint.h>

enum {
	TP_G722_QMF_TAPS = 24,
	TP_G722_QMF_HALF = 16, /* taps of one phase, 12, rounded up to whole vectors */
	TP_G722_QMF_PAIRS_MAX = 80, /* one call takes no more: 10 ms */
};

/* Sound already seen, oldest first. */
struct tp_g722_analysis {
	int16_t x[TP_G722_QMF_TAPS - 2];
};

/* Sums and differences of the bands already seen, oldest first. */
struct tp_g722_synthesis {
	int16_t sum[TP_G722_QMF_HALF - 1], difference[TP_G722_QMF_HALF - 1];
};

/* 2 * pairs samples into two bands of -16384..16383. All zero is the reset state. [audio] */
void tp_g722_qmf_analyse(struct tp_g722_analysis *qmf, const int16_t *pcm, int16_t *low,
			 int16_t *high, int pairs);

/* The reverse; what passes 16 bits is saturated. All zero is the reset state. [audio] */
void tp_g722_qmf_synthesise(struct tp_g722_synthesis *qmf, const int16_t *low, const int16_t *high,
			    int16_t *pcm, int pairs);

#endif
