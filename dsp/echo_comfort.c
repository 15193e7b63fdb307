/* SPDX-License-Identifier: MIT */
/* The room's own noise: what it is, and more of the same where the suppressor left a hole. */
#include "echo_comfort.h"

#include <math.h>
#include <string.h>

enum {
	BEGIN_HOPS = 80, /* 0.4 s: the first of a call are taken for noise */
	WINDOW_HOPS = 160, /* 0.8 s; two are remembered */
};
#define SMOOTH   0.05f /* 100 ms */
#define ALONE_DB 1.0f /* a talker is more than that over the noise, mean of all bands */
#define MEAN     0.02f /* 250 ms, while there is nothing else */
#define RISE     1.0005f /* 0.4 dB a second towards what is higher */
/* The lowest of a smoothed power within a second lies so far under its mean. */
#define LOWEST_BIAS 4.0f

void tp_echo_comfort_init(struct tp_echo_comfort *comfort, const struct tp_spectrum *spectrum,
			  uint32_t seed)
{
	float power = 0;

	memset(comfort, 0, sizeof(*comfort));
	comfort->spectrum = spectrum;
	tp_noise_init(&comfort->dice, seed);
	for (int k = 0; k < spectrum->bins; k++)
		comfort->low[k] = comfort->low_before[k] = 1e20f;
	for (int i = 0; i < spectrum->n; i++)
		power += spectrum->window[i] * spectrum->window[i];
	/* Bins of random phase and power 1 are n samples of power n / n^2;
	 * frames overlap n / hop times. */
	comfort->scale = sqrtf((float)spectrum->n * (float)spectrum->hop_n / power);
}

/* Speech, echo or not, leaves every bin alone for a moment within a second or two. */
static void bound(struct tp_echo_comfort *comfort)
{
	bool turn = ++comfort->window >= WINDOW_HOPS;

	for (int k = 0; k < comfort->spectrum->bins; k++) {
		float low = fminf(comfort->low[k], comfort->smooth[k]);

		comfort->floor[k] =
			fminf(comfort->floor[k], LOWEST_BIAS * fminf(low, comfort->low_before[k]));
		comfort->low[k] = turn ? comfort->smooth[k] : low;
		if (turn)
			comfort->low_before[k] = low;
	}
	if (turn)
		comfort->window = 0;
}

void tp_echo_comfort_learn(struct tp_echo_comfort *comfort, const float *power, float excess_db,
			   bool echo)
{
	bool alone = !echo && excess_db < ALONE_DB;

	if (comfort->hops < BEGIN_HOPS && !echo) {
		comfort->hops++;
		for (int k = 0; k < comfort->spectrum->bins; k++) {
			comfort->floor[k] += (power[k] - comfort->floor[k]) / (float)comfort->hops;
			comfort->smooth[k] = comfort->floor[k];
		}
		return;
	}
	for (int k = 0; k < comfort->spectrum->bins; k++) {
		float *at = &comfort->floor[k], *smooth = &comfort->smooth[k];

		*smooth += SMOOTH * (power[k] - *smooth);
		if (alone)
			*at += MEAN * (fminf(power[k], 4 * *at + 1) - *at);
		else if (!echo)
			*at *= RISE;
	}
	bound(comfort);
}

void tp_echo_comfort_add(struct tp_echo_comfort *comfort, const float *share, float *out)
{
	/* Cosines of eight directions are enough for ears, and cost nothing. */
	static const float cosine[8] = {1, 0.70711f, 0, -0.70711f, -1, -0.70711f, 0, 0.70711f};
	const struct tp_spectrum *spectrum = comfort->spectrum;
	float *re = comfort->re, *im = comfort->im, *frame = comfort->frame;
	int hop_n = spectrum->hop_n, n = spectrum->n;

	for (int k = 0; k < spectrum->bins; k++) {
		uint32_t way = tp_noise_bits(&comfort->dice) >> 29;
		float size = sqrtf(comfort->floor[k] * share[k]);

		re[k] = size * cosine[way];
		im[k] = size * cosine[(way + 6) & 7];
	}
	tp_fft_inverse(&spectrum->fft, re, im, frame);
	for (int i = 0; i < n; i++)
		comfort->tail[i] += comfort->scale * frame[i] * spectrum->window[i];
	for (int i = 0; i < hop_n; i++)
		out[i] += comfort->tail[i];
	memmove(comfort->tail, comfort->tail + hop_n, (size_t)(n - hop_n) * sizeof(*out));
	memset(comfort->tail + n - hop_n, 0, (size_t)hop_n * sizeof(*out));
}
