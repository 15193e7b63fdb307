/* SPDX-License-Identifier: MIT */
/* Sound that goes on beyond its end: its last pitch periods, again and again. */
#ifndef TP_EXTEND_H
#define TP_EXTEND_H

#include <stdint.h>

enum {
	TP_EXTEND_RATE_MAX_HZ = 48000,
	TP_EXTEND_SOUND_MS = 40, /* two periods of 15 ms and an overlap of a quarter more */
	TP_EXTEND_RING_MS = 3,
	TP_EXTEND_SOUND_MAX_N = TP_EXTEND_RATE_MAX_HZ / 1000 * TP_EXTEND_SOUND_MS,
	TP_EXTEND_RING_MAX_N = TP_EXTEND_RATE_MAX_HZ / 1000 * TP_EXTEND_RING_MS,
};

/* From this correlation on there is a pitch. */
#define TP_EXTEND_VOICED 0.65f

/* Caller-owned; one thread at a time. */
struct tp_extend {
	int rate_hz;
	int n; /* samples in use of sound */
	int stage_n, ring_n; /* when two periods begin; length of ring */
	int period_n;
	float voiced; /* normalised correlation of the period */
	int16_t sound[TP_EXTEND_SOUND_MAX_N]; /* nearest to the end last */
	float ring[TP_EXTEND_RING_MAX_N];
};

/* Goes on after the last of n samples, as many as are used of
 * TP_EXTEND_SOUND_MS; 10 ms at least. [audio] */
void tp_extend_forward(struct tp_extend *extend, int rate_hz, const int16_t *pcm, int n);

/* Goes on before the first of n samples, 10 ms at least, backwards in time. `like` is the other
 * side of the gap: a pitch is looked for near its pitch. [audio] */
void tp_extend_backward(struct tp_extend *extend, int rate_hz, const int16_t *pcm, int n,
			const struct tp_extend *like);

/* The t-th sample beyond the end, t >= 0. [audio] */
float tp_extend_at(const struct tp_extend *extend, int t);

/* The same between two samples; before the end: the first one beyond it. [audio] */
float tp_extend_between(const struct tp_extend *extend, float t);

/* How many samples later, at most half a period from `expected`, what sounds from sample `from` on
 * is most like n samples of pcm, whose pitch is `pitch` times its own; 0 where it has none.
 * `straight`: how like without any move, and `likeness`: with it, -1..1. [audio] */
int tp_extend_align(const struct tp_extend *extend, int from, int expected, float pitch,
		    const int16_t *pcm, int n, float *straight, float *likeness);

#endif
