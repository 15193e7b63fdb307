/* SPDX-License-Identifier: MIT */
/* Random numbers that follow from a seed: the same run, bit for bit, whenever it is the same. */
#include "random.h"

void tp_random_init(struct tp_random *random, uint64_t seed, uint64_t stream)
{
	random->state = 0;
	random->increment = stream << 1 | 1;
	tp_random_u32(random);
	random->state += seed;
	tp_random_u32(random);
}

uint32_t tp_random_u32(struct tp_random *random)
{
	uint64_t old = random->state;
	uint32_t mixed = (uint32_t)((old >> 18 ^ old) >> 27);
	uint32_t turn = (uint32_t)(old >> 59);

	random->state = old * 6364136223846793005u + random->increment;
	return mixed >> turn | mixed << (-turn & 31);
}

double tp_random_unit(struct tp_random *random)
{
	return tp_random_u32(random) * 0x1p-32;
}
