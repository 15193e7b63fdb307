/* SPDX-License-Identifier: MIT */
/* Takes out what the linear canceller left, and fills the hole with the room's noise. */
#ifndef TP_SUPPRESS_H
#define TP_SUPPRESS_H

#include "echo_comfort.h"
#include "residual.h"
#include "shape.h"

struct tp_suppress;

/* 8000, 16000 or 48000 Hz; delay_n as in tp_shape_init(). NULL if there is no memory. Gives what
 * tp_suppress_destroy() takes. [control] */
struct tp_suppress *tp_suppress_create(int rate_hz, int delay_n);

/* NULL is allowed. [control] */
void tp_suppress_destroy(struct tp_suppress *suppress);

/* Which suppression is on; at first that of echo. [audio] */
void tp_suppress_set(struct tp_suppress *suppress, bool echo, bool noise);

/* Forgets the sound, and keeps what was learnt. [any] */
void tp_suppress_rest(struct tp_suppress *suppress);

/* Takes n samples, a multiple of 5 ms: what the canceller left, what it took out, what the
 * loudspeaker got, and the same delayed as its echo is: NULL while that is not known, or once the
 * filter was right. `out` may be `error`. [audio] */
void tp_suppress_process(struct tp_suppress *suppress, const float *error, const float *echo,
			 const float *far, const float *placed, float *out, int n);

/* [audio] */
struct tp_residual *tp_suppress_residual(struct tp_suppress *suppress);

#endif
