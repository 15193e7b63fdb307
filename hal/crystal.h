/* SPDX-License-Identifier: MIT */
/* A crystal: counts frames as an exact function of time, for hours and without rounding drift. */
#ifndef TP_CRYSTAL_H
#define TP_CRYSTAL_H

#include <stdint.h>

enum {
	TP_CRYSTAL_RATE_MAX = 192000,
	TP_CRYSTAL_PPM_MAX = 2000, /* ten times the worst crystal */
};

/* Its true rate is rate_hz * (1 + ppb / 1e9), an integer number of frames per 1e9 seconds. */
struct tp_crystal {
	int64_t whole_hz;
	int64_t nano_hz; /* 0..999999999 */
	int64_t ppb;
};

/* rate_hz 1..TP_CRYSTAL_RATE_MAX, ppb within +-1000 * TP_CRYSTAL_PPM_MAX. [any] */
void tp_crystal_init(struct tp_crystal *crystal, int rate_hz, int64_t ppb);

/* Frames counted after `elapsed_ns`, rounded down; 0 for a negative time. Exact for 30 years.
 * [any] */
int64_t tp_crystal_frames(const struct tp_crystal *crystal, int64_t elapsed_ns);

/* The first nanosecond at which tp_crystal_frames() gives `frames`. [any] */
int64_t tp_crystal_time_ns(const struct tp_crystal *crystal, int64_t frames);

/* Where the counter of `other` stands at the instant at which `crystal` counts `frames`, if both
 * began together at the same nominal rate: whole frames, rounded down, and *fraction 0..<1. Exact
 * to 1e12 frames. [any] */
int64_t tp_crystal_cross(const struct tp_crystal *crystal, const struct tp_crystal *other,
			 int64_t frames, float *fraction);

#endif
