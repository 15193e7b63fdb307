/* SPDX-License-Identifier: MIT */
/* Measures a tone in a recording, and what else is there. */
#ifndef SPECTRUM_H
#define SPECTRUM_H

#include <stdint.h>

struct tone {
	double amplitude; /* of the sine at that frequency */
	double rest_db; /* power of everything else, relative to it */
};

/* The least-squares sine of this frequency in n samples, and the rest. */
struct tone measure_tone(const int16_t *pcm, int n, double hz, int rate_hz);

#endif
