/* SPDX-License-Identifier: MIT */
/* A session's wire side, plain RTP: two of them over a network in virtual time. */
#include "engine/octets.h"
#include "tests/fixtures/wire_pair.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A forged packet to b, from anywhere. */
static void inject(int64_t ms, const char *from, uint8_t pt, uint16_t seq, uint32_t timestamp,
		   uint32_t ssrc)
{
	uint8_t data[TP_RTP_HEADER + WIRE_PHONE_PAYLOAD];
	size_t len = wire_phone_packet(data, pt, seq, timestamp, ssrc, 0xffff0000u + seq);

	fake_network_inject(net, ms * MS, from, ADDRESS_B, data, len);
}

/* ---- Media ---- */

static void everything_arrives_once_in_order(void **state)
{
	struct tp_session_stats stats;

	(void)state;
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 10000);
	assert_int_equal(a.sent, 500);
	assert_int_equal(b.heard, 500);
	assert_int_equal(b.backwards, 0);
	assert_int_equal(b.damaged, 0);
	assert_int_equal(b.last.ssrc, SSRC_A);
	assert_int_equal(b.last.seq, 100 + 499);
	assert_int_equal(b.last.timestamp, a.timestamp);
	stats = wire_phone_stats(&b);
	assert_int_equal(stats.ssrc, SSRC_B);
	assert_int_equal(stats.remote_ssrc, SSRC_A);
	assert_int_equal(stats.receive.packets, 500);
	assert_int_equal(stats.receive.octets, 500 * WIRE_PHONE_PAYLOAD);
	assert_int_equal(stats.receive.lost, 0);
	assert_int_equal(stats.send.packets, 500);
	assert_int_equal(stats.send.octets, 500 * WIRE_PHONE_PAYLOAD);
	assert_int_equal(stats.receive.wrong_source + stats.receive.wrong_payload_type +
				 stats.receive.malformed + stats.receive.overflow +
				 stats.receive.own_ssrc + stats.receive.duplicate,
			 0);
}

static void arrival_stamps_are_the_networks(void **state)
{
	(void)state;
	fake_network_impair(net, ADDRESS_A, &(struct fake_weather){.delay_ms = 33.25});
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 1000);
	assert_true(b.heard > 40);
	assert_int_equal((b.last.stamp_ns - 33250000) % (20 * MS), 0);
	assert_int_equal(b.heard_ns - b.last.stamp_ns, 6750000); /* heard with the next turn */
}

static void weather_is_counted_as_it_was(void **state)
{
	struct tp_session_stats stats;
	int lost;

	(void)state;
	fake_network_impair(net, ADDRESS_A,
			    &(struct fake_weather){.delay_ms = 40,
						   .jitter_ms = 30,
						   .loss = 0.05,
						   .burst = 3,
						   .reorder = 0.02,
						   .reorder_ms = 50,
						   .duplicate = 0.03});
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 600000);
	a.talks = false;
	wire_phone_run(&a, &b, 600000, 601000);
	stats = wire_phone_stats(&b);
	lost = a.sent - b.heard;
	assert_true(lost > 1000 && lost < 2000);
	assert_true(stats.receive.duplicate > 600 && stats.receive.duplicate < 1100);
	assert_true(stats.receive.reordered > 200);
	assert_int_equal(stats.receive.packets, b.heard);
	assert_int_equal(b.damaged, 0);
	/* A.3 takes duplicates for received ones. */
	assert_int_equal(stats.receive.lost, lost - (int)stats.receive.duplicate);
	assert_true(stats.receive.jitter_ms > 5 && stats.receive.jitter_ms < 20);
}

static uint64_t fingerprint(uint64_t seed)
{
	struct tp_session_stats stats;

	fake_network_destroy(net);
	net = fake_network_create(seed);
	wire_phone_open(&a, net, ADDRESS_A, false, SSRC_A);
	wire_phone_open(&b, net, ADDRESS_B, false, SSRC_B);
	fake_network_impair(net, ADDRESS_A, &(struct fake_weather){.jitter_ms = 50, .loss = 0.1});
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 20000);
	stats = wire_phone_stats(&b);
	return (uint64_t)b.heard * 1000003 + (uint64_t)(stats.receive.jitter_ms * 1e9) +
	       (uint64_t)b.last.stamp_ns;
}

