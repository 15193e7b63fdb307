/* SPDX-License-Identifier: MIT */
/* Random numbers that follow from a seed: the same run, bit for bit, whenever it is the same. */
#ifndef TP_RANDOM_H
#define TP_RANDOM_H

#include <stdint.h>

/* PCG-XSH-RR (O'Neill 2014). Not for keys. */
struct tp_random {
	uint64_t state;
	uint64_t increment; /* odd */
};

/* Different streams of one seed are independent. A seed of 0 is one like any other: whoever wants a
 * true random one draws it from the system. [any] */
void tp_random_init(struct tp_random *random, uint64_t seed, uint64_t stream);

uint32_t tp_random_u32(struct tp_random *random); /* [any] */
double tp_random_unit(struct tp_random *random); /* 0 <= it < 1. [any] */

#endif
