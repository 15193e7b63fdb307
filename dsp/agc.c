/* SPDX-License-Identifier: MIT */
/* Holds a talker's level: slow gain from the level of his speech, and a limiter behind it. */
#include "agc.h"

#include <math.h>

#define LEVEL_S     1.0f /* in which the level of speech is measured */
#define RISE_DB_S   6.0f /* slower than speech itself varies */
#define FALL_DB_S   20.0f
#define LIMIT       29000.0f /* -1 dB full scale: no sample goes over */
#define RELEASE_S   0.1f
#define SPEECH_DB   (-60.0f) /* softer is no speech, whatever it is taken for */
#define GAIN_MIN_DB (-6.0f)

void tp_agc_init(struct tp_agc *agc, int rate_hz, int block_n)
{
	*agc = (struct tp_agc){
		.block_s = (float)block_n / (float)rate_hz,
		.speech_db = TP_AGC_TARGET_DB,
		.now = 1,
		.limit = 1,
	};
}

static void follow(struct tp_agc *agc, const float *pcm, int n)
{
	float power = 1, level_db, step_db;

	for (int i = 0; i < n; i++)
		power += pcm[i] * pcm[i];
	level_db = 10 * log10f(power / (float)n) - 90.309f;
	/* Pauses between words would count as soft speech. */
	if (level_db < SPEECH_DB || level_db < agc->speech_db - 25)
		return;
	agc->speech_db += agc->block_s / LEVEL_S * (level_db - agc->speech_db);
	step_db = fmaxf(GAIN_MIN_DB, fminf(TP_AGC_GAIN_MAX_DB, TP_AGC_TARGET_DB - agc->speech_db)) -
		  agc->gain_db;
	agc->gain_db += fmaxf(-FALL_DB_S * agc->block_s, fminf(RISE_DB_S * agc->block_s, step_db));
}

/* What keeps the loudest sample of the block under the limit, let go slowly. */
static float limit(struct tp_agc *agc, const float *pcm, int n, float gain)
{
	float peak = 1;

	for (int i = 0; i < n; i++)
		peak = fmaxf(peak, fabsf(pcm[i]));
	agc->limit += agc->block_s / RELEASE_S * (1 - agc->limit);
	agc->limit = fminf(agc->limit, LIMIT / (peak * fmaxf(gain, agc->now)));
	return fminf(1, agc->limit);
}

void tp_agc_process(struct tp_agc *agc, float *pcm, int n, bool speech)
{
	float gain, step;

	if (speech)
		follow(agc, pcm, n);
	gain = powf(10, agc->gain_db / 20);
	gain *= limit(agc, pcm, n, gain);
	step = (gain - agc->now) / (float)n;
	for (int i = 0; i < n; i++) {
		agc->now += step;
		pcm[i] = fmaxf(-32767, fminf(32767, pcm[i] * agc->now));
	}
	agc->now = gain;
}
