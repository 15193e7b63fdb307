/* SPDX-License-Identifier: MIT */
/* Reception statistics: loss, duplicates, reordering, restarts and jitter of streams made by
 * hand. */
#include "engine/random.h"
#include "engine/reception.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum {
	MS = 1000 * 1000,
};

static void begin(struct tp_reception *r, uint16_t seq)
{
	memset(r, 0, sizeof(*r));
	tp_reception_start(r, 1, seq);
}

static void feed(struct tp_reception *r, int first, int n)
{
	for (int i = first; i < first + n; i++)
		assert_int_equal(tp_reception_packet(r, (uint16_t)i), TP_RECEPTION_NEXT);
}

static void a_clean_stream_loses_nothing_over_three_wraps(void **state)
{
	struct tp_rtcp_block block;
	struct tp_reception r;

	(void)state;
	begin(&r, 65000);
	feed(&r, 65000, 200000);
	assert_int_equal(tp_reception_lost(&r), 0);
	tp_reception_report(&r, &block);
	assert_int_equal(block.ssrc, 1);
	assert_int_equal(block.lost, 0);
	assert_int_equal(block.fraction_lost, 0);
	/* 264999 = 4 * 65536 + 2855: the cycles count from 0. */
	assert_int_equal(block.highest_seq, 264999);
}

static void losses_are_counted_and_reported_by_interval(void **state)
{
	struct tp_rtcp_block block;
	struct tp_reception r;

	(void)state;
	begin(&r, 100);
	feed(&r, 100, 50);
	feed(&r, 200, 50); /* 150..199 are missing: 50 of 150 */
	assert_int_equal(tp_reception_lost(&r), 50);
	tp_reception_report(&r, &block);
	assert_int_equal(block.lost, 50);
	assert_int_equal(block.fraction_lost, 50 * 256 / 150);
	feed(&r, 250, 100);
	tp_reception_report(&r, &block);
	assert_int_equal(block.lost, 50);
	assert_int_equal(block.fraction_lost, 0);
	/* Nothing came at all: neither lost nor received, so far as anyone can know. */
	tp_reception_report(&r, &block);
	assert_int_equal(block.fraction_lost, 0);
}

static void late_packets_fill_their_gap(void **state)
{
	struct tp_reception r;

	(void)state;
	begin(&r, 10);
	feed(&r, 10, 1);
	feed(&r, 13, 1);
	assert_int_equal(tp_reception_lost(&r), 2);
	assert_int_equal(tp_reception_packet(&r, 12), TP_RECEPTION_REORDERED);
	assert_int_equal(tp_reception_packet(&r, 11), TP_RECEPTION_REORDERED);
	assert_int_equal(tp_reception_lost(&r), 0);
	assert_int_equal(r.reordered, 2);
	assert_int_equal(r.duplicate, 0);
	/* The stream began with 9, which comes after 10: it makes up for no other. */
	feed(&r, 15, 1);
	assert_int_equal(tp_reception_packet(&r, 9), TP_RECEPTION_REORDERED);
	assert_int_equal(tp_reception_lost(&r), 1);
}

static void every_duplicate_is_found_within_the_window(void **state)
{
	struct tp_reception r;

	(void)state;
	begin(&r, 65500);
	feed(&r, 65500, 101);
	for (int back = 0; back < TP_RECEPTION_MISORDER; back++)
		assert_int_equal(tp_reception_packet(&r, (uint16_t)(65600 - back)),
				 TP_RECEPTION_DUPLICATE);
	assert_int_equal(r.duplicate, TP_RECEPTION_MISORDER);
}

/* Against a plain record of all numbers ever received. */
static void verdicts_agree_with_a_full_record(void **state)
{
	static uint8_t came[1 << 20];
	struct tp_random random;
	struct tp_reception r;
	int64_t highest = 5, received = 0;

	(void)state;
	tp_random_init(&random, 3, 0);
	memset(came, 0, sizeof(came));
	begin(&r, 5);
	for (int i = 0; i < 300000; i++) {
		int64_t seq = highest + (int32_t)(tp_random_u32(&random) % 60) - 50;
		enum tp_reception_verdict wanted;

		if (!i || seq < 5)
			seq = i ? highest + 1 : 5;
		wanted = came[seq]             ? TP_RECEPTION_DUPLICATE
			 : seq > highest || !i ? TP_RECEPTION_NEXT
					       : TP_RECEPTION_REORDERED;
		assert_int_equal(tp_reception_packet(&r, (uint16_t)seq), wanted);
		came[seq] = 1;
		received++;
		highest = seq > highest ? seq : highest;
	}
	assert_true(highest > 3 * 65536);
	assert_int_equal(r.received, received);
	assert_int_equal(r.highest - 0x10000, highest);
}

static void a_stray_number_changes_nothing(void **state)
{
	struct tp_reception r;

	(void)state;
	begin(&r, 1000);
	feed(&r, 1000, 10);
	assert_int_equal(tp_reception_packet(&r, 31000), TP_RECEPTION_JUMPED);
	feed(&r, 1010, 10);
	assert_int_equal(tp_reception_packet(&r, 800), TP_RECEPTION_JUMPED);
	feed(&r, 1020, 10);
	assert_int_equal(tp_reception_lost(&r), 0);
}

