/* SPDX-License-Identifier: MIT */
/* Gains over frequency, applied in time: a short filter of even delay that changes every 5 ms. */
#include "shape.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* A gain without phase is a symmetric filter; the window makes it
 * short. Its last tap would be 0. */
static void design(struct tp_shape *shape, const float *gain)
{
	float *taps = shape->taps[shape->now];

	tp_fft_inverse(&shape->spectrum->fft, gain, shape->silence, shape->response);
	for (int i = 0; i < shape->delay_n; i++)
		taps[i] = shape->response[i] * shape->window[i];
}

void tp_shape_init(struct tp_shape *shape, const struct tp_spectrum *spectrum, int delay_n)
{
	const double pi = 3.14159265358979323846;
	float open[TP_FFT_BINS_MAX];

	memset(shape, 0, sizeof(*shape));
	shape->spectrum = spectrum;
	shape->delay_n = delay_n;
	shape->open_hops = 2;
	for (int i = 0; i < delay_n; i++)
		shape->window[i] = (float)(0.5 + 0.5 * cos(pi * i / delay_n));
	for (int k = 0; k < spectrum->bins; k++)
		open[k] = 1;
	design(shape, open);
}

/* Both filters are symmetric, so that one sum serves four taps; x points to
 * the sound under the middle ones. Two taps a pass over all outputs: what becomes vectors best. */
static void convolve(const float *restrict last, const float *restrict now, int delay_n,
		     const float *restrict x, float *restrict from, float *restrict to, int n)
{
	for (int i = 0; i < n; i++) {
		from[i] = last[0] * x[i];
		to[i] = now[0] * x[i];
	}
	/* The tap at delay_n is 0: an even number of them is left. */
	for (int k = 1; k < delay_n; k += 2) {
		float a = last[k], b = last[k + 1], c = now[k], d = now[k + 1];
		const float *late = x - k, *early = x + k;

		for (int i = 0; i < n; i++) {
			float near = late[i] + early[i], wide = late[i - 1] + early[i + 1];

			from[i] += a * near + b * wide;
			to[i] += c * near + d * wide;
		}
	}
}

static bool all_open(const struct tp_shape *shape, const float *gain)
{
	for (int k = 0; k < shape->spectrum->bins; k++)
		if (gain[k] != 1)
			return false;
	return true;
}

void tp_shape_process(struct tp_shape *shape, const float *gain, const float *in, float *out)
{
	int n = shape->spectrum->hop_n, taps_n = 2 * shape->delay_n;
	float line[TP_SHAPE_TAPS_MAX + TP_SHAPE_HOP_MAX];
	float last[TP_SHAPE_HOP_MAX];

	memcpy(line, shape->past, (size_t)taps_n * sizeof(*line));
	memcpy(line + taps_n, in, (size_t)n * sizeof(*line));
	memcpy(shape->past, line + n, (size_t)taps_n * sizeof(*line));
	shape->open_hops = all_open(shape, gain) ? shape->open_hops + 1 : 0;
	if (shape->open_hops >= 2) {
		memcpy(out, line + shape->delay_n, (size_t)n * sizeof(*out));
		shape->open_hops = 2;
		return;
	}
	shape->now = !shape->now;
	design(shape, gain);
	convolve(shape->taps[!shape->now], shape->taps[shape->now], shape->delay_n,
		 line + shape->delay_n, last, out, n);
	for (int i = 0; i < n; i++)
		out[i] = last[i] + (out[i] - last[i]) * ((float)i + 0.5f) / (float)n;
}
