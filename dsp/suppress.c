/* SPDX-License-Identifier: MIT */
/* Takes out what the linear canceller left, and fills the hole with the room's noise. */
#include "suppress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How many times the estimate is taken off: where nobody talks here it costs nothing to be sure. */
#define OVER_FAR   100.0f /* 20 dB */
#define OVER_NEAR  2.0f
#define NEAR_FLOOR 0.16f /* -16 dB, while somebody talks here */
/* He may be softer than the echo: the more of the microphone the prediction explains, the less
 * of him is there to be spared. */
#define OVER_BOTH  5.0f
#define BOTH_FLOOR 0.05f
#define BOTH_FROM  0.65f
#define BOTH_TO    0.83f
#define FAR_FLOOR  0.001f
#define FALL       0.4f /* of the way, per hop: faster makes warbling */

/* Noise suppression: by no more than 15 dB, so that the room stays a room. */
#define NOISE_FLOOR  0.18f
#define NOISE_OVER   1.6f
#define NOISE_SMOOTH 0.6f /* of the gain, per hop: else the noise tinkles */

struct tp_suppress {
	bool echo, noise; /* which suppression is on */
	float quiet[TP_FFT_BINS_MAX]; /* gain of noise suppression */
	struct tp_spectrum spectrum;
	struct tp_residual residual;
	struct tp_echo_comfort comfort;
	struct tp_shape shape;
	float error_line[TP_FFT_MAX], echo_line[TP_FFT_MAX], far_line[TP_FFT_MAX],
		placed_line[TP_FFT_MAX];
	float gain[TP_FFT_BINS_MAX];
	float total[TP_FFT_BINS_MAX]; /* product of both */
	/* of this hop: too much for a stack */
	float error_re[TP_FFT_BINS_MAX], error_im[TP_FFT_BINS_MAX];
	float echo_re[TP_FFT_BINS_MAX], echo_im[TP_FFT_BINS_MAX], power[TP_FFT_BINS_MAX],
		placed[TP_FFT_BINS_MAX];
};

struct tp_suppress *tp_suppress_create(int rate_hz, int delay_n)
{
	struct tp_suppress *suppress = calloc(1, sizeof(*suppress));

	if (!suppress)
		return NULL;
	tp_spectrum_init(&suppress->spectrum, rate_hz);
	tp_residual_init(&suppress->residual, &suppress->spectrum);
	tp_echo_comfort_init(&suppress->comfort, &suppress->spectrum, 1);
	tp_shape_init(&suppress->shape, &suppress->spectrum, delay_n);
	for (int k = 0; k < suppress->spectrum.bins; k++)
		suppress->gain[k] = suppress->quiet[k] = 1;
	suppress->echo = true;
	return suppress;
}

void tp_suppress_destroy(struct tp_suppress *suppress)
{
	free(suppress);
}

void tp_suppress_set(struct tp_suppress *suppress, bool echo, bool noise)
{
	suppress->echo = echo;
	suppress->noise = noise;
}

void tp_suppress_rest(struct tp_suppress *suppress)
{
	memset(suppress->error_line, 0, sizeof(suppress->error_line));
	memset(suppress->echo_line, 0, sizeof(suppress->echo_line));
	memset(suppress->far_line, 0, sizeof(suppress->far_line));
	memset(suppress->placed_line, 0, sizeof(suppress->placed_line));
	memset(suppress->shape.past, 0, sizeof(suppress->shape.past));
}

struct tp_residual *tp_suppress_residual(struct tp_suppress *suppress)
{
	return &suppress->residual;
}

/* As much nearer to `to`, in dB, as `share` says. */
static float between(float from, float to, float share)
{
	return from * powf(to / from, share);
}

