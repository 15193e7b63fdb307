/* SPDX-License-Identifier: MIT */
/* Holds a talker's level: slow gain from the level of his speech, and a limiter behind it. */
#ifndef TP_AGC_H
#define TP_AGC_H

#include <stdbool.h>

enum {
	TP_AGC_TARGET_DB = -21, /* full scale, mean of speech */
	TP_AGC_GAIN_MAX_DB = 18,
};

/* Caller-owned, one thread at a time. */
struct tp_agc {
	float block_s;
	float speech_db, gain_db; /* the level of speech so far; what is applied */
	float now; /* factor at the end of the last block */
	float limit; /* of the limiter, 1: nothing to do */
};

/* block_n samples a call. [any] */
void tp_agc_init(struct tp_agc *agc, int rate_hz, int block_n);

/* A block, in place, samples as floats of 16-bit scale. `speech`: somebody talks here; only then is
 * the gain moved. No delay. [audio] */
void tp_agc_process(struct tp_agc *agc, float *pcm, int n, bool speech);

#endif
