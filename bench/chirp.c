/* SPDX-License-Identifier: MIT */
/* Chirps: sounds that are found again to a fraction of a sample, whatever a codec does to them. */
#include "chirp.h"

#include <math.h>

enum {
	FIRST_MS = 100,
	COARSE_HZ = 8000, /* enough for the chirp's band */
	RATE_MAX_HZ = 48000,
};

/* What every codec and a telephone's high-pass let through. */
static const double low_hz = 500, high_hz = 3200, loudness = 9000;

double tp_chirp_start_ms(int k)
{
	/* The golden ratio spreads what follows a counter most evenly. */
	double spread = fmod(k * 0.6180339887498949, 1);

	return FIRST_MS + (double)k * TP_CHIRP_PLACE_MS + 40 * spread;
}

static double chirp(double ms)
{
	double t = ms / 1000, length = TP_CHIRP_MS / 1000.0, window;

	if (ms < 0 || ms >= TP_CHIRP_MS)
		return 0;
	window = 0.5 - 0.5 * cos(2 * M_PI * t / length);
	return window * sin(2 * M_PI * (low_hz + (high_hz - low_hz) / 2 * t / length) * t);
}

int16_t tp_chirp_sample(int64_t frame, int rate_hz)
{
	double ms = (double)frame * 1000 / rate_hz;
	int k = (int)((ms - FIRST_MS) / TP_CHIRP_PLACE_MS);

	if (ms < FIRST_MS)
		return 0;
	return (int16_t)lrint(loudness * chirp(ms - tp_chirp_start_ms(k)));
}

struct pattern {
	double sample[TP_CHIRP_MS * RATE_MAX_HZ / 1000];
	int n;
};

/* Normalised correlation with the chirp that begins at heard[0], on every step-th sample. */
static double likeness_at(const int16_t *heard, const struct pattern *pattern, int step)
{
	double xy = 0, xx = 0, yy = 0;

	for (int i = 0; i < pattern->n; i += step) {
		double x = pattern->sample[i], y = heard[i];
		xy += x * y;
		xx += x * x;
		yy += y * y;
	}
	return yy > 0 ? xy / sqrt(xx * yy) : 0;
}

/* The most likely of the places from first to last; *best gets its likeness. */
static int64_t search(const int16_t *heard, const struct pattern *pattern, int64_t first,
		      int64_t last, int step, double *best)
{
	int64_t at = first;

	*best = -1;
	for (int64_t i = first; i <= last; i += step) {
		double likeness = likeness_at(heard + i, pattern, step);
		if (likeness > *best) {
			*best = likeness;
			at = i;
		}
	}
	return at;
}

/* The top of the parabola through a maximum and its neighbours, relative to it. */
static double top(double before, double here, double after)
{
	double bend = before - 2 * here + after;

	return bend < 0 ? (before - after) / (2 * bend) : 0;
}

double tp_chirp_find(const int16_t *heard, int64_t n, int rate_hz, int64_t from, double *likeness)
{
	struct pattern pattern = {.n = TP_CHIRP_MS * rate_hz / 1000};
	int step = rate_hz / COARSE_HZ;
	int64_t last = from + (int64_t)rate_hz / 1000 * TP_CHIRP_SEARCH_MS;
	int64_t at;

	*likeness = 0;
	if (from <= step || last + 2 * step + pattern.n >= n)
		return 0;
	for (int i = 0; i < pattern.n; i++)
		pattern.sample[i] = chirp(i * 1000.0 / rate_hz);
	at = search(heard, &pattern, from, last, step, likeness);
	at = search(heard, &pattern, at - step, at + step, 1, likeness);
	return (double)at + top(likeness_at(heard + at - 1, &pattern, 1), *likeness,
				likeness_at(heard + at + 1, &pattern, 1));
}
