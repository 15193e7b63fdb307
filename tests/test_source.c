/* SPDX-License-Identifier: MIT */
/* Who may send to us: sources, strangers and moves, packet by packet in virtual time. */
#include "tests/fixtures/fake_sender.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum {
	MS = 1000 * 1000,
};

static void nobody_is_heard_before_signalling(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:4000", 1);

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(fake_sender_packet(&peer, i * 20), TP_SOURCE_REFUSED);
	assert_int_equal(tp_source_destination(&fake_sender_source).family, 0);
	assert_int_equal(tp_source_destination_rtcp(&fake_sender_source).family, 0);
}

static void the_signalled_source_is_heard_from_its_first_packet(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:4000", 1);

	(void)state;
	fake_sender_signal(0, peer.from);
	assert_true(fake_sender_is_answered(peer.from));
	assert_int_equal(fake_sender_packet(&peer, 30), TP_SOURCE_MOVED);
	assert_int_equal(fake_sender_packet(&peer, 50), TP_SOURCE_ACCEPTED);
}

static void an_unknown_remote_is_the_first_consistent_source(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:4000", 1),
			   late = fake_sender("203.0.113.5:9", 2);

	(void)state;
	fake_sender_signal(0, ":0");
	assert_int_equal(tp_source_destination(&fake_sender_source).family, 0);
	assert_int_equal(fake_sender_packet(&peer, 0), TP_SOURCE_ACCEPTED);
	assert_int_equal(fake_sender_packet(&late, 10), TP_SOURCE_REFUSED);
	assert_int_equal(fake_sender_packet(&peer, 20), TP_SOURCE_ACCEPTED);
	assert_int_equal(fake_sender_packet(&late, 30), TP_SOURCE_REFUSED);
	assert_int_equal(tp_source_destination(&fake_sender_source).family, 0);
	assert_int_equal(fake_sender_packet(&peer, 40), TP_SOURCE_MOVED);
	assert_true(fake_sender_is_answered(peer.from));
	for (int i = 0; i < 100; i++)
		assert_int_equal(fake_sender_packet(&late, 50 + i * 20), TP_SOURCE_REFUSED);
	assert_int_equal(fake_sender_packet(&peer, 60), TP_SOURCE_ACCEPTED);
}

static void what_is_not_consistent_is_never_learned(void **state)
{
	struct fake_sender noise = fake_sender("203.0.113.5:9", 2);

	(void)state;
	fake_sender_signal(0, ":0");
	for (int i = 0; i < 200; i++) { /* another SSRC each time; the first could be anyone's */
		noise.ssrc = 1000 + i;
		assert_int_equal(fake_sender_packet(&noise, i),
				 i ? TP_SOURCE_REFUSED : TP_SOURCE_ACCEPTED);
	}
	for (int i = 0; i < 200; i++) { /* sequence numbers at random */
		noise.ssrc = 1;
		noise.seq = (uint16_t)(i * 12345);
		assert_int_equal(fake_sender_packet(&noise, 200 + i), TP_SOURCE_REFUSED);
	}
	for (int i = 0; i < 200; i++) { /* always the same packet */
		noise.seq = 5;
		noise.timestamp = 5;
		assert_int_equal(fake_sender_packet(&noise, 400 + i), TP_SOURCE_REFUSED);
	}
}

static void the_window_shuts_after_three_packets(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:4000", 1), moved;

	(void)state;
	fake_sender_signal(0, peer.from);
	for (int i = 0; i < 3; i++)
		fake_sender_packet(&peer, i * 20);
	moved = peer;
	moved.from = "192.0.2.1:5555";
	for (int i = 0; i < 100; i++)
		assert_int_equal(fake_sender_packet(&moved, 400 + i * 20), TP_SOURCE_REFUSED);
}

static void a_packet_that_comes_late_does_not_hold_the_window_open(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:4000", 1), late, moved;

	(void)state;
	fake_sender_signal(0, peer.from);
	fake_sender_packet(&peer, 0);
	late = peer;
	peer.seq++;
	fake_sender_packet(&peer, 20);
	fake_sender_packet(&late, 21);
	fake_sender_packet(&peer, 40);
	moved = peer;
	moved.from = "192.0.2.1:5555";
	for (int i = 0; i < 100; i++)
		assert_int_equal(fake_sender_packet(&moved, 400 + i * 20), TP_SOURCE_REFUSED);
}

static void the_window_shuts_after_five_seconds(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.99:4000", 1);

	(void)state;
	fake_sender_signal(0, "192.0.2.1:4000");
	for (int i = 0; i < 100; i++)
		assert_int_equal(fake_sender_packet(&peer, 5000 + i * 20), TP_SOURCE_REFUSED);
	fake_sender_signal(8000, "192.0.2.99:4000");
	for (int i = 0; i < 3; i++)
		fake_sender_packet(&peer, 8000 + i * 20);
	assert_true(fake_sender_is_answered(peer.from));
}

