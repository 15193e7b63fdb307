/* SPDX-License-Identifier: MIT */
/* The room behind a talker: learnt from the quietest sound, or told by
 * the peer; goes on as noise. */
#include "background.h"

#include "level.h"
#include "lpc.h"

#include <math.h>
#include <string.h>

enum {
	WINDOW_LOOKS = 100, /* the quietest frame of 1..2 s is background */
	SMOOTH_MS = 100, /* from one description to the next: a step would be heard */
	LET_GO_MS =
		25, /* 60 dB in 0.2 s, as a small room with carpets; slower is a tail behind each word */
	LEARN_LOOKS = 10, /* at a new room, each for its spectrum; then one of so many: */
	LEARN_EVERY = 4, /* a room changes slowly, and most of the work is here */
};

/* Times the quietest frame, 5 dB: most frames of an even noise. Half of them would be a darker and
 * quieter choice. */
#define NEAR 3.0f
/* A quiet background still sounds: -80 dB full scale, mean square. */
#define NOISE_LEAST 10.7f
/* No room is louder than -35 dB: that is a tone, or music. In the first second, in which a talker
 * may not have paused yet, -50 dB is loud enough. More would roar for as long as nothing comes. */
#define NOISE_MOST   339546.0f
#define NOISE_UNSURE 10737.0f

/* 20 dB: each 10 dB halve the loudness. */
#define LET_GO 0.1f

void tp_background_init(struct tp_background *background, int rate_hz)
{
	memset(background, 0, sizeof(*background));
	background->rate_hz = rate_hz;
	background->least = background->least_before = INFINITY;
	tp_noise_init(&background->noise, 1);
}

/* Whether the spectrum is worth another look, and what remains of its mean then. */
static bool is_due(struct tp_background *background, float energy, float *keep)
{
	/* A far quieter frame than ever replaces what was taken for background until now. */
	if (energy <= 0.25f * background->correlation[0])
		background->looks = 0;
	background->looks++;
	*keep = background->looks == 1 ? 0.0f : background->looks <= LEARN_LOOKS ? 0.9f : 0.8f;
	if (background->looks <= LEARN_LOOKS)
		return true;
	if (background->looks < LEARN_LOOKS + LEARN_EVERY)
		return false;
	background->looks = LEARN_LOOKS;
	return true;
}

/* Frames near the quietest of the last seconds are background, and are averaged. */
void tp_background_hear(struct tp_background *background, const int16_t *frame)
{
	int n = background->rate_hz * TP_BACKGROUND_LOOK_MS / 1000;
	float energy = (float)tp_level_energy(frame, n) / (float)n;
	float *mean = background->correlation, fresh[TP_BACKGROUND_ORDER + 1], keep;

	background->least = fminf(background->least, energy);
	if (++background->window_n >= WINDOW_LOOKS) {
		background->window_n = 0;
		background->least_before = background->least;
		background->least = INFINITY;
	}
	if (energy > NEAR * fminf(background->least, background->least_before) ||
	    !is_due(background, energy, &keep))
		return;
	tp_lpc_correlate(frame, n, TP_BACKGROUND_ORDER, fresh);
	for (int i = 0; i <= TP_BACKGROUND_ORDER; i++)
		mean[i] = keep * mean[i] + (1.0f - keep) * fresh[i];
}

float tp_background_power(const struct tp_background *background)
{
	bool sure = isfinite(background->least_before);

	return fminf(background->correlation[0], sure ? NOISE_MOST : NOISE_UNSURE);
}

static void shape_learnt(struct tp_background *background, float power)
{
	float correlation[TP_BACKGROUND_ORDER + 1];
	float scale = power / fmaxf(background->correlation[0], NOISE_LEAST);

	for (int i = 0; i <= TP_BACKGROUND_ORDER; i++)
		correlation[i] = scale * background->correlation[i];
	correlation[0] = fmaxf(correlation[0], NOISE_LEAST);
	tp_lpc_solve(correlation, TP_BACKGROUND_ORDER, background->shape);
}

static void shape_told(struct tp_background *background)
{
	float *shape = background->shape;

	if (background->told_order == 0) {
		shape_learnt(background, background->told_power);
		return;
	}
	memset(shape, 0, sizeof(background->shape));
	tp_lpc_from_reflection(background->told_reflection, background->told_order, shape);
	shape[0] *= background->told_power;
}

void tp_background_tell(struct tp_background *background, float power, const float *reflection,
			int order)
{
	background->told = true;
	background->told_power = fminf(power, NOISE_MOST);
	background->told_order = order < TP_BACKGROUND_ORDER ? order : TP_BACKGROUND_ORDER;
	for (int i = 0; i < background->told_order; i++)
		background->told_reflection[i] = reflection[i];
	shape_told(background);
}

void tp_background_forget(struct tp_background *background)
{
	background->told = false;
}

float tp_background_describe(const struct tp_background *background, float *reflection, int order)
{
	if (order > 0)
		tp_lpc_to_reflection(background->correlation, order, reflection);
	return tp_background_power(background);
}

void tp_background_begin(struct tp_background *background)
{
	if (background->told)
		shape_told(background);
	else
		shape_learnt(background, tp_background_power(background));
	background->let_go = false;
	background->gain = sqrtf(3.0f * background->shape[0]);
}

void tp_background_let_go(struct tp_background *background)
{
	background->let_go = true;
}

/* Uniform noise in -1..1 has a power of 1/3. */
float tp_background_next(struct tp_background *background)
{
	float wanted = sqrtf(3.0f * background->shape[0]);
	int smooth_ms = SMOOTH_MS;

	if (background->let_go && !background->told) {
		wanted *= LET_GO;
		smooth_ms = LET_GO_MS;
	}
	background->gain +=
		(wanted - background->gain) * 1000.0f / (float)(smooth_ms * background->rate_hz);
	return tp_lpc_synthesise(background->shape, TP_BACKGROUND_ORDER, background->memory,
				 tp_noise_next(&background->noise) * background->gain);
}
