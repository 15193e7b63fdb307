/* SPDX-License-Identifier: MIT */
/* Takes rumble and hum out of a microphone. */
#ifndef TP_HIGHPASS_H
#define TP_HIGHPASS_H

#include <stdint.h>

enum { TP_HIGHPASS_HZ = 90 };

/* Caller-owned, one thread at a time. */
struct tp_highpass {
	double b, a1, a2; /* y = b (x - 2 x' + x'') + a1 y' + a2 y'' */
	double s1, s2;
};

/* Second-order Butterworth, -3 dB at TP_HIGHPASS_HZ. [any] */
void tp_highpass_init(struct tp_highpass *highpass, int rate_hz);

/* `out` may be `in`. Saturating. No delay beyond its phase. [audio] */
void tp_highpass_process(struct tp_highpass *highpass, const int16_t *in, int16_t *out, int n);

#endif
