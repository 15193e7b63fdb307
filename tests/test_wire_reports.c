/* SPDX-License-Identifier: MIT */
/* A session's wire side besides its media: reports, goodbye, keep-alive, silence, due times. */
#include "tests/fixtures/wire_pair.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void reports_tell_round_trip_loss_and_jitter(void **state)
{
	struct tp_session_stats stats;

	(void)state;
	fake_network_impair(net, ADDRESS_A,
			    &(struct fake_weather){.delay_ms = 30, .jitter_ms = 12, .loss = 0.1});
	fake_network_impair(net, ADDRESS_B, &(struct fake_weather){.delay_ms = 50});
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 300000);
	stats = wire_phone_stats(&a);
	/* 80 ms, up to 12 of jitter, and up to 10 until a turn sends or receives. */
	assert_float_equal(stats.rtcp.round_trip_ms, 86, 7);
	assert_float_equal(stats.rtcp.remote_loss_percent, 10, 6);
	assert_float_equal(stats.rtcp.remote_jitter_ms, 4, 2);
	assert_true(stats.rtcp.remote_lost > 1000);
	assert_in_range(stats.rtcp.sent, 50, 72);
	assert_in_range(stats.rtcp.received, 50, 72);
	assert_int_equal(stats.rtcp.malformed, 0);
	stats = wire_phone_stats(&b);
	assert_float_equal(stats.rtcp.remote_loss_percent, 0, 0.001);
	assert_int_equal(stats.rtcp.remote_lost, 0);
}

static void nothing_measured_reads_as_unknown(void **state)
{
	struct tp_session_stats stats = wire_phone_stats(&a);

	(void)state;
	assert_true(isnan(stats.receive.jitter_ms));
	assert_true(isnan(stats.rtcp.round_trip_ms));
	assert_true(isnan(stats.rtcp.remote_loss_percent));
	assert_true(isnan(stats.rtcp.remote_jitter_ms));
	assert_int_equal(stats.rtcp.remote_lost, -1);
}

static void goodbye_is_said_and_heard_once(void **state)
{
	(void)state;
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 1000);
	tp_srtp_destroy(tp_wire_close(&a.wire, 1000 * MS));
	wire_phone_run(&b, NULL, 1000, 2000);
	assert_int_equal(wire_phone_events(&b, TP_EVENT_BYE), 1);
}

static void without_an_interval_no_rtcp_is_sent(void **state)
{
	struct tp_wire_config config = wire_phone_config(ADDRESS_B);

	(void)state;
	config.rtcp_interval_ms = 0;
	wire_phone_configure(&a, 0, &config);
	a.talks = true;
	wire_phone_run(&a, NULL, 0, 30000);
	tp_srtp_destroy(tp_wire_close(&a.wire, 30000 * (int64_t)MS));
	assert_int_equal(fake_network_sent_to(net, "10.0.0.2:4001"), 0);
}

static void strangers_rtcp_is_not_believed(void **state)
{
	static const uint8_t bye[] = {0x80, 201, 0, 1, 0x1a, 0xaa, 0, 1,
				      0x81, 203, 0, 1, 0x1a, 0xaa, 0, 1};
	uint8_t other[sizeof(bye)];

	(void)state;
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 1000);
	fake_network_inject(net, 1000 * MS, STRANGER, "10.0.0.2:4001", bye, sizeof(bye));
	/* Nor is another SSRC's from the right place, nor what is cut. */
	memcpy(other, bye, sizeof(bye));
	other[7] = other[15] = 2;
	fake_network_inject(net, 1000 * MS, "10.0.0.1:4001", "10.0.0.2:4001", other, sizeof(other));
	fake_network_inject(net, 1000 * MS, "10.0.0.1:4001", "10.0.0.2:4001", bye, sizeof(bye) - 4);
	wire_phone_step(&b, 1000 * MS);
	assert_int_equal(wire_phone_events(&b, TP_EVENT_BYE), 0);
	assert_int_equal(wire_phone_stats(&b).receive.wrong_source, 2);
	assert_int_equal(wire_phone_stats(&b).rtcp.malformed, 1);
	for (int i = 0; i < 3; i++) {
		fake_network_inject(net, 1000 * MS, "10.0.0.1:4001", "10.0.0.2:4001", bye,
				    sizeof(bye));
		wire_phone_step(&b, 1000 * MS);
		assert_int_equal(wire_phone_events(&b, TP_EVENT_BYE), 1);
	}
}

