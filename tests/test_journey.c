/* SPDX-License-Identifier: MIT */
/* Packets' ways from two traces: every stamp finds its packet, across the wrap of the timestamp. */
#include "cli/journey.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
	PACKETS = 50,
	STEP = 320,
};

/* Packet i leaves at i * 20 ms and takes 20 + 1 + i + 30 + 10 ms; every tenth is lost. */
static const uint32_t first = 0u - 20 * STEP;
static const int64_t ms = 1000000;

static void put(struct tp_trace *trace, size_t *n, enum tp_trace_kind kind, int i, int64_t at_ms)
{
	trace[(*n)++] = (struct tp_trace){.kind = kind,
					  .timestamp = first + (uint32_t)(i * STEP),
					  .time_ns = (1000 + 20 * i + at_ms) * ms};
}

static int collect(struct tp_journey **journeys)
{
	static struct tp_trace sender[3 * PACKETS + 1], receiver[4 * PACKETS];
	size_t sender_n = 0, receiver_n = 0;

	/* As the engine gives them: the wire side's records before the audio side's. */
	for (int i = 0; i < PACKETS; i++)
		put(sender, &sender_n, TP_TRACE_SENT, i, 21);
	for (int i = 0; i < PACKETS; i++) {
		put(sender, &sender_n, TP_TRACE_CAPTURED, i, 0);
		put(sender, &sender_n, TP_TRACE_ENCODED, i, 20);
	}
	/* A record of the sender's other direction is none of this one's. */
	put(sender, &sender_n, TP_TRACE_PLAYED, 3, 7);
	for (int i = PACKETS - 1; i >= 0; i--) /* the order of arrival does not matter */
		if (i % 10)
			put(receiver, &receiver_n, TP_TRACE_ARRIVED, i, 21 + i);
	for (int i = 0; i < PACKETS; i++)
		if (i % 10) {
			put(receiver, &receiver_n, TP_TRACE_DECODED, i, 51 + i);
			put(receiver, &receiver_n, TP_TRACE_PLAYED, i, 61 + i);
		}
	return tp_journey_collect(journeys, sender, sender_n, receiver, receiver_n);
}

static void every_stamp_finds_its_packet(void **state)
{
	struct tp_journey *journeys;

	(void)state;
	assert_int_equal(collect(&journeys), PACKETS);
	for (int i = 0; i < PACKETS; i++) {
		const int64_t *at_ns = journeys[i].at_ns;
		int64_t start = (1000 + 20 * i) * ms;

		assert_int_equal(at_ns[TP_TRACE_CAPTURED], start);
		assert_int_equal(at_ns[TP_TRACE_ENCODED], start + 20 * ms);
		assert_int_equal(at_ns[TP_TRACE_SENT], start + 21 * ms);
		assert_int_equal(at_ns[TP_TRACE_ARRIVED], i % 10 ? start + (21 + i) * ms : 0);
		assert_int_equal(at_ns[TP_TRACE_PLAYED], i % 10 ? start + (61 + i) * ms : 0);
	}
	free(journeys);
}

static void medians_are_those_of_the_packets_in_the_span(void **state)
{
	struct tp_journey *journeys;
	int n = collect(&journeys);
	int64_t from = (1000 + 20 * 11) * ms, to = (1000 + 20 * 20) * ms; /* packets 11 to 19 */

	(void)state;
	assert_true(tp_journey_median_ms(journeys, n, TP_TRACE_CAPTURED, from, to) == 20);
	assert_true(tp_journey_median_ms(journeys, n, TP_TRACE_SENT, from, to) == 15);
	assert_true(tp_journey_median_ms(journeys, n, TP_JOURNEY_STAGES, from, to) == 61 + 15);
	assert_true(isnan(tp_journey_median_ms(journeys, n, 0, 0, 1000)));
	free(journeys);
}

static void no_packets_are_no_journeys(void **state)
{
	struct tp_journey *journeys;
	struct tp_trace played = {.kind = TP_TRACE_PLAYED, .time_ns = 1};

	(void)state;
	assert_int_equal(tp_journey_collect(&journeys, NULL, 0, &played, 1), 0);
	free(journeys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_stamp_finds_its_packet),
		cmocka_unit_test(medians_are_those_of_the_packets_in_the_span),
		cmocka_unit_test(no_packets_are_no_journeys),
	};

	return cmocka_run_group_tests_name("journey", tests, NULL, NULL);
}