static void the_same_seed_gives_the_same_call(void **state)
{
	uint64_t first;

	(void)state;
	first = fingerprint(7);
	assert_true(fingerprint(7) == first);
	assert_true(fingerprint(8) != first);
}

static void nothing_happens_before_it_is_configured(void **state)
{
	struct tp_wire_config to_a = wire_phone_config(ADDRESS_A);

	(void)state;
	wire_phone_configure(&b, 0, &to_a);
	a.talks = b.talks = true;
	wire_phone_run(&a, &b, 0, 20000);
	assert_int_equal(a.sent, 0);
	assert_int_equal(a.heard, 0);
	assert_int_equal(fake_network_sent_to(net, ADDRESS_B), 0);
	assert_int_equal(a.events_n, 0);
	assert_true(tp_wire_due_ns(&a.wire) == INT64_MAX);
	/* What came meanwhile did not stay in the socket. */
	wire_phone_connect(&a, ADDRESS_A, &b, ADDRESS_B, 20000);
	wire_phone_run(&a, &b, 20000, 20020);
	assert_int_equal(a.heard, 1);
	assert_int_equal(a.heard_number, 1000);
}

static void an_unknown_remote_is_sent_to_once_it_speaks(void **state)
{
	struct tp_wire_config to_a = wire_phone_config(ADDRESS_A),
			      unknown = wire_phone_config(NULL);

	(void)state;
	wire_phone_configure(&b, 0, &unknown);
	wire_phone_configure(&a, 0, &to_a);
	b.talks = true;
	wire_phone_run(&b, NULL, 0, 3000);
	assert_int_equal(b.sent, 0);
	to_a = wire_phone_config(ADDRESS_B);
	wire_phone_configure(&a, 3000 * (int64_t)MS, &to_a);
	a.talks = true;
	wire_phone_run(&a, &b, 3000, 4000);
	assert_int_equal(b.heard, 50);
	assert_int_equal(wire_phone_events(&b, TP_EVENT_SOURCE_CHANGED), 0);
	assert_in_range(a.heard, 40, 50 - TP_SOURCE_CONSISTENT + 1);
	/* What was not sent used up no sequence numbers. */
	assert_int_equal(a.last.seq, 100 + a.heard - 1);
	assert_int_equal(wire_phone_stats(&a).receive.lost, 0);
}

static void slots_come_back_with_the_time_of_sending(void **state)
{
	struct tp_packet *p;
	int sent = 0, unsent = 0;

	(void)state;
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 80);
	wire_phone_flow(&a, 80, TP_RECVONLY);
	wire_phone_run(&a, &b, 80, 200);
	for (int i = 0; i < WIRE_PHONE_TX_SLOTS; i++) {
		p = tp_ring_pop(&a.tx_back);
		assert_non_null(p);
		if (p->len && p->stamp_ns == 0)
			unsent += 1;
		else if (p->len)
			sent += p->stamp_ns % (20 * MS) == 0;
		tp_ring_push(&a.tx_back, p);
	}
	/* The first packet went at time 0, which reads like none. */
	assert_int_equal(sent + unsent, 10);
	assert_int_equal(sent, 3);
}

static void flow_gates_each_direction(void **state)
{
	static const enum tp_flow flows[] = {TP_SENDONLY, TP_RECVONLY, TP_INACTIVE, TP_SENDRECV};
	int64_t ms = 1000;

	(void)state;
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 1000);
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
		int sent = a.sent, heard = a.heard, heard_b = b.heard;

		wire_phone_flow(&a, ms, flows[i]);
		wire_phone_run(&a, &b, ms, ms + 1000);
		ms += 1000;
		assert_int_equal(a.sent - sent, flows[i] & TP_SENDONLY ? 50 : 0);
		assert_int_equal(b.heard - heard_b, flows[i] & TP_SENDONLY ? 50 : 0);
		assert_int_equal(a.heard - heard, flows[i] & TP_RECVONLY ? 50 : 0);
	}
	assert_int_equal(wire_phone_stats(&b).receive.lost, 0);
}

/* ---- Refusals ---- */

