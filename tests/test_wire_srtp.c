/* SPDX-License-Identifier: MIT */
/* A session's wire side under SRTP: rollovers, held calls, moves, forgeries, new keys. */
#include "engine/octets.h"
#include "engine/random.h"
#include "tests/fixtures/wire_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum {
	KEY_A = 1, /* a sends under this one */
	KEY_B = 2,
	HIGH_START = 0x7ff0, /* the highest that a stream begins with, or nearly */
};

static const enum tp_srtp_suite SUITE = TP_SRTP_AES_CM_128_HMAC_SHA1_80;

static int plain_seen; /* datagrams that carried a phone's payload in the clear */

static void watch_for_plain(void *context, int64_t now_ns, const struct tp_address *from,
			    const struct tp_address *to, const uint8_t *data, size_t len)
{
	uint8_t wanted[TP_RTP_HEADER + WIRE_PHONE_PAYLOAD];

	(void)context, (void)now_ns, (void)from, (void)to;
	if (len < sizeof(wanted) || tp_rtp_is_rtcp(data, len))
		return;
	wire_phone_packet(wanted, 0, 0, 0, 0, tp_octets_get32(data + TP_RTP_HEADER));
	plain_seen += !memcmp(data + TP_RTP_HEADER, wanted + TP_RTP_HEADER, WIRE_PHONE_PAYLOAD);
}

static int begin(void **state)
{
	wire_pair_begin(state);
	plain_seen = 0;
	fake_network_watch(net, watch_for_plain, NULL);
	return 0;
}

static int end(void **state)
{
	wire_pair_end(state);
	assert_int_equal(plain_seen, 0);
	return 0;
}

/* Configures with keys; remote NULL: as before. */
static void configure(struct wire_phone *phone, int64_t ms, const char *remote,
		      enum tp_srtp_suite suite, int send_key, int receive_key)
{
	struct tp_wire_config config = phone->config;

	if (remote)
		config = wire_phone_config(remote);
	config.srtp = wire_phone_srtp(suite, send_key, receive_key, phone->ssrc);
	wire_phone_configure(phone, ms * MS, &config);
}

static void connect_both(enum tp_srtp_suite suite)
{
	configure(&a, 0, ADDRESS_B, suite, KEY_A, KEY_B);
	configure(&b, 0, ADDRESS_A, suite, KEY_B, KEY_A);
	a.talks = b.talks = true;
}

/* The same keys again, as in a re-INVITE, with another flow. */
static void set_flow(struct wire_phone *phone, int64_t ms, enum tp_flow flow)
{
	phone->config.flow = flow;
	configure(phone, ms, NULL, SUITE, phone == &a ? KEY_A : KEY_B, phone == &a ? KEY_B : KEY_A);
}

static void every_suite_carries_media_and_reports(void **state)
{
	(void)state;
	for (int suite = TP_SRTP_AES_CM_128_HMAC_SHA1_80; suite <= TP_SRTP_AEAD_AES_256_GCM;
	     suite++) {
		struct tp_session_stats stats;

		connect_both((enum tp_srtp_suite)suite);
		wire_phone_run(&a, &b, 0, 20000);
		stats = wire_phone_stats(&b);
		assert_int_equal(b.heard, 1000);
		assert_int_equal(b.damaged, 0);
		assert_true(stats.rtcp.received >= 3);
		assert_int_equal(stats.srtp.failed_auth + stats.srtp.replayed +
					 stats.srtp.failed_other + stats.srtp.send_failed,
				 0);
		end(state);
		begin(state);
	}
}

