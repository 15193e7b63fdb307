/* SPDX-License-Identifier: MIT */
/* Makes a short piece of sound shorter or longer by one pitch period
 * or a piece of pause, unheard. */
#ifndef TP_STRETCH_H
#define TP_STRETCH_H

#include <stdint.h>

enum {
	TP_STRETCH_MIN_MS = 10, /* of sound: less holds no period and no fade */
	TP_STRETCH_MAX_MS = 40,
	TP_STRETCH_FADE_MS = 5, /* least cross-fade of the seam */
};

/* Both work in place on n samples of decoded sound (25..40 ms give the best choice; others than
 * TP_STRETCH_MIN_MS..TP_STRETCH_MAX_MS come back as they are) at 8000..48000 Hz, and join two
 * places that are alike (normalised correlation of 0.9) by a cross-fade of 5..10 ms that keeps
 * the level; where the whole piece is under `quiet_db` (dB full scale; for instance the
 * background plus 3 dB) any two places may be joined. The first and the last sample stay what
 * they were, so the neighbours still fit. They return the new length, or n with nothing changed
 * if no such places are there. */

/* Takes out at most max_cut_n samples. [audio] */
int tp_stretch_shorten(int16_t *pcm, int n, int rate_hz, int max_cut_n, double quiet_db);

/* Puts in at most max_add_n samples; pcm has room for `cap`. [audio] */
int tp_stretch_lengthen(int16_t *pcm, int n, int cap, int rate_hz, int max_add_n, double quiet_db);

#endif