/* A peer that rang for long, or held us, sends its first packet late. */
static void the_wait_for_the_signalled_source_has_no_end(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:4000", 1),
			   stranger = fake_sender("203.0.113.5:9", 2);
	int heard[2];

	(void)state;
	fake_sender_signal(0, peer.from);
	fake_sender_talk(&stranger, NULL, TP_SOURCE_WINDOW_MS, 3600000, heard);
	assert_int_equal(heard[0], 0);
	assert_true(fake_sender_is_answered(peer.from));
	fake_sender_talk(&peer, &stranger, 3600000, 3610000, heard);
	assert_int_equal(heard[0], 500);
	assert_int_equal(heard[1], 0);
}

/* The peer's NAT changed its port or address; signalling noticed. SSRC and sequence go on. */
static void a_peer_that_moves_is_followed_within_a_window_only(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:4000", 1);
	int heard[2];

	(void)state;
	fake_sender_signal(0, peer.from);
	fake_sender_talk(&peer, NULL, 0, 10000, heard);
	assert_int_equal(heard[0], 500);
	peer.from = "198.51.100.7:61000";
	fake_sender_talk(&peer, NULL, 10000, 12000, heard);
	assert_int_equal(heard[0], 0);
	assert_true(fake_sender_is_answered("192.0.2.1:4000"));
	fake_sender_signal(12000, "192.0.2.1:4000");
	fake_sender_talk(&peer, NULL, 12000, 13000, heard);
	assert_true(heard[0] >= 50 - TP_SOURCE_CONSISTENT + 1);
	assert_true(fake_sender_is_answered(peer.from));
}

static void a_rewritten_port_of_the_signalled_host_is_learned(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:61000", 1);
	int heard[2];

	(void)state;
	fake_sender_signal(0, "192.0.2.1:4000");
	fake_sender_talk(&peer, NULL, 300, 1300, heard);
	assert_int_equal(heard[0], 50);
	assert_true(fake_sender_is_answered(peer.from));
}

/* A peer behind a NAT that signalled its private address. */
static void on_the_loopback_another_port_is_heard_and_not_sent_to(void **state)
{
	static const char *const hosts[][2] = {{"127.0.0.1:4000", "127.0.0.1:55555"},
					       {"[::1]:4000", "[::1]:55555"}};

	for (int i = 0; i < 2; i++) {
		struct fake_sender peer = fake_sender(hosts[i][1], 1);

		fake_sender_begin(state);
		fake_sender_signal(0, hosts[i][0]);
		for (int64_t ms = 0; ms < 60; ms += 20)
			fake_sender_packet(&peer, ms);
		assert_int_equal(fake_sender_packet(&peer, 60), TP_SOURCE_ACCEPTED);
		assert_true(fake_sender_is_answered(hosts[i][0]));
	}
}

static void a_lone_stranger_is_learned_with_patience(void **state)
{
	struct fake_sender peer = fake_sender("198.51.100.7:61000", 1);
	int heard[2];

	(void)state;
	fake_sender_signal(0, "10.0.0.5:4000");
	fake_sender_talk(&peer, NULL, 0, 950, heard);
	assert_int_equal(heard[0], 0);
	fake_sender_talk(&peer, NULL, 960, 2000, heard);
	assert_true(fake_sender_is_answered(peer.from));
	assert_true(heard[0] >= 48);
}

/* Which of them is the peer? Neither is taken for it, while there are two. */
static void two_strangers_are_one_too_many(void **state)
{
	struct fake_sender one = fake_sender("198.51.100.7:61000", 1),
			   two = fake_sender("203.0.113.5:9", 2);
	int heard[2];

	(void)state;
	fake_sender_signal(0, "10.0.0.5:4000");
	fake_sender_talk(&one, &two, 0, 3000, heard);
	assert_int_equal(heard[0], 0);
	assert_int_equal(heard[1], 0);
	fake_sender_talk(&one, NULL, 3000, 4900, heard);
	assert_in_range(heard[0], 45, 46);
}

/* After three packets of a learned source another of the same claim has no chance, silence or
 * not. */
static void the_window_shuts_behind_a_learned_source(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:61000", 1),
			   other = fake_sender("192.0.2.1:62000", 2);
	int heard[2];

	(void)state;
	fake_sender_signal(0, "192.0.2.1:4000");
	fake_sender_talk(&peer, NULL, 0, 500, heard);
	assert_true(fake_sender_is_answered(peer.from));
	fake_sender_talk(&other, NULL, 500, 4900, heard);
	assert_int_equal(heard[0], 0);
	assert_true(fake_sender_is_answered(peer.from));
}