/* A held phone keeps its NAT's mapping alive, and the numbers go on without a gap. */
static void keep_alives_go_out_while_nothing_is_sent(void **state)
{
	int before;

	(void)state;
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 1000);
	wire_phone_flow(&a, 1000, TP_INACTIVE);
	before = fake_network_sent_to(net, ADDRESS_B);
	wire_phone_run(&a, &b, 1000, 62000);
	assert_int_equal(fake_network_sent_to(net, ADDRESS_B) - before, 4);
	assert_int_equal(b.heard, 50);
	assert_int_equal(wire_phone_stats(&b).receive.wrong_payload_type, 4);
	wire_phone_flow(&a, 62000, TP_SENDRECV);
	wire_phone_run(&a, &b, 62000, 63000);
	assert_int_equal(b.heard, 100);
	assert_int_equal(wire_phone_stats(&b).receive.lost, 0);
	assert_int_equal(wire_phone_stats(&b).receive.duplicate, 0);
}

/* What a sent, as the network saw it. */
static struct {
	int rtp, rtcp;
	int64_t rtcp_ns, shortest_ns; /* between two reports */
	struct tp_rtp last;
	struct tp_rtcp report;
	int64_t last_ns;
} seen;

static void watch_a(void *context, int64_t now_ns, const struct tp_address *from,
		    const struct tp_address *to, const uint8_t *data, size_t len)
{
	(void)context, (void)to;
	if (from->ip[3] != 1)
		return;
	if (tp_rtp_is_rtcp(data, len)) {
		if (seen.rtcp++ && now_ns - seen.rtcp_ns < seen.shortest_ns)
			seen.shortest_ns = now_ns - seen.rtcp_ns;
		seen.rtcp_ns = now_ns;
		assert_int_equal(tp_rtcp_parse(&seen.report, data, len, SSRC_B), 0);
	} else {
		seen.rtp++;
		seen.last_ns = now_ns;
		assert_int_equal(tp_rtp_parse(&seen.last, data, len), 0);
	}
}

static void begin_watching(void)
{
	memset(&seen, 0, sizeof(seen));
	seen.shortest_ns = INT64_MAX;
	fake_network_watch(net, watch_a, NULL);
}

/* RFC 6263 4.6: no payload, an unused type, no marker, the time that media would have. */
static void a_keep_alive_is_an_empty_packet_of_an_unused_type(void **state)
{
	struct tp_wire_config config = wire_phone_config(ADDRESS_B);

	(void)state;
	config.clock_hz[127] = 8000;
	config.send_pt = 126;
	wire_phone_configure(&a, 0, &config);
	begin_watching();
	a.talks = true;
	wire_phone_run(&a, NULL, 0, 1000);
	a.talks = false;
	wire_phone_run(&a, NULL, 1000, 20000);
	assert_int_equal(seen.rtp, 51);
	assert_int_equal(seen.last.pt, 125);
	assert_int_equal(seen.last.payload_len, 0);
	assert_int_equal(seen.last.seq, 100 + 50);
	assert_false(seen.last.marker);
	assert_int_equal(seen.last.timestamp, 5000 + 160 + seen.last_ns / MS * 8);
}

static void sender_reports_tell_the_time_of_the_media(void **state)
{
	int64_t told_ms;

	(void)state;
	wire_pair_connect();
	begin_watching();
	wire_phone_run(&a, &b, 0, 30000);
	assert_true(seen.rtcp > 3 && seen.report.has_sender);
	told_ms = (int64_t)(seen.report.sender.ntp * 1000 >> 32);
	assert_in_range(told_ms, seen.rtcp_ns / MS - 1, seen.rtcp_ns / MS);
	assert_int_equal(seen.report.sender.timestamp, 5000 + 160 + seen.rtcp_ns / MS * 8);
	assert_in_range(seen.report.sender.packets, seen.rtcp_ns / MS / 20,
			seen.rtcp_ns / MS / 20 + 1);
	assert_int_equal(seen.report.sender.octets,
			 seen.report.sender.packets * WIRE_PHONE_PAYLOAD);
	assert_string_equal(seen.report.cname, "phone@test");
	/* Who sends nothing for two intervals is a receiver. */
	a.talks = false;
	wire_phone_run(&a, &b, 30000, 50000);
	assert_false(seen.report.has_sender);
	assert_true(seen.report.has_block);
}

