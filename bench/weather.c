/* SPDX-License-Identifier: MIT */
/* Networks for a jitter buffer: when each packet of a stream arrives,
 * if at all, by class and seed. */
#include "weather.h"

#include "engine/random.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What may come together in a network; a field of 0 is not there. Milliseconds, seconds, shares. */
struct kind {
	const char *name;
	double even, exponential; /* means of |normal| and of exponential delay */
	double normal, normal_sigma; /* mean and spread */
	double gamma, pareto; /* scales */
	double walk; /* a queue that wanders */
	double stall_every, stall_from, stall_to; /* nothing passes for that long */
	double bloat; /* a queue that fills, in ms at most */
	double step_at, step; /* share of the time; ms from then on */
	double rough_from, rough_to; /* shares of the time */
	double loss, burst, overtaken, doubled, poll, ppm;
	bool any_order;
	int ptime_ms;
};

static const struct kind kinds[] = {
	{.name = "clean", .even = 0.2},
	{.name = "gauss5", .normal = 12.5, .normal_sigma = 5},
	{.name = "gauss20", .normal = 50, .normal_sigma = 20},
	{.name = "gauss50", .normal = 125, .normal_sigma = 50},
	{.name = "gauss20-unordered", .normal = 50, .normal_sigma = 20, .any_order = true},
	{.name = "gamma", .gamma = 20},
	{.name = "pareto", .pareto = 3},
	{.name = "spikes", .even = 0.6, .stall_every = 6, .stall_from = 100, .stall_to = 400},
	{.name = "wifi",
	 .even = 0.6,
	 .exponential = 2,
	 .stall_every = 3,
	 .stall_from = 85,
	 .stall_to = 110,
	 .loss = 0.003},
	{.name = "lte",
	 .walk = 18,
	 .stall_every = 4.5,
	 .stall_from = 60,
	 .stall_to = 220,
	 .loss = 0.005,
	 .burst = 2},
	{.name = "bloat", .even = 0.6, .bloat = 400},
	{.name = "step-up",
	 .even = 0.6,
	 .exponential = 1,
	 .step_at = 0.5,
	 .step = 80,
	 .any_order = true},
	{.name = "step-down",
	 .even = 0.6,
	 .exponential = 1,
	 .step_at = 0.5,
	 .step = -80,
	 .any_order = true},
	{.name = "drift+50", .even = 0.6, .exponential = 1.5, .ppm = 50},
	{.name = "drift+250", .even = 0.6, .exponential = 1.5, .ppm = 250},
	{.name = "drift-50", .even = 0.6, .exponential = 1.5, .ppm = -50},
	{.name = "drift-250", .even = 0.6, .exponential = 1.5, .ppm = -250},
	{.name = "loss1", .exponential = 2, .loss = 0.01, .burst = 1.5},
	{.name = "loss3", .exponential = 2, .loss = 0.03, .burst = 1.5},
	{.name = "loss5", .exponential = 2, .loss = 0.05, .burst = 1.75},
	{.name = "loss10", .exponential = 2, .loss = 0.1, .burst = 1.9},
	{.name = "loss20", .exponential = 2, .loss = 0.2, .burst = 2.25},
	{.name = "reorder",
	 .even = 0.6,
	 .overtaken = 0.04,
	 .doubled = 0.05,
	 .loss = 0.005,
	 .any_order = true},
	{.name = "rxsched",
	 .even = 0.6,
	 .exponential = 1,
	 .poll = 10,
	 .stall_every = 3,
	 .stall_from = 30,
	 .stall_to = 90},
	{.name = "ratechange", .even = 0.6, .gamma = 35, .rough_from = 0.25, .rough_to = 0.5},
	{.name = "mixed",
	 .gamma = 10,
	 .stall_every = 6,
	 .stall_from = 60,
	 .stall_to = 250,
	 .loss = 0.03,
	 .burst = 2,
	 .ppm = 90},
	{.name = "ptime10-gamma", .gamma = 20, .ptime_ms = 10},
	{.name = "ptime40-lte",
	 .walk = 18,
	 .stall_every = 4.5,
	 .stall_from = 60,
	 .stall_to = 220,
	 .loss = 0.005,
	 .burst = 2,
	 .ptime_ms = 40},
	{.name = "spike1", .even = 0.6, .stall_from = 300, .stall_to = 300},
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

const char *tp_weather_name(int i)
{
	return i < KINDS ? kinds[i].name : NULL;
}

/* ---- Random numbers ------------------------------------------------------------------------- */

static double between(struct tp_random *random, double low, double high)
{
	return low + (high - low) * tp_random_unit(random);
}

static double exponential(struct tp_random *random, double mean)
{
	return -mean * log(1 - tp_random_unit(random));
}

static double normal(struct tp_random *random)
{
	double radius = sqrt(-2 * log(1 - tp_random_unit(random)));

	return radius * cos(2 * M_PI * tp_random_unit(random));
}

/* Of shape 0.7, by rejection (Ahrens and Dieter 1974). */
static double gamma_07(struct tp_random *random)
{
	static const double shape = 0.7;
	double bound = 1 + shape / M_E;

	for (;;) {
		double p = bound * tp_random_unit(random), e = exponential(random, 1);
		double x = p <= 1 ? pow(p, 1 / shape) : -log((bound - p) / shape);

		if (p <= 1 ? e >= x : e >= (1 - shape) * log(x))
			return x;
	}
}

/* ---- Weather -------------------------------------------------------------------------------- */

static double send_ms(const struct tp_weather *weather, int k)
{
	return k * weather->ptime_ms * (1 + weather->ppm * 1e-6);
}

static double steady(const struct kind *kind, struct tp_random *random, double *walk)
{
	double ms = kind->even * fabs(normal(random)) + exponential(random, kind->exponential);

	if (kind->normal > 0)
		ms += fmax(0, kind->normal + kind->normal_sigma * normal(random));
	if (kind->gamma > 0 && kind->rough_to == 0)
		ms += kind->gamma * gamma_07(random);
	if (kind->pareto > 0)
		ms += fmin(250, kind->pareto * (pow(1 - tp_random_unit(random), -1 / 1.3) - 1));
	if (kind->walk > 0) {
		*walk += 1.2 * normal(random) + 0.004 * (kind->walk - *walk);
		*walk = fmin(80, fmax(0, *walk));
		ms += *walk + (tp_random_unit(random) < 0.2 ? 8 : 0);
	}
	return ms;
}

/* Nothing arrives for length_ms; then all of it at once. */
static void stall(struct tp_weather *weather, double start_ms, double length_ms)
{
	for (int k = 0; k < weather->n; k++) {
		double at_ms = send_ms(weather, k) + weather->delay_ms[k];

		if (at_ms >= start_ms && at_ms < start_ms + length_ms)
			weather->delay_ms[k] += start_ms + length_ms - at_ms;
	}
}

static void add_stalls(struct tp_weather *weather, const struct kind *kind, double end_ms,
		       struct tp_random *random)
{
	double at_ms = between(random, 3000, 5000);

	while (kind->stall_to > 0 && at_ms < end_ms) {
		stall(weather, at_ms, between(random, kind->stall_from, kind->stall_to));
		if (kind->stall_every == 0)
			break;
		at_ms += 1000 + exponential(random, kind->stall_every * 1000 - 1000);
	}
}

/* A queue fills for seconds, stays full, and drains. */
static void add_bloat(struct tp_weather *weather, const struct kind *kind, double end_ms,
		      struct tp_random *random)
{
	double at_ms = between(random, 3000, 6000);

	while (kind->bloat > 0 && at_ms < end_ms) {
		double up = between(random, 2000, 5000), peak = between(random, 150, kind->bloat);
		double hold = between(random, 500, 3000), down = between(random, 300, 1000);

		for (int k = 0; k < weather->n; k++) {
			double t = send_ms(weather, k) - at_ms;
			double level = t < 0                  ? 0
				       : t < up               ? t / up
				       : t < up + hold        ? 1
				       : t < up + hold + down ? 1 - (t - up - hold) / down
							      : 0;
			weather->delay_ms[k] += peak * level * (1 + 0.1 * sin(t * 0.018));
		}
		at_ms += up + hold + down + between(random, 3000, 8000);
	}
}

static void add_places(struct tp_weather *weather, const struct kind *kind, double end_ms,
		       struct tp_random *random)
{
	for (int k = 0; k < weather->n; k++) {
		double share = send_ms(weather, k) / end_ms;

		if (kind->step != 0)
			weather->delay_ms[k] +=
				(share >= kind->step_at) == (kind->step > 0) ? fabs(kind->step) : 0;
		if (share >= kind->rough_from && share < kind->rough_to)
			weather->delay_ms[k] += kind->gamma * gamma_07(random);
		if (k > 30 && tp_random_unit(random) < kind->overtaken)
			weather->delay_ms[k] +=
				weather->ptime_ms * (1 + tp_random_u32(random) % 3) + 2;
	}
}

/* One queue: nobody overtakes. */
static void keep_order(struct tp_weather *weather)
{
	for (int k = 1; k < weather->n; k++) {
		double before = send_ms(weather, k - 1) + weather->delay_ms[k - 1] + 0.2;

		weather->delay_ms[k] = fmax(weather->delay_ms[k], before - send_ms(weather, k));
	}
}

static void poll_slowly(struct tp_weather *weather, double poll_ms)
{
	for (int k = 0; k < weather->n; k++) {
		double at_ms = send_ms(weather, k) + weather->delay_ms[k];

		weather->delay_ms[k] += ceil(at_ms / poll_ms) * poll_ms - at_ms;
	}
}

/* Gilbert's model. */
static void lose(struct tp_weather *weather, const struct kind *kind, struct tp_random *random)
{
	double leave = 1 / fmax(1, kind->burst), enter = leave * kind->loss / (1 - kind->loss);
	bool bad = false;

	for (int k = 0; k < weather->n; k++) {
		double unit = tp_random_unit(random);

		bad = bad ? unit >= leave : unit < enter;
		if (bad && k >= 25)
			weather->delay_ms[k] = NAN;
	}
}

static int by_time(const void *a, const void *b)
{
	const struct tp_weather_arrival *x = a, *y = b;

	return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

void tp_weather_settle(struct tp_weather *weather)
{
	for (int k = 0; k < weather->n; k++)
		if (isfinite(weather->delay_ms[k]))
			weather->arrival[weather->arrivals++] = (struct tp_weather_arrival){
				send_ms(weather, k) + weather->delay_ms[k] + TP_WEATHER_BASE_MS, k};
	qsort(weather->arrival, (size_t)weather->arrivals, sizeof(*weather->arrival), by_time);
}

static void double_some(struct tp_weather *weather, double share, struct tp_random *random)
{
	for (int k = 0; k < weather->n; k++)
		if (isfinite(weather->delay_ms[k]) && tp_random_unit(random) < share)
			weather->arrival[weather->arrivals++] = (struct tp_weather_arrival){
				send_ms(weather, k) + weather->delay_ms[k] + TP_WEATHER_BASE_MS +
					between(random, 0, 60),
				k};
}

void tp_weather_make(struct tp_weather *weather, int i, int seconds, uint64_t seed)
{
	const struct kind *kind = &kinds[i];
	struct tp_random random;
	double walk = 15, end_ms = seconds * 1e3;

	memset(weather, 0, sizeof(*weather));
	tp_random_init(&random, seed, (uint64_t)i);
	weather->ptime_ms = kind->ptime_ms ? kind->ptime_ms : 20;
	weather->ppm = kind->ppm;
	weather->n = seconds * 1000 / weather->ptime_ms;
	if (weather->n > TP_WEATHER_PACKETS_MAX)
		weather->n = TP_WEATHER_PACKETS_MAX;
	for (int k = 0; k < weather->n; k++)
		weather->delay_ms[k] = steady(kind, &random, &walk);
	add_stalls(weather, kind, end_ms, &random);
	add_bloat(weather, kind, end_ms, &random);
	add_places(weather, kind, end_ms, &random);
	if (!kind->any_order)
		keep_order(weather);
	if (kind->poll > 0)
		poll_slowly(weather, kind->poll);
	if (kind->loss > 0)
		lose(weather, kind, &random);
	double_some(weather, kind->doubled, &random);
	tp_weather_settle(weather);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double tp_weather_fixed_ms(const struct tp_weather *weather, double late)
{
	double sorted[TP_WEATHER_PACKETS_MAX];
	int n = 0, at;

	for (int k = 0; k < weather->n; k++)
		if (isfinite(weather->delay_ms[k]))
			sorted[n++] = weather->delay_ms[k];
	if (n == 0)
		return 0;
	qsort(sorted, (size_t)n, sizeof(*sorted), by_value);
	at = (int)ceil((1 - late) * n) - 1;
	return sorted[at < 0 ? 0 : at];
}
