/* SPDX-License-Identifier: MIT */
/* How loud echo may be, band by band, as far as can be told without a filter that predicts it. */
#ifndef TP_RESIDUAL_PRIOR_H
#define TP_RESIDUAL_PRIOR_H

#include <stdbool.h>

/* What is left of a sound in a room of 0.5 s after a hop: -0.6 dB. */
#define TP_RESIDUAL_ROOM_KEEP 0.87f

/* One band; all are powers. Caller-owned, one thread at a time. */
struct tp_residual_prior {
	float heard; /* loudest of the loudspeaker's last time, falling: its echo may come yet */
	float gain; /* echo over `heard`, an upper bound */
	float seen; /* microphone over `heard`, the most of the last half second */
	float near; /* as `heard`, where its echo is: it falls as a sound does in a room */
	float usual_db; /* microphone over `near`: three of ten hops are under it */
	int near_hops; /* that it was learnt from */
};

/* [any] */
void tp_residual_prior_init(struct tp_residual_prior *prior);

/* A hop of the loudspeaker; not 0. [audio] */
void tp_residual_prior_hear(struct tp_residual_prior *prior, float far);

/* Whether a hop of the loudspeaker is a sound, not the reverberation of one. [any] */
bool tp_residual_prior_sounds(const struct tp_residual_prior *prior, float far);

/* The loudspeaker where its echo is expected, not 0, and what the canceller left in this hop; under
 * `least` nothing is learnt. [audio] */
void tp_residual_prior_place(struct tp_residual_prior *prior, float far, float error, float least);

/* It is expected elsewhere. [audio] */
void tp_residual_prior_moved(struct tp_residual_prior *prior);

/* Echo is no more than what the canceller left of it; `settled`: most sounds of speech have come
 * by. Not of reverberation. [audio] */
void tp_residual_prior_bound(struct tp_residual_prior *prior, float error, bool settled);

/* A filter that is right predicts so much. [audio] */
void tp_residual_prior_learn(struct tp_residual_prior *prior, float echo);

/* Echo comes louder by this factor of power from now on. [audio] */
void tp_residual_prior_louder(struct tp_residual_prior *prior, float power);

/* How much echo may be now, by where it is expected if `placed`. [audio] */
float tp_residual_prior_power(const struct tp_residual_prior *prior, bool placed);

#endif
