/* SPDX-License-Identifier: MIT */
/* A room made from a seed: the way from a loudspeaker to a microphone; and sound fit to break things. */
#ifndef FAKE_ECHO_H
#define FAKE_ECHO_H

#include "dsp/noise.h"

#include <stdint.h>

enum { FAKE_ECHO_TAPS = 300 };

/* Random reflections that decay exponentially. */
struct fake_echo {
	int delay_n[FAKE_ECHO_TAPS];
	double gain[FAKE_ECHO_TAPS];
};

/* Direct sound after delay_ms, reflections until length_ms, 60 dB less loud after t60_ms; gain_db: level
 * of the echo of white noise over that noise. */
void fake_echo_init(struct fake_echo *room, uint32_t seed, int rate_hz, double delay_ms,
		    double length_ms, double t60_ms, double gain_db);

/* Adds the echo of ref to mic, n samples, saturating. */
void fake_echo_add(const struct fake_echo *room, const int16_t *ref, int16_t *mic, int n);

/* Garbage for a canceller: loudspeaker and microphone, each silence, noise, tones, squares, direct
 * current or single pulses at any level up to far over full scale, alone or coupled with any gain. */
struct garbage {
	struct tp_noise dice;
	struct garbage_source {
		int kind, every;
		double level, step, phase;
	} far, near;
	int left_n, coupling, delay_n;
	double gain;
	int16_t past[8192];
	int at;
};

void garbage_init(struct garbage *garbage, uint32_t seed);
void garbage_fill(struct garbage *garbage, int16_t *mic, int16_t *ref, int n);

#endif
