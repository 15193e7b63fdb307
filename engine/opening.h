/* SPDX-License-Identifier: MIT */
/* The delay that a stream begins with: how much its sender sends at once. */
#ifndef TP_OPENING_H
#define TP_OPENING_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed: a stream that has not begun. */
struct tp_opening {
	int64_t run_ns; /* media time of the newest packet and of those that came at once with it */
	int64_t packet_ns; /* the longest of them */
	int run_n; /* how many they are */
	bool begun; /* the first of such runs is over */
	bool done; /* nothing more is to be learnt */
	int64_t delay_ns;
};

struct tp_opening_packet {
	int64_t duration_ns;
	int64_t after_ns; /* since the arrival of the one before it; negative: that one is not here */
	int64_t faster_ns; /* than the fastest until now; 0: it is not */
};

/* Takes the next packet, and returns the delay to begin with, beyond the fastest packet. [audio] */
int64_t tp_opening_hear(struct tp_opening *opening, const struct tp_opening_packet *packet);

#endif
