/* SPDX-License-Identifier: MIT */
/* A second of a voice, made of arithmetic: what codecs and cancellers are timed with. */
#include "talk.h"

#include "engine/random.h"

#include <math.h>
#include <stdbool.h>

enum {
	FORMANTS = 3,
	SYLLABLE_MS = 180, /* four or five in a second are usual */
};

static const double voiced = 5000, hiss = 900, bandwidth_hz = 90;

/* What comes of the lungs at a sample: a pulse of the vocal cords, noise, or nothing. */
static double excite(struct tp_random *random, int syllable, double *phase, double step)
{
	double noise = tp_random_unit(random) - 0.5;
	bool pulse;

	*phase += step;
	pulse = *phase >= 1;
	*phase -= pulse;
	switch (syllable % 4) {
	case 3:
		return noise * 0.002;
	case 2:
		return noise * hiss / voiced;
	default:
		return (pulse ? 1 : 0) + noise * 0.01;
	}
}

void tp_talk_fill(int16_t *pcm, int n, int rate_hz)
{
	double y1[FORMANTS] = {0}, y2[FORMANTS] = {0}, phase = 0;
	double r = exp(-M_PI * bandwidth_hz / rate_hz);
	struct tp_random random;

	tp_random_init(&random, 1, 1);
	for (int i = 0; i < n; i++) {
		int syllable = (int)((int64_t)i * 1000 / rate_hz) / SYLLABLE_MS;
		double pitch_hz = 120 + 25 * sin(2 * M_PI * 1.3 * i / rate_hz), sum = 0;
		double x = excite(&random, syllable, &phase, pitch_hz / rate_hz);

		for (int k = 0; k < FORMANTS; k++) {
			double hz = 500 + 950 * k + 60 * (syllable * (k + 2) % 5);
			double y = x + 2 * r * cos(2 * M_PI * hz / rate_hz) * y1[k] - r * r * y2[k];

			y2[k] = y1[k];
			y1[k] = y;
			sum += y / (1 + k);
		}
		pcm[i] = (int16_t)fmax(-32000, fmin(32000, voiced * sum));
	}
}
