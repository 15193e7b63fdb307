/* SPDX-License-Identifier: MIT */
/* A crystal: counts frames as an exact function of time, for hours and without rounding drift. */
#include "crystal.h"

enum {
	NANO = 1000000000,
};

void tp_crystal_init(struct tp_crystal *crystal, int rate_hz, int64_t ppb)
{
	int64_t per_giga_s = rate_hz * (NANO + ppb);

	crystal->whole_hz = per_giga_s / NANO;
	crystal->nano_hz = per_giga_s % NANO;
	crystal->ppb = ppb;
}

/* The product of time and rate has 1e-18 frames as its unit and would overflow 64 bits within
 * seconds, so both factors are split at 1e9. No partial product exceeds 1e18: nano_hz and rest_ns
 * are below 1e9, and 30 years are 1e9 seconds. */
int64_t tp_crystal_frames(const struct tp_crystal *crystal, int64_t elapsed_ns)
{
	int64_t s, rest_ns, nano_frames;

	if (elapsed_ns <= 0)
		return 0;
	s = elapsed_ns / NANO;
	rest_ns = elapsed_ns % NANO;
	nano_frames = s * crystal->nano_hz + rest_ns * crystal->whole_hz +
		      rest_ns * crystal->nano_hz / NANO;
	return s * crystal->whole_hz + nano_frames / NANO;
}

/* Floating point finds the neighbourhood, the exact counter the nanosecond: a handful of steps
 * after hours, since 2^-53 of a day is 0.01 ns. */
int64_t tp_crystal_time_ns(const struct tp_crystal *crystal, int64_t frames)
{
	double rate_hz = (double)crystal->whole_hz + (double)crystal->nano_hz / NANO;
	int64_t time_ns = (int64_t)((double)frames * NANO / rate_hz);

	while (time_ns > 0 && tp_crystal_frames(crystal, time_ns - 1) >= frames)
		time_ns--;
	while (tp_crystal_frames(crystal, time_ns) < frames)
		time_ns++;
	return time_ns;
}

int64_t tp_crystal_cross(const struct tp_crystal *crystal, const struct tp_crystal *other,
			 int64_t frames, float *fraction)
{
	int64_t base = NANO + crystal->ppb;
	int64_t gained = frames * (other->ppb - crystal->ppb);
	int64_t whole = gained / base;
	int64_t rest = gained % base;

	if (rest < 0) {
		rest += base;
		whole--;
	}
	*fraction = (float)((double)rest / (double)base);
	if (*fraction >= 1.0f) { /* a rest next to base rounds up in single precision */
		*fraction = 0.0f;
		whole++;
	}
	return frames + whole;
}
