/* SPDX-License-Identifier: MIT */
/* Whether somebody talks: energy against the quietest of the last seconds,
 * and what that room is like. */
#include "activity.h"

#include "level.h"

#include <math.h>

enum {
	HANG_MS = 250, /* the end of a word, and the gaps within one */
};

/* Over the quietest frames, which stationary noise passes by 3 dB at most. */
#define TALK_OVER 5.0f
/* From -40 dB on it is sound, however evenly it goes on: music, a tone. */
#define TALK_SURE 107374.0f

void tp_activity_init(struct tp_activity *activity, int rate_hz)
{
	tp_background_init(&activity->room, rate_hz);
	activity->hang_ms = HANG_MS;
	activity->talks = true;
}

static bool is_loud(const struct tp_background *room, const int16_t *frame, int n)
{
	float power = (float)tp_level_energy(frame, n) / (float)n;
	float floor = fminf(room->least, room->least_before);

	return !isfinite(room->least_before) || power > TALK_SURE ||
	       power > TALK_OVER * fmaxf(floor, 1.0f);
}

bool tp_activity_hear(struct tp_activity *activity, const int16_t *pcm, int n)
{
	int look_n = activity->room.rate_hz * TP_BACKGROUND_LOOK_MS / 1000;
	bool talks = false;

	for (int at = 0; at + look_n <= n; at += look_n) {
		tp_background_hear(&activity->room, pcm + at);
		if (is_loud(&activity->room, pcm + at, look_n))
			activity->hang_ms = HANG_MS;
		else if (activity->hang_ms > 0)
			activity->hang_ms -= TP_BACKGROUND_LOOK_MS;
		talks |= activity->hang_ms > 0;
	}
	return activity->talks = talks;
}
