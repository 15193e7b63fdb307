/* SPDX-License-Identifier: MIT */
/* Where sound repeats itself: the lag of best normalised correlation. */
#ifndef TP_PITCH_H
#define TP_PITCH_H

#include <stdint.h>

enum { TP_PITCH_MAX_MS = 40 };

/* Compares the last n - max_n samples with those `lag` samples before them, for every lag in
 * min_n..max_n, and returns the most alike one. *correlation: -1..1, of that lag; 0 for silence. Of
 * whole periods that are alike the shortest is meant: the square of a correlation loses the share
 * `nearer` from the shortest lag to the longest. 0 < min_n <= max_n < n, n at most TP_PITCH_MAX_MS
 * of sound; 8000..48000 Hz. [audio] */
int tp_pitch_find(const int16_t *pcm, int n, int rate_hz, int min_n, int max_n, float nearer,
		  float *correlation);

/* Normalised correlation of two stretches of n samples, -1..1; 0 if either is silent. [audio] */
float tp_pitch_likeness(const int16_t *a, const int16_t *b, int n);

#endif
