/* SPDX-License-Identifier: MIT */
/* The noise of a room at rest. */
#include "room_noise.h"

#include <math.h>

/* Poles three octaves apart, and after each a zero 5/6 of that way on: six parts of 6 dB an octave
 * make the mean slope 5. */
static const double first_pole_hz = 80, pole_step = 8, zero_step = 5.656854; /* 8^(5/6) */

static float shape(struct tp_room_noise *noise, float x)
{
	for (int i = 0; i < noise->sections; i++) {
		float y = x - noise->section[i].zero * noise->section[i].before +
			  noise->section[i].pole * noise->section[i].last;

		noise->section[i].before = x;
		noise->section[i].last = y;
		x = y;
	}
	return x;
}

/* The gain that white noise of variance 1 has in the shaping filter: the energy of its impulse
 * response, which the lowest pole ends within a quarter of a second. */
static double shape_energy(struct tp_room_noise noise, int rate_hz)
{
	double energy = 0;

	for (int i = 0; i < rate_hz / 4; i++) {
		double y = shape(&noise, i ? 0.0f : 1.0f);

		energy += y * y;
	}
	return energy;
}

void tp_room_noise_init(struct tp_room_noise *noise, int rate_hz, float rms, uint32_t seed)
{
	double pole_hz = first_pole_hz;

	*noise = (struct tp_room_noise){0};
	tp_random_init(&noise->random, seed, 1);
	for (int i = 0; i < TP_ROOM_NOISE_SECTIONS && pole_hz < 0.4 * rate_hz; i++) {
		noise->section[i].pole = (float)exp(-2 * M_PI * pole_hz / rate_hz);
		noise->section[i].zero = (float)exp(-2 * M_PI * pole_hz * zero_step / rate_hz);
		noise->sections = i + 1;
		pole_hz *= pole_step;
	}
	noise->gain = rms / (float)sqrt(shape_energy(*noise, rate_hz));
}

/* The sum of four even numbers of 16 bits is Gaussian enough for a room, and cheap. */
static float gauss(struct tp_random *random)
{
	uint32_t a = tp_random_next(random), b = tp_random_next(random);
	int32_t sum = (int32_t)(a & 0xFFFF) + (int32_t)(a >> 16) + (int32_t)(b & 0xFFFF) +
		      (int32_t)(b >> 16) - 2 * 0xFFFF;

	return (float)sum * (1 / 37837.2f); /* standard deviation: 65536 / sqrt(12) * 2 */
}

void tp_room_noise_add(struct tp_room_noise *noise, float *pcm, int n)
{
	for (int i = 0; i < n; i++)
		pcm[i] += shape(noise, noise->gain * gauss(&noise->random));
}