static void plain_packets_are_never_heard(void **state)
{
	struct tp_session_stats stats;

	(void)state;
	connect_both(SUITE);
	for (int i = 0; i < 100; i++) {
		uint8_t data[TP_RTP_HEADER + WIRE_PHONE_PAYLOAD];
		size_t len = wire_phone_packet(data, 0, (uint16_t)(100 + i), 0, SSRC_A, 0);

		fake_network_inject(net, 0, ADDRESS_A, ADDRESS_B, data, len);
		fake_network_inject(net, 0, ADDRESS_A, ADDRESS_B, data, TP_RTP_HEADER);
	}
	wire_phone_run(&a, &b, 0, 1000);
	stats = wire_phone_stats(&b);
	assert_int_equal(stats.srtp.failed_auth + stats.srtp.failed_other, 200);
	assert_int_equal(b.heard, 50);
	assert_int_equal(b.damaged, 0);
}

static void a_wrong_key_is_silence_and_counted(void **state)
{
	(void)state;
	configure(&a, 0, ADDRESS_B, SUITE, KEY_A, KEY_B);
	configure(&b, 0, ADDRESS_A, SUITE, KEY_B, 3);
	a.talks = b.talks = true;
	wire_phone_run(&a, &b, 0, 1000);
	assert_int_equal(b.heard, 0);
	assert_true(wire_phone_stats(&b).srtp.failed_auth >= 50);
	assert_int_equal(a.heard, 50);
}

/* Every packet of a comes back, as by a hair-pinning NAT, and one key serves both directions. */
static void our_own_packets_that_come_back_are_refused(void **state)
{
	(void)state;
	connect_both(SUITE);
	configure(&a, 0, ADDRESS_A, SUITE, 5, 5);
	wire_phone_run(&a, NULL, 0, 1000);
	assert_int_equal(a.heard, 0);
	assert_true(wire_phone_stats(&a).receive.own_ssrc >= 48);
	assert_int_equal(wire_phone_stats(&a).receive.packets, 0);
}

static void field_01_three_rollovers_with_the_same_keys_again(void **state)
{
	const int64_t packets = 0x10000 - HIGH_START + 2 * 0x10000 + 1000;

	(void)state;
	connect_both(SUITE);
	a.wire.next_seq = HIGH_START;
	b.talks = false; /* that direction is the same, and takes as long */
	for (int64_t ms = 0; ms < packets * 20; ms += 60000) {
		wire_phone_run(&a, &b, ms, ms + 60000);
		set_flow(&a, ms + 60000, TP_SENDRECV);
		set_flow(&b, ms + 60000, TP_SENDRECV);
	}
	assert_true(a.sent > packets);
	assert_int_equal(b.heard, a.sent);
	assert_int_equal(b.backwards + b.damaged, 0);
	assert_int_equal(wire_phone_stats(&b).receive.lost, 0);
}

/* The peer goes on sending while we hold the call: more than a rollover later we still follow. */
static void field_02_a_held_call_keeps_count_of_rollovers(void **state)
{
	int64_t held_ms = 70000 * 20;
	int heard;

	(void)state;
	connect_both(SUITE);
	wire_phone_run(&a, &b, 0, 1000);
	set_flow(&b, 1000, TP_INACTIVE);
	wire_phone_run(&a, &b, 1000, held_ms);
	assert_int_equal(b.heard, 50);
	set_flow(&b, held_ms, TP_SENDRECV);
	heard = a.heard;
	wire_phone_run(&a, &b, held_ms, held_ms + 1000);
	assert_int_equal(b.heard, 100);
	assert_int_equal(a.heard, heard + 50);
	assert_int_equal(wire_phone_stats(&b).srtp.failed_auth, 0);
}

