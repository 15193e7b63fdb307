/* SPDX-License-Identifier: MIT */
/* ITU-T G.722 clause 6 block by block, every operation on 16 bits with saturation. */
#include "literal_g722.h"

#include <string.h>

static int16_t sat(int32_t v)
{
	return (int16_t)(v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v);
}

static int16_t add(int16_t a, int16_t b)
{
	return sat(a + b);
}

static int16_t sub(int16_t a, int16_t b)
{
	return sat(a - b);
}

static int16_t mult(int16_t a, int16_t b)
{
	return sat(a * b >> 15);
}

static int16_t limit(int16_t v, int16_t low, int16_t high)
{
	return v < low ? low : v > high ? high : v;
}

static const int16_t q6[31] = {
	0,   35,  72,  110,  150,  190,  233,  276,  323,  370,  422,  473,  530,  587,  650,  714,
	786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919, 3200,
};
static const int16_t oq6[31] = {
	0,   17,  54,  91,  130,  170,  211,  254,  300,  347,  396,  447,  501,  558,  618,  682,
	750, 822, 899, 982, 1072, 1170, 1279, 1399, 1535, 1689, 1873, 2088, 2376, 2738, 3101,
};
static const int16_t oq5[16] = {
	0, 35, 110, 190, 276, 370, 473, 587, 714, 858, 1023, 1219, 1458, 1765, 2195, 2919,
};
static const int16_t oq4[8] = {0, 150, 323, 530, 786, 1121, 1612, 2557};
static const int16_t oq2[3] = {0, 202, 926};
static const int16_t wl[8] = {-60, -30, 58, 172, 334, 538, 1198, 3042};
static const int16_t wh[3] = {0, -214, 798};
static const int16_t ilb[32] = {
	2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543,
	2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228,
	3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
};

/* Interval of a code, by the regularities of RIL4, RIL5 and RIL6. */
static int interval4(unsigned code)
{
	if (code == 0 || code == 15)
		return 0;
	return (int)(code < 8 ? 8 - code : 15 - code);
}

static int interval5(unsigned code)
{
	if (code < 2 || code > 29)
		return 1;
	return (int)(code < 16 ? 17 - code : 31 - code);
}

static int interval6(unsigned code)
{
	if (code < 4)
		return 1;
	if (code < 32)
		return 34 - (int)code;
	return code > 61 ? 64 - (int)code : 62 - (int)code;
}

static int16_t invqal(const struct literal_g722 *band, unsigned il)
{
	unsigned code = il >> 2;
	int16_t level = (int16_t)(oq4[interval4(code)] * 8);

	return mult(band->det, code < 8 ? sub(0, level) : level);
}

static int16_t invqbl(const struct literal_g722 *band, int mode, unsigned il)
{
	int16_t level;
	bool negative;

	if (mode == 3)
		return invqal(band, il);
	if (mode == 2) {
		level = oq5[interval5(il >> 1)];
		negative = il >> 1 < 16 || il >> 1 == 31;
	} else {
		level = oq6[interval6(il)];
		negative = il < 32 || il > 61;
	}
	level = (int16_t)(level * 8);
	return mult(band->det, negative ? sub(0, level) : level);
}

static int16_t invqah(const struct literal_g722 *band, unsigned ih)
{
	int16_t level = (int16_t)(oq2[ih & 1 ? 1 : 2] * 8);

	return mult(band->det, ih < 2 ? sub(0, level) : level);
}

static void logscl_scalel(struct literal_g722 *band, unsigned il)
{
	int octaves, mantissa;

	band->nb = limit(add(mult(band->nb, 32512), wl[interval4(il >> 2)]), 0, 18432);
	mantissa = ilb[band->nb >> 6 & 31];
	octaves = 8 - (band->nb >> 11);
	band->det = (int16_t)((octaves < 0 ? mantissa << -octaves : mantissa >> octaves) << 2);
}

