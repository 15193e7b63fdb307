/* SPDX-License-Identifier: MIT */
/* Sounds that tests make, and what they measure of others. */
#ifndef SOUND_H
#define SOUND_H

#include <stdint.h>

void sound_make_silence(int16_t *pcm, int64_t n);

/* White noise, even within +-amplitude, always the same. */
void sound_make_noise(int16_t *pcm, int64_t n, int amplitude);

void sound_make_tone(int16_t *pcm, int64_t n, double turns_per_sample, double amplitude);

/* The mean square, and its level relative to full scale, RMS 32768. */
double sound_power(const int16_t *pcm, int64_t n);
double sound_level_db(const int16_t *pcm, int64_t n);

/* Replaces a sound by one octave of it, around hz. */
void sound_keep_octave(int16_t *pcm, int64_t n, int rate_hz, double hz);

/* A frequency's share, amplitude * cos(2 pi turns i - phase), by a Hann window. */
void sound_find_tone(const int16_t *pcm, int64_t n, double turns_per_sample, double *amplitude,
		     double *phase);

#endif