static void field_02_our_rollover_counter_survives_hold_and_retarget(void **state)
{
	const int64_t wrapped_ms = 33000 * 20;
	int64_t ms = wrapped_ms;
	struct wire_phone c;

	(void)state;
	connect_both(SUITE);
	a.wire.next_seq = HIGH_START;
	wire_phone_run(&a, &b, 0, wrapped_ms);
	assert_true(b.last.seq < HIGH_START);
	set_flow(&a, ms, TP_INACTIVE);
	wire_phone_run(&a, &b, ms, ms + 6000);
	set_flow(&a, ms += 6000, TP_SENDRECV);
	wire_phone_run(&a, &b, ms, ms + 2000);
	assert_int_equal(b.heard, a.sent);
	/* To another peer, and back to one who was there before under the same key. */
	wire_phone_open(&c, net, "10.0.0.3:4000", false, 0x1ccc0003);
	configure(&c, ms += 2000, ADDRESS_A, SUITE, KEY_B, KEY_A);
	c.talks = true;
	configure(&a, ms, "10.0.0.3:4000", SUITE, KEY_A, KEY_B);
	for (int i = 0; i < 200; i++, ms += 10) {
		wire_phone_run(&a, &b, ms, ms + 10);
		wire_phone_run(&c, NULL, ms, ms + 10);
	}
	assert_int_equal(b.heard, a.sent - 100);
	configure(&a, ms, ADDRESS_B, SUITE, KEY_A, KEY_B);
	wire_phone_run(&a, &b, ms, ms + 2000);
	assert_int_equal(b.heard, a.sent - 100);
	assert_int_equal(wire_phone_stats(&b).srtp.failed_auth, 0);
	wire_phone_close(&c);
}

/* A new stream of the same peer and key begins with rollover 0 (RFC 3711 3.2.1). */
static void field_03_a_new_ssrc_starts_with_rollover_zero(void **state)
{
	const int64_t wrapped_ms = 33000 * 20;
	int before;

	(void)state;
	connect_both(SUITE);
	b.talks = false;
	a.wire.next_seq = HIGH_START;
	wire_phone_run(&a, &b, 0, wrapped_ms);
	assert_true(b.last.seq < HIGH_START);
	before = b.heard;
	wire_phone_close(&a);
	wire_phone_open(&a, net, ADDRESS_A, false, 0x1ddd0004);
	configure(&a, wrapped_ms, ADDRESS_B, SUITE, KEY_A, KEY_B);
	a.talks = true;
	wire_phone_run(&a, &b, wrapped_ms, wrapped_ms + 1000);
	assert_int_equal(b.heard, before + 50);
	assert_int_equal(wire_phone_events(&b, TP_EVENT_SSRC_CHANGED), 1);
}

/* A peer that begins right below the wrap, unwisely, and is heard only behind it. */
static void field_04_the_first_packets_may_be_lost_over_the_wrap(void **state)
{
	(void)state;
	connect_both(SUITE);
	a.wire.next_seq = 65530;
	fake_network_impair(net, ADDRESS_A, &(struct fake_weather){.loss = 1});
	wire_phone_run(&a, &b, 0, 200);
	fake_network_impair(net, ADDRESS_A, &(struct fake_weather){.loss = 0});
	wire_phone_run(&a, &b, 200, 2000);
	assert_int_equal(b.last.seq, (uint16_t)(65530 + 99));
	assert_int_equal(b.heard, a.sent - 10);
}

/* Our own streams begin below 0x8000: whatever is lost first, a receiver is right to take rollover
 * 0. */
static void field_04_our_own_start_is_never_mistaken(void **state)
{
	(void)state;
	connect_both(SUITE);
	b.talks = false;
	a.wire.next_seq = HIGH_START;
	fake_network_impair(net, ADDRESS_A, &(struct fake_weather){.loss = 1});
	wire_phone_run(&a, &b, 0, 640);
	fake_network_impair(net, ADDRESS_A, &(struct fake_weather){.loss = 0});
	wire_phone_run(&a, &b, 640, 33000 * 20);
	assert_int_equal(b.heard, a.sent - 32);
	assert_true(b.last.seq < HIGH_START); /* it went over the wrap */
	assert_int_equal(wire_phone_stats(&b).srtp.failed_auth, 0);
}

static void forge(int64_t ms, const char *from, struct tp_random *random, uint16_t seq)
{
	uint8_t data[TP_RTP_HEADER + WIRE_PHONE_PAYLOAD + 16];
	struct tp_rtp rtp = {.seq = seq, .timestamp = tp_random_u32(random), .ssrc = SSRC_A};

	tp_rtp_write(data, &rtp);
	for (size_t i = TP_RTP_HEADER; i < sizeof(data); i++)
		data[i] = (uint8_t)tp_random_u32(random);
	fake_network_inject(net, ms * MS, from, ADDRESS_B, data, sizeof(data));
}

