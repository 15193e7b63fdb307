/* SPDX-License-Identifier: MIT */
/* Makes a short piece of sound shorter or longer: one seam, between two places a lag apart. */
#include "stretch.h"

#include "level.h"
#include "pitch.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
	PITCH_MIN_US = 2500, /* 400 Hz; what is shorter is not worth a seam */
	PITCH_MAX_US = 16000,
	FADE_MAX_MS = 10,
	FADE_MAX_N = 48 * FADE_MAX_MS,
};

/* Alike enough for a seam in the middle of speech. */
#define ALIKE 0.9f

/* Samples at..at+fade_n look like those `lag` later. */
struct seam {
	int at, lag, fade_n;
	float likeness;
};

/* The place where a lag fits best, looked for every millisecond. */
static void place(const int16_t *pcm, int n, int rate_hz, struct seam *seam)
{
	int fade_n = rate_hz * TP_STRETCH_FADE_MS / 1000, step = rate_hz / 1000;
	int room;

	seam->at = 1;
	seam->likeness = -2.0f;
	for (int at = 1; at + seam->lag + fade_n < n; at += step) {
		float likeness = tp_pitch_likeness(pcm + at, pcm + at + seam->lag, fade_n);

		if (likeness > seam->likeness) {
			seam->likeness = likeness;
			seam->at = at;
		}
	}
	/* A longer fade is smoother, but must not reach over more than the period. */
	room = n - 1 - seam->at - seam->lag;
	seam->fade_n = seam->lag < room ? seam->lag : room;
	if (seam->fade_n < fade_n)
		seam->fade_n = fade_n;
	if (seam->fade_n > rate_hz * FADE_MAX_MS / 1000)
		seam->fade_n = rate_hz * FADE_MAX_MS / 1000;
}

static bool find(const int16_t *pcm, int n, int rate_hz, int max_n, double quiet_db,
		 struct seam *seam)
{
	int least = (int)((int64_t)rate_hz * PITCH_MIN_US / 1000000);
	int most = (int)((int64_t)rate_hz * PITCH_MAX_US / 1000000);
	int room = n - rate_hz * TP_STRETCH_FADE_MS / 1000 - 2;
	float overall;

	if (n < rate_hz * TP_STRETCH_MIN_MS / 1000 || n > rate_hz * TP_STRETCH_MAX_MS / 1000)
		return false;
	if (room > max_n)
		room = max_n;
	if (room <= 0)
		return false;
	if (tp_level_db(pcm, n) < quiet_db) {
		seam->lag = room;
		place(pcm, n, rate_hz, seam);
		return true;
	}
	if (most > room)
		most = room;
	if (most < least)
		return false;
	seam->lag = tp_pitch_find(pcm, n, rate_hz, least, most, 0, &overall);
	place(pcm, n, rate_hz, seam);
	return seam->likeness >= ALIKE;
}

/* Fades from one place into another. The less alike they are, the more their sum would sink in the
 * middle: divided out, the power stays. */
static void fade(const int16_t *from, const int16_t *into, const struct seam *seam, int16_t *out)
{
	float likeness = fmaxf(0.0f, seam->likeness);

	for (int i = 0; i < seam->fade_n; i++) {
		float b = (float)(i + 1) / (float)(seam->fade_n + 1), a = 1.0f - b;
		float y = (a * from[i] + b * into[i]) /
			  sqrtf(a * a + b * b + 2.0f * likeness * a * b);

		out[i] = (int16_t)lrintf(fmaxf(-32768.0f, fminf(32767.0f, y)));
	}
}

int tp_stretch_shorten(int16_t *pcm, int n, int rate_hz, int max_cut_n, double quiet_db)
{
	struct seam seam = {0};

	if (!find(pcm, n, rate_hz, max_cut_n, quiet_db, &seam))
		return n;
	int16_t *here = pcm + seam.at, *later = here + seam.lag;

	fade(here, later, &seam, here);
	memmove(here + seam.fade_n, later + seam.fade_n,
		(size_t)(n - seam.at - seam.lag - seam.fade_n) * sizeof(*pcm));
	return n - seam.lag;
}

int tp_stretch_lengthen(int16_t *pcm, int n, int cap, int rate_hz, int max_add_n, double quiet_db)
{
	struct seam seam = {0};
	int16_t joint[FADE_MAX_N];

	if (max_add_n > cap - n)
		max_add_n = cap - n;
	if (!find(pcm, n, rate_hz, max_add_n, quiet_db, &seam))
		return n;
	int16_t *here = pcm + seam.at, *later = here + seam.lag;

	fade(later, here, &seam, joint);
	memmove(later + seam.fade_n, here + seam.fade_n,
		(size_t)(n - seam.at - seam.fade_n) * sizeof(*pcm));
	memcpy(later, joint, (size_t)seam.fade_n * sizeof(*pcm));
	return n + seam.lag;
}
