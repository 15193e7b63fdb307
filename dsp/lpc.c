/* SPDX-License-Identifier: MIT */
/* Linear prediction: how a sound's next sample follows from its last ones. */
#include "lpc.h"

#include "dot.h"

#include <math.h>
#include <string.h>

/* What others say is not believed to the last: with coefficients nearer to 1, and poles nearer to
 * the unit circle, the rounding of a float is enough to make a filter of this form howl. */
#define SHARPEST 0.9
#define POLES    0.98

void tp_lpc_correlate(const int16_t *pcm, int n, int order, float *correlation)
{
	float x[TP_LPC_MAX_N];

	for (int i = 0; i < n; i++)
		x[i] = pcm[i];
	for (int lag = 0; lag <= order; lag++)
		correlation[lag] = tp_dot(x + lag, x, n - lag) / (float)n;
}

/* One step of the recursion: a[1..i - 1] becomes a[1..i]. */
static void extend(double *a, int i, double reflection)
{
	double before[TP_LPC_ORDER_MAX + 1];

	memcpy(before, a, sizeof(before));
	a[i] = reflection;
	for (int k = 1; k < i; k++)
		a[k] = before[k] - reflection * before[i - k];
}

/* Levinson-Durbin; `reflection` may be NULL. Returns the power of what remains. */
static double solve(const float *correlation, int order, double *a, float *reflection)
{
	/* A square of one step keeps digital silence solvable. */
	double rest = correlation[0] * 1.0001 + 1.0;

	for (int i = 1; i <= order; i++) {
		double miss = correlation[i];

		for (int k = 1; k < i; k++)
			miss -= a[k] * correlation[i - k];
		double k_i = miss / rest;

		extend(a, i, k_i);
		rest *= 1.0 - k_i * k_i;
		if (reflection)
			reflection[i - 1] = (float)k_i;
	}
	return rest;
}

void tp_lpc_solve(const float *correlation, int order, float *predictor)
{
	double a[TP_LPC_ORDER_MAX + 1] = {0};

	predictor[0] = (float)solve(correlation, order, a, NULL);
	for (int k = 1; k <= order; k++)
		predictor[k] = (float)a[k];
}

void tp_lpc_to_reflection(const float *correlation, int order, float *reflection)
{
	double a[TP_LPC_ORDER_MAX + 1] = {0};

	solve(correlation, order, a, reflection);
}

void tp_lpc_from_reflection(const float *reflection, int order, float *predictor)
{
	double a[TP_LPC_ORDER_MAX + 1] = {0}, rest = 1, nearer = 1;

	for (int i = 1; i <= order; i++) {
		double k_i = fmin(fmax((double)reflection[i - 1], -SHARPEST), SHARPEST);

		extend(a, i, k_i);
		rest *= 1.0 - k_i * k_i;
	}
	predictor[0] = (float)rest;
	for (int k = 1; k <= order; k++)
		predictor[k] = (float)(a[k] * (nearer *= POLES));
}

float tp_lpc_synthesise(const float *predictor, int order, float *memory, float excitation)
{
	float y = excitation;

	for (int k = 0; k < order; k++)
		y += predictor[k + 1] * memory[k];
	memmove(memory + 1, memory, (size_t)(order - 1) * sizeof(*memory));
	memory[0] = y;
	return y;
}
