/* SPDX-License-Identifier: MIT */
/* RTCP packets (RFC 3550 6): written, and read from whatever arrives. */
#ifndef TP_RTCP_H
#define TP_RTCP_H

#include <talkpath/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* The longest that we write: SR with one block, SDES with a CNAME of 63, BYE. */
	TP_RTCP_MAX = 28 + 24 + 76 + 8,
	TP_RTCP_CNAME_MAX = 255, /* octets; the field's length is one octet (RFC 3550 6.5) */
};

/* What a sender tells of its stream (6.4.1). */
struct tp_rtcp_sender {
	uint64_t ntp; /* 32.32 seconds, see tp_rtcp_ntp() */
	uint32_t timestamp;
	uint32_t packets, octets;
};

/* What a receiver tells of a stream that it hears. */
struct tp_rtcp_block {
	uint32_t ssrc; /* of that stream */
	uint8_t fraction_lost; /* of 256, since the report before */
	int32_t lost; /* since the beginning; 24 bits, may be negative */
	uint32_t highest_seq; /* extended by cycles */
	uint32_t jitter; /* timestamp units */
	uint32_t lsr; /* middle 32 bits of the last SR's ntp; 0: none came */
	uint32_t dlsr; /* since that SR, 1/65536 s */
};

/* One compound packet. */
struct tp_rtcp {
	uint32_t ssrc; /* who sent it */
	bool has_sender, has_block, has_bye;
	struct tp_rtcp_sender sender;
	struct tp_rtcp_block block; /* reading: the one about our stream */
	uint32_t bye_ssrc; /* reading: the first that leaves; writing: `ssrc` does */
	char cname[TP_RTCP_CNAME_MAX + 1]; /* "": none */
};

/* Reads a compound packet, what it says of the stream `own_ssrc` among it. Unknown types and XR
 * (RFC 3611) are checked for their lengths and skipped; one without SR or RR in front is taken too
 * (RFC 5506). TP_ERR_FORMAT if any packet, block or item of it is malformed: then nothing of it is
 * to be believed. [any] */
TP_MUST_USE int tp_rtcp_parse(struct tp_rtcp *rtcp, const uint8_t *data, size_t len,
			      uint32_t own_ssrc);

/* Writes SR (RR if there is no sender), SDES with the CNAME cut at 63 octets, BYE; returns the
 * length. [any] */
size_t tp_rtcp_write(uint8_t data[TP_RTCP_MAX], const struct tp_rtcp *rtcp);

/* A time as RTCP writes it. Ours are monotonic, as RFC 3550 6.4.1 allows who has no wall clock to
 * share: the peer only sends them back, and no clock that is set disturbs the round trip. [any] */
uint64_t tp_rtcp_ntp(int64_t now_ns);

/* The middle 32 bits, as LSR has them. [any] */
uint32_t tp_rtcp_ntp_middle(uint64_t ntp);

#endif
