/* SPDX-License-Identifier: MIT */
/* Seeded white noise, the same everywhere for the same seed. */
#ifndef TP_NOISE_H
#define TP_NOISE_H

#include <stdint.h>

/* Caller-owned. */
struct tp_noise {
	uint32_t state; /* never 0 */
};

/* Any seed, also 0. [any] */
void tp_noise_init(struct tp_noise *noise, uint32_t seed);

/* The next 32 random bits. [any], one thread at a time. */
uint32_t tp_noise_bits(struct tp_noise *noise);

/* The next sample, uniform in -1 <= x < 1: mean 0, power 1/3. [any], one thread at a time. */
float tp_noise_next(struct tp_noise *noise);

#endif
