/* SPDX-License-Identifier: MIT */
/* Brings 8, 16 or 48 kHz to 8 kHz, for estimators that need no more. */
#include "decimate.h"

#include <math.h>
#include <string.h>

enum { BLOCK_MAX = 960 };

/* A Hann-windowed sinc of four zero crossings a side: 6 dB down at 4 kHz. Both sides of a
 * comparison pass the same filter, so what folds over disturbs little. */
void tp_decimate_init(struct tp_decimate *decimate, int rate_hz)
{
	const double pi = 3.14159265358979323846;
	int factor = rate_hz / TP_DECIMATE_RATE_HZ, taps_n = factor > 1 ? 8 * factor : 1;

	*decimate = (struct tp_decimate){.factor = factor, .taps_n = taps_n, .taps = {1.0f}};
	for (int i = 0; i < taps_n && factor > 1; i++) {
		double t = (i - (taps_n - 1) / 2.0) / factor;

		decimate->taps[i] =
			(float)(sin(pi * t) / (pi * t) * (0.5 + 0.5 * cos(pi * t / 4)) / factor);
	}
}

int tp_decimate_process(struct tp_decimate *decimate, const float *in, int n, float *out)
{
	float line[TP_DECIMATE_TAPS_MAX + BLOCK_MAX];
	int past_n = decimate->taps_n - 1, done = 0;

	memcpy(line, decimate->past, (size_t)past_n * sizeof(*line));
	memcpy(line + past_n, in, (size_t)n * sizeof(*line));
	if (decimate->factor == 1) {
		memcpy(out, in, (size_t)n * sizeof(*out));
		return n;
	}
	for (int at = 0; at < n; at += decimate->factor) {
		float even = 0, odd = 0;

		/* Two sums do not wait for each other; the filter is symmetric. */
		for (int k = 0, m = decimate->taps_n - 1; k < m; k += 2, m -= 2) {
			even += decimate->taps[k] * (line[at + k] + line[at + m]);
			odd += decimate->taps[k + 1] * (line[at + k + 1] + line[at + m - 1]);
		}
		out[done++] = even + odd;
	}
	memcpy(decimate->past, line + n, (size_t)past_n * sizeof(*line));
	return done;
}
