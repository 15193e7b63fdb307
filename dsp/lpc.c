/* SPDX-License-Identifier: MIT */
/* Linear prediction: how a sound's next sample follows from its last ones. */
#include "lpc.h"

#include <string.h>

void tp_lpc_correlate(const int16_t *pcm, int n, int order, float *correlation)
{
	for (int lag = 0; lag <= order; lag++) {
		int64_t sum = 0;

		for (int i = lag; i < n; i++)
			sum += (int32_t)pcm[i] * pcm[i - lag];
		correlation[lag] = (float)sum / (float)n;
	}
}

void tp_lpc_solve(const float *correlation, int order, float *predictor)
{
	/* A square of one step keeps digital silence solvable. */
	double rest = correlation[0] * 1.0001 + 1.0;
	double a[TP_LPC_ORDER_MAX + 1] = {0};

	for (int i = 1; i <= order; i++) {
		double miss = correlation[i];
		double before[TP_LPC_ORDER_MAX + 1];

		for (int k = 1; k < i; k++)
			miss -= a[k] * correlation[i - k];
		double reflection = miss / rest;

		memcpy(before, a, sizeof(before));
		a[i] = reflection;
		for (int k = 1; k < i; k++)
			a[k] = before[k] - reflection * before[i - k];
		rest *= 1.0 - reflection * reflection;
	}
	predictor[0] = (float)rest;
	for (int k = 1; k <= order; k++)
		predictor[k] = (float)a[k];
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
