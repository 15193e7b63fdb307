/* SPDX-License-Identifier: MIT */
/* A room made from a seed: the way from a loudspeaker to a microphone; and sound fit to break things. */
#include "fake_echo.h"

#include <math.h>
#include <string.h>

static int16_t saturate(double x)
{
	return (int16_t)lrint(fmax(-32768, fmin(32767, x)));
}

static double uniform(struct tp_noise *dice)
{
	return tp_noise_bits(dice) / 4294967296.0;
}

void fake_echo_init(struct fake_echo *room, uint32_t seed, int rate_hz, double delay_ms,
		    double length_ms, double t60_ms, double gain_db)
{
	struct tp_noise dice;
	double power = 0;

	tp_noise_init(&dice, seed);
	for (int i = 0; i < FAKE_ECHO_TAPS; i++) {
		double late_ms = i == 0 ? 0 : (length_ms - delay_ms) * uniform(&dice);

		room->delay_n[i] = (int)((delay_ms + late_ms) * rate_hz / 1000);
		room->gain[i] = tp_noise_next(&dice) * pow(10, -3 * late_ms / t60_ms);
		if (i == 0)
			room->gain[i] = 2.0;
		power += room->gain[i] * room->gain[i];
	}
	for (int i = 0; i < FAKE_ECHO_TAPS; i++)
		room->gain[i] *= pow(10, gain_db / 20) / sqrt(power);
}

void fake_echo_add(const struct fake_echo *room, const int16_t *ref, int16_t *mic, int n)
{
	for (int i = 0; i < n; i++) {
		double echo = 0;

		for (int k = 0; k < FAKE_ECHO_TAPS; k++)
			if (i >= room->delay_n[k])
				echo += room->gain[k] * ref[i - room->delay_n[k]];
		mic[i] = saturate(mic[i] + echo);
	}
}

static void draw(struct garbage_source *source, struct tp_noise *dice)
{
	const double pi = 3.14159265358979323846;

	source->kind = (int)(tp_noise_bits(dice) % 9);
	source->level = 32768 * pow(10, -95 * pow(uniform(dice), 2) / 20);
	if (tp_noise_bits(dice) % 4 == 0)
		source->level = 60000;
	source->step = tp_noise_bits(dice) % 5 ? pi * pow(uniform(dice), 2) : pi;
	source->phase = 6 * uniform(dice);
	source->every = 1 + (int)(tp_noise_bits(dice) % 200);
}

static double next(struct garbage_source *source, struct tp_noise *dice)
{
	source->phase += source->step;
	switch (source->kind) {
	case 0:
		return 0;
	case 1:
	case 2:
		return source->level * tp_noise_next(dice);
	case 3:
		return source->level * sin(source->phase);
	case 4:
		return sin(source->phase) > 0 ? source->level : -source->level;
	case 5:
		return source->level;
	case 6:
		return tp_noise_bits(dice) % (unsigned)source->every ? 0 : source->level;
	case 7:
		return tp_noise_bits(dice) & 1 ? source->level : -source->level;
	default:
		return tp_noise_bits(dice) % 3 - 1.0;
	}
}

void garbage_init(struct garbage *garbage, uint32_t seed)
{
	memset(garbage, 0, sizeof(*garbage));
	tp_noise_init(&garbage->dice, seed);
}

/* A new kind of garbage for up to 80 calls. */
static void redraw(struct garbage *garbage)
{
	struct tp_noise *dice = &garbage->dice;

	garbage->left_n = (int)(tp_noise_bits(dice) % 80);
	if (tp_noise_bits(dice) % 3)
		draw(&garbage->far, dice);
	if (tp_noise_bits(dice) % 3)
		draw(&garbage->near, dice);
	garbage->coupling = (int)(tp_noise_bits(dice) % 4);
	garbage->gain = pow(10, (100 * uniform(dice) - 50) / 20);
	garbage->delay_n = (int)(tp_noise_bits(dice) % 4000);
}

static double past(const struct garbage *garbage, int ago)
{
	return garbage->past[(garbage->at - ago) & 8191];
}

void garbage_fill(struct garbage *garbage, int16_t *mic, int16_t *ref, int n)
{
	if (garbage->left_n-- <= 0)
		redraw(garbage);
	for (int i = 0; i < n; i++) {
		double echo, near = next(&garbage->near, &garbage->dice);

		garbage->at = (garbage->at + 1) & 8191;
		garbage->past[garbage->at] = ref[i] = saturate(next(&garbage->far, &garbage->dice));
		echo = past(garbage, garbage->delay_n);
		if (garbage->coupling == 3)
			echo -= 0.7 * past(garbage, garbage->delay_n + 3);
		echo *= garbage->coupling == 0 ? 0 : garbage->gain;
		mic[i] = saturate(echo +
				  (garbage->coupling == 1 || garbage->coupling == 3 ? 0 : near));
	}
}