static void on_a_shared_port_reports_keep_alive(void **state)
{
	(void)state;
	wire_pair_connect();
	a.talks = b.talks = false;
	begin_watching();
	a.config.rtcp_interval_ms = 60000; /* rarer than keep-alives must be */
	wire_phone_flow(&a, 0, TP_INACTIVE);
	wire_phone_run(&a, &b, 0, 200000);
	assert_int_equal(seen.rtp, 0);
	assert_in_range(seen.rtcp, 200 / 15, 200 / 15 + 200 / 30);
	assert_int_equal(wire_phone_stats(&b).rtcp.received, seen.rtcp);
	/* 5 to 15 s apart, which is often enough: nothing else goes out. */
	a.config.rtcp_interval_ms = 10000;
	wire_phone_flow(&a, 200000, TP_INACTIVE);
	wire_phone_run(&a, &b, 200000, 220000);
	begin_watching();
	wire_phone_run(&a, &b, 220000, 600000);
	assert_int_equal(seen.rtp, 0);
	assert_true(seen.shortest_ns > 4990 * (int64_t)MS);
}

static void rtp_and_rtcp_share_a_port(void **state)
{
	(void)state;
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 60000);
	assert_int_equal(b.heard, a.sent);
	assert_true(wire_phone_stats(&b).rtcp.received >= 8);
	assert_false(isnan(wire_phone_stats(&b).rtcp.round_trip_ms));
	assert_int_equal(wire_phone_stats(&b).receive.malformed, 0);
	assert_int_equal(fake_network_sent_to(net, "10.0.0.2:4001"), 0);
}

static void silence_is_told_once_and_its_end(void **state)
{
	const struct tp_event *event;

	(void)state;
	wire_pair_connect();
	wire_phone_run(&a, &b, 0, 1000);
	assert_int_equal(wire_phone_events(&b, TP_EVENT_MEDIA_STARTED), 1);
	a.talks = false;
	wire_phone_run(&a, &b, 1000, 10000);
	assert_int_equal(wire_phone_events(&b, TP_EVENT_MEDIA_SILENT), 1);
	event = &b.event[b.events_n - 1];
	assert_int_equal(event->kind, TP_EVENT_MEDIA_SILENT);
	assert_in_range(event->value, TP_WIRE_SILENCE_MS, TP_WIRE_SILENCE_MS + 20);
	a.talks = true;
	wire_phone_run(&a, &b, 10000, 11000);
	assert_int_equal(wire_phone_events(&b, TP_EVENT_MEDIA_RESUMED), 1);
	/* A held call is meant to be silent. */
	a.talks = false;
	wire_phone_flow(&b, 11000, TP_INACTIVE);
	wire_phone_run(&a, &b, 11000, 30000);
	wire_phone_flow(&b, 30000, TP_SENDRECV);
	wire_phone_run(&a, &b, 30000, 32000);
	assert_int_equal(wire_phone_events(&b, TP_EVENT_MEDIA_SILENT), 1);
	assert_int_equal(wire_phone_events(&b, TP_EVENT_MEDIA_STARTED), 1);
}

/* A loop that sleeps until it is due misses nothing: same counts as one that turns all the time. */
static void due_times_are_enough(void **state)
{
	int turns = 0;

	(void)state;
	wire_pair_connect();
	a.talks = b.talks = false;
	for (int64_t now_ns = 0; now_ns < 120000 * (int64_t)MS; turns++) {
		int64_t due_ns = tp_wire_due_ns(&a.wire);

		assert_true(due_ns > now_ns || !now_ns);
		now_ns = due_ns > now_ns ? due_ns : now_ns + 1;
		tp_wire_send(&a.wire, now_ns);
	}
	assert_in_range(wire_phone_stats(&a).rtcp.sent, 18, 34);
	assert_in_range(fake_network_sent_to(net, ADDRESS_B), 7, 8);
	assert_true(turns < 45);
}

#define TEST(f)     cmocka_unit_test_setup_teardown(f, wire_pair_begin, wire_pair_end)
#define TEST_MUX(f) cmocka_unit_test_setup_teardown(f, wire_pair_begin_mux, wire_pair_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reports_tell_round_trip_loss_and_jitter),
		TEST(nothing_measured_reads_as_unknown),
		TEST(goodbye_is_said_and_heard_once),
		TEST(without_an_interval_no_rtcp_is_sent),
		TEST(strangers_rtcp_is_not_believed),
		TEST(keep_alives_go_out_while_nothing_is_sent),
		TEST(a_keep_alive_is_an_empty_packet_of_an_unused_type),
		TEST(sender_reports_tell_the_time_of_the_media),
		TEST_MUX(on_a_shared_port_reports_keep_alive),
		TEST_MUX(rtp_and_rtcp_share_a_port),
		TEST(silence_is_told_once_and_its_end),
		TEST(due_times_are_enough),
	};

	return cmocka_run_group_tests_name("wire_reports", tests, NULL, NULL);
}
