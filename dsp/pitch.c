/* SPDX-License-Identifier: MIT */
/* Where sound repeats itself: a search at about 8 kHz, then sample by sample around its result. */
#include "pitch.h"

#include <math.h>

enum {
	COARSE_HZ = 8000, /* pitch is a matter of the first formants */
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

/* Means of `factor` samples; a crude low-pass is enough for a search. The newest sample counts: what
 * does not fill a mean is left out at the old end. */
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

static float dot(const float *a, const float *b, int n)
{
	float sum = 0;

	for (int i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

/* Compares the last `compare` of n samples. */
static int search(const float *x, int n, int compare, int min, int max)
{
	const float *last = x + n - compare;
	float best = -2.0f;
	int found = min;

	for (int lag = min; lag <= max; lag++) {
		float energy = dot(last - lag, last - lag, compare);
		float likeness = energy > 0 ? dot(last, last - lag, compare) / sqrtf(energy) : 0;

		if (lag == min || likeness > best) {
			best = likeness;
			found = lag;
		}
	}
	return found;
}

int tp_pitch_find(const int16_t *pcm, int n, int rate_hz, int min_n, int max_n, float *correlation)
{
	float coarse[COARSE_MAX_N];
	int factor = rate_hz > COARSE_HZ ? rate_hz / COARSE_HZ : 1, compare_n = n - max_n;
	int coarse_n = thin(pcm, n, factor, coarse), compare = compare_n / factor;
	int max = max_n / factor, min = (min_n + factor - 1) / factor;

	if (max > coarse_n - compare)
		max = coarse_n - compare;
	int around = factor * search(coarse, coarse_n, compare, min < max ? min : max, max);
	int found = around < min_n ? min_n : around > max_n ? max_n : around;
	const int16_t *last = pcm + max_n;

	*correlation = tp_pitch_likeness(last, last - found, compare_n);
	for (int lag = around - factor + 1; lag < around + factor; lag++) {
		if (lag < min_n || lag > max_n)
			continue;
		float likeness = tp_pitch_likeness(last, last - lag, compare_n);

		if (likeness > *correlation) {
			*correlation = likeness;
			found = lag;
		}
	}
	return found;
}
