/* SPDX-License-Identifier: MIT */
/* One block: everything between capture and playback that is the same at every turn. */
#ifndef TP_BLOCK_H
#define TP_BLOCK_H

#include <stdint.h>

struct tp_engine;

/* When a block is, on the three clocks that it touches. Monotonic ns. */
struct tp_block_time {
	int64_t now_ns; /* nominal: its last captured sample crossed the converter */
	int64_t captured_ns; /* its first captured sample did */
	int64_t played_ns; /* its first played sample will */
};

/* Turns one captured block. Allocates nothing, locks nothing, calls no system. Returns the packets
 * handed to the wire side. [audio] */
int tp_block_run(struct tp_engine *engine);

#endif
