/* SPDX-License-Identifier: MIT */
/* The room behind a talker: learnt from the quietest sound, or told by
 * the peer; goes on as noise. */
#ifndef TP_BACKGROUND_H
#define TP_BACKGROUND_H

#include "noise.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	TP_BACKGROUND_ORDER = 16, /* of the linear prediction */
	TP_BACKGROUND_LOOK_MS = 10, /* frame that it is learnt from */
};

/* Caller-owned; one thread at a time. */
struct tp_background {
	int rate_hz;

	/* Learnt from the quietest frames. */
	float correlation[TP_BACKGROUND_ORDER + 1]; /* mean, per sample */
	float least, least_before; /* smallest energies of this and the last window */
	int window_n; /* looks done of it */
	int looks; /* at the spectrum of this room */

	/* Told by the peer; in force until it is forgotten. */
	bool told;
	float told_power; /* mean square */
	int told_order; /* 0: of the learnt colour */
	float told_reflection[TP_BACKGROUND_ORDER];

	/* What sounds. */
	struct tp_noise noise;
	bool let_go; /* nobody has said for long that it is still so */
	float gain; /* of the excitation, on its way to the shape's */
	float shape[TP_BACKGROUND_ORDER + 1]; /* predictor; [0]: power of the excitation */
	float memory[TP_BACKGROUND_ORDER];
};

/* Rates 8000..48000. [any] */
void tp_background_init(struct tp_background *background, int rate_hz);

/* Looks at TP_BACKGROUND_LOOK_MS of good sound. [audio] */
void tp_background_hear(struct tp_background *background, const int16_t *frame);

/* The peer describes its room (RFC 3389): mean square, and `order` reflection coefficients, -1 < k
 * < 1 (k of white-to-dark noise is positive); those past TP_BACKGROUND_ORDER are left out. What
 * sounds moves there in 100 ms. [audio] */
void tp_background_tell(struct tp_background *background, float power, const float *reflection,
			int order);

/* The peer talks again: what it told holds no more. [audio] */
void tp_background_forget(struct tp_background *background);

/* Noise is about to sound: shapes it from what is known by now. [audio] */
void tp_background_begin(struct tp_background *background);

/* Until the next tp_background_begin() what was learnt is old: it sounds on a quarter as loud, as a
 * sign that the line is there. What was told holds. [audio] */
void tp_background_let_go(struct tp_background *background);

/* The next sample of noise. [audio] */
float tp_background_next(struct tp_background *background);

/* What the learnt room is like, as tp_background_tell() takes it:
 * returns its mean square. [audio] */
float tp_background_describe(const struct tp_background *background, float *reflection, int order);

/* Mean square of what would sound, from the learnt room. [audio] */
float tp_background_power(const struct tp_background *background);

#endif
