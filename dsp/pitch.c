/* SPDX-License-Identifier: MIT */
/* Where sound repeats itself: a search at about 4 kHz, then sample by sample around its result. */
#include "pitch.h"

#include "dot.h"

#include <math.h>

enum {
	COARSE_HZ = 4000, /* a pitch stands in the first formant */
	FINE_HZ = 16000, /* as many samples a second are compared to find its last digits */
	COARSE_MAX_N = TP_PITCH_MAX_MS * 2 * COARSE_HZ / 1000,
};

float tp_pitch_likeness(const int16_t *a, const int16_t *b, int n)
{
	int64_t both = 0, of_a = 0, of_b = 0;

	for (int i = 0; i < n; i++) {
		both += (int32_t)a[i] * b[i];
		of_a += (int32_t)a[i] * a[i];
		of_b += (int32_t)b[i] * b[i];
	}
	if (of_a == 0 || of_b == 0)
		return 0.0f;
	return (float)((double)both / sqrt((double)of_a * (double)of_b));
}

/* Means of `factor` samples; a crude low-pass is enough for a search. The newest sample counts:
 * what does not fill a mean is left out at the old end. */
static int thin(const int16_t *pcm, int n, int factor, float *coarse)
{
	int coarse_n = n / factor;

	pcm += n - coarse_n * factor;
	for (int i = 0; i < coarse_n; i++) {
		int sum = 0;

		for (int k = 0; k < factor; k++)
			sum += *pcm++;
		coarse[i] = (float)sum;
	}
	return coarse_n;
}

/* Compares the last `compare` of n samples. The energy of what they are compared with moves on with
 * the lag; its rounding is of no weight in a search. */
static int search(const float *x, int n, int compare, int min, int max, float nearer)
{
	const float *last = x + n - compare;
	float step = nearer / (float)(max - min + 1);
	float energy = tp_dot(last - min, last - min, compare), best = -INFINITY;
	int found = min;

	for (int lag = min; lag <= max; lag++) {
		float both = tp_dot(last, last - lag, compare);
		/* likeness^2 with its sign: no root is needed to find the largest */
		float likeness = energy > 1.0f ? both * fabsf(both) / energy : 0;

		likeness *= 1.0f - step * (float)(lag - min);

		if (likeness > best) {
			best = likeness;
			found = lag;
		}
		if (lag < max)
			energy += last[-lag - 1] * last[-lag - 1] -
				  last[compare - lag - 1] * last[compare - lag - 1];
	}
	return found;
}

/* Likeness of n samples at every `stride`th of them. */
static float likeness_at(const int16_t *a, const int16_t *b, int n, int stride)
{
	int64_t both = 0, of_b = 0;

	for (int i = 0; i < n; i += stride) {
		both += (int32_t)a[i] * b[i];
		of_b += (int32_t)b[i] * b[i];
	}
	return of_b > 0 ? (float)both / sqrtf((float)of_b) : 0.0f;
}

int tp_pitch_find(const int16_t *pcm, int n, int rate_hz, int min_n, int max_n, float nearer,
		  float *correlation)
{
	float coarse[COARSE_MAX_N], best;
	int factor = rate_hz / COARSE_HZ, stride = rate_hz > FINE_HZ ? rate_hz / FINE_HZ : 1;
	int compare_n = n - max_n, coarse_n = thin(pcm, n, factor, coarse);
	int compare = compare_n / factor, max = max_n / factor, min = (min_n + factor - 1) / factor;
	const int16_t *last = pcm + max_n;

	if (max > coarse_n - compare)
		max = coarse_n - compare;
	int around = factor * search(coarse, coarse_n, compare, min < max ? min : max, max, nearer);
	int found = around < min_n ? min_n : around > max_n ? max_n : around;

	best = likeness_at(last, last - found, compare_n, stride);
	for (int lag = around - factor + 1; lag < around + factor; lag++) {
		if (lag < min_n || lag > max_n || lag == found)
			continue;
		float likeness = likeness_at(last, last - lag, compare_n, stride);

		if (likeness > best) {
			best = likeness;
			found = lag;
		}
	}
	*correlation = tp_pitch_likeness(last, last - found, compare_n);
	return found;
}