static void every_refusal_has_its_counter(void **state)
{
	uint8_t data[2000] = {0x80};
	struct tp_session_stats stats;

	(void)state;
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 1000);
	inject(1000, STRANGER, 0, 1, 1, 1);
	inject(1000, ADDRESS_A, 0, 200, 1, SSRC_B);
	inject(1000, ADDRESS_A, 96, 150, 1, SSRC_A);
	inject(1000, ADDRESS_A, 96, 5, 1, 0x12345678);
	fake_network_inject(net, 1000 * MS, ADDRESS_A, ADDRESS_B, data, 0);
	fake_network_inject(net, 1000 * MS, ADDRESS_A, ADDRESS_B, data, 11);
	data[0] = 0x8f;
	fake_network_inject(net, 1000 * MS, ADDRESS_A, ADDRESS_B, data, 12);
	data[0] = 0x80;
	fake_network_inject(net, 1000 * MS, ADDRESS_A, ADDRESS_B, data, TP_DATAGRAM_MAX + 1);
	wire_phone_step(&b, 1000 * MS);
	stats = wire_phone_stats(&b);
	assert_int_equal(stats.receive.wrong_source, 1);
	assert_int_equal(stats.receive.own_ssrc, 1);
	assert_int_equal(stats.receive.wrong_payload_type, 2);
	assert_int_equal(stats.receive.malformed, 4);
	assert_int_equal(stats.receive.ssrc_changes, 0);
	assert_int_equal(b.heard, 50);
	assert_int_equal(b.damaged, 0);
}

/* RFC 3550 A.1: what is not understood is ignored, but its number was not lost. */
static void unknown_payload_types_leave_no_gap(void **state)
{
	(void)state;
	wire_pair_connect();
	a.pt = 96;
	wire_phone_run(&a, &b, 0, 1000);
	assert_int_equal(b.heard, 0);
	a.pt = 0;
	wire_phone_run(&a, &b, 1000, 2000);
	assert_int_equal(b.heard, 50);
	assert_int_equal(wire_phone_stats(&b).receive.wrong_payload_type, 50);
	assert_int_equal(wire_phone_stats(&b).receive.lost, 0);
}

static void a_sleeping_audio_side_overflows_and_recovers(void **state)
{
	struct tp_session_stats stats;

	(void)state;
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 1000);
	b.asleep = true;
	wire_phone_run(&a, &b, 1000, 11000);
	stats = wire_phone_stats(&b);
	assert_int_equal(stats.receive.overflow, 500 - (WIRE_PHONE_SLOTS - TP_WIRE_RESERVE));
	assert_int_equal(stats.receive.lost, 0);
	/* RTCP is understood nevertheless. */
	assert_true(stats.rtcp.received >= 2);
	/* Awake, it gives slots back after one more packet has come. */
	b.asleep = false;
	wire_phone_run(&a, &b, 11000, 12000);
	assert_int_equal(b.heard, 50 + (WIRE_PHONE_SLOTS - TP_WIRE_RESERVE) + 49);
	assert_int_equal(b.heard_number, 599);
	assert_int_equal(wire_phone_stats(&b).receive.overflow, stats.receive.overflow + 1);
}

/* More than one turn takes: the loop is told to come back, and others have their turn before. */
static void a_flood_is_taken_in_turns(void **state)
{
	(void)state;
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 1000);
	for (int i = 0; i < 600; i++)
		inject(1000, STRANGER, 0, (uint16_t)i, (uint32_t)i * 160, 1);
	assert_int_equal(tp_wire_receive(&b.wire, 1000 * MS), TP_WIRE_BATCH * TP_WIRE_BATCHES);
	assert_true(tp_wire_due_ns(&b.wire) <= 1000 * MS);
	assert_int_equal(tp_wire_receive(&b.wire, 1000 * MS), TP_WIRE_BATCH * TP_WIRE_BATCHES);
	assert_int_equal(tp_wire_receive(&b.wire, 1000 * MS), 600 - 512);
	assert_true(tp_wire_due_ns(&b.wire) > 1000 * MS);
	assert_int_equal(wire_phone_stats(&b).receive.wrong_source, 600);
	assert_int_equal(wire_phone_stats(&b).receive.overflow, 0);
}

/* ---- Field failures ---- */

