/* SPDX-License-Identifier: MIT */
/* Fuzz target: redundant packets of any content; what is taken lies within them. */
#include "engine/redundancy.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void demand(int fact)
{
	if (!fact)
		abort();
}

static void demand_same(const struct tp_redundancy_block *a, const struct tp_redundancy_block *b)
{
	demand(a->pt == b->pt && a->len == b->len && a->back == b->back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t written[TP_REDUNDANCY_BLOCKS * (TP_REDUNDANCY_HEADER + TP_REDUNDANCY_LEN_MAX) +
			TP_REDUNDANCY_LAST] = {0};
	struct tp_redundancy red, again, reversed;
	size_t written_len;

	if (len > UINT16_MAX || tp_redundancy_parse(&red, data, len) < 0)
		return 0;
	demand(red.own.at + red.own.len == (int)len);
	demand(red.n >= 0 && red.n <= TP_REDUNDANCY_BLOCKS);
	for (int i = 0; i < red.n; i++)
		demand(red.earlier[i].at + red.earlier[i].len <= red.own.at);
	reversed = red;
	for (int i = 0; i < red.n; i++)
		reversed.earlier[i] = red.earlier[red.n - 1 - i];
	written_len = (size_t)tp_redundancy_write(&reversed, written);
	for (int i = 0; i < red.n; i++)
		written_len += red.earlier[i].len;
	demand(tp_redundancy_parse(&again, written, written_len) == 0);
	demand(again.n == red.n && again.own.pt == red.own.pt);
	for (int i = 0; i < red.n; i++)
		demand_same(&again.earlier[i], &red.earlier[i]);
	return 0;
}
