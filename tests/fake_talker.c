/* SPDX-License-Identifier: MIT */
/* Sound like a talker's, made by a formula. */
#include "fake_talker.h"

#include <math.h>

enum {
	SYLLABLE_MS = 180,
	HARMONICS = 40,
};

static const double pi = 3.14159265358979323846;

uint32_t fake_talker_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Weight of a frequency in one of four vowels: three resonances. */
static double vowel_weight(double f_hz, unsigned vowel)
{
	static const double formant_hz[4][3] = {
		{700, 1200, 2600},
		{300, 2200, 2900},
		{450, 800, 2500},
		{550, 1800, 2500},
	};
	double sum = 0.003;

	for (int i = 0; i < 3; i++) {
		double off = (f_hz - formant_hz[vowel][i]) / (90 + 40 * i);

		sum += pow(0.4, i) / (1 + off * off);
	}
	return sum;
}

struct syllable {
	double pitch_hz, glide, gain;
	unsigned vowel;
	int kind; /* 0: pause, 1: hiss, else voiced */
};

static struct syllable next_syllable(uint32_t *state)
{
	struct syllable s;

	s.pitch_hz = 95 + fake_talker_random(state) % 110;
	s.glide = (double)(fake_talker_random(state) % 400) / 1000 - 0.2;
	s.gain = 0.3 + (double)(fake_talker_random(state) % 700) / 1000;
	s.vowel = fake_talker_random(state) % 4;
	s.kind = (int)(fake_talker_random(state) % 8);
	return s;
}

void fake_talker(int16_t *pcm, int n, int rate_hz, uint32_t seed, double peak)
{
	uint32_t state = seed * 2654435761u + 1;
	int syllable_n = rate_hz / 1000 * SYLLABLE_MS;
	struct syllable s = {0};
	double phase = 0, hiss = 0;

	for (int i = 0; i < n; i++) {
		double at = (double)(i % syllable_n) / syllable_n, sum = 0;
		double f_hz, white;

		if (i % syllable_n == 0)
			s = next_syllable(&state);
		f_hz = s.pitch_hz * (1 + s.glide * at);
		phase += 2 * pi * f_hz / rate_hz;
		for (int h = 1; s.kind > 1 && h <= HARMONICS && h * f_hz < 0.45 * rate_hz; h++)
			sum += vowel_weight(h * f_hz, s.vowel) * sin(h * phase + h * h);
		white = (double)(fake_talker_random(&state) % 2001) / 1000 - 1;
		if (s.kind == 1)
			sum = 0.15 * (white - hiss);
		hiss = white;
		sum = s.gain * sin(pi * at) * sum + 0.0005 * white;
		pcm[i] = (int16_t)lrint(fmax(-32768, fmin(32767, 0.5 * peak * sum)));
	}
}

double fake_talker_snr_db(const int16_t *said, const int16_t *heard, int n)
{
	double signal = 0, error = 0;

	for (int i = 0; i < n; i++) {
		double e = (double)heard[i] - said[i];

		signal += (double)said[i] * said[i];
		error += e * e;
	}
	return error == 0 ? 100 : 10 * log10(signal / error);
}
