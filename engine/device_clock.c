/* SPDX-License-Identifier: MIT */
/* One sample clock: the capture counter says when blocks are, the
 * playback counter when they sound. */
#include "engine/device_clock.h"

#include <math.h>

enum {
	LEAN = 32, /* a measurement's weight is 1/32: a third of a second to follow a change */
	POINTS_MIN = 3, /* seconds before a ratio is believed */
};

bool tp_steady_time_advance(struct tp_steady_time *time, int64_t step_ns, int64_t measured_ns,
			    int64_t jump_ns)
{
	int64_t error_ns = measured_ns - (time->ns + step_ns);
	bool jumped = !time->known || error_ns > jump_ns || error_ns < -jump_ns;

	time->ns = jumped ? measured_ns : time->ns + step_ns + error_ns / LEAN;
	time->known = true;
	return jumped;
}

void tp_crystal_ratio_init(struct tp_crystal_ratio *ratio)
{
	*ratio = (struct tp_crystal_ratio){0};
}

/* Least squares through the seconds' means. */
static double slope(const struct tp_crystal_ratio *ratio)
{
	int n = ratio->points;
	double mean_x = (n - 1) / 2.0, mean_y = 0, xy = 0, xx = 0;

	for (int i = 0; i < n; i++)
		mean_y += ratio->ahead_s[i] / n;
	for (int i = 0; i < n; i++) {
		int age = (i - ratio->next + 2 * TP_DEVICE_CLOCK_POINTS) % TP_DEVICE_CLOCK_POINTS;
		double x = (n < TP_DEVICE_CLOCK_POINTS ? i : age) - mean_x;
		xy += x * (ratio->ahead_s[i] - mean_y);
		xx += x * x;
	}
	return xy / xx;
}

void tp_crystal_ratio_add(struct tp_crystal_ratio *ratio, double playback_s, double capture_s,
			  int64_t now_ns)
{
	if (ratio->samples == 0 && ratio->points == 0)
		ratio->second_end_ns = now_ns + 1000000000;
	ratio->sum_s += playback_s - capture_s;
	ratio->samples++;
	if (now_ns < ratio->second_end_ns)
		return;
	ratio->ahead_s[ratio->next] = ratio->sum_s / ratio->samples;
	ratio->next = (ratio->next + 1) % TP_DEVICE_CLOCK_POINTS;
	if (ratio->points < TP_DEVICE_CLOCK_POINTS)
		ratio->points++;
	ratio->sum_s = 0;
	ratio->samples = 0;
	ratio->second_end_ns += 1000000000;
	if (ratio->points >= POINTS_MIN)
		ratio->ppm = slope(ratio) * 1e6;
}
