/* SPDX-License-Identifier: MIT */
/* Mouth to ear, twice: by the sound itself, and as the sum of what every stage's stamps say. */
#include "latency.h"

#include "chirp.h"
#include "cli/journey.h"

#include <math.h>
#include <stdlib.h>

enum {
	SETTLE_MS = 3000, /* jitter buffer and clocks have found their places */
	PHASES = 5,
};

/* Below this a chirp was not heard, or another sound lay over it. */
static const double likeness_min = 0.7;

/* Values whose median is wanted. */
struct values {
	double *ms; /* owned */
	int n, cap;
};

enum column {
	PACKET,
	WIRE,
	JITTER,
	RING,
	WHOLE,
	SOUND,
	DIFFERENCE,
	COLUMNS,
};

static const struct {
	enum tp_trace_kind first, last;
} stage[] = {
	[PACKET] = {TP_TRACE_CAPTURED, TP_TRACE_SENT},
	[WIRE] = {TP_TRACE_SENT, TP_TRACE_ARRIVED},
	[JITTER] = {TP_TRACE_ARRIVED, TP_TRACE_DECODED},
	[RING] = {TP_TRACE_DECODED, TP_TRACE_PLAYED},
};

static int add(struct values *values, double ms)
{
	if (values->n == values->cap) {
		int cap = values->cap ? 2 * values->cap : 256;
		double *larger = realloc(values->ms, (size_t)cap * sizeof(*larger));

		if (!larger)
			return tp_fail(TP_ERR_MEMORY, "no memory for the measurements");
		values->ms = larger;
		values->cap = cap;
	}
	values->ms[values->n++] = ms;
	return 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(struct values *values)
{
	int n = values->n;

	if (!n)
		return NAN;
	qsort(values->ms, (size_t)n, sizeof(*values->ms), compare);
	return (values->ms[(n - 1) / 2] + values->ms[n / 2]) / 2;
}

static double whole_ms(const struct tp_journey *journey)
{
	return (double)(journey->at_ns[TP_TRACE_PLAYED] - journey->at_ns[TP_TRACE_CAPTURED]) / 1e6;
}

/* Every stage of every packet that was captured after the call had settled and was played. */
static int add_journeys(struct values *values, const struct tp_journey *journeys, int n)
{
	int64_t from_ns = tp_chirp_device[TP_BENCH_CALLED].start_ns + (int64_t)SETTLE_MS * 1000000;
	int error = 0;

	for (int i = 0; i < n && !error; i++) {
		const int64_t *at_ns = journeys[i].at_ns;

		if (at_ns[TP_TRACE_CAPTURED] < from_ns || !at_ns[TP_TRACE_SENT] ||
		    !at_ns[TP_TRACE_PLAYED])
			continue;
		for (int k = PACKET; k <= RING && !error; k++)
			error = add(&values[k],
				    (double)(at_ns[stage[k].last] - at_ns[stage[k].first]) / 1e6);
		if (!error)
			error = add(&values[WHOLE], whole_ms(&journeys[i]));
	}
	return error;
}

/* The packet that carries what was captured at a time; NULL if it was not played. */
static const struct tp_journey *carrier(const struct tp_journey *journeys, int n, int64_t time_ns)
{
	const struct tp_journey *found = NULL;

	for (int i = 0; i < n && journeys[i].at_ns[TP_TRACE_CAPTURED] <= time_ns; i++)
		found = &journeys[i];
	return found && found->at_ns[TP_TRACE_PLAYED] ? found : NULL;
}

/* A chirp that began at `said_ms` of the loudspeaker's time and was heard at `heard_ms`: what it
 * took, and how much else the stamps say of the packet that carried its middle. */
static int add_chirp(struct values *values, const struct tp_journey *journeys, int n,
		     double said_ms, double heard_ms, double fixed_ms)
{
	int64_t middle_ns = tp_chirp_device[TP_BENCH_CALLED].start_ns +
			    (int64_t)((said_ms + TP_CHIRP_MS / 2.0) * 1e6);
	const struct tp_journey *journey = carrier(journeys, n, middle_ns);
	int error = add(&values[SOUND], heard_ms - said_ms);

	if (!error && journey)
		error = add(&values[DIFFERENCE],
			    whole_ms(journey) + fixed_ms - (heard_ms - said_ms));
	return error;
}

/* Every chirp that began after the call had settled, found in what the loudspeaker played. */
static int add_chirps(struct values *values, struct tp_latency *latency,
		      const struct tp_journey *journeys, int n, int ms)
{
	const struct tp_chirp_device *mouth = &tp_chirp_device[TP_BENCH_CALLER];
	const struct tp_chirp_device *ear = &tp_chirp_device[TP_BENCH_CALLED];
	double later_ms = (double)(ear->start_ns - mouth->start_ns) / 1e6;
	double per_ms = ear->granted_hz / 1000.0;
	int error = 0;

	for (int k = 0; !error; k++) {
		double said_ms = tp_chirp_start_ms(k) - later_ms, likeness, heard_ms;

		if (said_ms < SETTLE_MS)
			continue;
		if (said_ms + TP_CHIRP_PLACE_MS > ms)
			break;
		heard_ms = tp_chirp_find(ear->ear, ear->ear_cap, ear->granted_hz,
					 (int64_t)(said_ms * per_ms), &likeness) /
			   per_ms;
		if (likeness >= likeness_min)
			error = add_chirp(values, journeys, n, said_ms, heard_ms,
					  latency->fixed_ms);
		else
			latency->chirps_lost++;
	}
	return error;
}

static int evaluate(struct values *values, struct tp_latency *latency,
		    const struct tp_bench_call *call, int ms)
{
	struct tp_journey *journeys = NULL;
	int n = tp_journey_collect(&journeys, call->traces[TP_BENCH_CALLER],
				   call->traces_n[TP_BENCH_CALLER], call->traces[TP_BENCH_CALLED],
				   call->traces_n[TP_BENCH_CALLED]);
	int error = n < 0 ? n : add_journeys(values, journeys, n);

	if (!error)
		error = add_chirps(values, latency, journeys, n, ms);
	free(journeys);
	return error;
}

static int measure_call(struct values *values, struct tp_latency *latency,
			const struct tp_bench_setting *setting, int seconds)
{
	struct tp_engine_stats stats;
	struct tp_bench_call call;
	int ms = SETTLE_MS + seconds * 1000;
	int error = tp_bench_call_begin(&call, setting, ms + TP_CHIRP_PLACE_MS);

	if (!error)
		error = tp_bench_call_run(&call, ms);
	if (!error)
		error = tp_engine_stats(call.engine[TP_BENCH_CALLED], &stats);
	if (!error) {
		latency->underruns += (int)stats.playback_xruns;
		latency->fixed_ms = tp_bench_call_fixed_ms(&call);
		tp_bench_call_stop(&call);
		error = evaluate(values, latency, &call, ms);
	}
	tp_bench_call_end(&call);
	return error;
}

int tp_latency_measure(struct tp_latency *latency, const struct tp_bench_setting *setting,
		       int seconds)
{
	struct tp_bench_setting one = *setting;
	struct values values[COLUMNS] = {0};
	int phases = setting->threads ? 1 : PHASES, error = 0;

	*latency = (struct tp_latency){0};
	for (int i = 0; i < phases && !error; i++) {
		one.phase_us = (int)(tp_bench_period_ms(setting) * 1000 * i / phases);
		error = measure_call(values, latency, &one, seconds);
	}
	latency->packets = values[WHOLE].n;
	latency->chirps = values[SOUND].n;
	latency->packet_ms = median(&values[PACKET]);
	latency->wire_ms = median(&values[WIRE]);
	latency->jitter_ms = median(&values[JITTER]);
	latency->ring_ms = median(&values[RING]);
	latency->sum_ms = median(&values[WHOLE]) + latency->fixed_ms;
	latency->sound_ms = median(&values[SOUND]);
	latency->difference_ms = median(&values[DIFFERENCE]);
	for (int k = 0; k < COLUMNS; k++)
		free(values[k].ms);
	return error;
}

double tp_latency_tolerance_ms(const struct tp_bench_setting *setting)
{
	return setting->threads ? tp_bench_period_ms(setting) : 1;
}
