/* SPDX-License-Identifier: MIT */
/* The ADPCM of one G.722 sub-band, bit-exact to ITU-T G.722 clause 6. */
#include "g722_band.h"

#include <string.h>

/* Tables and names in capitals are the Recommendation's. Products and sums are taken in 32 bits and
 * saturated to 16 only where a value can leave them: with a step of at most 16384 no quantized
 * difference passes 10228, and a weight of the zero section, which a leak of 1/256 holds against
 * steps of 128, never leaves 16 bits by itself. */

enum {
	SCALE_LOG_MAX_LOW = 18432,
	SCALE_LOG_MAX_HIGH = 22528,
	OCTAVES_LOW = 9, /* scale_log / 2048 at its maximum */
	OCTAVES_HIGH = 11,
};

/* 2048 * 2^(i/32): ILB. */
static const int16_t power[32] = {
	2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543,
	2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228,
	3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
};

/* Decision levels of the 6-bit quantizer, Q12 of the step: Q6. The last two never decide: what
 * passes the 29th has the outermost code, however far it goes. */
static const int16_t decision[31] = {
	35,  72,  110,  150,  190,  233,  276,  323,  370,  422,  473,  530,  587,  650,  714,  786,
	858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919, 2919, 2919,
};

/* Codes by the number of decision levels passed, of positive and of negative differences: MISIL. */
static const uint8_t code_low[2][32] = {
	{61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46,
	 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 32, 32},
	{63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
	 17, 16, 15, 14, 13, 12, 11, 10, 9,  8,  7,  6,  5,  4,  4,  4},
};

/* Output levels by code, Q15 of the step, of the 6, 5 and 4-bit quantizers of modes 1, 2 and 3:
 * QQ6, QQ5, QQ4. The four codes that no encoder sends have a level too. */
static const int16_t level6[64] = {
	-136,   -136,   -136,  -136,  -24808, -21904, -19008, -16704, -14984, -13512, -12280,
	-11192, -10232, -9360, -8576, -7856,  -7192,  -6576,  -6000,  -5456,  -4944,  -4464,
	-4008,  -3576,  -3168, -2776, -2400,  -2032,  -1688,  -1360,  -1040,  -728,   24808,
	21904,  19008,  16704, 14984, 13512,  12280,  11192,  10232,  9360,   8576,   7856,
	7192,   6576,   6000,  5456,  4944,   4464,   4008,   3576,   3168,   2776,   2400,
	2032,   1688,   1360,  1040,  728,    432,    136,    -432,   -136,
};
static const int16_t level5[32] = {
	-280,  -280,  -23352, -17560, -14120, -11664, -9752, -8184, -6864, -5712, -4696,
	-3784, -2960, -2208,  -1520,  -880,   23352,  17560, 14120, 11664, 9752,  8184,
	6864,  5712,  4696,   3784,   2960,   2208,   1520,  880,   280,   -280,
};
static const int16_t level4[16] = {
	0,     -20456, -12896, -8968, -6288, -4240, -2584, -1200,
	20456, 12896,  8968,   6288,  4240,  2584,  1200,  0,
};

/* What a 4-bit code does to the logarithm of the step: WL. */
static const int16_t growth_low[16] = {
	-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60,
};

/* The high band's two bits: output level, and growth of the step: QQ2, WH. */
static const int16_t level2[4] = {-7408, -1616, 7408, 1616};
static const int16_t growth_high[4] = {798, -214, 798, -214};

enum {
	DECISION_HIGH = 564, /* Q2 */
	QUIET = INT16_MAX / 12,
};

static inline int32_t clamp(int32_t value, int32_t low, int32_t high)
{
	return value < low ? low : value > high ? high : value;
}

static inline int32_t saturate(int32_t value)
{
	return clamp(value, INT16_MIN, INT16_MAX);
}

/* 0, or -1 if the signs differ, where 0 counts as positive. */
static inline int32_t opposite(int32_t a, int32_t b)
{
	return (a ^ b) >> 31;
}

static inline int32_t flip(int32_t value, int32_t sign)
{
	return (value ^ sign) - sign;
}