/* Gain of every bin, and the share of it that comfort noise is to fill. */
static void decide_gains(struct tp_suppress *suppress, float *share)
{
	const struct tp_residual *residual = &suppress->residual;
	float both = fmaxf(0, fminf(1, (residual->told_now - BOTH_FROM) / (BOTH_TO - BOTH_FROM)));
	float over = between(OVER_FAR, OVER_NEAR + both * (OVER_BOTH - OVER_NEAR), residual->maybe);
	float least =
		between(FAR_FLOOR, NEAR_FLOOR + both * (BOTH_FLOOR - NEAR_FLOOR), residual->maybe);
	bool open = true;

	for (int k = 0; k < suppress->spectrum.bins; k++) {
		float error = residual->error_power[k] + 1, noise = suppress->comfort.floor[k];
		float rest = 1 - over * residual->power[k] / error;
		float wanted = rest > least * least ? sqrtf(rest) : least;
		float *gain = &suppress->gain[k];

		/* Under a twentieth of the noise echo is nothing. */
		if (!suppress->echo || over * residual->power[k] < 0.05f * noise)
			wanted = 1;
		*gain = wanted > *gain || !residual->near ? wanted
							  : *gain + FALL * (wanted - *gain);
		share[k] = 1 - *gain * *gain;
		open &= *gain > 0.99f;
	}
	for (int k = 0; open && k < suppress->spectrum.bins; k++) {
		suppress->gain[k] = 1;
		share[k] = 0;
	}
}

/* Wiener's gain against the room's noise. Comfort noise stands for that
 * noise, and goes down with it. */
static void suppress_noise(struct tp_suppress *suppress, float *share)
{
	for (int k = 0; k < suppress->spectrum.bins; k++) {
		float error = suppress->residual.error_power[k] + 1;
		float rest = 1 - NOISE_OVER * suppress->comfort.floor[k] / error;
		float wanted = fmaxf(NOISE_FLOOR, rest);
		float *quiet = &suppress->quiet[k];

		*quiet = wanted > *quiet ? wanted : wanted + NOISE_SMOOTH * (*quiet - wanted);
		share[k] *= NOISE_FLOOR * NOISE_FLOOR;
		suppress->total[k] = suppress->gain[k] * *quiet;
	}
}

/* Of a loudspeaker's signal; the phases are of no use. */
static void add_power(struct tp_suppress *suppress, float *line, const float *pcm, float *power)
{
	float *re = suppress->echo_re, *im = suppress->echo_im;

	tp_spectrum_add(&suppress->spectrum, line, pcm, re, im);
	for (int k = 0; k < suppress->spectrum.bins; k++)
		power[k] = re[k] * re[k] + im[k] * im[k];
}

static void process_hop(struct tp_suppress *suppress, const float *error, const float *echo,
			const float *far, const float *placed, float *out)
{
	const struct tp_spectrum *spectrum = &suppress->spectrum;
	float *error_re = suppress->error_re, *error_im = suppress->error_im;
	float *echo_re = suppress->echo_re, *echo_im = suppress->echo_im;
	float *power = suppress->power;
	struct tp_residual *residual = &suppress->residual;
	struct tp_residual_frame frame = {error_re,
					  error_im,
					  echo_re,
					  echo_im,
					  power,
					  placed ? suppress->placed : NULL,
					  suppress->comfort.floor};

	add_power(suppress, suppress->far_line, far, power);
	if (placed)
		add_power(suppress, suppress->placed_line, placed, suppress->placed);
	tp_spectrum_add(spectrum, suppress->error_line, error, error_re, error_im);
	tp_spectrum_add(spectrum, suppress->echo_line, echo, echo_re, echo_im);
	tp_residual_process(residual, &frame);
	tp_echo_comfort_learn(&suppress->comfort, residual->error_power, residual->excess_db,
			      residual->far_active);
	decide_gains(suppress, power);
	if (suppress->noise)
		suppress_noise(suppress, power);
	tp_shape_process(&suppress->shape, suppress->noise ? suppress->total : suppress->gain,
			 error, out);
	tp_echo_comfort_add(&suppress->comfort, power, out);
}

void tp_suppress_process(struct tp_suppress *suppress, const float *error, const float *echo,
			 const float *far, const float *placed, float *out, int n)
{
	int hop_n = suppress->spectrum.hop_n;

	for (int at = 0; at + hop_n <= n; at += hop_n)
		process_hop(suppress, error + at, echo + at, far + at, placed ? placed + at : NULL,
			    out + at);
}
