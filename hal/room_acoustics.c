/* SPDX-License-Identifier: MIT */
/* The way of sound from a desk phone's loudspeaker to its microphone. */
#include "room_acoustics.h"

#include "random.h"

#include <talkpath/error.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const double sound_m_per_s = 343;
static const double desk_m = 0.8;
static const double speaker_to_mic_m = 0.18; /* across the housing of a desk phone */

/* Numbers that die away towards zero become denormal, which costs a hundred times the time on some
 * machines; a bias of 2^-40 of a quantum, which no converter sees, keeps them alive. */
static const float bias = 0x1p-40f;

struct box {
	double size[3], speaker[3], mic[3];
	double volume, surface;
};

static void place_phone(struct box *box, const struct tp_room_acoustics_config *config,
			struct tp_random *random)
{
	const double size[3] = {config->length_m, config->width_m, config->height_m};
	double turn = tp_random_between(random, 0, 2 * (float)M_PI);

	memcpy(box->size, size, sizeof(size));
	for (int i = 0; i < 2; i++) /* away from the walls, where a desk stands */
		box->speaker[i] = size[i] * tp_random_between(random, 0.25f, 0.75f);
	box->speaker[2] = desk_m;
	box->mic[0] = box->speaker[0] + speaker_to_mic_m * cos(turn);
	box->mic[1] = box->speaker[1] + speaker_to_mic_m * sin(turn);
	box->mic[2] = desk_m;
	box->volume = size[0] * size[1] * size[2];
	box->surface = 2 * (size[0] * size[1] + size[0] * size[2] + size[1] * size[2]);
}

/* Distance from the loudspeaker's image that is `n` rooms away to the microphone. */
static double image_distance(const struct box *box, const int n[3])
{
	double square = 0;

	for (int i = 0; i < 3; i++) {
		double place = n[i] * box->size[i] +
			       (n[i] & 1 ? box->size[i] - box->speaker[i] : box->speaker[i]);

		square += (place - box->mic[i]) * (place - box->mic[i]);
	}
	return sqrt(square);
}

/* The image sources of one and two reflections (Allen and Berkley, 1979); a wall takes what
 * Sabine's formula needs for the decay that was asked for. */
static void place_images(struct tp_room_acoustics *acoustics, const struct box *box, int rate_hz,
			 double rt60_s)
{
	double absorbed = fmin(0.95, 0.161 * box->volume / (box->surface * rt60_s));
	double reflected = sqrt(1 - absorbed);

	for (int code = 0; code < 5 * 5 * 5; code++) {
		const int n[3] = {code % 5 - 2, code / 5 % 5 - 2, code / 25 - 2};
		int order = abs(n[0]) + abs(n[1]) + abs(n[2]);
		struct tp_room_image *image = &acoustics->image[acoustics->images];
		double distance = image_distance(box, n);

		if (order < 1 || order > 2)
			continue;
		acoustics->images++;
		image->delay_n =
			(int)lrint((distance - speaker_to_mic_m) / sound_m_per_s * rate_hz);
		image->gain = (float)(pow(reflected, order) * speaker_to_mic_m / distance);
		if (image->delay_n > acoustics->longest_n)
			acoustics->longest_n = image->delay_n;
	}
}

/* The audio-EQ cookbook's high-pass (R. Bristow-Johnson). */
static void make_high_pass(struct tp_room_section *section, double hz, double q, int rate_hz)
{
	double w = 2 * M_PI * hz / rate_hz;
	double alpha = sin(w) / (2 * q), a0 = 1 + alpha;

	section->b0 = section->b2 = (float)((1 + cos(w)) / 2 / a0);
	section->b1 = (float)(-(1 + cos(w)) / a0);
	section->a1 = (float)(-2 * cos(w) / a0);
	section->a2 = (float)((1 - alpha) / a0);
}

/* The same cookbook's peak. */
static void make_resonance(struct tp_room_section *section, double hz, double q, double gain_db,
			   int rate_hz)
{
	double w = 2 * M_PI * hz / rate_hz;
	double root = pow(10, gain_db / 40);
	double alpha = sin(w) / (2 * q), a0 = 1 + alpha / root;

	section->b0 = (float)((1 + alpha * root) / a0);
	section->b1 = section->a1 = (float)(-2 * cos(w) / a0);
	section->b2 = (float)((1 - alpha * root) / a0);
	section->a2 = (float)((1 - alpha / root) / a0);
}

/* A speaker of 5 cm in a small box: nothing below some 250 Hz, and no two alike above. */
static void make_loudspeaker(struct tp_room_acoustics *acoustics, int rate_hz,
			     struct tp_random *random)
{
	make_high_pass(&acoustics->section[0], tp_random_between(random, 200, 300), 0.8, rate_hz);
	for (int i = 1; i < TP_ROOM_ACOUSTICS_SECTIONS; i++) {
		double hz = tp_random_between(random, 600, 3200);
		double gain_db = tp_random_between(random, -5, 5);

		make_resonance(&acoustics->section[i], hz, 3, gain_db, rate_hz);
	}
}

/* x - k x^3 gives a sine of amplitude 1 the third harmonic k/4 beside the fundamental 1 - 3k/4. */
static float cubic_of(float distortion)
{
	return 4 * distortion / (1 + 3 * distortion);
}

static float filter(struct tp_room_section *section, float x)
{
	float y = section->b0 * x + section->z1;

	section->z1 = section->b1 * x - section->a1 * y + section->z2;
	section->z2 = section->b2 * x - section->a2 * y;
	return y;
}

