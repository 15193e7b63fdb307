/* SPDX-License-Identifier: MIT */
/* The bus: one matrix per block, of sources that are heard by destinations. */
#include "engine/bus.h"

#include <string.h>

void tp_bus_init(struct tp_bus *bus, int block_n)
{
	memset(bus, 0, sizeof(*bus));
	bus->block_n = block_n;
}

/* The sum of every source: 17 lines of 16 bits at up to 24 dB fit 32 bits only after the shift. */
static void add(int32_t *sum, const int16_t *pcm, int32_t gain, int n)
{
	if (gain == TP_BUS_UNITY)
		for (int i = 0; i < n; i++)
			sum[i] += pcm[i];
	else
		for (int i = 0; i < n; i++)
			sum[i] += pcm[i] * gain / TP_BUS_UNITY;
}

static void sum_up(const struct tp_bus *bus, int destination, int32_t *sum)
{
	const int32_t *gain = bus->gain[destination];

	memset(sum, 0, (size_t)bus->block_n * sizeof(*sum));
	for (int line = 0; line < TP_BUS_LINES; line++)
		if (gain[line] != 0)
			add(sum, bus->source[line], gain[line], bus->block_n);
}

void tp_bus_mix(const struct tp_bus *bus, int destination, int16_t *pcm)
{
	int32_t sum[TP_BUS_BLOCK_MAX];

	sum_up(bus, destination, sum);
	for (int i = 0; i < bus->block_n; i++)
		pcm[i] = (int16_t)(sum[i] > INT16_MAX   ? INT16_MAX
				   : sum[i] < INT16_MIN ? INT16_MIN
							: sum[i]);
}

void tp_bus_mix_wide(const struct tp_bus *bus, int destination, float *pcm)
{
	int32_t sum[TP_BUS_BLOCK_MAX];

	sum_up(bus, destination, sum);
	for (int i = 0; i < bus->block_n; i++)
		pcm[i] = (float)sum[i];
}