static void logsch_scaleh(struct literal_g722 *band, unsigned ih)
{
	int octaves, mantissa;

	band->nb = limit(add(mult(band->nb, 32512), wh[ih & 1 ? 1 : 2]), 0, 22528);
	mantissa = ilb[band->nb >> 6 & 31];
	octaves = 10 - (band->nb >> 11);
	band->det = (int16_t)((octaves < 0 ? mantissa << -octaves : mantissa >> octaves) << 2);
}

static void upzero(struct literal_g722 *band)
{
	int16_t step = band->d[0] == 0 ? 0 : 128;

	for (int i = 6; i > 0; i--) {
		bool same = (band->d[0] < 0) == (band->d[i] < 0);

		band->b[i] = add(same ? step : sub(0, step), mult(band->b[i], 32640));
	}
}

static void uppol(struct literal_g722 *band)
{
	bool same1 = (band->p[0] < 0) == (band->p[1] < 0);
	bool same2 = (band->p[0] < 0) == (band->p[2] < 0);
	int16_t wd = sat(4 * band->a[1]), bound;

	wd = (int16_t)((same1 ? sub(0, wd) : wd) >> 7);
	wd = add(wd, same2 ? 128 : -128);
	band->a[2] = limit(add(wd, mult(band->a[2], 32512)), -12288, 12288);
	bound = sub(15360, band->a[2]);
	wd = add(same1 ? 192 : -192, mult(band->a[1], 32640));
	band->a[1] = limit(wd, sub(0, bound), bound);
}

/* BLOCK4 after the quantized difference d[0] is known. */
static void block4(struct literal_g722 *band)
{
	int16_t wd1, wd2;

	band->p[0] = add(band->d[0], band->sz);
	band->r[0] = add(band->s, band->d[0]);
	upzero(band);
	uppol(band);
	memmove(band->d + 1, band->d, 6 * sizeof(int16_t));
	memmove(band->p + 1, band->p, 2 * sizeof(int16_t));
	memmove(band->r + 1, band->r, 2 * sizeof(int16_t));
	band->sz = 0;
	for (int i = 6; i > 0; i--)
		band->sz = add(band->sz, mult(add(band->d[i], band->d[i]), band->b[i]));
	wd1 = mult(band->a[1], add(band->r[1], band->r[1]));
	wd2 = mult(band->a[2], add(band->r[2], band->r[2]));
	band->sp = add(wd1, wd2);
	band->s = add(band->sp, band->sz);
}

static void adapt(struct literal_g722 *band, unsigned code)
{
	band->d[0] = band->high ? invqah(band, code) : invqal(band, code);
	if (band->high)
		logsch_scaleh(band, code);
	else
		logscl_scalel(band, code);
	block4(band);
}

void literal_g722_reset(struct literal_g722 *band, bool high)
{
	memset(band, 0, sizeof(*band));
	band->high = high;
	band->det = high ? 8 : 32;
}

unsigned literal_g722_encode(struct literal_g722 *band, int16_t x)
{
	int16_t e = sub(x, band->s);
	int16_t magnitude = e < 0 ? (int16_t)~e : e;
	unsigned code;
	int m = 1;

	if (band->high) {
		bool outer = magnitude >= mult(564 * 8, band->det);

		code = e < 0 ? !outer : 2u + !outer;
	} else {
		while (m < 30 && magnitude >= mult((int16_t)(q6[m] * 8), band->det))
			m++;
		if (e < 0)
			code = m < 3 ? 64u - (unsigned)m : 34u - (unsigned)m;
		else
			code = 62u - (unsigned)m;
	}
	adapt(band, code);
	return code;
}

int16_t literal_g722_decode(struct literal_g722 *band, int mode, unsigned code)
{
	int16_t d = band->high ? invqah(band, code) : invqbl(band, mode, code);
	int16_t r = limit(add(band->s, d), -16384, 16383);

	adapt(band, code);
	return r;
}
