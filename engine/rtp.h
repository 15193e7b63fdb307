/* SPDX-License-Identifier: MIT */
/* RTP headers (RFC 3550 5.1) and arithmetic on numbers that wrap. */
#ifndef TP_RTP_H
#define TP_RTP_H

#include <talkpath/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* Octets of a header without CSRC list and extension: the only form that we send. */
	TP_RTP_HEADER = 12,
};

struct tp_rtp {
	uint8_t pt;
	bool marker;
	uint16_t seq;
	uint32_t timestamp;
	uint32_t ssrc;
	uint16_t payload; /* its offset: behind CSRC list and header extension */
	uint16_t payload_len; /* without padding; may be 0 */
};

/* Reads the header of `len` octets of whatever arrived. TP_ERR_FORMAT if it is not one well-formed
 * RTP packet: version, CSRC list, extension and padding must fit. [any] */
TP_MUST_USE int tp_rtp_parse(struct tp_rtp *rtp, const uint8_t *data, size_t len);

/* Writes version 2, pt, marker, seq, timestamp and ssrc. [any] */
void tp_rtp_write(uint8_t header[TP_RTP_HEADER], const struct tp_rtp *rtp);

/* Whether a datagram on a port that RTP and RTCP share is RTCP (RFC 5761 4). [any] */
bool tp_rtp_is_rtcp(const uint8_t *data, size_t len);

/* How far a is ahead of b, across the wrap. Half a circle away reads as behind. [any] */
int16_t tp_rtp_seq_diff(uint16_t a, uint16_t b);
int32_t tp_rtp_timestamp_diff(uint32_t a, uint32_t b);

/* The number with these low bits that is nearest to `reference`. [any] */
int64_t tp_rtp_extend_seq(int64_t reference, uint16_t seq);

#endif
