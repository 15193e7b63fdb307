/* SPDX-License-Identifier: MIT */
/* A packet slot: the memory of one datagram on its way, with exactly one owner at a time. */
#ifndef TP_PACKET_H
#define TP_PACKET_H

#include "engine/redundancy.h"

#include <talkpath/transport.h>

#include <stdbool.h>
#include <stdint.h>

enum {
	/* Room behind a full datagram for what SRTP appends: tag (16) and MKI (8). */
	TP_PACKET_CAP = TP_DATAGRAM_MAX + 32,
};

/* Receiving: pool -> wire side -> rx ring -> jitter buffer -> back ring -> pool.
 * Sending: pool -> audio side -> tx ring -> wire side -> back ring -> pool. */
struct tp_packet {
	int64_t stamp_ns; /* receiving: arrival; sending: hand-over to the wire side */
	uint32_t timestamp; /* RTP header fields, host order */
	uint32_t ssrc;
	uint16_t seq;
	uint8_t pt;
	bool marker;
	uint16_t payload; /* offset of the payload in data; sending: the header is before it */
	uint16_t payload_len;
	uint16_t len; /* of the datagram */
	uint8_t earlier_n; /* receiving: packets carried again, by the audio side: `at` is in data */
	struct tp_redundancy_block earlier[TP_REDUNDANCY_BLOCKS];
	_Alignas(8) uint8_t data[TP_PACKET_CAP];
};

#endif
