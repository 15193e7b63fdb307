/* SPDX-License-Identifier: MIT */
/* The playout delay worth waiting: statistics of how late packets come,
 * and a target of least cost. */
#ifndef TP_DELAY_H
#define TP_DELAY_H

#include "engine/opening.h"

#include <talkpath/talkpath.h>

#include <stdbool.h>
#include <stdint.h>

enum {
	TP_DELAY_BINS = 256,
	TP_DELAY_BIN_US = 2500, /* a quarter of a block; 256 of them reach 640 ms */
	TP_DELAY_SAME_US = 1000, /* what is later by no more than this is not late */
	TP_DELAY_WINDOWS = 8, /* the fastest packet of each of the last 8 seconds */
	TP_DELAY_STALL_MS = 160, /* what is later than this is not waited for to its end */
};

/* A delay here is the time at which a packet could first be played less its media time: its zero is
 * arbitrary, only differences mean something. Statistics are of the delay beyond the fastest
 * packet, in bins; bin b stands for a playout delay of b * TP_DELAY_BIN_US.
 *
 * What does a playout delay D cost? Wherever a packet is later than that, sound is made up until it
 * is there, and from then on the delay is longer; it comes back in its own time. `hold` is the
 * delay that this alone would give: it rises with every late packet and falls slowly, but at once
 * after a stall that is given up. So D costs the sound that is made up, which is what `hold` rises
 * above D, and the delay that is really there, max(D, hold). */
struct tp_delay {
	struct tp_jitter_config config;
	/* Sums over the media time seen, older ones count less; all of them in units of `gain`. */
	float level[TP_DELAY_BINS]; /* milliseconds for which hold was here */
	float rise[TP_DELAY_BINS]; /* times that hold rose through here */
	float cross
		[TP_DELAY_BINS]; /* times that a packet was later than this, and the one before not */
	float share[TP_DELAY_BINS]; /* milliseconds of packets by their delay */
	float total; /* milliseconds in all */
	float gain; /* of the newest packet: growing, in place of all others' shrinking */
	uint32_t beyond_ms[TP_DELAY_BINS]; /* when a packet was later than this bin last */
	int top; /* no bin above it holds anything */
	double hold_ms;
	double calm_ms; /* hold, but for a stall that is given up */
	double stall_ms; /* media time since such a stall began; 0: none */
	double peak_ms
		[2]; /* the latest packet of the running half of a saw's tooth, and of the last */
	uint32_t peak_end_ms;
	int last_bin; /* of the packet before */
	uint32_t media_ms; /* media time seen */
	uint32_t choose_ms; /* when the target is looked for next */
	bool creeps; /* see struct tp_delay_sample */

	int64_t base_ns; /* the fastest packet's delay */
	int64_t zero_ns; /* of the bins: within half a bin of base_ns */
	int64_t fastest_ns[TP_DELAY_WINDOWS];
	int64_t window_end_ns;
	int window;
	bool started;
	double ppm; /* by which all delays grow with time, taken out of them here */
	double grown_ns; /* so far */
	int64_t grown_at_ns;

	float rest_ms; /* the path outside this buffer; 0: not known */
	struct tp_opening opening;
	int64_t start_ns; /* delay beyond base at the start of the stream */
	int64_t extra_ns; /* wanted beyond base_ns */
};

/* [audio] */
void tp_delay_init(struct tp_delay *delay, const struct tp_jitter_config *config);

/* Changes the settings without forgetting. [audio] */
void tp_delay_configure(struct tp_delay *delay, const struct tp_jitter_config *config);

struct tp_delay_sample {
	int64_t delay_ns, duration_ns; /* of one packet */
	int64_t after_ns; /* since the arrival of the one before it; negative: that one is not here */
	bool overtaken; /* by a packet that follows it */
	bool creeps; /* whether delays may grow or shrink with time is not known yet */
};

/* What is lost, and what waiting is worth for it. */
struct tp_delay_loss {
	float share; /* of packets that never come */
	float mended; /* share of a lost packet's harm that the next packet takes away, if it is there */
	float next_ms; /* by how much later than the lost one it may be there for that */
};

/* Learns from a packet, late ones too. [audio] */
void tp_delay_learn(struct tp_delay *delay, const struct tp_delay_sample *sample,
		    const struct tp_delay_loss *loss, int64_t now_ns);

/* What the way to the peer and back takes, so that a delay costs what
 * it does in this call. [audio] */
void tp_delay_round_trip(struct tp_delay *delay, int ms);

/* From now on delays grow by so much with time. [audio] */
void tp_delay_follow(struct tp_delay *delay, double ppm);

/* From now on delays are exact; until now they were up to grain_ns too long. On their new scale the
 * fastest is base_ns. [audio] */
void tp_delay_rescale(struct tp_delay *delay, int64_t base_ns, int64_t grain_ns);

/* Forgets everything, for a new stream. [audio] */
void tp_delay_reset(struct tp_delay *delay);

/* The fastest packet's delay, on the scale of tp_delay_learn's delay_ns. [audio] */
int64_t tp_delay_base_ns(const struct tp_delay *delay);

/* The wanted playout delay, on the scale of tp_delay_learn's delay_ns. [audio] */
int64_t tp_delay_target_ns(const struct tp_delay *delay);

/* The delay that the latest of the recent packets had, on the same scale. [audio] */
int64_t tp_delay_held_ns(const struct tp_delay *delay);

/* The delay that the last packets have needed, on the same scale: less would be
 * too little at once. [audio] */
int64_t tp_delay_needed_ns(const struct tp_delay *delay);

/* The bin whose playout delay is enough for this one. [audio] */
int tp_delay_bin_of(double ms);

/* The share of packets that are later than `delay_ns`, 0..1. [audio] */
double tp_delay_share_later(const struct tp_delay *delay, int64_t delay_ns);

#endif
