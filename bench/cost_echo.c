/* SPDX-License-Identifier: MIT */
/* Cost of the stages between microphone and bus, one by one. */
#include "cost.h"

#include "dsp/agc.h"
#include "dsp/echo.h"
#include "dsp/follow.h"
#include "dsp/highpass.h"
#include "dsp/suppress.h"

#include <stdlib.h>

enum {
	RATE_HZ = 16000,
	BLOCK_N = RATE_HZ / 100,
	BLOCKS = TP_COST_FRAME_MS / 10,
	TAIL_MS = 200,
	ECHO_N = RATE_HZ / 1000 * 12, /* from loudspeaker to microphone */
	SHAPE_N = RATE_HZ / 1000 * 4,
};

struct stages {
	struct tp_highpass highpass;
	struct tp_follow follow;
	struct tp_echo *echo;
	struct tp_suppress *suppress;
	struct tp_agc agc;
	int at, talk_n;
	int16_t talk[TP_TALK_MAX], microphone[TP_TALK_MAX], cancelled[BLOCK_N];
	float wide[BLOCK_N], reference[BLOCK_N], far[BLOCK_N], out[BLOCK_N];
};

static void stages_close(void *state)
{
	struct stages *stages = state;

	tp_follow_free(&stages->follow);
	tp_echo_destroy(stages->echo);
	tp_suppress_destroy(stages->suppress);
	free(stages);
}

/* The far end's voice comes back 12 dB lower; half the recording away the near end talks too. */
static int stages_open(void **state, const struct tp_cost_part *part)
{
	struct stages *stages = calloc(1, sizeof(*stages));
	int error;

	if (!stages)
		return tp_fail(TP_ERR_MEMORY, "no memory for the stages");
	*state = stages;
	stages->talk_n = RATE_HZ * TP_TALK_S;
	error = tp_talk_load(stages->talk, RATE_HZ);
	for (int i = 0; i < stages->talk_n; i++) {
		int echo = stages->talk[(i + stages->talk_n - ECHO_N) % stages->talk_n] / 4;
		int near = stages->talk[(i + stages->talk_n / 2) % stages->talk_n] / 8;

		stages->microphone[i] = (int16_t)(echo + near);
	}
	tp_highpass_init(&stages->highpass, RATE_HZ);
	tp_agc_init(&stages->agc, RATE_HZ, BLOCK_N);
	if (!error)
		error = tp_follow_init(&stages->follow, RATE_HZ, BLOCK_N);
	stages->echo = tp_echo_create(RATE_HZ, BLOCK_N, TAIL_MS);
	stages->suppress = tp_suppress_create(RATE_HZ, SHAPE_N);
	if (!error && (!stages->echo || !stages->suppress))
		error = TP_ERR_MEMORY;
	if (stages->suppress)
		tp_suppress_set(stages->suppress, true, part->all_voice);
	return error;
}

static void widen(const int16_t *in, float *out)
{
	for (int i = 0; i < BLOCK_N; i++)
		out[i] = in[i];
}

static const int16_t *next_block(struct stages *stages)
{
	stages->at = (stages->at + BLOCK_N) % stages->talk_n;
	return stages->microphone + stages->at;
}

static void run_highpass(void *state, int n)
{
	struct stages *stages = state;

	for (int i = 0; i < n * BLOCKS; i++)
		tp_highpass_process(&stages->highpass, next_block(stages), stages->cancelled,
				    BLOCK_N);
}

static void run_follow(void *state, int n)
{
	struct stages *stages = state;

	for (int i = 0; i < n * BLOCKS; i++) {
		widen(next_block(stages), stages->wide);
		tp_follow_process(&stages->follow, stages->talk + stages->at, stages->wide, BLOCK_N,
				  stages->reference);
	}
}

static void run_cancel(void *state, int n)
{
	struct stages *stages = state;

	for (int i = 0; i < n * BLOCKS; i++) {
		const int16_t *microphone = next_block(stages);

		tp_echo_process(stages->echo, microphone, stages->talk + stages->at,
				stages->cancelled);
		tp_echo_taken_out(stages->echo, microphone, stages->cancelled, stages->reference);
	}
}

/* As if the canceller took out two thirds. */
static void run_suppress(void *state, int n)
{
	struct stages *stages = state;

	for (int i = 0; i < n * BLOCKS; i++) {
		widen(next_block(stages), stages->wide);
		widen(stages->talk + stages->at, stages->far);
		for (int k = 0; k < BLOCK_N; k++) {
			stages->reference[k] = stages->wide[k] * 2 / 3;
			stages->wide[k] /= 3;
		}
		tp_suppress_process(stages->suppress, stages->wide, stages->reference, stages->far,
				    NULL, stages->out, BLOCK_N);
	}
}

static void run_agc(void *state, int n)
{
	struct stages *stages = state;

	for (int i = 0; i < n * BLOCKS; i++) {
		widen(next_block(stages), stages->wide);
		tp_agc_process(&stages->agc, stages->wide, BLOCK_N, true);
	}
}

#define STAGE(RUN) .batch = TP_COST_BATCH, .open = stages_open, .run = (RUN), .close = stages_close

const struct tp_cost_part tp_cost_echo_parts[] = {
	{.name = "echo: high-pass, 16 kHz", STAGE(run_highpass)},
	{.name = "echo: delay and drift, 16 kHz", STAGE(run_follow)},
	{.name = "echo: canceller 200 ms, 16 kHz", STAGE(run_cancel)},
	{.name = "echo: suppressor, noise, 16 kHz", STAGE(run_suppress)},
	{.name = "echo: suppressor with NS, 16 kHz", STAGE(run_suppress), .all_voice = true},
	{.name = "echo: gain control, 16 kHz", STAGE(run_agc)},
	{.name = NULL},
};
