/* SPDX-License-Identifier: MIT */
/* The diffuse tail of a room: a feedback delay network that decays at a chosen rate. */
#include "reverb.h"

#include "random.h"

#include <talkpath/error.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const double sound_m_per_s = 343;
static const double high_hz =
	3800; /* below the Nyquist frequency of 8 kHz: all rates decay alike */
static const double high_ratio = 0.7;
static const double line_step = 1.17; /* eight lines from 1 to 3 mean paths */

static bool is_prime(int number)
{
	for (int i = 2; i * i <= number; i++)
		if (number % i == 0)
			return false;
	return true;
}

/* Jot's absorbing filter: gain (1 - pole) / (1 - pole / z), by which a round of `len` samples loses
 * 60 dB * len / (rt60 * rate), at high_hz by the shorter rt60. The pole follows from the ratio of
 * both gains: ratio^2 = (1 - pole)^2 / (1 - 2 pole cos(w) + pole^2). */
static void absorb(struct tp_reverb_line *line, int rate_hz, double rt60_s)
{
	double rounds = line->len / (rt60_s * rate_hz);
	double ratio = pow(10, -3 * rounds * (1 / high_ratio - 1));
	double a = 1 - ratio * ratio;
	double b = 1 - ratio * ratio * cos(2 * M_PI * high_hz / rate_hz);
	double pole = (b - sqrt(b * b - a * a)) / a;

	line->pole = (float)pole;
	line->gain = (float)(pow(10, -3 * rounds) * (1 - pole) / sqrt(TP_REVERB_LINES));
}

int tp_reverb_open(struct tp_reverb *reverb, int rate_hz, float rt60_s, float mean_path_m,
		   uint32_t seed)
{
	double len = mean_path_m / sound_m_per_s * rate_hz;
	struct tp_random random;
	int last = TP_REVERB_BLOCK;
	float *memory;

	*reverb = (struct tp_reverb){0};
	tp_random_init(&random, seed, 2);
	for (int i = 0; i < TP_REVERB_LINES; i++, len *= line_step) {
		int prime = (int)(len * tp_random_between(&random, 0.96f, 1.04f));

		/* Distinct primes: no two lines bring their echoes together. */
		prime = prime > last ? prime : last + 1;
		while (!is_prime(prime))
			prime++;
		reverb->line[i].len = last = prime;
		reverb->memory_n += prime;
		absorb(&reverb->line[i], rate_hz, rt60_s);
	}
	memory = reverb->memory = calloc((size_t)reverb->memory_n, sizeof(*memory));
	if (!memory)
		return tp_fail(TP_ERR_MEMORY, "no memory for the echo of a room");
	for (int i = 0; i < TP_REVERB_LINES; i++) {
		reverb->line[i].sample = memory;
		memory += reverb->line[i].len;
	}
	return 0;
}

void tp_reverb_close(struct tp_reverb *reverb)
{
	free(reverb->memory);
	reverb->memory = NULL;
}

void tp_reverb_clear(struct tp_reverb *reverb)
{
	memset(reverb->memory, 0, (size_t)reverb->memory_n * sizeof(*reverb->memory));
	for (int i = 0; i < TP_REVERB_LINES; i++)
		reverb->line[i].last = 0;
}

/* Reads n samples that a line has delayed, adds them to `out` with `gain`, and filters them. */
static void leave(struct tp_reverb_line *line, float *wet, float *out, int n, float gain)
{
	int at = line->at;

	for (int i = 0; i < n; i++) {
		wet[i] = line->sample[at];
		at = at + 1 < line->len ? at + 1 : 0;
	}
	for (int i = 0; i < n; i++)
		out[i] += gain * wet[i];
	for (int i = 0; i < n; i++) {
		line->last = line->gain * wet[i] + line->pole * line->last;
		wet[i] = line->last;
	}
}

/* The Hadamard matrix as three rounds of sums and differences: it sends every line into every other
 * and keeps the energy (its factor 1 / sqrt(8) is within the lines' gains). */
static void mix(float wet[TP_REVERB_LINES][TP_REVERB_BLOCK], int n)
{
	for (int step = 1; step < TP_REVERB_LINES; step *= 2) {
		for (int i = 0; i < TP_REVERB_LINES; i++) {
			if (i & step)
				continue;
			for (int t = 0; t < n; t++) {
				float sum = wet[i][t] + wet[i + step][t];

				wet[i + step][t] = wet[i][t] - wet[i + step][t];
				wet[i][t] = sum;
			}
		}
	}
}

static void enter(struct tp_reverb_line *line, const float *wet, const float *in, int n, float sign)
{
	for (int i = 0; i < n; i++) {
		line->sample[line->at] = wet[i] + sign * in[i];
		line->at = line->at + 1 < line->len ? line->at + 1 : 0;
	}
}

/* The signs of a line's input and output have no pattern in common, lest echoes of one sign add up
 * to a hollow low end. */
void tp_reverb_add(struct tp_reverb *reverb, const float *in, float *out, int n, float gain)
{
	float wet[TP_REVERB_LINES][TP_REVERB_BLOCK];

	for (int i = 0; i < TP_REVERB_LINES; i++)
		leave(&reverb->line[i], wet[i], out, n, i & 2 ? -gain : gain);
	mix(wet, n);
	for (int i = 0; i < TP_REVERB_LINES; i++)
		enter(&reverb->line[i], wet[i], in, n, i & 1 ? -1 : 1);
}
