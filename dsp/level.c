/* SPDX-License-Identifier: MIT */
/* How loud: level in dB full scale and a meter; and gain that moves without clicks. */
#include "level.h"

#include <math.h>

enum {
	RAMP_MS =
		10, /* linear over 10 ms: a step of full scale spreads no energy above some 100 Hz */
	SILENT_CENTIBEL = -9600,
};

double tp_level_energy(const int16_t *pcm, int n)
{
	int64_t sum = 0;

	for (int i = 0; i < n; i++)
		sum += (int32_t)pcm[i] * pcm[i];
	return (double)sum;
}

double tp_level_power_db(double mean_square)
{
	double full = mean_square / (32768.0 * 32768.0);

	/* 1e-10 is TP_LEVEL_SILENT_DB. */
	return full > 1e-10 ? 10.0 * log10(full) : TP_LEVEL_SILENT_DB;
}

double tp_level_db(const int16_t *pcm, int n)
{
	return n > 0 ? tp_level_power_db(tp_level_energy(pcm, n) / n) : TP_LEVEL_SILENT_DB;
}

void tp_level_init(struct tp_level *level, int rate_hz, int window_ms)
{
	*level = (struct tp_level){.window_n = rate_hz * (double)window_ms / 1000.0};
}

void tp_level_add(struct tp_level *level, const int16_t *pcm, int n)
{
	if (n <= 0)
		return;
	if (n != level->keep_n) {
		level->keep = exp(-n / level->window_n);
		level->keep_n = n;
	}
	double keep = level->keep;

	level->power = keep * level->power + (1.0 - keep) * tp_level_energy(pcm, n) / n;
	level->weight = keep * level->weight + (1.0 - keep);
}

double tp_level_get_db(const struct tp_level *level)
{
	return level->weight > 0 ? tp_level_power_db(level->power / level->weight) : (double)NAN;
}

void tp_gain_init(struct tp_gain *gain, int rate_hz)
{
	*gain = (struct tp_gain){
		.now = 1.0f, .target = 1.0f, .open = 1.0f, .ramp_n = rate_hz * RAMP_MS / 1000};
}

static void aim(struct tp_gain *gain, float target)
{
	gain->target = target;
	gain->step = (target - gain->now) / (float)gain->ramp_n;
}

void tp_gain_set(struct tp_gain *gain, int centibel)
{
	gain->open = centibel <= SILENT_CENTIBEL ? 0.0f : powf(10.0f, (float)centibel / 2000.0f);
	aim(gain, gain->mute ? 0.0f : gain->open);
}

void tp_gain_mute(struct tp_gain *gain, bool mute)
{
	gain->mute = mute;
	aim(gain, mute ? 0.0f : gain->open);
}

static int16_t scale(int16_t sample, float factor)
{
	float y = (float)sample * factor;

	if (y >= 32767.0f)
		return 32767;
	if (y <= -32768.0f)
		return -32768;
	return (int16_t)lrintf(y);
}

/* One sample on the way to the target. */
static void step(struct tp_gain *gain)
{
	gain->now += gain->step;
	/* The last step lands on the target, whatever rounding did on the way. */
	if ((gain->step > 0) == (gain->now >= gain->target))
		gain->now = gain->target;
}

void tp_gain_apply(struct tp_gain *gain, int16_t *pcm, int n)
{
	int i = 0;

	for (; i < n && gain->now != gain->target; i++) {
		step(gain);
		pcm[i] = scale(pcm[i], gain->now);
	}
	if (gain->now == 1.0f)
		return;
	for (; i < n; i++)
		pcm[i] = scale(pcm[i], gain->now);
}

void tp_gain_apply_wide(struct tp_gain *gain, float *pcm, int n)
{
	for (int i = 0; i < n; i++) {
		if (gain->now != gain->target)
			step(gain);
		pcm[i] *= gain->now;
	}
}
