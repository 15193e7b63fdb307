/* SPDX-License-Identifier: MIT */
/* Sounds that tests make, and what they measure of others. */
#include "sound.h"

#include "hal/random.h"

#include <math.h>
#include <string.h>

void sound_make_silence(int16_t *pcm, int64_t n)
{
	memset(pcm, 0, (size_t)n * sizeof(*pcm));
}

void sound_make_noise(int16_t *pcm, int64_t n, int amplitude)
{
	struct tp_random random;

	tp_random_init(&random, 21, 0);
	for (int64_t i = 0; i < n; i++)
		pcm[i] = (int16_t)((int)(tp_random_next(&random) % (2 * (unsigned)amplitude + 1)) -
				   amplitude);
}

void sound_make_tone(int16_t *pcm, int64_t n, double turns_per_sample, double amplitude)
{
	for (int64_t i = 0; i < n; i++)
		pcm[i] = (int16_t)lrint(amplitude *
					sin(2 * M_PI * fmod(turns_per_sample * (double)i, 1)));
}

double sound_power(const int16_t *pcm, int64_t n)
{
	double sum = 0;

	for (int64_t i = 0; i < n; i++)
		sum += (double)pcm[i] * pcm[i];
	return sum / (double)n;
}

double sound_level_db(const int16_t *pcm, int64_t n)
{
	return 10 * log10(sound_power(pcm, n) / (32768.0 * 32768.0) + 1e-12);
}

/* A second-order band-pass (audio-EQ cookbook), transposed. */
void sound_keep_octave(int16_t *pcm, int64_t n, int rate_hz, double hz)
{
	double w = 2 * M_PI * hz / rate_hz, alpha = sin(w) / (2 * M_SQRT2), z1 = 0, z2 = 0;

	for (int64_t i = 0; i < n; i++) {
		double x = pcm[i], y = (alpha * x + z1) / (1 + alpha);

		z1 = z2 + 2 * cos(w) * y;
		z2 = -alpha * x - (1 - alpha) * y;
		pcm[i] = (int16_t)lrint(y);
	}
}

void sound_find_tone(const int16_t *pcm, int64_t n, double turns_per_sample, double *amplitude,
		     double *phase)
{
	double re = 0, im = 0;

	for (int64_t i = 0; i < n; i++) {
		double window = 1 - cos(2 * M_PI * (double)i / (double)n);
		double angle = 2 * M_PI * fmod(turns_per_sample * (double)i, 1);

		re += window * pcm[i] * cos(angle);
		im += window * pcm[i] * sin(angle);
	}
	*amplitude = 2 * hypot(re, im) / (double)n;
	*phase = atan2(im, re);
}
