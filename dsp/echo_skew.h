/* SPDX-License-Identifier: MIT */
/* How much faster the microphone's clock hears the loudspeaker's: parts per
 * million, from the signals alone. */
#ifndef TP_ECHO_SKEW_H
#define TP_ECHO_SKEW_H

#include "align.h"

enum { TP_ECHO_SKEW_KEPT = 17 }; /* snapshots: 4 s back */

/* Every quarter of a second the transfer function from the aligned loudspeaker to the microphone is
 * measured anew. Where clocks differ its phase turns, in proportion to frequency; the turn between
 * two measurements a quarter of a second to 4 s apart is the drift. What was already corrected on
 * the way is counted in, so the answer is that of the clocks, not of what is left. Caller-owned,
 * some 40 KiB; one thread at a time. */
struct tp_echo_skew {
	float far[2 * TP_ALIGN_HOP_N + 80]; /* the hop before, the running one, a block over */
	int fill_n;
	float far_power[TP_ALIGN_BINS], mic_power[TP_ALIGN_BINS];
	struct tp_echo_skew_snapshot {
		float re[TP_ALIGN_BINS], im[TP_ALIGN_BINS];
		double end_s; /* when it was complete */
		double moved_n; /* what was corrected until its middle, samples at 8 kHz */
		int hops; /* that are in it */
	} kept[TP_ECHO_SKEW_KEPT];
	int newest, whole; /* whole snapshots behind the newest, which is being made */
	double time_s, moved_n;
	double ppm, variance;
	int strange; /* measurements in a row that do not fit */
};

/* [any] */
void tp_echo_skew_init(struct tp_echo_skew *skew);

/* Takes n samples of the aligned loudspeaker at 8 kHz, in step with tp_align_add(); `moved_n`
 * samples of it were corrected in them. [audio] */
void tp_echo_skew_add(struct tp_echo_skew *skew, const float *far, int n, double moved_n);

/* After tp_align_add() said that a hop is complete. Returns true when
 * there is a new estimate. [audio] */
bool tp_echo_skew_hop(struct tp_echo_skew *skew, const struct tp_align *align);

/* Instead, when this hop tells nothing. [audio] */
void tp_echo_skew_skip(struct tp_echo_skew *skew);

/* The reference was moved: older measurements cannot be compared with newer ones. [audio] */
void tp_echo_skew_moved(struct tp_echo_skew *skew);

/* Standard deviation of the estimate, ppm: 150 while nothing is known. [audio] */
double tp_echo_skew_doubt_ppm(const struct tp_echo_skew *skew);

#endif
