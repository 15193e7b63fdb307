/* SPDX-License-Identifier: MIT */
/* The sender's clock against ours: the slope of the fastest packets' delay. */
#include "engine/skew.h"

#include <math.h>

enum {
	POINTS_MIN = 6, /* before a slope is believed, in seconds */
};

/* The fastest of fifty packets of 20 ms has met no queue, on most networks. 48 of them are enough
 * for a slope within a few ppm under milliseconds of jitter. */
static const int64_t window_ns = 1000000000;
static const double window_s = 1;

/* Crystals of phones and of anything that they talk to are within +-250 ppm of each other; what is
 * steeper is a queue that fills. */
static const double believable_ppm = 400;

/* A clock's slope is the same in both halves of the line. A step of the route's length is not: each
 * half must be this near to the whole. */
static const double alike_share = 0.3, alike_ppm = 12;

/* Below this the difference is not worth a filter: 10 ppm are 10 ms in a quarter of an
 * hour, which the talker's pauses take up. And it must stand out of the points' own scatter
 * by so many standard errors. */
static const double worth_ppm = 10, certain = 5;

void tp_skew_break(struct tp_skew *skew)
{
	skew->n = skew->next = 0;
	skew->started = false;
}

/* The i-th oldest point. */
static double point(const struct tp_skew *skew, int i)
{
	return skew->fastest_ms[(skew->next - skew->n + i + TP_SKEW_POINTS) % TP_SKEW_POINTS];
}

int64_t tp_skew_fastest_ns(const struct tp_skew *skew)
{
	return skew->origin_ns + (int64_t)(point(skew, skew->n - 1) * 1e6);
}

/* Least squares through points from..to-1, in ppm. */
static double slope(const struct tp_skew *skew, int from, int to)
{
	double middle = (from + to - 1) / 2.0, xy = 0, xx = 0;

	for (int i = from; i < to; i++) {
		xy += (i - middle) * point(skew, i);
		xx += (i - middle) * (i - middle);
	}
	return xy / xx / window_s * 1e3;
}

/* Standard error of the slope of all points, in ppm. */
static double error_of(const struct tp_skew *skew, double ppm)
{
	double middle = (skew->n - 1) / 2.0, mean = 0, squares = 0, xx = 0;

	for (int i = 0; i < skew->n; i++)
		mean += point(skew, i) / skew->n;
	for (int i = 0; i < skew->n; i++) {
		double off = point(skew, i) - mean - (i - middle) * ppm * window_s * 1e-3;

		squares += off * off;
		xx += (i - middle) * (i - middle);
	}
	return sqrt(squares / (skew->n - 2) / xx) / window_s * 1e3;
}

static bool estimate(struct tp_skew *skew)
{
	double whole, first, second, tolerance, error;

	if (skew->n < POINTS_MIN)
		return false;
	whole = slope(skew, 0, skew->n);
	error = error_of(skew, whole);
	if (fabs(whole) + certain * error < worth_ppm)
		skew->settled = true;
	first = slope(skew, 0, skew->n / 2);
	second = slope(skew, skew->n / 2, skew->n);
	tolerance = alike_ppm + alike_share * fabs(whole);
	if (fabs(whole) > believable_ppm || fabs(first - whole) > tolerance ||
	    fabs(second - whole) > tolerance)
		return false;
	if (!skew->known && fabs(whole) < worth_ppm + certain * error)
		return false;
	skew->known = skew->settled = true;
	skew->ppm = whole;
	return true;
}

bool tp_skew_learn(struct tp_skew *skew, int64_t delay_ns, int64_t now_ns)
{
	double ms;

	if (!skew->started) {
		skew->started = true;
		skew->origin_ns = delay_ns;
		skew->now_ms = 0;
		skew->window_end_ns = now_ns + window_ns;
	}
	ms = (double)(delay_ns - skew->origin_ns) * 1e-6;
	if (now_ns < skew->window_end_ns) {
		if (ms < skew->now_ms)
			skew->now_ms = ms;
		return false;
	}
	skew->fastest_ms[skew->next] = skew->now_ms;
	skew->next = (skew->next + 1) % TP_SKEW_POINTS;
	if (skew->n < TP_SKEW_POINTS)
		skew->n++;
	/* A pause longer than a window breaks the even spacing. */
	if (now_ns >= skew->window_end_ns + window_ns) {
		tp_skew_break(skew);
		return false;
	}
	skew->window_end_ns += window_ns;
	skew->now_ms = ms;
	return estimate(skew);
}
