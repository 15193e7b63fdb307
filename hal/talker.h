/* SPDX-License-Identifier: MIT */
/* The person in a simulated room: a recording that the microphone hears. */
#ifndef TP_TALKER_H
#define TP_TALKER_H

#include "crystal.h"
#include "sinc.h"
#include "wav.h"

#include <stdbool.h>

enum {
	TP_TALKER_BLOCK = 32,
};

struct tp_talker {
	struct tp_wav speech; /* mono, at the device's nominal rate */
	bool loop;
	float gain;
	struct tp_crystal time; /* a person's own: true time */
};

/* Loads a recording. level_db: its active level at the microphone (dB to full scale, RMS while it
 * speaks); NAN: the level that it has, and gain_db. tp_talker_close() takes it back. [control] */
TP_MUST_USE int tp_talker_open(struct tp_talker *talker, const char *path, int rate_hz,
			       double gain_db, double level_db, bool loop);
void tp_talker_close(struct tp_talker *talker);

/* Adds what the microphone hears at the frames first .. first + n - 1 of `capture`, n up to
 * TP_TALKER_BLOCK. [audio] */
void tp_talker_add(const struct tp_talker *talker, const struct tp_sinc *sinc,
		   const struct tp_crystal *capture, int64_t first, float *pcm, int n);

#endif
