/* SPDX-License-Identifier: MIT */
/* The jitter buffer: packets in order of media time, and how long the
 * stream is worth waiting for. */
#ifndef TP_JITTER_H
#define TP_JITTER_H

#include "engine/delay.h"
#include "engine/packet.h"
#include "engine/skew.h"
#include "engine/timeline.h"

/* A packet that waits for its turn; the buffer owns it until tp_jitter_take(). */
struct tp_jitter_entry {
	struct tp_packet *packet;
	int64_t seq;
	int64_t media_ns, duration_ns;
	enum tp_timeline_step step;
};

struct tp_jitter {
	struct tp_jitter_entry *entry; /* by media time, the next one first */
	int n, cap;
	struct tp_timeline timeline;
	struct tp_delay delay;
	struct tp_skew skew;
	int64_t block_ns;
	int64_t last_seq; /* of the packet taken last */
	bool taken; /* whether there was one */
	float loss; /* share of packets that never came, recent */
	float overtaken; /* share of those that came behind one that follows them */
	/* Set by whoever conceals: see struct tp_delay_loss, and what of
	 * a gap needs no next packet. */
	float mended;
	int64_t sure_ns;
	uint32_t late, discarded;
};

enum tp_jitter_verdict {
	TP_JITTER_STORED,
	TP_JITTER_DUPLICATE,
	TP_JITTER_LATE, /* its time has been played already */
	TP_JITTER_DISPLACED, /* stored, and the oldest one had to leave for it */
};

/* `entries` holds `cap`; borrowed. [control] */
void tp_jitter_init(struct tp_jitter *jitter, struct tp_jitter_entry *entries, int cap,
		    const struct tp_jitter_config *config, int64_t block_ns);

/* Takes a packet that lasts duration_ns. `now_ns` is the time of the running block, played_ns the
 * media time up to which all has been played (INT64_MIN: nothing yet). What is not stored, or is
 * displaced, comes back through *refused and belongs to the caller. [audio] */
enum tp_jitter_verdict tp_jitter_put(struct tp_jitter *jitter, struct tp_packet *packet,
				     int clock_hz, int64_t duration_ns, int64_t now_ns,
				     int64_t played_ns, struct tp_packet **refused);

/* The packet that is next in media time, or NULL. [audio] */
const struct tp_jitter_entry *tp_jitter_next(const struct tp_jitter *jitter);

/* Gives the next packet to the caller. [audio] */
struct tp_packet *tp_jitter_take(struct tp_jitter *jitter);

/* A new stream: the timeline and the statistics begin anew. The buffer must be empty. [audio] */
void tp_jitter_reset(struct tp_jitter *jitter);

/* Media played at time t should be that of t minus this. [audio] */
int64_t tp_jitter_target_ns(const struct tp_jitter *jitter);

/* Nothing is here for media time whose delay has grown to delay_ns, `missing` packets in a row:
 * whether it is more likely late than lost. [audio] */
bool tp_jitter_worth_waiting(const struct tp_jitter *jitter, int64_t delay_ns, int missing);

#endif
