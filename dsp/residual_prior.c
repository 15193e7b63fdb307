/* SPDX-License-Identifier: MIT */
/* How loud echo may be, band by band, as far as can be told without a filter that predicts it. */
#include "residual_prior.h"

#include <math.h>

enum {
	USUAL_HOPS = 10, /* 50 ms of a band, a sound or two, before what is usual in it is known */
};
#define HEARD_KEEP 0.985f /* -0.065 dB a hop: 6 dB in the longest delay */
#define SEEN_KEEP  0.99f
#define GAIN_KEEP  0.998f
/* 14 dB: no phone's echo is louder than its loudspeaker's signal by more, in any band. */
#define GAIN_BEGIN 25.0f
#define TWICE      2.0f /* for what was seen or predicted, and may be more the next time */
#define THERE      0.1f /* a sound is there, not its reverberation, down to -10 dB of the loudest */
/* A talker here adds to the microphone, but not to every hop; what echo alone is
 * varies by some dB, in a room. So what three of ten hops are under, and as much
 * again, holds for echo whoever talks. */
#define USUAL_SHARE 0.3f
#define MARGIN_DB   3.0f
#define STEP_DB     0.6f /* a hop, both ways together */
#define STEP_MORE   16.0f /* shared by the hops so far: the first ones move it far */

void tp_residual_prior_init(struct tp_residual_prior *prior)
{
	*prior = (struct tp_residual_prior){.gain = GAIN_BEGIN};
}

void tp_residual_prior_hear(struct tp_residual_prior *prior, float far)
{
	prior->heard = fmaxf(far, HEARD_KEEP * prior->heard);
}

bool tp_residual_prior_sounds(const struct tp_residual_prior *prior, float far)
{
	return far >= THERE * prior->heard;
}

static float to_db(float power)
{
	return 10.0f * log10f(power);
}

void tp_residual_prior_place(struct tp_residual_prior *prior, float far, float error, float least)
{
	float now_db, step_db = STEP_DB + STEP_MORE / (float)(prior->near_hops + 1);

	prior->near = fmaxf(far, TP_RESIDUAL_ROOM_KEEP * prior->near);
	if (far < THERE * prior->near || far < least)
		return;
	now_db = to_db(error / prior->near);
	if (prior->near_hops++ == 0)
		prior->usual_db = now_db;
	prior->usual_db +=
		now_db > prior->usual_db ? USUAL_SHARE * step_db : (USUAL_SHARE - 1) * step_db;
}

void tp_residual_prior_moved(struct tp_residual_prior *prior)
{
	prior->near_hops = 0;
}

void tp_residual_prior_bound(struct tp_residual_prior *prior, float error, bool settled)
{
	prior->seen = fmaxf(error / prior->heard, SEEN_KEEP * prior->seen);
	if (settled)
		prior->gain = fminf(prior->gain, TWICE * prior->seen);
}

void tp_residual_prior_learn(struct tp_residual_prior *prior, float echo)
{
	float gain = TWICE * echo / prior->heard;

	prior->gain = gain > prior->gain ? gain : GAIN_KEEP * prior->gain;
}

void tp_residual_prior_louder(struct tp_residual_prior *prior, float power)
{
	prior->gain *= power;
	prior->seen *= power;
	prior->usual_db += to_db(power);
}

float tp_residual_prior_power(const struct tp_residual_prior *prior, bool placed)
{
	float usual;

	if (!placed || prior->near_hops < USUAL_HOPS)
		return prior->gain * prior->heard;
	usual = powf(10.0f, 0.1f * (prior->usual_db + MARGIN_DB));
	return fminf(prior->gain, usual) * prior->near;
}
