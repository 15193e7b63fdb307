/* SPDX-License-Identifier: MIT */
/* The loudspeaker's last half second, read at a point that may move: delay
 * line and clock drift in one. */
#ifndef TP_FARLINE_H
#define TP_FARLINE_H

#include <stdint.h>

/* At a whole delay that stands still samples are copied; else they are interpolated, which needs 16
 * of them (8 at 8 kHz) on the later side too. One thread at a time. */
struct tp_farline {
	float *ring; /* twice the same, so that any stretch lies in one piece */
	int ring_n, rate_hz, at;
	double delay_n, delay_max_n;
	double slope; /* samples of delay a sample */
};

/* Delays up to delay_max_n. 0, or TP_ERR_MEMORY with a sentence. [control] */
int tp_farline_init(struct tp_farline *line, int rate_hz, int block_n, int delay_max_n);

/* [control] */
void tp_farline_free(struct tp_farline *line);

/* Silence, no delay, no drift. [audio] */
void tp_farline_reset(struct tp_farline *line);

/* Moves the point, at once. Held within what can be read. [audio] */
void tp_farline_set_delay(struct tp_farline *line, double delay_n);

/* By how many parts per million the microphone's copy is faster than the loudspeaker's: the delay
 * shrinks by so much with every sample. [audio] */
void tp_farline_set_ppm(struct tp_farline *line, double ppm);

/* Takes a block and gives the delayed one. [audio] */
void tp_farline_process(struct tp_farline *line, const int16_t *in, int n, float *out);

#endif
