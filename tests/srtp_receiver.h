/* SPDX-License-Identifier: MIT */
/* A session under test, to which packets of peers are offered. */
#ifndef SRTP_RECEIVER_H
#define SRTP_RECEIVER_H

#include "engine/srtp.h"
#include "tests/fake_srtp_peer.h"

enum {
	SRTP_RECEIVER_SSRC = 0x01020304, /* its own */
};

/* A session with these keys, which tp_srtp_destroy() takes back. */
struct tp_srtp *srtp_receiver_make(const struct tp_srtp_key *send,
				   const struct tp_srtp_key *receive);

/* Configures it anew, as a re-INVITE does. */
void srtp_receiver_rekey(struct tp_srtp *srtp, const struct tp_srtp_key *send,
			 const struct tp_srtp_key *receive, int64_t now_ns);

/* What it says of a packet, which stays as it is. What is refused must keep its length, and RTP that is
 * accepted must be a plain packet of the fake peers. */
enum tp_srtp_verdict srtp_receiver_offer(struct tp_srtp *srtp, int64_t now_ns,
					 const uint8_t *packet, size_t len);
enum tp_srtp_verdict srtp_receiver_offer_rtcp(struct tp_srtp *srtp, int64_t now_ns,
					      const uint8_t *packet, size_t len);

/* What it says of the peer's next packet. */
enum tp_srtp_verdict srtp_receiver_next(struct tp_srtp *srtp, int64_t now_ns,
					struct fake_srtp_peer *peer);
enum tp_srtp_verdict srtp_receiver_next_rtcp(struct tp_srtp *srtp, int64_t now_ns,
					     struct fake_srtp_peer *peer);

/* The peer sends on, with gaps, until its number has wrapped so many times; nothing may be refused. The
 * next packet is the first after the wrap. */
void srtp_receiver_go_around(struct tp_srtp *srtp, struct fake_srtp_peer *peer, int times,
			     int64_t *now_ns);

#endif
