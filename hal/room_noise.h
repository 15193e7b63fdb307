/* SPDX-License-Identifier: MIT */
/* The noise of a room at rest. */
#ifndef TP_ROOM_NOISE_H
#define TP_ROOM_NOISE_H

#include "random.h"

enum {
	TP_ROOM_NOISE_SECTIONS = 3,
};

/* Gaussian noise that falls by 5 dB an octave from 80 Hz on, as Hoth measured it in offices
 * (ITU-T P.800 annex B). */
struct tp_room_noise {
	struct tp_random random;
	int sections;
	struct {
		float pole, zero, before; /* y = x - zero * x' + pole * y' */
		float last;
	} section[TP_ROOM_NOISE_SECTIONS];
	float gain;
};

/* rms: of the noise at that rate, in units of the samples. [control] */
void tp_room_noise_init(struct tp_room_noise *noise, int rate_hz, float rms, uint32_t seed);

/* Adds n samples. [audio] */
void tp_room_noise_add(struct tp_room_noise *noise, float *pcm, int n);

#endif
