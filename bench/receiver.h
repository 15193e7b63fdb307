/* SPDX-License-Identifier: MIT */
/* A receive path by itself: its rings, its packets, and one codec under payload type 0. */
#ifndef BENCH_RECEIVER_H
#define BENCH_RECEIVER_H

#include "engine/rx.h"

#include <talkpath/attributes.h>

enum { TP_RECEIVER_SLOTS = 256 /* packets; a power of two */ };

struct tp_receiver {
	struct tp_rx rx;
	struct tp_ring in, back;
	void *in_cell[TP_RECEIVER_SLOTS], *back_cell[TP_RECEIVER_SLOTS];
	struct tp_jitter_entry entry[TP_RECEIVER_SLOTS / 2];
	struct tp_packet packet[TP_RECEIVER_SLOTS];
	struct tp_receive_map map;
};

struct tp_receiver_setup {
	const struct tp_codec_ops *codec;
	const struct tp_jitter_config *jitter; /* borrowed until it is open */
	int rate_hz, block_n; /* of the bus */
	int ptime_ms;
};

/* `receiver` is zeroed. 0 or TP_ERR_*; to be closed in either case. [control] */
TP_MUST_USE int tp_receiver_open(struct tp_receiver *receiver,
				 const struct tp_receiver_setup *setup);

void tp_receiver_close(struct tp_receiver *receiver);

#endif
