/* SPDX-License-Identifier: MIT */
/* Seeded random numbers of the simulated devices: PCG32 (O'Neill, 2014). */
#ifndef TP_RANDOM_H
#define TP_RANDOM_H

#include <stdint.h>

/* Streams of one seed are independent of each other. */
struct tp_random {
	uint64_t state, stream;
};

static inline uint32_t tp_random_next(struct tp_random *random)
{
	uint64_t old = random->state;
	uint32_t mixed = (uint32_t)(((old >> 18) ^ old) >> 27);
	uint32_t turn = (uint32_t)(old >> 59);

	random->state = old * 6364136223846793005u + random->stream;
	return mixed >> turn | mixed << (-turn & 31);
}

static inline void tp_random_init(struct tp_random *random, uint32_t seed, uint32_t stream)
{
	random->state = 0;
	random->stream = (uint64_t)stream << 1 | 1;
	(void)tp_random_next(random);
	random->state += seed;
	(void)tp_random_next(random);
}

/* Evenly from low to high. */
static inline float tp_random_between(struct tp_random *random, float low, float high)
{
	return low + (high - low) * ((float)(tp_random_next(random) >> 8) / (1 << 24));
}

#endif