static void check_forgeries(enum tp_srtp_suite suite)
{
	struct tp_session_stats stats;
	struct tp_random random;

	tp_random_init(&random, 9, 0);
	connect_both(suite);
	for (int64_t ms = 0; ms < 20000; ms += 10) {
		/* From the peer's own address, of its SSRC, with any number. */
		for (int i = 0; i < 20; i++)
			forge(ms, ADDRESS_A, &random, (uint16_t)tp_random_u32(&random));
		wire_phone_run(&a, &b, ms, ms + 10);
	}
	stats = wire_phone_stats(&b);
	assert_int_equal(b.heard, a.sent);
	assert_int_equal(stats.srtp.failed_auth + stats.srtp.replayed, 40000);
	assert_int_equal(stats.receive.overflow, 0);
	assert_int_equal(stats.receive.lost, 0);
}

static void field_05_forgeries_change_nothing_aes_cm(void **state)
{
	(void)state;
	check_forgeries(TP_SRTP_AES_CM_128_HMAC_SHA1_80);
}

static void field_05_forgeries_change_nothing_gcm(void **state)
{
	(void)state;
	check_forgeries(TP_SRTP_AEAD_AES_128_GCM);
}

/* Both sides change keys in mid-call, one of them 300 ms later than the other, over 50 ms of
 * network. */
static void field_06_a_new_key_overlaps_the_old_one(void **state)
{
	(void)state;
	fake_network_impair(net, ADDRESS_A, &(struct fake_weather){.delay_ms = 50});
	fake_network_impair(net, ADDRESS_B, &(struct fake_weather){.delay_ms = 50});
	connect_both(SUITE);
	wire_phone_run(&a, &b, 0, 10000);
	configure(&b, 10000, NULL, SUITE, KEY_B, 7);
	wire_phone_run(&a, &b, 10000, 10300);
	configure(&a, 10300, NULL, SUITE, 7, KEY_B);
	wire_phone_run(&a, &b, 10300, 20000);
	a.talks = b.talks = false;
	wire_phone_run(&a, &b, 20000, 20100);
	assert_int_equal(b.heard, a.sent);
	assert_int_equal(a.heard, b.sent);
	assert_int_equal(wire_phone_stats(&b).srtp.failed_auth, 0);
}

static void field_07_an_authenticated_move_is_followed_within_100_ms(void **state)
{
	struct tp_random random;
	int sent_to_old, moved_ms = -1;

	(void)state;
	tp_random_init(&random, 10, 0);
	connect_both(SUITE);
	wire_phone_run(&a, &b, 0, 60000);
	sent_to_old = fake_network_sent_to(net, ADDRESS_A);
	fake_network_rebind(net, ADDRESS_A, "198.51.100.7:61000");
	for (int ms = 60000; ms < 62000; ms += 10) {
		for (int i = 0; i < 5; i++)
			forge(ms, STRANGER, &random, (uint16_t)(a.wire.next_seq + i));
		wire_phone_run(&a, &b, ms, ms + 10);
		if (moved_ms < 0 && fake_network_sent_to(net, "198.51.100.7:61000"))
			moved_ms = ms - 60000;
	}
	assert_in_range(moved_ms, 0, 99);
	assert_true(fake_network_sent_to(net, ADDRESS_A) - sent_to_old <= 5);
	assert_int_equal(b.heard, a.sent); /* nothing was lost on the way to b */
	assert_int_equal(fake_network_sent_to(net, STRANGER), 0);
	assert_int_equal(wire_phone_stats(&b).receive.source_moves, 1);
	assert_int_equal(wire_phone_events(&b, TP_EVENT_SOURCE_CHANGED), 1);
}

