/* SPDX-License-Identifier: MIT */
/* The diffuse tail of a room: a feedback delay network that decays at a chosen rate. */
#ifndef TP_REVERB_H
#define TP_REVERB_H

#include <talkpath/attributes.h>

#include <stdint.h>

enum {
	TP_REVERB_LINES = 8,
	TP_REVERB_BLOCK = 32, /* samples at a time, at most; no line is shorter */
};

/* One delay line. Its gain and its one-pole filter take from a round trip what the room would take
 * from sound in that time. */
struct tp_reverb_line {
	float *sample;
	int len, at;
	float gain, pole, last;
};

struct tp_reverb {
	float *memory;
	int memory_n;
	struct tp_reverb_line line[TP_REVERB_LINES];
};

/* rt60_s: the time in which low sound decays by 60 dB, above 0; at 3.8 kHz it takes 0.7 of that, as
 * air, carpets and curtains have it. mean_path_m: between two walls; sound is heard again after
 * about 1 of it, and the longest line is 3. Allocates; tp_reverb_close() takes it back.
 * [control] */
TP_MUST_USE int tp_reverb_open(struct tp_reverb *reverb, int rate_hz, float rt60_s,
			       float mean_path_m, uint32_t seed);
void tp_reverb_close(struct tp_reverb *reverb);

/* Silence again. [audio] */
void tp_reverb_clear(struct tp_reverb *reverb);

/* Adds gain * tail of in[0..n) to out[0..n), n up to TP_REVERB_BLOCK. [audio] */
void tp_reverb_add(struct tp_reverb *reverb, const float *in, float *out, int n, float gain);

#endif
