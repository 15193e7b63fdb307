/* SPDX-License-Identifier: MIT */
/* The far end of a secured stream: numbered packets, from any rollover counter on. */
#ifndef FAKE_SRTP_PEER_H
#define FAKE_SRTP_PEER_H

#include "engine/srtp_context.h"

enum {
	FAKE_SRTP_CAP = TP_DATAGRAM_MAX + TP_SRTP_TRAILER_MAX,
	FAKE_SRTP_PAYLOAD = 160, /* octets, 20 ms of PCMU */
};

extern const enum tp_srtp_suite fake_srtp_suites[5];

struct fake_srtp_peer {
	struct tp_srtp_key key;
	struct tp_srtp_context context;
	uint32_t ssrc;
	uint16_t seq; /* of the next packet */
};

/* The n-th of the keys of a suite, without an MKI. */
struct tp_srtp_key fake_srtp_key(enum tp_srtp_suite suite, int n);

/* A peer that sends under this key; `peer` stays where it is until it is closed. */
void fake_srtp_peer_open(struct fake_srtp_peer *peer, const struct tp_srtp_key *key, uint32_t ssrc,
			 uint32_t rollover, uint16_t seq);
void fake_srtp_peer_close(struct fake_srtp_peer *peer);

/* The plain packet that has this number; returns its length. */
size_t fake_srtp_plain_rtp(uint8_t *data, uint32_t ssrc, uint16_t seq);
size_t fake_srtp_plain_rtcp(uint8_t *data, uint32_t ssrc);

/* The peer's next packet, protected; returns its length. */
size_t fake_srtp_peer_rtp(struct fake_srtp_peer *peer, uint8_t data[FAKE_SRTP_CAP]);
size_t fake_srtp_peer_rtcp(struct fake_srtp_peer *peer, uint8_t data[FAKE_SRTP_CAP]);

/* Whether this is, octet by octet, the plain packet of the number and SSRC in its header. */
bool fake_srtp_is_plain_rtp(const uint8_t *data, size_t len);

#endif
