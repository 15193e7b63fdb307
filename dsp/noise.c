/* SPDX-License-Identifier: MIT */
/* Seeded white noise: Marsaglia's 32-bit xorshift. */
#include "noise.h"

void tp_noise_init(struct tp_noise *noise, uint32_t seed)
{
	/* Neighbouring seeds must not give similar beginnings: one round of the
	 * MurmurHash3 finaliser spreads them. */
	seed = (seed ^ seed >> 16) * 0x85ebca6bu;
	seed = (seed ^ seed >> 13) * 0xc2b2ae35u;
	noise->state = (seed ^ seed >> 16) | 1u;
}

uint32_t tp_noise_bits(struct tp_noise *noise)
{
	uint32_t x = noise->state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return noise->state = x;
}

float tp_noise_next(struct tp_noise *noise)
{
	/* 24 bits: every value is exact in a float. */
	return (float)((int32_t)tp_noise_bits(noise) >> 8) / 8388608.0f;
}
