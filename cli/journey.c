/* SPDX-License-Identifier: MIT */
/* The way of each packet from microphone to loudspeaker, put together from both ends' traces. */
#include "journey.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Places a record into the journey of its packet; journeys are in the order of their timestamps,
 * counted from the first, which may wrap. */
static void place(struct tp_journey *journeys, int n, const struct tp_trace *record)
{
	uint32_t wanted = record->timestamp - journeys[0].timestamp;
	int low = 0, high = n - 1;

	while (low < high) {
		int middle = (low + high) / 2;

		if (journeys[middle].timestamp - journeys[0].timestamp < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	/* The first of duplicates counts. */
	if (journeys[low].timestamp == record->timestamp && !journeys[low].at_ns[record->kind])
		journeys[low].at_ns[record->kind] = record->time_ns;
}

static int begin(struct tp_journey *journeys, const struct tp_trace *sender, size_t sender_n)
{
	int n = 0;

	for (size_t i = 0; i < sender_n; i++) {
		if (sender[i].kind != TP_TRACE_CAPTURED)
			continue;
		memset(&journeys[n], 0, sizeof(journeys[n]));
		journeys[n].timestamp = sender[i].timestamp;
		journeys[n++].at_ns[TP_TRACE_CAPTURED] = sender[i].time_ns;
	}
	return n;
}

int tp_journey_collect(struct tp_journey **out, const struct tp_trace *sender, size_t sender_n,
		       const struct tp_trace *receiver, size_t receiver_n)
{
	struct tp_journey *journeys = malloc((sender_n + 1) * sizeof(*journeys));
	int n;

	if (!journeys)
		return tp_fail(TP_ERR_MEMORY, "no memory for the ways of %zu packets", sender_n);
	n = begin(journeys, sender, sender_n);
	for (size_t i = 0; n && i < sender_n; i++)
		if (sender[i].kind == TP_TRACE_ENCODED || sender[i].kind == TP_TRACE_SENT)
			place(journeys, n, &sender[i]);
	for (size_t i = 0; n && i < receiver_n; i++)
		if (receiver[i].kind >= TP_TRACE_ARRIVED && receiver[i].kind <= TP_TRACE_PLAYED)
			place(journeys, n, &receiver[i]);
	*out = journeys;
	return n;
}

static int compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return (difference > 0) - (difference < 0);
}

double tp_journey_median_ms(const struct tp_journey *journeys, int n, int stage, int64_t from_ns,
			    int64_t to_ns)
{
	bool whole = stage == TP_JOURNEY_STAGES;
	int first = whole ? TP_TRACE_CAPTURED : stage, last = whole ? TP_TRACE_PLAYED : stage + 1;
	double *ms = malloc(((size_t)n + 1) * sizeof(*ms)), median = NAN;
	int found = 0;

	for (int i = 0; ms && i < n; i++) {
		const int64_t *at_ns = journeys[i].at_ns;

		if (at_ns[TP_TRACE_CAPTURED] >= from_ns && at_ns[TP_TRACE_CAPTURED] < to_ns &&
		    at_ns[TP_TRACE_PLAYED] && at_ns[first] && at_ns[last])
			ms[found++] = (double)(at_ns[last] - at_ns[first]) * 1e-6;
	}
	if (found) {
		qsort(ms, (size_t)found, sizeof(*ms), compare);
		median = (ms[(found - 1) / 2] + ms[found / 2]) / 2;
	}
	free(ms);
	return median;
}
