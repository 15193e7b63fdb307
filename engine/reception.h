/* SPDX-License-Identifier: MIT */
/* What arrives of one stream: sequence, loss, duplicates, jitter (RFC 3550 A.1, A.3, A.8). */
#ifndef TP_RECEPTION_H
#define TP_RECEPTION_H

#include "rtcp.h"
#include "rtp.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	/* Packets: MAX_DROPOUT and MAX_MISORDER of RFC 3550 A.1. */
	TP_RECEPTION_DROPOUT = 3000,
	TP_RECEPTION_MISORDER = 100,
	/* Sequence numbers remembered: at least MISORDER, a power of two. */
	TP_RECEPTION_SEEN = 128,
};

enum tp_reception_verdict {
	TP_RECEPTION_NEXT, /* ahead of all before; packets between may be missing */
	TP_RECEPTION_REORDERED, /* behind, not seen before */
	TP_RECEPTION_DUPLICATE,
	TP_RECEPTION_JUMPED, /* out of every window: a stray, or the first of a new count */
	TP_RECEPTION_RESTARTED, /* the second in a row there: counted anew from the first of them */
};

/* Of one session; the stream's SSRC may change. */
struct tp_reception {
	bool started;
	uint32_t ssrc;

	/* This stream, since it began or restarted. */
	int64_t base, highest; /* sequence numbers with their cycles: the first begins at cycle 1 */
	int64_t received; /* packets, duplicates too, as A.1 counts */
	uint64_t seen[TP_RECEPTION_SEEN / 64]; /* bit for each number up to the highest */
	int32_t jumped; /* the number that would confirm a jump; -1: none */
	int64_t expected_prior, received_prior; /* at the last report */

	/* Arrival. */
	bool timed; /* what follows is of a packet of this stream */
	int64_t stamp_ns;
	uint32_t timestamp, clock_hz;
	double jitter_ns; /* -1: none yet */

	/* Of the session: all streams and restarts. */
	int64_t lost_before; /* of those that ended */
	uint32_t duplicate, reordered;
};

/* Begins with the first packet of a stream, which is then given to tp_reception_packet(). A stream
 * counts from its first packet, not after a probation: whoever may send at all was settled before.
 * [wire] */
void tp_reception_start(struct tp_reception *reception, uint32_t ssrc, uint16_t seq);

/* The stream is over; what it lost stays counted. [wire] */
void tp_reception_end(struct tp_reception *reception);

/* Counts a packet of the stream, of any payload type. [wire] */
enum tp_reception_verdict tp_reception_packet(struct tp_reception *reception, uint16_t seq);

/* Learns jitter from a packet that was counted. `clock_hz` is its payload type's; a packet of the
 * timestamp before (RFC 4733, fragments) and one more than 2 s off (a new timeline) teach nothing.
 * [wire] */
void tp_reception_arrival(struct tp_reception *reception, int64_t stamp_ns, uint32_t timestamp,
			  uint32_t clock_hz);

/* Expected minus received of all streams, not below 0. [wire] */
uint32_t tp_reception_lost(const struct tp_reception *reception);

/* A.8's estimate in milliseconds; NAN until two packets were timed. [wire] */
double tp_reception_jitter_ms(const struct tp_reception *reception);

/* Fills ssrc, fraction_lost, lost, highest_seq and jitter of a report, and begins the next
 * interval. [wire] */
void tp_reception_report(struct tp_reception *reception, struct tp_rtcp_block *block);

#endif
