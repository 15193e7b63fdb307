/* SPDX-License-Identifier: MIT */
/* Short spectra of a running signal, every 5 ms, and the bands of
 * hearing that their bins fall into. */
#include "spectrum.h"

#include <math.h>
#include <string.h>

enum {
	/* 16 ms, so that a fall of 5 ms stands against a rise of 11: resolution of the whole,
	 * but the centre only 5 ms old. */
	RISE_US = 11000,
	FALL_US = 5000,
	BAND_MIN_HZ = 100,
};

/* Width of a band at a frequency: a little over that of hearing (Glasberg
 * and Moore, 24.7 (4.37 f + 1)). */
static double width_hz(double hz)
{
	return fmax(BAND_MIN_HZ, 0.16 * hz);
}

static void lay_out_bands(struct tp_spectrum *spectrum, double bin_hz)
{
	int at = 0;

	while (at < spectrum->bins && spectrum->bands < TP_SPECTRUM_BANDS_MAX) {
		int width = (int)lrint(width_hz(at * bin_hz) / bin_hz);

		spectrum->edge[spectrum->bands++] = at;
		at += width < 1 ? 1 : width;
	}
	spectrum->edge[spectrum->bands] = spectrum->bins;
}

void tp_spectrum_init(struct tp_spectrum *spectrum, int rate_hz)
{
	const double pi = 3.14159265358979323846;
	int rise_n = (int)((long)rate_hz * RISE_US / 1000000),
	    fall_n = (int)((long)rate_hz * FALL_US / 1000000);
	double power = 0;

	memset(spectrum, 0, sizeof(*spectrum));
	spectrum->n = rate_hz <= 8000 ? 128 : rate_hz <= 16000 ? 256 : 1024;
	spectrum->bins = spectrum->n / 2 + 1;
	spectrum->hop_n = rate_hz / TP_SPECTRUM_HOPS_PER_S;
	tp_fft_init(&spectrum->fft, spectrum->n);
	lay_out_bands(spectrum, (double)rate_hz / spectrum->n);
	for (int i = 0; i < rise_n + fall_n; i++) {
		double at = i < rise_n ? (i + 0.5) / rise_n : (rise_n + fall_n - i - 0.5) / fall_n;
		double height = 0.5 - 0.5 * cos(pi * at);

		spectrum->window[spectrum->n - rise_n - fall_n + i] = (float)height;
		power += height * height;
	}
	/* White noise of power 1 has power 1 in every bin. */
	for (int i = 0; i < spectrum->n; i++)
		spectrum->window[i] /= (float)sqrt(power);
}

void tp_spectrum_add(const struct tp_spectrum *spectrum, float *line, const float *in, float *re,
		     float *im)
{
	float frame[TP_FFT_MAX];
	int kept_n = spectrum->n - spectrum->hop_n;

	memmove(line, line + spectrum->hop_n, (size_t)kept_n * sizeof(*line));
	memcpy(line + kept_n, in, (size_t)spectrum->hop_n * sizeof(*line));
	for (int i = 0; i < spectrum->n; i++)
		frame[i] = line[i] * spectrum->window[i];
	tp_fft_forward(&spectrum->fft, frame, re, im);
}

void tp_spectrum_bands(const struct tp_spectrum *spectrum, const float *bins, float *bands)
{
	for (int b = 0; b < spectrum->bands; b++) {
		float sum = 0;

		for (int k = spectrum->edge[b]; k < spectrum->edge[b + 1]; k++)
			sum += bins[k];
		bands[b] = sum;
	}
}