void tp_g722_band_reset_low(struct tp_g722_band *band)
{
	memset(band, 0, sizeof(*band));
	band->scale = 32;
}

void tp_g722_band_reset_high(struct tp_g722_band *band)
{
	memset(band, 0, sizeof(*band));
	band->scale = 8;
}

/* SCALEL, SCALEH. */
static inline void set_scale(struct tp_g722_band *band, int32_t log, int octaves)
{
	band->scale_log = log;
	band->scale = (2 * power[log >> 6 & 31] >> (octaves - (log >> 11))) << 2;
}

/* LOGSCL, LOGSCH: the step grows by the code and forgets 1/128 of its logarithm. */
static inline void adapt_scale(struct tp_g722_band *band, int growth, int octaves, int log_max)
{
	set_scale(band, clamp((band->scale_log * 127 >> 7) + growth, 0, log_max), octaves);
}

/* UPZERO, DELAYA, FILTEZ: weights leak by 1/256 and step towards the sign of the correlation; with
 * their new values they weigh the differences. That sum saturates after each term, the oldest
 * first; no term passes twice its difference, so that nothing saturates while all six are at most
 * QUIET. */
static inline int32_t zero_section(struct tp_g722_band *band, int32_t d0)
{
	int32_t *b = band->b, *d = band->d;
	int32_t step = d0 ? 128 : 0;
	int32_t sum;

	for (int i = 0; i < TP_G722_BAND_LANES; i++)
		b[i] = (b[i] * 255 >> 8) + flip(step, opposite(d0, d[i]));
	d[5] = d[4];
	d[4] = d[3];
	d[3] = d[2];
	d[2] = d[1];
	d[1] = d[0];
	d[0] = d0;
	band->loud = d0 > QUIET || d0 < -QUIET ? 6 : band->loud - (band->loud > 0);
	sum = (b[5] * d[5] >> 14) + (b[4] * d[4] >> 14);
	if (band->loud == 0)
		return sum + (b[3] * d[3] >> 14) + (b[2] * d[2] >> 14) + (b[1] * d[1] >> 14) +
		       (b[0] * d[0] >> 14);
	sum = saturate(sum) + (b[3] * d[3] >> 14);
	sum = saturate(sum) + (b[2] * d[2] >> 14);
	sum = saturate(sum) + (b[1] * d[1] >> 14);
	sum = saturate(sum) + (b[0] * d[0] >> 14);
	return saturate(sum);
}

/* UPPOL2, UPPOL1: a2 is held in +-0.75 and a1 within what keeps the filter stable. */
static inline void adapt_poles(struct tp_g722_band *band, int32_t p)
{
	int32_t same1 = ~opposite(p, band->p1), differ1 = opposite(p, band->p1);
	int32_t differ2 = opposite(p, band->p2);
	int32_t bound;

	band->a2 = clamp((saturate(flip(4 * band->a1, same1)) >> 7) + flip(128, differ2) +
				 (band->a2 * 127 >> 7),
			 -12288, 12288);
	bound = 15360 - band->a2;
	band->a1 = clamp(flip(192, differ1) + (band->a1 * 255 >> 8), -bound, bound);
	band->p2 = band->p1;
	band->p1 = p;
}

/* PARREC, RECONS, FILTEP, PREDIC: takes a quantized difference in and predicts the next sample. */
static inline void predict(struct tp_g722_band *band, int32_t d)
{
	int32_t r = saturate(2 * (band->s + d));
	int32_t sp;

	adapt_poles(band, band->sz + d);
	band->sz = zero_section(band, d);
	sp = saturate((band->a1 * r >> 15) + (band->a2 * band->r1 >> 15));
	band->r1 = r;
	band->s = saturate(sp + band->sz);
}

static inline void adapt_low(struct tp_g722_band *band, unsigned code)
{
	int32_t d = band->scale * level4[code >> 2] >> 15;

	adapt_scale(band, growth_low[code >> 2], OCTAVES_LOW, SCALE_LOG_MAX_LOW);
	predict(band, d);
}