/* Whatever a sends to b arrives from the stranger first. */
static void copy_ahead(void *context, int64_t now_ns, const struct tp_address *from,
		       const struct tp_address *to, const uint8_t *data, size_t len)
{
	(void)context;
	if (from->ip[3] == 1 && to->port == 4000)
		fake_network_inject(net, now_ns, STRANGER, ADDRESS_B, data, len);
}

static void field_07_who_copies_faster_does_not_get_our_audio(void **state)
{
	(void)state;
	connect_both(SUITE);
	wire_phone_run(&a, &b, 0, 1000);
	fake_network_watch(net, copy_ahead, NULL);
	wire_phone_run(&a, &b, 1000, 5000);
	fake_network_watch(net, NULL, NULL);
	assert_int_equal(fake_network_sent_to(net, STRANGER), 0);
	assert_int_equal(b.heard, a.sent);
	assert_int_equal(b.backwards, 0);
	assert_int_equal(wire_phone_stats(&b).srtp.replayed, 200);
	assert_int_equal(wire_phone_stats(&b).receive.source_moves, 0);
}

/* The peer was restarted: its numbers begin again under the same key and SSRC. */
static void field_02_only_signalling_lets_the_peer_begin_anew(void **state)
{
	int heard;

	(void)state;
	connect_both(SUITE);
	wire_phone_run(&a, &b, 0, 10000);
	heard = b.heard;
	wire_phone_close(&a);
	wire_phone_open(&a, net, ADDRESS_A, false, SSRC_A);
	configure(&a, 10000, ADDRESS_B, SUITE, KEY_A, KEY_B);
	a.talks = true;
	wire_phone_run(&a, &b, 10000, 12000);
	assert_int_equal(b.heard, heard);
	assert_in_range(wire_phone_stats(&b).srtp.replayed, 100, 103);
	tp_wire_resync(&b.wire, 12000 * (int64_t)MS);
	wire_phone_run(&a, &b, 12000, 13000);
	assert_int_equal(b.heard, heard + 50);
}

static void keep_alives_are_protected_and_numbered(void **state)
{
	struct tp_session_stats stats;

	(void)state;
	connect_both(SUITE);
	wire_phone_run(&a, &b, 0, 1000);
	set_flow(&a, 1000, TP_INACTIVE);
	wire_phone_run(&a, &b, 1000, 62000);
	set_flow(&a, 62000, TP_SENDRECV);
	wire_phone_run(&a, &b, 62000, 63000);
	stats = wire_phone_stats(&b);
	assert_int_equal(stats.receive.wrong_payload_type, 4);
	assert_int_equal(stats.srtp.failed_auth + stats.srtp.failed_other + stats.srtp.replayed, 0);
	assert_int_equal(b.heard, 100);
	assert_int_equal(stats.receive.lost, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_suite_carries_media_and_reports),
		TEST(plain_packets_are_never_heard),
		TEST(a_wrong_key_is_silence_and_counted),
		TEST(our_own_packets_that_come_back_are_refused),
		TEST(field_01_three_rollovers_with_the_same_keys_again),
		TEST(field_02_a_held_call_keeps_count_of_rollovers),
		TEST(field_02_our_rollover_counter_survives_hold_and_retarget),
		TEST(field_03_a_new_ssrc_starts_with_rollover_zero),
		TEST(field_04_the_first_packets_may_be_lost_over_the_wrap),
		TEST(field_04_our_own_start_is_never_mistaken),
		TEST(field_05_forgeries_change_nothing_aes_cm),
		TEST(field_05_forgeries_change_nothing_gcm),
		TEST(field_06_a_new_key_overlaps_the_old_one),
		TEST(field_07_an_authenticated_move_is_followed_within_100_ms),
		TEST(field_07_who_copies_faster_does_not_get_our_audio),
		TEST(field_02_only_signalling_lets_the_peer_begin_anew),
		TEST(keep_alives_are_protected_and_numbered),
	};

	return cmocka_run_group_tests_name("wire_srtp", tests, NULL, NULL);
}
