/* SPDX-License-Identifier: MIT */
/* Linear prediction: how a sound's next sample follows from its last ones. */
#ifndef TP_LPC_H
#define TP_LPC_H

#include <stdint.h>

enum {
	TP_LPC_ORDER_MAX = 16,
	TP_LPC_MAX_N = 960, /* samples that are correlated at once: 20 ms at 48 kHz */
};

/* Autocorrelation of n <= TP_LPC_MAX_N samples at lags 0..order, divided by n. [any] */
void tp_lpc_correlate(const int16_t *pcm, int n, int order, float *correlation);

/* Levinson-Durbin. predictor[1..order]: x[t] is near the sum of predictor[k] * x[t - k];
 * predictor[0]: the power of what remains. Always stable: the correlation is softened by a
 * white floor at -40 dB. [any] */
void tp_lpc_solve(const float *correlation, int order, float *predictor);

/* The filter of `order` reflection coefficients, -1 < k < 1, in the form of
 * tp_lpc_solve(): predictor[0] is the power that remains of a sound of power 1. Made safe
 * against any k, so a little softer. [any] */
void tp_lpc_from_reflection(const float *reflection, int order, float *predictor);

/* The reverse, 0 < order <= TP_LPC_ORDER_MAX: reflection coefficients of a correlation. [any] */
void tp_lpc_to_reflection(const float *correlation, int order, float *reflection);

/* The next sample of the synthesis filter: excitation plus what `memory` (newest first, `order`
 * samples, moved on) predicts. [any] */
float tp_lpc_synthesise(const float *predictor, int order, float *memory, float excitation);

#endif