static inline void adapt_high(struct tp_g722_band *band, unsigned code)
{
	int32_t d = band->scale * level2[code] >> 15;

	adapt_scale(band, growth_high[code], OCTAVES_HIGH, SCALE_LOG_MAX_HIGH);
	predict(band, d);
}

/* SUBTRA, QUANTL. A negative difference has the one's complement as magnitude; beyond 16 bits it is
 * beyond every level too. Level q is passed if magnitude >= q * scale >> 12; the search halves 31
 * levels. */
static inline unsigned quantize_low(int32_t difference, int32_t scale)
{
	int32_t sign = difference >> 31;
	int32_t limit = ((difference ^ sign) + 1) << 12;
	unsigned passed = 0;

	passed += (decision[passed + 15] * scale < limit) * 16u;
	passed += (decision[passed + 7] * scale < limit) * 8u;
	passed += (decision[passed + 3] * scale < limit) * 4u;
	passed += (decision[passed + 1] * scale < limit) * 2u;
	passed += decision[passed] * scale < limit;
	return code_low[sign & 1][passed];
}

/* SUBTRA, QUANTH. */
static inline unsigned quantize_high(int32_t difference, int32_t scale)
{
	int32_t sign = difference >> 31;
	unsigned outer = (difference ^ sign) >= DECISION_HIGH * scale >> 12;

	return (sign ? 1u : 3u) - outer;
}

void tp_g722_band_encode_low(struct tp_g722_band *band, const int16_t *x, uint8_t *code, int n)
{
	struct tp_g722_band b = *band;

	for (int i = 0; i < n; i++) {
		unsigned c = quantize_low(x[i] - b.s, b.scale);

		adapt_low(&b, c);
		code[i] = (uint8_t)c;
	}
	*band = b;
}

void tp_g722_band_encode_high(struct tp_g722_band *band, const int16_t *x, uint8_t *code, int n)
{
	struct tp_g722_band b = *band;

	for (int i = 0; i < n; i++) {
		unsigned c = quantize_high(x[i] - b.s, b.scale);

		adapt_high(&b, c);
		code[i] = (uint8_t)c;
	}
	*band = b;
}

void tp_g722_band_decode_low(struct tp_g722_band *band, int mode, const uint8_t *code, int16_t *r,
			     int n)
{
	const int16_t *level = mode == 1 ? level6 : mode == 2 ? level5 : level4;
	struct tp_g722_band b = *band;

	for (int i = 0; i < n; i++) {
		int32_t d = b.scale * level[code[i] >> (mode - 1)] >> 15;

		r[i] = (int16_t)clamp(b.s + d, -16384, 16383);
		adapt_low(&b, code[i]);
	}
	*band = b;
}

void tp_g722_band_decode_high(struct tp_g722_band *band, const uint8_t *code, int16_t *r, int n)
{
	struct tp_g722_band b = *band;

	for (int i = 0; i < n; i++) {
		int32_t d = b.scale * level2[code[i]] >> 15;

		r[i] = (int16_t)clamp(b.s + d, -16384, 16383);
		adapt_high(&b, code[i]);
	}
	*band = b;
}

static int32_t half_of(float keep, int32_t sum)
{
	return (int32_t)(0.5f * keep * (float)sum);
}

/* The mean of two stable filters is stable: the set of (a1, a2) that UPPOL1 and 2 allow is
 * convex. */
static void meet(struct tp_g722_band *band, const struct tp_g722_band *other, int octaves,
		 float keep)
{
	set_scale(band, (band->scale_log + other->scale_log) / 2, octaves);
	band->a1 = half_of(keep, band->a1 + other->a1);
	band->a2 = half_of(keep * keep, band->a2 + other->a2);
	for (int i = 0; i < TP_G722_BAND_LANES; i++)
		band->b[i] = half_of(keep, band->b[i] + other->b[i]);
}

void tp_g722_band_meet_low(struct tp_g722_band *band, const struct tp_g722_band *other, float keep)
{
	meet(band, other, OCTAVES_LOW, keep);
}

void tp_g722_band_meet_high(struct tp_g722_band *band, const struct tp_g722_band *other, float keep)
{
	meet(band, other, OCTAVES_HIGH, keep);
}
