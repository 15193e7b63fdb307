/* SPDX-License-Identifier: MIT */
/* The playout delay worth waiting: statistics of how late packets come, and a target of least cost. */
#ifndef TP_DELAY_H
#define TP_DELAY_H

#include <talkpath/talkpath.h>

#include <stdbool.h>
#include <stdint.h>

enum {
	TP_DELAY_BINS = 256,
	TP_DELAY_BIN_US = 2500, /* a quarter of a block; 256 of them reach 640 ms */
	TP_DELAY_WINDOWS = 8, /* the fastest packet of each of the last 8 seconds */
};

/* A delay here is the time at which a packet could first be played less its media time: its zero is
 * arbitrary, only differences mean something. */
struct tp_delay {
	struct tp_jitter_config config;
	float share[TP_DELAY_BINS]; /* of packets, by delay beyond base_ns; sums to 1 */
	int64_t base_ns; /* the fastest packet's delay, down to a whole bin */
	int64_t fastest_ns[TP_DELAY_WINDOWS];
	int64_t window_end_ns;
	int window;
	int packets; /* learnt from, up to the memory's length */
	int64_t start_ns; /* delay beyond base at the start of the stream */
	int64_t extra_ns; /* wanted beyond base_ns */
};

/* `start_ns` is what is waited beyond the first packet while nothing is known. [audio] */
void tp_delay_init(struct tp_delay *delay, const struct tp_jitter_config *config);

/* Changes the settings without forgetting. [audio] */
void tp_delay_configure(struct tp_delay *delay, const struct tp_jitter_config *config);

/* Learns the delay of a packet, late and overtaken ones too. [audio] */
void tp_delay_learn(struct tp_delay *delay, int64_t delay_ns, int64_t now_ns);

/* Forgets everything, for a new stream. [audio] */
void tp_delay_reset(struct tp_delay *delay);

/* The wanted playout delay, on the scale of tp_delay_learn's delay_ns. [audio] */
int64_t tp_delay_target_ns(const struct tp_delay *delay);

/* The share of packets that are later than `delay_ns`, 0..1. [audio] */
double tp_delay_share_later(const struct tp_delay *delay, int64_t delay_ns);

#endif
