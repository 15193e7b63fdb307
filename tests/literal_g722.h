/* SPDX-License-Identifier: MIT */
/* One G.722 band written down from the Recommendation step by step, for comparison. */
#ifndef TP_TESTS_LITERAL_G722_H
#define TP_TESTS_LITERAL_G722_H

#include <stdbool.h>
#include <stdint.h>

struct literal_g722 {
	bool high;
	int16_t det, nb, s, sp, sz;
	int16_t a[3], b[7], d[7], p[3], r[3];
};

void literal_g722_reset(struct literal_g722 *band, bool high);

/* One sample to its code of 6 or 2 bits. */
unsigned literal_g722_encode(struct literal_g722 *band, int16_t x);

/* One code to its sample; mode 1 to 3 matters to the low band. */
int16_t literal_g722_decode(struct literal_g722 *band, int mode, unsigned code);

#endif