static void field_02_our_sequence_survives_hold_resume_and_retarget(void **state)
{
	struct tp_wire_config away = wire_phone_config("10.0.0.3:4000");
	struct wire_phone c;
	uint16_t seq;

	(void)state;
	wire_pair_connect();
	wire_phone_open(&c, net, "10.0.0.3:4000", false, 0xcccc0003);
	wire_phone_run(&a, &b, 0, 1000);
	seq = b.last.seq;
	wire_phone_flow(&a, 1000, TP_INACTIVE);
	wire_phone_run(&a, &b, 1000, 5000);
	wire_phone_flow(&a, 5000, TP_SENDRECV);
	wire_phone_run(&a, &b, 5000, 6000);
	assert_int_equal(b.last.seq, (uint16_t)(seq + 50));
	assert_int_equal(b.last.ssrc, SSRC_A);
	assert_int_equal(b.last.timestamp, a.timestamp);
	assert_int_equal(wire_phone_stats(&b).receive.lost, 0);
	wire_phone_configure(&a, 6000 * (int64_t)MS, &away);
	away = wire_phone_config(ADDRESS_A);
	wire_phone_configure(&c, 6000 * (int64_t)MS, &away);
	wire_phone_run(&a, &c, 6000, 7000);
	assert_int_equal(c.heard, 50);
	assert_int_equal(c.last.seq, (uint16_t)(seq + 100));
	assert_int_equal(c.last.ssrc, SSRC_A);
	wire_phone_close(&c);
}

static void field_07_a_stranger_gets_no_audio_and_replaces_nobody(void **state)
{
	struct tp_session_stats stats;
	uint16_t seq = 0;

	(void)state;
	wire_pair_connect();
	for (int64_t ms = 0; ms < 20000; ms += 10) {
		/* Ten times the peer's rate, from before its first packet on. */
		for (int i = 0; i < 5; i++, seq++)
			inject(ms, STRANGER, 0, seq, seq * 160u, 0x5757);
		if (ms % 6000 == 0)
			wire_phone_flow(&b, ms, TP_SENDRECV); /* opens the window again */
		wire_phone_run(&b, ms < 500 ? NULL : &a, ms, ms + 10);
	}
	stats = wire_phone_stats(&b);
	assert_int_equal(fake_network_sent_to(net, STRANGER), 0);
	assert_int_equal(fake_network_sent_to(net, ADDRESS_B), a.sent);
	assert_int_equal(b.heard, a.sent);
	assert_int_equal(b.damaged + b.backwards, 0);
	assert_int_equal(stats.receive.wrong_source, 10000);
	assert_int_equal(stats.receive.source_moves, 0);
	assert_int_equal(stats.receive.overflow, 0);
	assert_int_equal(a.heard, b.sent);
}

static void field_07_a_plain_move_is_followed_in_the_window_only(void **state)
{
	struct tp_session_stats stats;
	int heard;

	(void)state;
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 6000);
	fake_network_rebind(net, ADDRESS_A, "198.51.100.7:61000");
	heard = b.heard;
	wire_phone_run(&a, &b, 6000, 8000);
	assert_int_equal(b.heard, heard);
	/* The packets, and a report if one fell due. */
	assert_in_range(wire_phone_stats(&b).receive.wrong_source, 100, 101);
	wire_phone_flow(&b, 8000, TP_SENDRECV);
	wire_phone_run(&a, &b, 8000, 9000);
	assert_int_equal(b.heard, heard + 50 - TP_SOURCE_CONSISTENT + 1);
	stats = wire_phone_stats(&b);
	assert_int_equal(stats.receive.source_moves, 1);
	assert_int_equal(wire_phone_events(&b, TP_EVENT_SOURCE_CHANGED), 1);
	assert_int_equal(stats.remote.port, 61000);
	assert_true(a.heard > 300 + 40);
}

