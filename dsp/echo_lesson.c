/* SPDX-License-Identifier: MIT */
/* Noise and its echo over a known path, for a canceller to learn that path from. */
#include "echo_lesson.h"

#include "echo_notch.h"
#include "noise.h"

#include <talkpath/error.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Length of a round in lengths of the path. From noise that repeats within its own length
	 * the library learns 8..13 dB, from this 30 dB in 3 s. */
	PATHS = 4,
	PEAK = 8000, /* of noise and echo */
};

/* The sum of taps from..to - 1 times what was said so long before t. */
static float echo_of(const float *taps, const float *noise, int t, int from, int to)
{
	float sum = 0;

	for (int k = from; k < to; k++)
		sum += taps[k] * noise[t - k];
	return sum;
}

static void compute_echo(struct tp_echo_lesson *lesson, const float *taps)
{
	for (int t = 0; t < lesson->n; t++) {
		int now_n = t + 1 < lesson->rest_n ? t + 1 : lesson->rest_n;
		float before = echo_of(taps, lesson->noise, t + lesson->n, now_n, lesson->rest_n);

		if (t < lesson->rest_n)
			lesson->rest[t] = before;
		lesson->reply[t] = before + echo_of(taps, lesson->noise, t, 0, now_n);
	}
}

/* The taps are those behind the notch: what goes in before it must be what the notch undoes. */
static void undo_notch(struct tp_echo_lesson *lesson, int rate_hz)
{
	struct tp_echo_notch notch;

	tp_echo_notch_init(&notch, rate_hz);
	/* The first round only brings the filter to the state in which every round begins. */
	for (int t = 0; t < lesson->n; t++)
		(void)tp_echo_notch_undo(&notch, lesson->reply[t]);
	for (int t = 0; t < lesson->n; t++)
		lesson->reply[t] = (float)tp_echo_notch_undo(&notch, lesson->reply[t]);
	for (int t = 0; t < lesson->rest_n; t++)
		lesson->rest[t] = (float)tp_echo_notch_undo(&notch, lesson->rest[t]);
}

static void scale(struct tp_echo_lesson *lesson)
{
	float peak = PEAK;

	for (int t = 0; t < lesson->n; t++)
		peak = fmaxf(peak, fabsf(lesson->reply[t]));
	for (int t = 0; t < 2 * lesson->n + lesson->rest_n; t++)
		lesson->memory[t] *= PEAK / peak;
}

int tp_echo_lesson_make(struct tp_echo_lesson *lesson, const int32_t *taps, int path_n, int rate_hz,
			uint32_t seed)
{
	size_t n = (size_t)path_n * PATHS;
	float *path = malloc((size_t)path_n * sizeof(*path));
	struct tp_noise noise;

	memset(lesson, 0, sizeof(*lesson));
	lesson->memory = malloc((2 * n + (size_t)path_n) * sizeof(float));
	if (!path || !lesson->memory)
		goto fail;
	lesson->n = (int)n;
	lesson->rest_n = path_n;
	lesson->noise = lesson->memory;
	lesson->reply = lesson->noise + n;
	lesson->rest = lesson->reply + n;
	tp_noise_init(&noise, seed);
	for (size_t i = 0; i < n; i++)
		lesson->noise[i] = PEAK * tp_noise_next(&noise);
	for (int i = 0; i < path_n; i++)
		path[i] = (float)taps[i] / 32767.0f;
	compute_echo(lesson, path);
	undo_notch(lesson, rate_hz);
	scale(lesson);
	free(path);
	return 0;
fail:
	free(path);
	tp_echo_lesson_free(lesson);
	return tp_fail(TP_ERR_MEMORY, "out of memory to teach an echo path of %d taps", path_n);
}

void tp_echo_lesson_free(struct tp_echo_lesson *lesson)
{
	free(lesson->memory);
	memset(lesson, 0, sizeof(*lesson));
}
