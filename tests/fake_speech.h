/* SPDX-License-Identifier: MIT */
/* Test signals: something like a talker, made from a seed; and the two real talkers that
 * the repository carries. */
#ifndef FAKE_SPEECH_H
#define FAKE_SPEECH_H

#include <stdint.h>

/* n samples of syllables, voiced and unvoiced, with pauses; -26 dB full scale while it talks. */
void fake_speech(uint32_t seed, int rate_hz, int16_t *pcm, int n);

/* White noise of this RMS (samples). */
void fake_noise(uint32_t seed, double rms, int16_t *pcm, int n);

/* A sine of this amplitude (samples) from this phase (radians) on. */
void fake_tone(double hz, double amplitude, double phase, int rate_hz, int16_t *pcm, int n);

/* A recording of the folder `speech`, "p225_003" (a woman) or "p226_006" (a man), repeated to n samples
 * at rate_hz. */
void real_speech(const char *name, int rate_hz, int16_t *pcm, int n);

#endif
