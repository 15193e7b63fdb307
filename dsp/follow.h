/* SPDX-License-Identifier: MIT */
/* Keeps the canceller's reference on its echo: delay, jumps of the delay, drift of the clocks. */
#ifndef TP_FOLLOW_H
#define TP_FOLLOW_H

#include "align.h"
#include "decimate.h"
#include "echo_skew.h"
#include "farline.h"

enum {
	TP_FOLLOW_DELAY_MAX_MS = 520,
	TP_FOLLOW_LEAD_MS = 5, /* by which the reference is earlier than the loudest of its echo */
};

enum tp_follow_event {
	TP_FOLLOW_STEADY,
	TP_FOLLOW_JUMPED, /* moved as the echo did: what was learnt is right again */
	TP_FOLLOW_FOUND, /* moved to where it should be: what was learnt is wrong */
};

/* Caller-owned; one thread at a time. */
struct tp_follow {
	struct tp_farline line;
	struct tp_decimate far_decimate, mic_decimate, line_decimate;
	struct tp_align align;
	struct tp_echo_skew skew;
	int factor, rate_hz; /* rate over 8 kHz */
	float last_lag_n; /* at 8 kHz; negative: none yet */
	double lead_n; /* wanted, samples */
	bool begun; /* lead_n is that of a filter that was learnt before */
	bool drifting; /* the reference is resampled */
	float wide[480]; /* a block */
};

/* 0, or TP_ERR_MEMORY with a sentence. tp_follow_free() takes it either way. [control] */
int tp_follow_init(struct tp_follow *follow, int rate_hz, int block_n);

/* [control] */
void tp_follow_free(struct tp_follow *follow);

/* What was known seems wrong: look for a new delay with a shorter memory. [audio] */
void tp_follow_hurry(struct tp_follow *follow, bool hurry);

/* Forgets all. [audio] */
void tp_follow_reset(struct tp_follow *follow);

/* A block of n samples: what the loudspeaker got and what the microphone heard (as floats). Gives
 * the loudspeaker's block that is due now. What is learnt from this block moves the next.
 * [audio] */
enum tp_follow_event tp_follow_process(struct tp_follow *follow, const int16_t *far,
				       const float *mic, int n, float *reference);

/* Begins with what an earlier call learnt: the delay of the reference, in samples, and by how much
 * it led the loudest of the echo. As soon as this call's echo is found the reference is moved to
 * lead as much. [control] */
void tp_follow_begin(struct tp_follow *follow, double delay_n, int64_t lead_us);

/* From now on the drift of the clocks is taken out elsewhere, as far as counters tell it: what was
 * learnt of it is over, and what is left is little. [audio] */
void tp_follow_corrected(struct tp_follow *follow);

/* That lead; negative before it is known. [control] */
int64_t tp_follow_lead_us(const struct tp_follow *follow);

/* Delay between loudspeaker and echo, NAN before it is known; and drift of the clocks. [audio] */
double tp_follow_delay_ms(const struct tp_follow *follow);
double tp_follow_drift_ppm(const struct tp_follow *follow);

#endif