static void field_08_a_new_ssrc_is_heard_with_its_first_packet(void **state)
{
	uint16_t seq = 30000;

	(void)state;
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 1000);
	a.talks = false;
	inject(1000, ADDRESS_A, 0, seq, 0x77777777, 0xdddd0004);
	wire_phone_run(&a, &b, 1000, 1010);
	assert_int_equal(b.heard, 51);
	assert_int_equal(b.last.ssrc, 0xdddd0004);
	assert_int_equal(wire_phone_events(&b, TP_EVENT_SSRC_CHANGED), 1);
	assert_int_equal(b.event[b.events_n - 1].value, 0xdddd0004);
	/* Two late packets of the old stream are too late, and change nothing. */
	inject(1010, ADDRESS_A, 0, 151, a.timestamp, SSRC_A);
	inject(1010, ADDRESS_A, 0, 152, a.timestamp, SSRC_A);
	inject(1020, ADDRESS_A, 0, seq + 1, 0x77777777 + 160, 0xdddd0004);
	wire_phone_run(&a, &b, 1010, 1040);
	assert_int_equal(b.heard, 52);
	assert_int_equal(b.last.ssrc, 0xdddd0004);
	assert_int_equal(wire_phone_stats(&b).receive.ssrc_changes, 1);
	assert_int_equal(wire_phone_stats(&b).receive.lost, 0);
	/* But it may come back. */
	for (int i = 0; i < 4; i++)
		inject(1040 + i * 20, ADDRESS_A, 0, (uint16_t)(153 + i), a.timestamp, SSRC_A);
	wire_phone_run(&a, &b, 1040, 1120);
	assert_int_equal(b.last.ssrc, SSRC_A);
	assert_int_equal(b.heard, 52 + 4 - TP_WIRE_SSRC_RETURN + 1);
	assert_int_equal(wire_phone_stats(&b).receive.ssrc_changes, 2);
}

static void field_09_a_leap_of_the_timestamp_passes(void **state)
{
	static const uint32_t leaps[] = {1, 8000, 0x7fffffff, 0x80000000, 0xffff0000};

	(void)state;
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 1000);
	for (size_t i = 0; i < sizeof(leaps) / sizeof(leaps[0]); i++) {
		int64_t ms = 1000 + (int64_t)i * 1000;

		a.timestamp += leaps[i];
		wire_phone_run(&a, &b, ms, ms + 1000);
		assert_int_equal(b.heard, a.sent);
		assert_int_equal(b.last.timestamp, a.timestamp);
	}
	/* A second's leap is jitter of a sixteenth at first; others are none at all. */
	assert_true(wire_phone_stats(&b).receive.jitter_ms < 1);
}

static void resync_hears_a_peer_that_began_anew(void **state)
{
	(void)state;
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 10000);
	wire_phone_close(&a);
	wire_phone_open(&a, net, "10.0.0.1:7000", false, 0xeeee0005);
	a.now_ns = 10000 * (int64_t)MS;
	a.config = wire_phone_config(ADDRESS_B);
	wire_phone_configure(&a, a.now_ns, &a.config);
	a.talks = true;
	wire_phone_run(&a, &b, 10000, 11000);
	assert_int_equal(b.heard, 500);
	tp_wire_resync(&b.wire, 11000 * (int64_t)MS);
	wire_phone_run(&a, &b, 11000, 12000);
	assert_int_equal(b.heard, 500 + 50);
	assert_int_equal(wire_phone_stats(&b).remote_ssrc, 0xeeee0005);
	assert_int_equal(wire_phone_stats(&b).receive.ssrc_changes, 0);
	assert_int_equal(wire_phone_stats(&b).receive.lost, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, wire_pair_begin, wire_pair_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_arrives_once_in_order),
		TEST(arrival_stamps_are_the_networks),
		TEST(weather_is_counted_as_it_was),
		TEST(the_same_seed_gives_the_same_call),
		TEST(nothing_happens_before_it_is_configured),
		TEST(an_unknown_remote_is_sent_to_once_it_speaks),
		TEST(slots_come_back_with_the_time_of_sending),
		TEST(flow_gates_each_direction),
		TEST(every_refusal_has_its_counter),
		TEST(unknown_payload_types_leave_no_gap),
		TEST(a_sleeping_audio_side_overflows_and_recovers),
		TEST(a_flood_is_taken_in_turns),
		TEST(field_02_our_sequence_survives_hold_resume_and_retarget),
		TEST(field_07_a_stranger_gets_no_audio_and_replaces_nobody),
		TEST(field_07_a_plain_move_is_followed_in_the_window_only),
		TEST(field_08_a_new_ssrc_is_heard_with_its_first_packet),
		TEST(field_09_a_leap_of_the_timestamp_passes),
		TEST(resync_hears_a_peer_that_began_anew),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
