/* SPDX-License-Identifier: MIT */
/* Redundant audio on the wire (RFC 2198): a packet that carries earlier ones again. */
#ifndef TP_REDUNDANCY_H
#define TP_REDUNDANCY_H

#include <talkpath/attributes.h>

#include <stddef.h>
#include <stdint.h>

enum {
	TP_REDUNDANCY_BLOCKS = 4, /* earlier packets that are kept of one; senders use 1 to 3 */
	TP_REDUNDANCY_HEADER = 4, /* octets before each of them, and: */
	TP_REDUNDANCY_LAST = 1, /* before the packet's own sound */
	TP_REDUNDANCY_OFFSET_MAX = (1 << 14) - 1, /* ticks */
	TP_REDUNDANCY_LEN_MAX = (1 << 10) - 1, /* octets of a block */
};

/* A payload within another one. */
struct tp_redundancy_block {
	uint8_t pt;
	uint16_t at, len; /* in the packet's payload */
	uint16_t back; /* its timestamp is the packet's less this */
};

struct tp_redundancy {
	struct tp_redundancy_block own; /* the packet's own sound; back is 0 */
	struct tp_redundancy_block earlier[TP_REDUNDANCY_BLOCKS];
	int n; /* of them; empty blocks, and those of no distance, are left out */
};

/* Takes a payload of `len` octets apart that nobody has checked: 0, or TP_ERR_FORMAT if its blocks
 * are not within it. [any] */
TP_MUST_USE int tp_redundancy_parse(struct tp_redundancy *red, const uint8_t *payload, size_t len);

/* Writes the headers of red->n earlier blocks, the oldest first, and of the own one: their `at` is
 * not used, payloads follow in the same order. Returns the octets, TP_REDUNDANCY_HEADER each and
 * TP_REDUNDANCY_LAST. [any] */
int tp_redundancy_write(const struct tp_redundancy *red, uint8_t *payload);

#endif
