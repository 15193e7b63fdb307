/* SPDX-License-Identifier: MIT */
/* Whether somebody talks: energy against the quietest of the last seconds,
 * and what that room is like. */
#ifndef TP_ACTIVITY_H
#define TP_ACTIVITY_H

#include "background.h"

#include <stdbool.h>
#include <stdint.h>

/* Caller-owned; one thread at a time. */
struct tp_activity {
	struct tp_background room;
	int hang_ms; /* of talk after the last loud frame */
	bool talks;
};

/* Rates 8000..48000. Somebody talks until the room is known. [any] */
void tp_activity_init(struct tp_activity *activity, int rate_hz);

/* Looks at n samples, a whole number of TP_BACKGROUND_LOOK_MS frames: whether they are worth being
 * sent. [audio] */
bool tp_activity_hear(struct tp_activity *activity, const int16_t *pcm, int n);

#endif
