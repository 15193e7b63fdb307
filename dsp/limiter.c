/* SPDX-License-Identifier: MIT */
/* Holds peaks under a bound by turning the sound down, not by cutting it off. */
#include "limiter.h"

#include <math.h>

#define RELEASE_S 0.1f /* time constant: slower than a pitch period, faster than a word */
/* From here on it is 1: a step of 0.004 dB. Nearer to 1 a float has no steps
 * so small as those at 48 kHz. */
#define NEARLY 0.9995f

void tp_limiter_init(struct tp_limiter *limiter, int rate_hz)
{
	*limiter = (struct tp_limiter){.gain = 1, .release = 1 / (RELEASE_S * (float)rate_hz)};
}

void tp_limiter_set(struct tp_limiter *limiter, bool on)
{
	limiter->on = on;
}

bool tp_limiter_idle(const struct tp_limiter *limiter)
{
	return !limiter->on && limiter->gain == 1;
}

void tp_limiter_process(struct tp_limiter *limiter, const float *in, int16_t *out, int n)
{
	for (int i = 0; i < n; i++) {
		float loud = fabsf(in[i]);

		limiter->gain += limiter->release * (1 - limiter->gain);
		if (limiter->gain > NEARLY)
			limiter->gain = 1;
		if (limiter->on && loud * limiter->gain > TP_LIMITER_PEAK)
			limiter->gain = TP_LIMITER_PEAK / loud;
		out[i] = (int16_t)lrintf(fmaxf(-32768.0f, fminf(32767.0f, in[i] * limiter->gain)));
	}
}
