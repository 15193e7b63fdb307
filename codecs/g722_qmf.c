/* SPDX-License-Identifier: MIT */
/* The 24-tap quadrature mirror filters of ITU-T G.722 clause 5. */
#include "g722_qmf.h"

#include <string.h>

enum {
	TAPS = TP_G722_QMF_TAPS,
	HALF = TP_G722_QMF_HALF,
	PAIRS_MAX = TP_G722_QMF_PAIRS_MAX,
};

/* Symmetric, in units of 1/8192. The high band's filter has every other sign turned. */
static const int16_t low_pass[TAPS] = {
	3,    -11, -11,  53,   12,  -156, 32,   362, -210, -805, 951, 3876,
	3876, 951, -805, -210, 362, 32,   -156, 12,  53,   -11,  -11, 3,
};
static const int16_t high_pass[TAPS] = {
	-3,    -11, 11,  53,   -12,  -156, -32, 362, 210, -805, -951, 3876,
	-3876, 951, 805, -210, -362, 32,   156, 12,  -53, -11,  11,   3,
};

/* Its even and odd taps: an output sample of the synthesis sees only one kind. Zeros ahead make 12
 * taps whole vectors. */
static const int16_t even[HALF] = {
	0, 0, 0, 0, 3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11,
};
static const int16_t odd[HALF] = {
	0, 0, 0, 0, -11, 53, -156, 362, -805, 3876, 951, -210, 32, 12, -11, 3,
};

static inline int32_t clamp(int32_t value, int32_t low, int32_t high)
{
	return value < low ? low : value > high ? high : value;
}

/* The taps' magnitudes add up to 12964, so that 16-bit input cannot leave 32 bits. */
static inline int32_t dot(const int16_t *x, const int16_t *tap, int n)
{
	int32_t sum = 0;

	for (int i = 0; i < n; i++)
		sum += x[i] * tap[i];
	return sum;
}

void tp_g722_qmf_analyse(struct tp_g722_analysis *qmf, const int16_t *pcm, int16_t *low,
			 int16_t *high, int pairs)
{
	int16_t x[TAPS - 2 + 2 * PAIRS_MAX];

	memcpy(x, qmf->x, sizeof(qmf->x));
	memcpy(x + TAPS - 2, pcm, 2 * (size_t)pairs * sizeof(*pcm));
	for (int i = 0; i < pairs; i++) {
		low[i] = (int16_t)clamp(dot(x + 2 * i, low_pass, TAPS) >> 14, -16384, 16383);
		high[i] = (int16_t)clamp(dot(x + 2 * i, high_pass, TAPS) >> 14, -16384, 16383);
	}
	memcpy(qmf->x, x + 2 * pairs, sizeof(qmf->x));
}

void tp_g722_qmf_synthesise(struct tp_g722_synthesis *qmf, const int16_t *low, const int16_t *high,
			    int16_t *pcm, int pairs)
{
	int16_t sum[HALF - 1 + PAIRS_MAX], difference[HALF - 1 + PAIRS_MAX];

	memcpy(sum, qmf->sum, sizeof(qmf->sum));
	memcpy(difference, qmf->difference, sizeof(qmf->difference));
	for (int i = 0; i < pairs; i++) {
		sum[HALF - 1 + i] = (int16_t)(low[i] + high[i]);
		difference[HALF - 1 + i] = (int16_t)(low[i] - high[i]);
	}
	for (int i = 0; i < pairs; i++) {
		pcm[2 * i] =
			(int16_t)clamp(dot(difference + i, odd, HALF) >> 11, INT16_MIN, INT16_MAX);
		pcm[2 * i + 1] =
			(int16_t)clamp(dot(sum + i, even, HALF) >> 11, INT16_MIN, INT16_MAX);
	}
	memcpy(qmf->sum, sum + pairs, sizeof(qmf->sum));
	memcpy(qmf->difference, difference + pairs, sizeof(qmf->difference));
}
