/* SPDX-License-Identifier: MIT */
/* Sound like a talker's, made by a formula: syllables of gliding pitch, hisses and pauses. */
#ifndef TP_TESTS_FAKE_TALKER_H
#define TP_TESTS_FAKE_TALKER_H

#include <stdint.h>

/* n samples at rate_hz from the beginning of the talk of `seed`, peaks near `peak`. */
void fake_talker(int16_t *pcm, int n, int rate_hz, uint32_t seed, double peak);

/* Signal to error of `heard` against `said`, dB; 100 if they are equal. */
double fake_talker_snr_db(const int16_t *said, const int16_t *heard, int n);

/* The next number of a 32-bit generator (xorshift; the state must not be 0). */
uint32_t fake_talker_random(uint32_t *state);

#endif
