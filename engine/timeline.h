/* SPDX-License-Identifier: MIT */
/* Media time: where each packet of a stream stands, whatever its timestamps and types do. */
#ifndef TP_TIMELINE_H
#define TP_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

struct tp_packet;

/* The newest packet placed so far. */
struct tp_timeline {
	bool started;
	int64_t seq; /* extended */
	uint32_t timestamp;
	int clock_hz;
	int64_t media_ns, duration_ns, stamp_ns;
};

enum tp_timeline_step {
	TP_TIMELINE_NEXT, /* where its timestamp says */
	TP_TIMELINE_PAUSE, /* follows the newest in sequence, but later in time: a silence between */
	TP_TIMELINE_LEAP, /* its timestamp cannot be true: placed by sequence and arrival */
};

struct tp_timeline_place {
	int64_t seq; /* extended sequence number */
	int64_t media_ns; /* of its first sample, since the start of the timeline */
	enum tp_timeline_step step;
};

/* Forgets everything; the next packet begins at media time 0. [audio] */
void tp_timeline_reset(struct tp_timeline *timeline);

/* Places a packet that lasts duration_ns and counts its timestamps in clock_hz. [audio] */
struct tp_timeline_place tp_timeline_place(struct tp_timeline *timeline,
					   const struct tp_packet *packet, int clock_hz,
					   int64_t duration_ns);

#endif
