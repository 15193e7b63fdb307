/* SPDX-License-Identifier: MIT */
/* One sample clock: the capture counter says when blocks are, playback's when they sound. */
#ifndef TP_DEVICE_CLOCK_H
#define TP_DEVICE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum {
	TP_DEVICE_CLOCK_POINTS = 32, /* seconds over which two crystals are compared */
};

/* A time that advances evenly and is measured with noise. */
struct tp_steady_time {
	bool known;
	int64_t ns;
};

/* How fast the playback crystal runs against the capture crystal, from their counters. */
struct tp_crystal_ratio {
	double ahead_s
		[TP_DEVICE_CLOCK_POINTS]; /* playback's lead over capture, a mean per second */
	int points, next;
	double sum_s; /* of the running second */
	int samples;
	int64_t second_end_ns;
	double ppm; /* 0 until there are enough points */
};

/* Advances by step_ns and leans towards a measurement; jumps if they differ by more than jump_ns.
 * Returns whether it jumped. [audio] */
bool tp_steady_time_advance(struct tp_steady_time *time, int64_t step_ns, int64_t measured_ns,
			    int64_t jump_ns);

void tp_crystal_ratio_init(struct tp_crystal_ratio *ratio);

/* Takes both counters as seconds of their own nominal rate, at the same time. [audio] */
void tp_crystal_ratio_add(struct tp_crystal_ratio *ratio, double playback_s, double capture_s,
			  int64_t now_ns);

#endif
