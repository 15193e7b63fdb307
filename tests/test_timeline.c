/* SPDX-License-Identifier: MIT */
/* The timeline: packets keep their place whatever timestamps, sequence numbers and clocks do. */
#include "engine/packet.h"
#include "engine/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
	MS = 1000000,
};

static struct tp_timeline_place place(struct tp_timeline *timeline, int seq, uint32_t timestamp,
				      int clock_hz, int ptime_ms, int64_t arrival_ms)
{
	struct tp_packet *packet = calloc(1, sizeof(*packet));
	struct tp_timeline_place result;

	packet->seq = (uint16_t)seq;
	packet->timestamp = timestamp;
	packet->stamp_ns = arrival_ms * MS;
	result = tp_timeline_place(timeline, packet, clock_hz, (int64_t)ptime_ms * MS);
	free(packet);
	return result;
}

static void steady_stream_wraps_both_counters(void **state)
{
	struct tp_timeline timeline;
	uint32_t timestamp = 0xffffff00u;

	(void)state;
	tp_timeline_reset(&timeline);
	for (int i = 0; i < 70000; i++) {
		struct tp_timeline_place p =
			place(&timeline, 65000 + i, timestamp, 8000, 20, 1000 + 20 * (int64_t)i);
		assert_int_equal(p.media_ns, (int64_t)i * 20 * MS);
		assert_int_equal(p.seq, 65000 + i);
		assert_int_equal(p.step, TP_TIMELINE_NEXT);
		timestamp += 160;
	}
}

static void overtaken_packets_go_back_to_their_place(void **state)
{
	struct tp_timeline timeline;

	(void)state;
	tp_timeline_reset(&timeline);
	place(&timeline, 10, 1000, 8000, 20, 0);
	assert_int_equal(place(&timeline, 13, 1480, 8000, 20, 1).media_ns, 60 * MS);
	assert_int_equal(place(&timeline, 11, 1160, 8000, 20, 2).media_ns, 20 * MS);
	assert_int_equal(place(&timeline, 12, 1320, 8000, 20, 3).media_ns, 40 * MS);
	assert_int_equal(place(&timeline, 9, 840, 8000, 20, 4).media_ns, -20 * MS);
	assert_int_equal(place(&timeline, 14, 1640, 8000, 20, 80).media_ns, 80 * MS);
}

static void a_pause_is_told_from_a_loss(void **state)
{
	struct tp_timeline timeline;

	(void)state;
	tp_timeline_reset(&timeline);
	place(&timeline, 1, 0, 8000, 20, 0);
	/* lost packets: the sequence has a hole too */
	assert_int_equal(place(&timeline, 4, 480, 8000, 20, 60).step, TP_TIMELINE_NEXT);
	/* silence suppression: it has none */
	struct tp_timeline_place p = place(&timeline, 5, 480 + 16000, 8000, 20, 2060);
	assert_int_equal(p.step, TP_TIMELINE_PAUSE);
	assert_int_equal(p.media_ns, 2060 * MS);
}

static void a_stall_is_no_leap(void **state)
{
	struct tp_timeline timeline;

	(void)state;
	tp_timeline_reset(&timeline);
	place(&timeline, 1, 0, 8000, 20, 0);
	struct tp_timeline_place p = place(&timeline, 2, 160, 8000, 20, 5000);
	assert_int_equal(p.step, TP_TIMELINE_NEXT);
	assert_int_equal(p.media_ns, 20 * MS);
}

/* F09: whatever the size and the direction, the packet stands right behind the one before it. */
static void field_09_leap_of_timestamp_is_placed_by_sequence(void **state)
{
	static const int32_t leaps[] = {-1,          -160,      -8000,        -800000,
					-2000000000, 16000000,  80000000,     1 << 30,
					2000000000,  INT32_MAX, INT32_MIN + 1};

	(void)state;
	for (size_t i = 0; i < sizeof(leaps) / sizeof(leaps[0]); i++) {
		struct tp_timeline timeline;
		uint32_t leap = (uint32_t)leaps[i];
		tp_timeline_reset(&timeline);
		place(&timeline, 1, 5000, 8000, 20, 100);
		place(&timeline, 2, 5160, 8000, 20, 120);
		struct tp_timeline_place p = place(&timeline, 3, 5160 + leap, 8000, 20, 140);
		assert_int_equal(p.step, TP_TIMELINE_LEAP);
		assert_int_equal(p.media_ns, 40 * MS);
		p = place(&timeline, 4, 5320 + leap, 8000, 20, 160);
		assert_int_equal(p.step, TP_TIMELINE_NEXT);
		assert_int_equal(p.media_ns, 60 * MS);
	}
}

static void sequence_restart_is_placed_by_arrival(void **state)
{
	struct tp_timeline timeline;

	(void)state;
	tp_timeline_reset(&timeline);
	place(&timeline, 40000, 0, 8000, 20, 0);
	struct tp_timeline_place p = place(&timeline, 5, 77, 8000, 20, 30);
	assert_int_equal(p.step, TP_TIMELINE_LEAP);
	assert_int_equal(p.media_ns, 30 * MS);
	assert_int_equal(place(&timeline, 6, 77 + 160, 8000, 20, 50).media_ns, 50 * MS);
}

static void clock_change_follows_the_sequence(void **state)
{
	struct tp_timeline timeline;

	(void)state;
	tp_timeline_reset(&timeline);
	place(&timeline, 1, 1000, 8000, 20, 0);
	assert_int_equal(place(&timeline, 2, 1160, 48000, 20, 20).media_ns, 20 * MS);
	assert_int_equal(place(&timeline, 3, 2120, 48000, 20, 40).media_ns, 40 * MS);
	assert_int_equal(place(&timeline, 4, 3080, 8000, 20, 60).media_ns, 60 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steady_stream_wraps_both_counters),
		cmocka_unit_test(overtaken_packets_go_back_to_their_place),
		cmocka_unit_test(a_pause_is_told_from_a_loss),
		cmocka_unit_test(a_stall_is_no_leap),
		cmocka_unit_test(field_09_leap_of_timestamp_is_placed_by_sequence),
		cmocka_unit_test(sequence_restart_is_placed_by_arrival),
		cmocka_unit_test(clock_change_follows_the_sequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