static void the_signalled_source_takes_over_from_a_learned_one(void **state)
{
	struct fake_sender stranger = fake_sender("203.0.113.5:9", 2),
			   peer = fake_sender("192.0.2.1:4000", 1);
	int heard[2];

	(void)state;
	fake_sender_signal(0, peer.from);
	fake_sender_talk(&stranger, NULL, 0, 2000, heard);
	assert_true(fake_sender_is_answered(stranger.from));
	assert_int_equal(fake_sender_packet(&peer, 2000), TP_SOURCE_MOVED);
	fake_sender_talk(&peer, &stranger, 2020, 4000, heard);
	assert_int_equal(heard[0], 99);
	assert_int_equal(heard[1], 0);
	assert_true(fake_sender_is_answered(peer.from));
}

static void after_a_retarget_the_former_peer_is_a_stranger(void **state)
{
	struct fake_sender former = fake_sender("192.0.2.1:4000", 1),
			   peer = fake_sender("192.0.2.2:4000", 2);
	int heard[2];

	(void)state;
	fake_sender_signal(0, former.from);
	fake_sender_talk(&former, NULL, 0, 1000, heard);
	fake_sender_signal(1000, peer.from);
	assert_true(fake_sender_is_answered(peer.from));
	fake_sender_talk(&former, NULL, 1000, 1900, heard);
	assert_int_equal(heard[0], 0);
	fake_sender_talk(&peer, &former, 1900, 3000, heard);
	assert_int_equal(heard[0], 55);
	assert_int_equal(heard[1], 0);
}

/* Ten times the packets, as timestamps allow or not, before, during and after the window. */
static void check_stranger(int every_ms, int samples, int64_t peer_begins_ms)
{
	struct fake_sender stranger = fake_sender("203.0.113.5:9", 2),
			   peer = fake_sender("192.0.2.1:4000", 1);
	int heard[2];

	fake_sender_begin(NULL);
	stranger.every_ms = every_ms;
	stranger.samples = samples;
	fake_sender_signal(0, peer.from);
	fake_sender_talk(&stranger, NULL, 0, peer_begins_ms, heard);
	assert_int_equal(heard[0], 0);
	assert_true(fake_sender_is_answered(peer.from));
	for (int64_t ms = peer_begins_ms; ms < peer_begins_ms + 30000; ms += 5000) {
		fake_sender_signal(ms, peer.from); /* a re-INVITE opens the window again */
		fake_sender_talk(&peer, &stranger, ms, ms + 5000, heard);
		assert_int_equal(heard[0], 250);
		assert_int_equal(heard[1], 0);
		assert_true(fake_sender_is_answered(peer.from));
	}
}

static void field_07_ten_times_the_rate_is_never_heard(void **state)
{
	(void)state;
	check_stranger(2, 160, 0); /* plain copies of PCMU */
	check_stranger(2, 16, 0); /* in the pace of its own timestamps */
	check_stranger(2, 160, 4000); /* when the peer is late, the flood is no talker */
	check_stranger(2, 16, 4000);
	check_stranger(20, 160, 900);
	check_stranger(20, 1600, 4000); /* a talker's packets, but not at the pace they tell */
}

/* It even knows the peer's SSRC and sequence; the peer, heard all the time, does not lose its
 * place. */
static void field_07_the_peers_numbers_do_not_replace_it(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:4000", 1), stranger;
	int heard[2];

	(void)state;
	stranger = peer;
	stranger.from = "203.0.113.5:9";
	stranger.every_ms = 2;
	for (int64_t ms = 0; ms < 30000; ms += 5000) {
		fake_sender_signal(ms, peer.from);
		stranger.seq = peer.seq;
		fake_sender_talk(&peer, &stranger, ms, ms + 5000, heard);
		assert_int_equal(heard[0], 250);
		assert_int_equal(heard[1], 0);
		assert_true(fake_sender_is_answered(peer.from));
	}
}

/* Even a peer that is silent when the window opens, and a stranger that behaves. */
static void field_07_a_stranger_does_not_replace_a_silent_peer(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:4000", 1),
			   stranger = fake_sender("203.0.113.5:9", 2);
	int heard[2];

	(void)state;
	fake_sender_signal(0, peer.from);
	fake_sender_talk(&peer, NULL, 0, 10000, heard);
	fake_sender_signal(10000, peer.from);
	fake_sender_talk(&stranger, NULL, 10000, 16000, heard);
	assert_int_equal(heard[0], 0);
	assert_true(fake_sender_is_answered(peer.from));
}

