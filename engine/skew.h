/* SPDX-License-Identifier: MIT */
/* The sender's clock against ours: the slope of the fastest packets' delay. */
#ifndef TP_SKEW_H
#define TP_SKEW_H

#include <stdbool.h>
#include <stdint.h>

enum {
	TP_SKEW_POINTS = 48,
};

struct tp_skew {
	double fastest_ms[TP_SKEW_POINTS]; /* of the windows behind us, in a ring */
	int n, next;
	int64_t origin_ns; /* that delays count from */
	double now_ms; /* the fastest of the running window */
	int64_t window_end_ns;
	bool started;
	bool known; /* whether ppm is an estimate that was believed */
	bool settled; /* whether it is known, or that there is none */
	double ppm; /* by which delays grow: positive if the sender's clock is slow */
};

/* Learns a packet's arrival less its media time. Returns whether `ppm` was found anew. [audio] */
bool tp_skew_learn(struct tp_skew *skew, int64_t delay_ns, int64_t now_ns);

/* The fastest delay of the last whole window, once ppm is known. [audio] */
int64_t tp_skew_fastest_ns(const struct tp_skew *skew);

/* The delays before this and after it are not to be compared; what is known of the clock stays.
 * [audio] */
void tp_skew_break(struct tp_skew *skew);

#endif