static void play(struct tp_room_acoustics *acoustics, const float *speaker, float *air, int n)
{
	float cubic = acoustics->cubic / (32768.0f * 32768.0f);

	for (int i = 0; i < n; i++) {
		float x = speaker[i] * (1 - cubic * speaker[i] * speaker[i]) + bias;

		for (int k = 0; k < TP_ROOM_ACOUSTICS_SECTIONS; k++)
			x = filter(&acoustics->section[k], x);
		air[i] = acoustics->gain * x + bias;
	}
}

static void remember(struct tp_room_acoustics *acoustics, const float *air, int n)
{
	size_t keep = (size_t)acoustics->longest_n;

	if (acoustics->at + n > acoustics->history_n) {
		memmove(acoustics->history, acoustics->history + acoustics->at - keep,
			keep * sizeof(*air));
		acoustics->at = (int)keep;
	}
	memcpy(acoustics->history + acoustics->at, air, (size_t)n * sizeof(*air));
	acoustics->at += n;
}

void tp_room_acoustics_run(struct tp_room_acoustics *acoustics, const float *speaker, float *echo,
			   int n)
{
	float air[TP_ROOM_ACOUSTICS_BLOCK];

	play(acoustics, speaker, air, n);
	memcpy(echo, air, (size_t)n * sizeof(*air));
	if (!acoustics->images)
		return;
	remember(acoustics, air, n);
	for (int k = 0; k < acoustics->images; k++) {
		const float *from =
			acoustics->history + acoustics->at - n - acoustics->image[k].delay_n;
		float gain = acoustics->image[k].gain;

		for (int i = 0; i < n; i++)
			echo[i] += gain * from[i];
	}
	tp_reverb_add(&acoustics->tail, air, echo, n, acoustics->tail_gain);
}

void tp_room_acoustics_clear(struct tp_room_acoustics *acoustics)
{
	for (int i = 0; i < TP_ROOM_ACOUSTICS_SECTIONS; i++)
		acoustics->section[i].z1 = acoustics->section[i].z2 = 0;
	if (!acoustics->images)
		return;
	memset(acoustics->history, 0, (size_t)acoustics->history_n * sizeof(*acoustics->history));
	acoustics->at = acoustics->longest_n;
	tp_reverb_clear(&acoustics->tail);
}

/* Energy of the response to an impulse of 1, of the whole way or of the tail alone. */
static double response_energy(struct tp_room_acoustics *acoustics, bool tail_alone, int n)
{
	float in[TP_ROOM_ACOUSTICS_BLOCK] = {1}, out[TP_ROOM_ACOUSTICS_BLOCK];
	double energy = 0;

	for (int at = 0; at < n; at += TP_ROOM_ACOUSTICS_BLOCK) {
		memset(out, 0, sizeof(out));
		if (tail_alone)
			tp_reverb_add(&acoustics->tail, in, out, TP_ROOM_ACOUSTICS_BLOCK, 1);
		else
			tp_room_acoustics_run(acoustics, in, out, TP_ROOM_ACOUSTICS_BLOCK);
		in[0] = 0;
		for (int i = 0; i < TP_ROOM_ACOUSTICS_BLOCK; i++)
			energy += (double)out[i] * out[i];
	}
	tp_room_acoustics_clear(acoustics);
	return energy;
}

/* Diffuse sound is as strong as direct sound at the critical distance, 0.057 sqrt(V / rt60) metres,
 * and has decayed by 60 dB * t / rt60 when it begins to be heard at t (Barron's theory). */
static int open_room(struct tp_room_acoustics *acoustics, const struct box *box, int rate_hz,
		     const struct tp_room_acoustics_config *config)
{
	double critical_m = 0.057 * sqrt(box->volume / config->rt60_s);
	double begins_s, energy;
	int error = tp_reverb_open(&acoustics->tail, rate_hz, config->rt60_s,
				   (float)(4 * box->volume / box->surface), config->seed);

	if (error)
		return error;
	place_images(acoustics, box, rate_hz, config->rt60_s);
	acoustics->history_n = 4 * (acoustics->longest_n + TP_ROOM_ACOUSTICS_BLOCK);
	acoustics->history = calloc((size_t)acoustics->history_n, sizeof(*acoustics->history));
	if (!acoustics->history)
		return tp_fail(TP_ERR_MEMORY, "no memory for the echo of a room");
	acoustics->at = acoustics->longest_n;
	begins_s = (double)acoustics->tail.line[0].len / rate_hz;
	energy = pow(speaker_to_mic_m / critical_m, 2) * pow(10, -6 * begins_s / config->rt60_s);
	acoustics->tail_gain = (float)sqrt(
		energy / response_energy(acoustics, true, (int)(1.5 * config->rt60_s * rate_hz)));
	return 0;
}

int tp_room_acoustics_open(struct tp_room_acoustics *acoustics, int rate_hz,
			   const struct tp_room_acoustics_config *config)
{
	struct tp_random random;
	struct box box;
	double energy;
	int error = 0;

	*acoustics = (struct tp_room_acoustics){.gain = 1};
	tp_random_init(&random, config->seed, 3);
	place_phone(&box, config, &random);
	make_loudspeaker(acoustics, rate_hz, &random);
	if (config->rt60_s > 0)
		error = open_room(acoustics, &box, rate_hz, config);
	if (error)
		return error;
	energy = response_energy(acoustics, false, (int)((1.5 * config->rt60_s + 0.1) * rate_hz));
	acoustics->gain = (float)(pow(10, -config->erl_db / 20) / sqrt(energy));
	acoustics->cubic = cubic_of(config->distortion);
	return 0;
}

void tp_room_acoustics_close(struct tp_room_acoustics *acoustics)
{
	free(acoustics->history);
	acoustics->history = NULL;
	tp_reverb_close(&acoustics->tail);
}
