/* SPDX-License-Identifier: MIT */
/* Which frequencies a sound had when, as a picture. */
#include "spectrogram.h"

#include "chart.h"
#include "png.h"

#include <talkpath/error.h>

#include <complex.h>
#include <math.h>
#include <stdlib.h>

enum {
	HEIGHT = 96, /* rows: 0 Hz below, half the rate on top */
	WINDOW_MAX = 2048, /* 32 ms at 48 kHz, up to a power of two */
	FLOOR_DB = -100,
	TOP_DB = -20,
};

/* In place, `n` a power of two: decimation in time (Cooley and Tukey 1965). */
static void transform(float complex *x, int n)
{
	for (int i = 1, j = 0; i < n; i++) {
		int bit = n >> 1;

		for (; j & bit; bit >>= 1)
			j ^= bit;
		j ^= bit;
		if (i < j) {
			float complex swap = x[i];

			x[i] = x[j];
			x[j] = swap;
		}
	}
	for (int half = 1; half < n; half *= 2)
		for (int k = 0; k < half; k++) {
			float complex turn = cexpf(-I * (float)M_PI * (float)k / (float)half);

			for (int i = k; i < n; i += 2 * half) {
				float complex odd = turn * x[i + half];

				x[i + half] = x[i] - odd;
				x[i] += odd;
			}
		}
}

static int window_n(int rate_hz)
{
	int n = 256;

	while (n < WINDOW_MAX && n * 1000 < rate_hz * 32)
		n *= 2;
	return n;
}

/* The power around one window, in dB of a full-scale sine, for each bin below half of n. */
static void levels(float *db, const int16_t *samples, int64_t n_samples, int64_t center, int n)
{
	float complex x[WINDOW_MAX];

	for (int i = 0; i < n; i++) {
		int64_t at = center + i - n / 2;
		float hann = 0.5f - 0.5f * cosf(2 * (float)M_PI * ((float)i + 0.5f) / (float)n);

		x[i] = at >= 0 && at < n_samples ? hann * (float)samples[at] / 32768 : 0;
	}
	transform(x, n);
	/* A sine of amplitude 1 has n / 4 in its bin under this window. */
	for (int i = 0; i < n / 2; i++)
		db[i] = 20 * log10f(cabsf(x[i]) * 4 / (float)n + 1e-9f);
}

/* Fills `pixels` (width * HEIGHT, from the top) with the levels of the samples, 0 for
 * -100 dBFS and below, 255 for -20 and above: a window of 32 ms for each column. */
static void draw(uint8_t *pixels, int width, const int16_t *samples, int64_t n_samples, int rate_hz)
{
	float db[WINDOW_MAX / 2];
	int n = window_n(rate_hz);

	for (int x = 0; x < width; x++) {
		levels(db, samples, n_samples,
		       (INT64_C(2) * x + 1) * n_samples / (INT64_C(2) * width), n);
		for (int y = 0; y < HEIGHT; y++) {
			int low = y * (n / 2) / HEIGHT;
			int high = (y + 1) * (n / 2) / HEIGHT;
			float loudest = FLOOR_DB;

			for (int i = low; i < high || i == low; i++)
				loudest = fmaxf(loudest, db[i]);
			loudest = fminf(loudest, TOP_DB);
			pixels[(HEIGHT - 1 - y) * width + x] =
				(uint8_t)lroundf((loudest - FLOOR_DB) * 255 / (TOP_DB - FLOOR_DB));
		}
	}
}

/* From near black over violet and orange to pale yellow, lighter at every step. */
static void make_palette(uint8_t palette[TP_PNG_PALETTE])
{
	static const float anchors[][3] = {
		{6, 4, 20},    {60, 15, 110},  {150, 40, 125},
		{230, 90, 85}, {252, 175, 90}, {253, 245, 190},
	};
	enum {
		STEPS = sizeof(anchors) / sizeof(anchors[0]) - 1,
	};

	for (int i = 0; i < 256; i++) {
		int step = i * STEPS / 256;
		float part = (float)i * STEPS / 255 - (float)step;

		for (int c = 0; c < 3; c++)
			palette[3 * i + c] = (uint8_t)lroundf(anchors[step][c] * (1 - part) +
							      anchors[step + 1][c] * part);
	}
}

int tp_spectrogram_chart(FILE *file, const int16_t *samples, int64_t n, int rate_hz)
{
	uint8_t *pixels = calloc(TP_CHART_WIDTH, HEIGHT), palette[TP_PNG_PALETTE];
	struct tp_chart chart;
	int error;

	if (!pixels)
		return tp_fail(TP_ERR_MEMORY, "no memory for a spectrogram");
	draw(pixels, TP_CHART_WIDTH, samples, n, rate_hz);
	make_palette(palette);
	tp_chart_begin(&chart, file, "spectrogram", (double)n / rate_hz, 0, rate_hz / 2000.0,
		       " kHz", HEIGHT);
	fprintf(file,
		"<image x='%d' y='4' width='%d' height='%d' preserveAspectRatio='none' href='",
		TP_CHART_LEFT, TP_CHART_WIDTH, HEIGHT);
	error = tp_png_print(file, pixels, TP_CHART_WIDTH, HEIGHT, palette);
	fputs("'/>\n", file);
	tp_chart_end(&chart);
	free(pixels);
	return error;
}
