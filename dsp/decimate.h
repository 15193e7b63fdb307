/* SPDX-License-Identifier: MIT */
/* Brings 8, 16 or 48 kHz to 8 kHz, for estimators that need no more. */
#ifndef TP_DECIMATE_H
#define TP_DECIMATE_H

enum {
	TP_DECIMATE_RATE_HZ = 8000,
	TP_DECIMATE_FACTOR_MAX = 6,
	TP_DECIMATE_TAPS_MAX = 8 * TP_DECIMATE_FACTOR_MAX,
};

/* Caller-owned, one thread at a time. */
struct tp_decimate {
	int factor, taps_n;
	float taps[TP_DECIMATE_TAPS_MAX];
	float past[TP_DECIMATE_TAPS_MAX];
};

/* rate_hz: 8000, 16000 or 48000. [any] */
void tp_decimate_init(struct tp_decimate *decimate, int rate_hz);

/* n samples, a multiple of rate_hz / 8000 and no more than 960; returns how many came out. Half a
 * millisecond of delay, none at 8 kHz. [audio] */
int tp_decimate_process(struct tp_decimate *decimate, const float *in, int n, float *out);

#endif
