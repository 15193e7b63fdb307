/* SPDX-License-Identifier: MIT */
/* Test signals: something like a talker, made from a seed; and the two real talkers that the
 * repository carries. */
#include "fake_speech.h"

#include "dsp/noise.h"
#include "dsp/resample.h"
#include "hal/wav.h"

#include <talkpath/error.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PI 3.14159265358979323846

enum { FORMANTS = 4 };

struct resonator {
	double b, a1, a2, y1, y2;
};

struct talker {
	struct tp_noise noise;
	struct resonator formant[FORMANTS];
	double pitch_phase, glottis, level;
	int rate_hz;
};

static double uniform(struct tp_noise *noise, double low, double high)
{
	return low + (high - low) * (tp_noise_next(noise) + 1.0) / 2.0;
}

static void tune(struct resonator *resonator, double hz, double width_hz, int rate_hz)
{
	double r = exp(-PI * width_hz / rate_hz);

	resonator->a1 = 2.0 * r * cos(2.0 * PI * hz / rate_hz);
	resonator->a2 = -r * r;
	resonator->b = 1.0 - r;
}

static double resonate(struct resonator *resonator, double x)
{
	double y = resonator->b * x + resonator->a1 * resonator->y1 + resonator->a2 * resonator->y2;

	resonator->y2 = resonator->y1;
	resonator->y1 = y;
	return y;
}

/* One syllable of n samples; formants and pitch are drawn anew. */
static void syllable(struct talker *talker, double *out, int n)
{
	static const double low[FORMANTS] = {280, 900, 2200, 3000};
	static const double high[FORMANTS] = {800, 2100, 2800, 3700};
	struct tp_noise *noise = &talker->noise;
	double voiced = uniform(noise, 0, 1) < 0.75 ? 1.0 : 0.0;
	double from_hz = uniform(noise, 100, 200), to_hz = from_hz * uniform(noise, 0.85, 1.1);

	for (int f = 0; f < FORMANTS; f++)
		tune(&talker->formant[f], uniform(noise, low[f], high[f]), 60 + 40 * f,
		     talker->rate_hz);
	for (int i = 0; i < n; i++) {
		double x = (double)i / n, envelope = sin(PI * x), y = 0;
		double source = 0.02 * tp_noise_next(noise);

		talker->pitch_phase += (from_hz + (to_hz - from_hz) * x) / talker->rate_hz;
		if (talker->pitch_phase >= 1.0) {
			talker->pitch_phase -= 1.0;
			source += voiced * 12.0;
		}
		source += (1.0 - voiced) * tp_noise_next(noise);
		talker->glottis = 0.7 * talker->glottis + source;
		for (int f = 0; f < FORMANTS; f++)
			y += resonate(&talker->formant[f], talker->glottis) / (f + 1);
		/* Breath and sibilance reach up to half the rate. */
		out[i] = envelope * (y + 0.05 * source * (voiced > 0 ? 0.3 : 3.0));
	}
}

static void scale_to(const double *x, int n, double active_rms, int16_t *pcm)
{
	double energy = 0, peak = 1e-9;
	int active = 0;

	for (int i = 0; i < n; i++)
		peak = fmax(peak, fabs(x[i]));
	for (int i = 0; i < n; i++) {
		energy += x[i] * x[i];
		active += fabs(x[i]) > peak / 1000;
	}
	double gain = active_rms / sqrt(energy / (active + 1) + 1e-20);

	for (int i = 0; i < n; i++)
		pcm[i] = (int16_t)lrint(fmax(-32767, fmin(32767, gain * x[i])));
}

void fake_speech(uint32_t seed, int rate_hz, int16_t *pcm, int n)
{
	struct talker talker = {.rate_hz = rate_hz};
	double *x = calloc((size_t)n + 1, sizeof(*x));
	int at = 0, left = 5;

	tp_noise_init(&talker.noise, seed);
	while (at < n) {
		int length = (int)(rate_hz * uniform(&talker.noise, 0.12, 0.32));

		syllable(&talker, x + at, length < n - at ? length : n - at);
		at += length;
		if (--left > 0)
			continue;
		at += (int)(rate_hz * uniform(&talker.noise, 0.15, 0.5));
		left = 4 + (int)uniform(&talker.noise, 0, 5);
	}
	scale_to(x, n, 32768 * pow(10, -26 / 20.0), pcm);
	free(x);
}

void fake_noise(uint32_t seed, double rms, int16_t *pcm, int n)
{
	struct tp_noise noise;

	tp_noise_init(&noise, seed);
	for (int i = 0; i < n; i++) {
		/* Three uniform values of power 1/3 add up to power 1, near enough to Gaussian. */
		double x = tp_noise_next(&noise) + tp_noise_next(&noise) + tp_noise_next(&noise);

		pcm[i] = (int16_t)lrint(fmax(-32768, fmin(32767, rms * x)));
	}
}

void fake_tone(double hz, double amplitude, double phase, int rate_hz, int16_t *pcm, int n)
{
	for (int i = 0; i < n; i++)
		pcm[i] = (int16_t)lrint(amplitude * sin(phase + 2.0 * PI * hz * i / rate_hz));
}

void real_speech(const char *name, int rate_hz, int16_t *pcm, int n)
{
	struct tp_wav wav;
	struct tp_resample *resample;
	char path[64];

	snprintf(path, sizeof(path), "speech/%s.wav", name);
	if (tp_wav_read(path, &wav) < 0)
		fail_msg("%s (tests run in the repository's root)", tp_error_detail());
	resample = tp_resample_create(wav.rate_hz, rate_hz);
	for (int64_t done = 0, at = 0; done < n; at = at + 320 <= wav.frames ? at + 160 : 0) {
		int16_t out[480];
		int made = tp_resample_process(resample, wav.samples + at, 160, out, 480);

		if (made > n - done)
			made = (int)(n - done);
		memcpy(pcm + done, out, (size_t)made * sizeof(*pcm));
		done += made;
	}
	tp_resample_destroy(resample);
	tp_wav_free(&wav);
}