/* The peer was learned behind its NAT, and a stranger floods while the window is open again. */
static void field_07_a_stranger_does_not_replace_a_learned_peer(void **state)
{
	struct fake_sender peer = fake_sender("198.51.100.7:61000", 1),
			   stranger = fake_sender("203.0.113.5:9", 2);
	int heard[2];

	(void)state;
	stranger.every_ms = 2;
	fake_sender_signal(0, "10.0.0.5:4000");
	fake_sender_talk(&peer, &stranger, 0, 2000, heard);
	assert_true(fake_sender_is_answered(peer.from));
	assert_int_equal(heard[1], 0);
	for (int64_t ms = 2000; ms < 30000; ms += 4000) {
		fake_sender_signal(ms, "10.0.0.5:4000");
		fake_sender_talk(&peer, &stranger, ms, ms + 4000, heard);
		assert_int_equal(heard[0], 200);
		assert_int_equal(heard[1], 0);
	}
}

static void a_crowd_of_strangers_does_not_crowd_out_the_peer(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:61000", 1);
	bool followed = false;

	(void)state;
	fake_sender_signal(0, "192.0.2.1:4000");
	for (int i = 0; i < 500; i++) {
		struct tp_address crowd = fake_sender_address("203.0.113.5:9");
		struct tp_sighting seen = {.ssrc = (uint32_t)i % 50,
					   .seq = (uint16_t)(i / 50),
					   .timestamp = (uint32_t)i / 50 * 160,
					   .clock_hz = 8000,
					   .now_ns = (int64_t)i * 2 * MS};

		seen.from = crowd;
		seen.from.port += (uint16_t)(i % 50);
		assert_int_equal(tp_source_judge(&fake_sender_source, &seen), TP_SOURCE_REFUSED);
		if (i % 10 == 0)
			followed |= fake_sender_packet(&peer, (int64_t)i * 2) == TP_SOURCE_MOVED;
	}
	assert_true(followed);
	assert_true(fake_sender_is_answered(peer.from));
}

static void resync_lets_the_peer_begin_elsewhere(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:4000", 1),
			   anew = fake_sender("192.0.2.1:4002", 2);
	int heard[2];

	(void)state;
	fake_sender_signal(0, peer.from);
	fake_sender_talk(&peer, NULL, 0, 10000, heard);
	tp_source_resync(&fake_sender_source, 10000 * (int64_t)MS);
	fake_sender_talk(&anew, NULL, 10000, 11000, heard);
	assert_int_equal(heard[0], 50);
	assert_true(fake_sender_is_answered(anew.from));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nobody_is_heard_before_signalling, fake_sender_begin),
		cmocka_unit_test_setup(the_signalled_source_is_heard_from_its_first_packet,
				       fake_sender_begin),
		cmocka_unit_test_setup(an_unknown_remote_is_the_first_consistent_source,
				       fake_sender_begin),
		cmocka_unit_test_setup(what_is_not_consistent_is_never_learned, fake_sender_begin),
		cmocka_unit_test_setup(the_window_shuts_after_three_packets, fake_sender_begin),
		cmocka_unit_test_setup(a_packet_that_comes_late_does_not_hold_the_window_open,
				       fake_sender_begin),
		cmocka_unit_test_setup(the_window_shuts_after_five_seconds, fake_sender_begin),
		cmocka_unit_test_setup(the_wait_for_the_signalled_source_has_no_end,
				       fake_sender_begin),
		cmocka_unit_test_setup(a_peer_that_moves_is_followed_within_a_window_only,
				       fake_sender_begin),
		cmocka_unit_test_setup(a_rewritten_port_of_the_signalled_host_is_learned,
				       fake_sender_begin),
		cmocka_unit_test_setup(on_the_loopback_another_port_is_heard_and_not_sent_to,
				       fake_sender_begin),
		cmocka_unit_test_setup(a_lone_stranger_is_learned_with_patience, fake_sender_begin),
		cmocka_unit_test_setup(two_strangers_are_one_too_many, fake_sender_begin),
		cmocka_unit_test_setup(the_window_shuts_behind_a_learned_source, fake_sender_begin),
		cmocka_unit_test_setup(the_signalled_source_takes_over_from_a_learned_one,
				       fake_sender_begin),
		cmocka_unit_test_setup(after_a_retarget_the_former_peer_is_a_stranger,
				       fake_sender_begin),
		cmocka_unit_test_setup(field_07_ten_times_the_rate_is_never_heard,
				       fake_sender_begin),
		cmocka_unit_test_setup(field_07_the_peers_numbers_do_not_replace_it,
				       fake_sender_begin),
		cmocka_unit_test_setup(field_07_a_stranger_does_not_replace_a_silent_peer,
				       fake_sender_begin),
		cmocka_unit_test_setup(field_07_a_stranger_does_not_replace_a_learned_peer,
				       fake_sender_begin),
		cmocka_unit_test_setup(a_crowd_of_strangers_does_not_crowd_out_the_peer,
				       fake_sender_begin),
		cmocka_unit_test_setup(resync_lets_the_peer_begin_elsewhere, fake_sender_begin),
	};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
