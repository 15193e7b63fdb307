/* SPDX-License-Identifier: MIT */
/* The loudspeaker's last half second, read at a point that may move: delay
 * line and clock drift in one. */
#include "farline.h"

#include "drift.h"

#include <talkpath/error.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Weights are computed once for so many samples: at 500 ppm the point moves by 0.008
	 * samples in them, an error of -56 dB at 7 kHz, of -70 dB where speech is. */
	STRIDE_N = 16,
	GUARD_N = 2 * TP_DRIFT_HALF_MAX + 2,
};

int tp_farline_init(struct tp_farline *line, int rate_hz, int block_n, int delay_max_n)
{
	*line = (struct tp_farline){
		.ring_n = delay_max_n + block_n + GUARD_N,
		.rate_hz = rate_hz,
		.delay_max_n = delay_max_n,
	};
	line->ring = calloc(2 * (size_t)line->ring_n, sizeof(*line->ring));
	if (!line->ring)
		return tp_fail(TP_ERR_MEMORY, "out of memory for a delay of %d samples",
			       delay_max_n);
	return 0;
}

void tp_farline_free(struct tp_farline *line)
{
	free(line->ring);
	line->ring = NULL;
}

void tp_farline_reset(struct tp_farline *line)
{
	memset(line->ring, 0, 2 * (size_t)line->ring_n * sizeof(*line->ring));
	line->delay_n = line->slope = 0;
}

/* Where interpolation can still read ahead. */
static double least_delay(const struct tp_farline *line)
{
	return line->slope != 0 || line->delay_n != floor(line->delay_n) ? TP_DRIFT_HALF_MAX + 1
									 : 0;
}

static void hold_in_range(struct tp_farline *line)
{
	line->delay_n = fmax(least_delay(line), fmin(line->delay_max_n, line->delay_n));
}

void tp_farline_set_delay(struct tp_farline *line, double delay_n)
{
	line->delay_n = line->slope != 0 ? delay_n : round(delay_n);
	hold_in_range(line);
}

void tp_farline_set_ppm(struct tp_farline *line, double ppm)
{
	line->slope = -ppm * 1e-6;
	hold_in_range(line);
}

/* n samples from `delay_n` before the newest but n_after. */
static void interpolate(const struct tp_farline *line, const float *newest, int n, float *out)
{
	float weights[2 * TP_DRIFT_HALF_MAX];
	double back = ceil(line->delay_n);
	int half_n = tp_drift_weights(line->rate_hz, back - line->delay_n, weights);
	const float *x = newest - (int)back - half_n + 1;

	for (int i = 0; i < n; i++) {
		float sum = 0;

		for (int k = 0; k < 2 * half_n; k++)
			sum += weights[k] * x[i + k];
		out[i] = sum;
	}
}

void tp_farline_process(struct tp_farline *line, const int16_t *in, int n, float *out)
{
	const float *block;

	for (int i = 0; i < n; i++) {
		line->ring[line->at] = line->ring[line->at + line->ring_n] = in[i];
		line->at = line->at + 1 == line->ring_n ? 0 : line->at + 1;
	}
	/* The oldest stands at `at`, the newest just before its second copy. */
	block = line->ring + line->at + line->ring_n - n;
	if (line->slope == 0 && line->delay_n == floor(line->delay_n)) {
		memcpy(out, block - (int)line->delay_n, (size_t)n * sizeof(*out));
		return;
	}
	for (int i = 0; i < n; i += STRIDE_N) {
		int chunk = n - i < STRIDE_N ? n - i : STRIDE_N;

		interpolate(line, block + i, chunk, out + i);
		line->delay_n += chunk * line->slope;
		hold_in_range(line);
	}
}
