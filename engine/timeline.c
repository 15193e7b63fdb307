/* SPDX-License-Identifier: MIT */
/* Media time: where each packet of a stream stands, whatever its
 * timestamps and payload types do. */
#include "engine/timeline.h"
#include "engine/packet.h"

enum {
	SEQ_RESTART = 3000, /* a step this large is a sender that began anew (RFC 3550 A.1) */
};

/* A timestamp that runs ahead of the clock by more than this is a leap, not a pause: longer than
 * any network delay that a call survives. */
static const int64_t leap_ns = 1000000000;

void tp_timeline_reset(struct tp_timeline *timeline)
{
	*timeline = (struct tp_timeline){0};
}

static int64_t ticks_to_ns(int32_t ticks, int clock_hz)
{
	return (int64_t)ticks * 1000000000 / clock_hz;
}

static int64_t longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The step from the newest packet to one that is ahead of it by `ahead` in sequence. */
static int64_t step_forward(const struct tp_timeline *timeline, const struct tp_packet *packet,
			    int ahead, int clock_hz, enum tp_timeline_step *kind)
{
	int64_t by_seq = ahead * timeline->duration_ns;
	int64_t elapsed = packet->stamp_ns - timeline->stamp_ns;
	int32_t ticks = (int32_t)(packet->timestamp - timeline->timestamp);
	int64_t by_timestamp = ticks_to_ns(ticks, clock_hz);

	*kind = TP_TIMELINE_NEXT;
	if (clock_hz != timeline->clock_hz) /* RFC 7160 4: the sequence is what both clocks share */
		return by_seq;
	if (ahead > SEQ_RESTART || ticks <= 0 || by_timestamp - longer(elapsed, by_seq) > leap_ns) {
		*kind = TP_TIMELINE_LEAP;
		return ahead > SEQ_RESTART ? longer(elapsed, timeline->duration_ns)
					   : longer(elapsed, by_seq);
	}
	if (ahead == 1 && by_timestamp > by_seq + timeline->duration_ns / 2)
		*kind = TP_TIMELINE_PAUSE;
	return by_timestamp;
}

/* The same backwards, for a packet that was overtaken. */
static int64_t step_back(const struct tp_timeline *timeline, const struct tp_packet *packet,
			 int ahead, int clock_hz)
{
	int64_t by_seq = ahead * timeline->duration_ns;
	int64_t by_timestamp =
		ticks_to_ns((int32_t)(packet->timestamp - timeline->timestamp), clock_hz);

	if (clock_hz != timeline->clock_hz || by_timestamp > 0 || by_seq - by_timestamp > leap_ns)
		return by_seq;
	return by_timestamp;
}

struct tp_timeline_place tp_timeline_place(struct tp_timeline *timeline,
					   const struct tp_packet *packet, int clock_hz,
					   int64_t duration_ns)
{
	struct tp_timeline_place place = {.seq = packet->seq, .step = TP_TIMELINE_NEXT};
	int ahead = (int16_t)(packet->seq - (uint16_t)timeline->seq);

	if (timeline->started && ahead <= 0 && ahead > -SEQ_RESTART) {
		place.seq = timeline->seq + ahead;
		place.media_ns = timeline->media_ns + step_back(timeline, packet, ahead, clock_hz);
		return place;
	}
	if (timeline->started) {
		if (ahead <= 0)
			ahead += 1 << 16; /* restarted: newer than everything before it */
		place.seq = timeline->seq + ahead;
		place.media_ns = timeline->media_ns +
				 step_forward(timeline, packet, ahead, clock_hz, &place.step);
	}
	*timeline = (struct tp_timeline){
		.started = true,
		.seq = place.seq,
		.timestamp = packet->timestamp,
		.clock_hz = clock_hz,
		.media_ns = place.media_ns,
		.duration_ns = duration_ns,
		.stamp_ns = packet->stamp_ns,
	};
	return place;
}
