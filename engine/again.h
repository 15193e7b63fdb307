/* SPDX-License-Identifier: MIT */
/* What was sent, kept to be sent again in a later packet (RFC 2198). */
#ifndef TP_AGAIN_H
#define TP_AGAIN_H

#include "engine/redundancy.h"

#include <stdbool.h>

enum {
	TP_AGAIN_DISTANCE_MAX = 3, /* packets: bursts that last longer are too late to be mended */
};

struct tp_again_payload {
	uint32_t timestamp;
	uint8_t pt;
	uint16_t len; /* 0: nothing was sent */
	uint8_t data[TP_REDUNDANCY_LEN_MAX];
};

struct tp_again {
	struct tp_again_payload sent[TP_AGAIN_DISTANCE_MAX]; /* newest first, from `newest` on */
	int newest;
};

/* Begins a payload of at most `cap` octets for a packet of this type and timestamp: writes the
 * headers, and the payload of `distance` (1..TP_AGAIN_DISTANCE_MAX) packets ago where there is one
 * that fits and leaves room for as much again. Returns the octets written; the packet's own sound
 * follows. [audio] */
int tp_again_begin(const struct tp_again *again, int distance, uint8_t pt, uint32_t timestamp,
		   uint8_t *payload, int cap);

/* Keeps what was sent; len 0, or more than a block can hold: nothing of that packet. [audio] */
void tp_again_keep(struct tp_again *again, uint8_t pt, uint32_t timestamp, const uint8_t *payload,
		   int len);

#endif
