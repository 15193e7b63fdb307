/* SPDX-License-Identifier: MIT */
/* Holds peaks under a bound by turning the sound down, not by cutting it off. */
#ifndef TP_LIMITER_H
#define TP_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

enum {
	TP_LIMITER_PEAK = 29204, /* -1 dB full scale: a converter's filter overshoots by less */
};

/* Caller-owned, one thread at a time. */
struct tp_limiter {
	bool on;
	float gain; /* 1: nothing to do */
	float release; /* share of the way back to 1, a sample */
};

/* Off. [any] */
void tp_limiter_init(struct tp_limiter *limiter, int rate_hz);

/* Switched off it lets go as slowly as ever, without a step. [audio] */
void tp_limiter_set(struct tp_limiter *limiter, bool on);

/* Whether a block that is in range would come out as it went in. [any] */
bool tp_limiter_idle(const struct tp_limiter *limiter);

/* n samples of 16-bit scale, which may be far out of range, to `out`. Down at once,
 * back within some 0.2 s; what is under the bound meanwhile and long after goes through
 * to the bit. No delay. [audio] */
void tp_limiter_process(struct tp_limiter *limiter, const float *in, int16_t *out, int n);

#endif