static void a_sender_that_restarts_is_counted_anew(void **state)
{
	struct tp_rtcp_block block;
	struct tp_reception r;

	(void)state;
	begin(&r, 1000);
	feed(&r, 1000, 10);
	feed(&r, 1012, 1); /* two lost before the restart */
	assert_int_equal(tp_reception_packet(&r, 40000), TP_RECEPTION_JUMPED);
	assert_int_equal(tp_reception_packet(&r, 40001), TP_RECEPTION_RESTARTED);
	feed(&r, 40002, 10);
	assert_int_equal(tp_reception_packet(&r, 40000), TP_RECEPTION_DUPLICATE);
	assert_int_equal(tp_reception_lost(&r), 1); /* the duplicate counts as received, A.3 */
	tp_reception_report(&r, &block);
	assert_int_equal(block.highest_seq, 40011);
	assert_int_equal(block.lost, -1);
}

static void totals_survive_a_change_of_ssrc(void **state)
{
	struct tp_reception r;

	(void)state;
	begin(&r, 0);
	feed(&r, 0, 1);
	feed(&r, 4, 1);
	tp_reception_start(&r, 2, 500);
	feed(&r, 500, 1);
	feed(&r, 502, 1);
	assert_int_equal(tp_reception_lost(&r), 3 + 1);
	tp_reception_end(&r);
	assert_int_equal(tp_reception_lost(&r), 3 + 1);
}

/* Written as RFC 3550 A.8 has it, in timestamp units and floating point. */
static void jitter_is_that_of_the_rfc(void **state)
{
	enum { CLOCK = 8000, PACKET = 160 };
	struct tp_random random;
	struct tp_reception r;
	double jitter = 0, transit = 0;

	(void)state;
	tp_random_init(&random, 4, 0);
	begin(&r, 0);
	assert_true(isnan(tp_reception_jitter_ms(&r)));
	for (int i = 0; i < 2000; i++) {
		double late_ms = 30 * tp_random_unit(&random);
		int64_t stamp_ns = (int64_t)i * 20 * MS + (int64_t)(late_ms * MS);
		uint32_t timestamp = 0xfffff000u + (uint32_t)i * PACKET;
		double now = late_ms * CLOCK / 1000;

		feed(&r, i, 1);
		tp_reception_arrival(&r, stamp_ns, timestamp, CLOCK);
		if (i)
			jitter += (fabs(now - transit) - jitter) / 16;
		transit = now;
		if (i)
			assert_float_equal(tp_reception_jitter_ms(&r), jitter * 1000 / CLOCK, 1e-4);
	}
	/* Two uniform draws differ by a third of their range in the mean. */
	assert_float_equal(tp_reception_jitter_ms(&r), 10, 4);
}

static void leaps_and_repeated_timestamps_are_no_jitter(void **state)
{
	struct tp_rtcp_block block;
	struct tp_reception r;

	(void)state;
	begin(&r, 0);
	feed(&r, 0, 6);
	tp_reception_arrival(&r, 0, 1000, 8000);
	tp_reception_arrival(&r, 20 * MS, 1160, 8000);
	tp_reception_arrival(&r, 40 * MS, 1160, 8000); /* an event goes on, RFC 4733 */
	tp_reception_arrival(&r, 40 * MS, 0x80000000, 8000); /* a new timeline */
	tp_reception_arrival(&r, 60 * MS, 0x800000a0, 8000);
	tp_reception_arrival(&r, 80 * MS, 0x800003c0, 48000); /* another clock */
	assert_float_equal(tp_reception_jitter_ms(&r), 0, 1e-9);
	tp_reception_arrival(&r, 116 * MS, 0x80000780, 48000); /* 16 ms late */
	assert_float_equal(tp_reception_jitter_ms(&r), 1, 1e-9);
	tp_reception_report(&r, &block);
	assert_int_equal(block.jitter, 48);
}

static void what_does_not_fit_the_report_is_clamped(void **state)
{
	struct tp_rtcp_block block;
	struct tp_reception r;
	int seq = 0;

	(void)state;
	begin(&r, 0);
	feed(&r, 0, 1);
	for (int i = 0; i < 3000; i++)
		feed(&r, seq += 2999, 1);
	assert_int_equal(tp_reception_lost(&r), 3000 * 2998);
	tp_reception_report(&r, &block);
	assert_int_equal(block.lost, 0x7fffff);
	assert_int_equal(block.fraction_lost, 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clean_stream_loses_nothing_over_three_wraps),
		cmocka_unit_test(losses_are_counted_and_reported_by_interval),
		cmocka_unit_test(late_packets_fill_their_gap),
		cmocka_unit_test(every_duplicate_is_found_within_the_window),
		cmocka_unit_test(verdicts_agree_with_a_full_record),
		cmocka_unit_test(a_stray_number_changes_nothing),
		cmocka_unit_test(a_sender_that_restarts_is_counted_anew),
		cmocka_unit_test(totals_survive_a_change_of_ssrc),
		cmocka_unit_test(jitter_is_that_of_the_rfc),
		cmocka_unit_test(leaps_and_repeated_timestamps_are_no_jitter),
		cmocka_unit_test(what_does_not_fit_the_report_is_clamped),
	};

	return cmocka_run_group_tests_name("reception", tests, NULL, NULL);
}
