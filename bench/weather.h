/* SPDX-License-Identifier: MIT */
/* Networks for a jitter buffer: when each packet of a stream arrives,
 * if at all, by class and seed. */
#ifndef BENCH_WEATHER_H
#define BENCH_WEATHER_H

#include <stdint.h>

enum {
	TP_WEATHER_BASE_MS = 40, /* the fastest way through every network */
	TP_WEATHER_PACKETS_MAX = 6000,
};

struct tp_weather_arrival {
	double at_ms; /* packet 0 is sent at 0 */
	int k; /* of the packet */
};

struct tp_weather {
	int ptime_ms, n; /* packets sent */
	double ppm; /* by which the sender's clock is slow */
	double delay_ms[TP_WEATHER_PACKETS_MAX]; /* beyond the base; NAN: lost */
	struct tp_weather_arrival arrival[TP_WEATHER_PACKETS_MAX * 2]; /* by time */
	int arrivals;
};

/* The i-th class's name, NULL behind the last. [any] */
const char *tp_weather_name(int i);

/* Fills `weather` with so many seconds of the i-th class. The same seed is
 * the same, bit for bit. [any] */
void tp_weather_make(struct tp_weather *weather, int i, int seconds, uint64_t seed);

/* Sorts what delay_ms says into arrivals, for weather that was filled by hand. [any] */
void tp_weather_settle(struct tp_weather *weather);

/* The fixed delay beyond the base that is exceeded by `late` of the packets that arrive. [any] */
double tp_weather_fixed_ms(const struct tp_weather *weather, double late);

#endif
