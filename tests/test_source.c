/* SPDX-License-Identifier: MIT */
/* Who may send to us: sources, strangers and moves, packet by packet in virtual time. */
#include "engine/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum {
	MS = 1000 * 1000,
};

/* One who sends PCMU. */
struct talker {
	const char *from;
	uint32_t ssrc;
	uint16_t seq;
	uint32_t timestamp;
	int every_ms, samples;
	int64_t next_ms;
};

static struct tp_source source;
static bool authenticated;

static struct tp_address at(const char *text)
{
	struct tp_address address;

	assert_int_equal(tp_address_parse(&address, text), 0);
	return address;
}

static bool sends_to(const char *text)
{
	struct tp_address to = tp_source_destination(&source), wanted = at(text);

	return tp_address_equal(&to, &wanted);
}

static void signal_remote(int64_t ms, const char *remote)
{
	struct tp_address address = at(remote), none = {0};

	tp_source_signal(&source, ms * MS, &address, &none);
}

static int begin(void **state)
{
	(void)state;
	tp_source_init(&source, false);
	authenticated = false;
	return 0;
}

static struct talker talker(const char *from, uint32_t ssrc)
{
	return (struct talker){.from = from,
			       .ssrc = ssrc,
			       .seq = (uint16_t)(ssrc * 1000),
			       .timestamp = ssrc * 77777,
			       .every_ms = 20,
			       .samples = 160};
}

static enum tp_source_verdict packet(struct talker *t, int64_t ms)
{
	struct tp_sighting seen = {
		.from = at(t->from),
		.ssrc = t->ssrc,
		.timestamp = t->timestamp,
		.clock_hz = 8000,
		.seq = t->seq,
		.now_ns = ms * MS,
		.authenticated = authenticated,
	};

	t->seq++;
	t->timestamp += (uint32_t)t->samples;
	if (!authenticated && !tp_source_open(&source, seen.now_ns, &seen.from))
		return TP_SOURCE_REFUSED;
	return tp_source_judge(&source, &seen);
}

/* Both talk from begin_ms to end_ms; how many packets of each were heard. */
static void talk(struct talker *a, struct talker *b, int64_t begin_ms, int64_t end_ms, int heard[2])
{
	struct talker *both[2] = {a, b};

	memset(heard, 0, 2 * sizeof(*heard));
	for (int i = 0; i < 2; i++)
		if (both[i])
			both[i]->next_ms = begin_ms;
	for (int64_t ms = begin_ms; ms < end_ms; ms++)
		for (int i = 0; i < 2; i++)
			if (both[i] && both[i]->next_ms <= ms) {
				both[i]->next_ms += both[i]->every_ms;
				heard[i] += packet(both[i], ms) != TP_SOURCE_REFUSED;
			}
}

/* ---- Plain RTP ---- */

static void nobody_is_heard_before_signalling(void **state)
{
	struct talker peer = talker("192.0.2.1:4000", 1);

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(packet(&peer, i * 20), TP_SOURCE_REFUSED);
	assert_int_equal(tp_source_destination(&source).family, 0);
	assert_int_equal(tp_source_destination_rtcp(&source).family, 0);
}

static void the_signalled_source_is_heard_from_its_first_packet(void **state)
{
	struct talker peer = talker("192.0.2.1:4000", 1);

	(void)state;
	signal_remote(0, peer.from);
	assert_true(sends_to(peer.from));
	assert_int_equal(packet(&peer, 30), TP_SOURCE_MOVED);
	assert_int_equal(packet(&peer, 50), TP_SOURCE_ACCEPTED);
}

static void an_unknown_remote_is_the_first_consistent_source(void **state)
{
	struct talker peer = talker("192.0.2.1:4000", 1), late = talker("203.0.113.5:9", 2);

	(void)state;
	signal_remote(0, ":0");
	assert_int_equal(tp_source_destination(&source).family, 0);
	assert_int_equal(packet(&peer, 0), TP_SOURCE_ACCEPTED);
	assert_int_equal(packet(&late, 10), TP_SOURCE_REFUSED);
	assert_int_equal(packet(&peer, 20), TP_SOURCE_ACCEPTED);
	assert_int_equal(packet(&late, 30), TP_SOURCE_REFUSED);
	assert_int_equal(tp_source_destination(&source).family, 0);
	assert_int_equal(packet(&peer, 40), TP_SOURCE_MOVED);
	assert_true(sends_to(peer.from));
	for (int i = 0; i < 100; i++)
		assert_int_equal(packet(&late, 50 + i * 20), TP_SOURCE_REFUSED);
	assert_int_equal(packet(&peer, 60), TP_SOURCE_ACCEPTED);
}

static void what_is_not_consistent_is_never_learned(void **state)
{
	struct talker noise = talker("203.0.113.5:9", 2);

	(void)state;
	signal_remote(0, ":0");
	for (int i = 0; i < 200; i++) { /* another SSRC each time; the first could be anyone's */
		noise.ssrc = 1000 + i;
		assert_int_equal(packet(&noise, i), i ? TP_SOURCE_REFUSED : TP_SOURCE_ACCEPTED);
	}
	for (int i = 0; i < 200; i++) { /* sequence numbers at random */
		noise.ssrc = 1;
		noise.seq = (uint16_t)(i * 12345);
		assert_int_equal(packet(&noise, 200 + i), TP_SOURCE_REFUSED);
	}
	for (int i = 0; i < 200; i++) { /* always the same packet */
		noise.seq = 5;
		noise.timestamp = 5;
		assert_int_equal(packet(&noise, 400 + i), TP_SOURCE_REFUSED);
	}
}

static void the_window_shuts_after_three_packets(void **state)
{
	struct talker peer = talker("192.0.2.1:4000", 1), moved;

	(void)state;
	signal_remote(0, peer.from);
	for (int i = 0; i < 3; i++)
		packet(&peer, i * 20);
	moved = peer;
	moved.from = "192.0.2.1:5555";
	for (int i = 0; i < 100; i++)
		assert_int_equal(packet(&moved, 400 + i * 20), TP_SOURCE_REFUSED);
}

static void a_packet_that_comes_late_does_not_hold_the_window_open(void **state)
{
	struct talker peer = talker("192.0.2.1:4000", 1), late, moved;

	(void)state;
	signal_remote(0, peer.from);
	packet(&peer, 0);
	late = peer;
	peer.seq++;
	packet(&peer, 20);
	packet(&late, 21);
	packet(&peer, 40);
	moved = peer;
	moved.from = "192.0.2.1:5555";
	for (int i = 0; i < 100; i++)
		assert_int_equal(packet(&moved, 400 + i * 20), TP_SOURCE_REFUSED);
}

static void the_window_shuts_after_five_seconds(void **state)
{
	struct talker peer = talker("192.0.2.99:4000", 1);

	(void)state;
	signal_remote(0, "192.0.2.1:4000");
	for (int i = 0; i < 100; i++)
		assert_int_equal(packet(&peer, 5000 + i * 20), TP_SOURCE_REFUSED);
	signal_remote(8000, "192.0.2.99:4000");
	for (int i = 0; i < 3; i++)
		packet(&peer, 8000 + i * 20);
	assert_true(sends_to(peer.from));
}

/* A peer that rang for long, or held us, sends its first packet late. */
static void the_wait_for_the_signalled_source_has_no_end(void **state)
{
	struct talker peer = talker("192.0.2.1:4000", 1), stranger = talker("203.0.113.5:9", 2);
	int heard[2];

	(void)state;
	signal_remote(0, peer.from);
	talk(&stranger, NULL, TP_SOURCE_WINDOW_MS, 3600000, heard);
	assert_int_equal(heard[0], 0);
	assert_true(sends_to(peer.from));
	talk(&peer, &stranger, 3600000, 3610000, heard);
	assert_int_equal(heard[0], 500);
	assert_int_equal(heard[1], 0);
}

/* The peer's NAT changed its port or address; signalling noticed. SSRC and sequence go on. */
static void a_peer_that_moves_is_followed_within_a_window_only(void **state)
{
	struct talker peer = talker("192.0.2.1:4000", 1);
	int heard[2];

	(void)state;
	signal_remote(0, peer.from);
	talk(&peer, NULL, 0, 10000, heard);
	assert_int_equal(heard[0], 500);
	peer.from = "198.51.100.7:61000";
	talk(&peer, NULL, 10000, 12000, heard);
	assert_int_equal(heard[0], 0);
	assert_true(sends_to("192.0.2.1:4000"));
	signal_remote(12000, "192.0.2.1:4000");
	talk(&peer, NULL, 12000, 13000, heard);
	assert_true(heard[0] >= 50 - TP_SOURCE_CONSISTENT + 1);
	assert_true(sends_to(peer.from));
}

static void a_rewritten_port_of_the_signalled_host_is_learned(void **state)
{
	struct talker peer = talker("192.0.2.1:61000", 1);
	int heard[2];

	(void)state;
	signal_remote(0, "192.0.2.1:4000");
	talk(&peer, NULL, 300, 1300, heard);
	assert_int_equal(heard[0], 50 - TP_SOURCE_CONSISTENT + 1);
	assert_true(sends_to(peer.from));
}

/* A peer behind a NAT that signalled its private address. */
static void on_the_loopback_another_port_is_heard_and_not_sent_to(void **state)
{
	static const char *const hosts[][2] = {{"127.0.0.1:4000", "127.0.0.1:55555"},
					       {"[::1]:4000", "[::1]:55555"}};

	for (int i = 0; i < 2; i++) {
		struct talker peer = talker(hosts[i][1], 1);

		begin(state);
		signal_remote(0, hosts[i][0]);
		for (int64_t ms = 0; ms < 60; ms += 20)
			packet(&peer, ms);
		assert_int_equal(packet(&peer, 60), TP_SOURCE_ACCEPTED);
		assert_true(sends_to(hosts[i][0]));
	}
}

static void a_lone_stranger_is_learned_with_patience(void **state)
{
	struct talker peer = talker("198.51.100.7:61000", 1);
	int heard[2];

	(void)state;
	signal_remote(0, "10.0.0.5:4000");
	talk(&peer, NULL, 0, 950, heard);
	assert_int_equal(heard[0], 0);
	talk(&peer, NULL, 960, 2000, heard);
	assert_true(sends_to(peer.from));
	assert_true(heard[0] >= 48);
}

/* Which of them is the peer? Neither is taken for it, while there are two. */
static void two_strangers_are_one_too_many(void **state)
{
	struct talker one = talker("198.51.100.7:61000", 1), two = talker("203.0.113.5:9", 2);
	int heard[2];

	(void)state;
	signal_remote(0, "10.0.0.5:4000");
	talk(&one, &two, 0, 3000, heard);
	assert_int_equal(heard[0], 0);
	assert_int_equal(heard[1], 0);
	talk(&one, NULL, 3000, 4900, heard);
	assert_in_range(heard[0], 45, 46);
}

/* After three packets of a learned source another of the same claim has no chance, silence or
 * not. */
static void the_window_shuts_behind_a_learned_source(void **state)
{
	struct talker peer = talker("192.0.2.1:61000", 1), other = talker("192.0.2.1:62000", 2);
	int heard[2];

	(void)state;
	signal_remote(0, "192.0.2.1:4000");
	talk(&peer, NULL, 0, 500, heard);
	assert_true(sends_to(peer.from));
	talk(&other, NULL, 500, 4900, heard);
	assert_int_equal(heard[0], 0);
	assert_true(sends_to(peer.from));
}

static void the_signalled_source_takes_over_from_a_learned_one(void **state)
{
	struct talker stranger = talker("203.0.113.5:9", 2), peer = talker("192.0.2.1:4000", 1);
	int heard[2];

	(void)state;
	signal_remote(0, peer.from);
	talk(&stranger, NULL, 0, 2000, heard);
	assert_true(sends_to(stranger.from));
	assert_int_equal(packet(&peer, 2000), TP_SOURCE_MOVED);
	talk(&peer, &stranger, 2020, 4000, heard);
	assert_int_equal(heard[0], 99);
	assert_int_equal(heard[1], 0);
	assert_true(sends_to(peer.from));
}

static void after_a_retarget_the_former_peer_is_a_stranger(void **state)
{
	struct talker former = talker("192.0.2.1:4000", 1), peer = talker("192.0.2.2:4000", 2);
	int heard[2];

	(void)state;
	signal_remote(0, former.from);
	talk(&former, NULL, 0, 1000, heard);
	signal_remote(1000, peer.from);
	assert_true(sends_to(peer.from));
	talk(&former, NULL, 1000, 1900, heard);
	assert_int_equal(heard[0], 0);
	talk(&peer, &former, 1900, 3000, heard);
	assert_int_equal(heard[0], 55);
	assert_int_equal(heard[1], 0);
}

/* Ten times the packets, as timestamps allow or not, before, during and after the window. */
static void check_stranger(int every_ms, int samples, int64_t peer_begins_ms)
{
	struct talker stranger = talker("203.0.113.5:9", 2), peer = talker("192.0.2.1:4000", 1);
	int heard[2];

	begin(NULL);
	stranger.every_ms = every_ms;
	stranger.samples = samples;
	signal_remote(0, peer.from);
	talk(&stranger, NULL, 0, peer_begins_ms, heard);
	assert_int_equal(heard[0], 0);
	assert_true(sends_to(peer.from));
	for (int64_t ms = peer_begins_ms; ms < peer_begins_ms + 30000; ms += 5000) {
		signal_remote(ms, peer.from); /* a re-INVITE opens the window again */
		talk(&peer, &stranger, ms, ms + 5000, heard);
		assert_int_equal(heard[0], 250);
		assert_int_equal(heard[1], 0);
		assert_true(sends_to(peer.from));
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
	struct talker peer = talker("192.0.2.1:4000", 1), stranger;
	int heard[2];

	(void)state;
	stranger = peer;
	stranger.from = "203.0.113.5:9";
	stranger.every_ms = 2;
	for (int64_t ms = 0; ms < 30000; ms += 5000) {
		signal_remote(ms, peer.from);
		stranger.seq = peer.seq;
		talk(&peer, &stranger, ms, ms + 5000, heard);
		assert_int_equal(heard[0], 250);
		assert_int_equal(heard[1], 0);
		assert_true(sends_to(peer.from));
	}
}

/* Even a peer that is silent when the window opens, and a stranger that behaves. */
static void field_07_a_stranger_does_not_replace_a_silent_peer(void **state)
{
	struct talker peer = talker("192.0.2.1:4000", 1), stranger = talker("203.0.113.5:9", 2);
	int heard[2];

	(void)state;
	signal_remote(0, peer.from);
	talk(&peer, NULL, 0, 10000, heard);
	signal_remote(10000, peer.from);
	talk(&stranger, NULL, 10000, 16000, heard);
	assert_int_equal(heard[0], 0);
	assert_true(sends_to(peer.from));
}

/* The peer was learned behind its NAT, and a stranger floods while the window is open again. */
static void field_07_a_stranger_does_not_replace_a_learned_peer(void **state)
{
	struct talker peer = talker("198.51.100.7:61000", 1), stranger = talker("203.0.113.5:9", 2);
	int heard[2];

	(void)state;
	stranger.every_ms = 2;
	signal_remote(0, "10.0.0.5:4000");
	talk(&peer, &stranger, 0, 2000, heard);
	assert_true(sends_to(peer.from));
	assert_int_equal(heard[1], 0);
	for (int64_t ms = 2000; ms < 30000; ms += 4000) {
		signal_remote(ms, "10.0.0.5:4000");
		talk(&peer, &stranger, ms, ms + 4000, heard);
		assert_int_equal(heard[0], 200);
		assert_int_equal(heard[1], 0);
	}
}

static void a_crowd_of_strangers_does_not_crowd_out_the_peer(void **state)
{
	struct talker peer = talker("192.0.2.1:61000", 1);
	bool followed = false;

	(void)state;
	signal_remote(0, "192.0.2.1:4000");
	for (int i = 0; i < 500; i++) {
		struct tp_address crowd = at("203.0.113.5:9");
		struct tp_sighting seen = {.ssrc = (uint32_t)i % 50,
					   .seq = (uint16_t)(i / 50),
					   .timestamp = (uint32_t)i / 50 * 160,
					   .clock_hz = 8000,
					   .now_ns = (int64_t)i * 2 * MS};

		seen.from = crowd;
		seen.from.port += (uint16_t)(i % 50);
		assert_int_equal(tp_source_judge(&source, &seen), TP_SOURCE_REFUSED);
		if (i % 10 == 0)
			followed |= packet(&peer, (int64_t)i * 2) == TP_SOURCE_MOVED;
	}
	assert_true(followed);
	assert_true(sends_to(peer.from));
}

static void resync_lets_the_peer_begin_elsewhere(void **state)
{
	struct talker peer = talker("192.0.2.1:4000", 1), anew = talker("192.0.2.1:4002", 2);
	int heard[2];

	(void)state;
	signal_remote(0, peer.from);
	talk(&peer, NULL, 0, 10000, heard);
	tp_source_resync(&source, 10000 * (int64_t)MS);
	talk(&anew, NULL, 10000, 11000, heard);
	assert_int_equal(heard[0], 50 - TP_SOURCE_CONSISTENT + 1);
	assert_true(sends_to(anew.from));
}

/* ---- SRTP ---- */

static void field_07_an_authenticated_move_is_followed_at_once(void **state)
{
	struct talker peer = talker("192.0.2.1:4000", 1);
	int heard[2];

	(void)state;
	authenticated = true;
	signal_remote(0, peer.from);
	talk(&peer, NULL, 0, 60000, heard); /* long after the window */
	peer.from = "198.51.100.7:61000";
	assert_int_equal(packet(&peer, 60000), TP_SOURCE_ACCEPTED);
	assert_true(sends_to("192.0.2.1:4000"));
	assert_int_equal(packet(&peer, 60020), TP_SOURCE_MOVED);
	assert_true(sends_to(peer.from));
	assert_int_equal(packet(&peer, 60040), TP_SOURCE_ACCEPTED);
}

/* A transfer that keeps the keys: the former peer has not noticed yet. */
static void a_former_peer_does_not_call_us_back(void **state)
{
	struct talker former = talker("192.0.2.1:4000", 1), peer = talker("192.0.2.2:4000", 2);
	int heard[2];

	(void)state;
	authenticated = true;
	signal_remote(0, former.from);
	talk(&former, NULL, 0, 1000, heard);
	signal_remote(1000, peer.from);
	talk(&former, NULL, 1000, 1500, heard);
	assert_int_equal(heard[0], 0);
	assert_true(sends_to(peer.from));
	talk(&peer, &former, 1500, 4000, heard);
	assert_int_equal(heard[0], 125);
	assert_int_equal(heard[1], 0);
	assert_true(sends_to(peer.from));
	/* If nobody speaks there, it was the same peer after all. */
	signal_remote(4000, "192.0.2.3:4000");
	talk(&peer, NULL, 4000, 6000, heard);
	assert_in_range(heard[0], 49, 50);
	assert_true(sends_to(peer.from));
}

static void an_unknown_remote_is_whoever_authenticates(void **state)
{
	struct talker peer = talker("192.0.2.1:4000", 1);

	(void)state;
	authenticated = true;
	signal_remote(0, ":0");
	assert_int_equal(packet(&peer, 20000), TP_SOURCE_MOVED);
	assert_true(sends_to(peer.from));
}

/* Somebody on the way sends copies from his own address, faster than the originals come. */
static void copies_of_genuine_packets_do_not_move_the_source(void **state)
{
	struct talker peer = talker("192.0.2.1:4000", 1), copier;

	(void)state;
	authenticated = true;
	signal_remote(0, peer.from);
	for (int i = 0; i < 50; i++)
		packet(&peer, i * 20);
	copier = peer;
	copier.from = "203.0.113.5:9";
	for (int i = 50; i < 200; i++) {
		struct tp_address original = at(peer.from);

		assert_int_equal(packet(&copier, i * 20), TP_SOURCE_ACCEPTED);
		tp_source_replayed(&source, &original);
	}
	assert_true(sends_to(peer.from));
}

static void late_packets_from_the_old_address_do_not_move_back(void **state)
{
	struct talker peer = talker("192.0.2.1:4000", 1), late;

	(void)state;
	authenticated = true;
	signal_remote(0, peer.from);
	for (int i = 0; i < 10; i++)
		packet(&peer, i * 20);
	late = peer;
	peer.seq += 5;
	peer.from = "198.51.100.7:61000";
	packet(&peer, 200);
	packet(&peer, 220);
	assert_true(sends_to(peer.from));
	packet(&late, 221);
	packet(&peer, 240);
	packet(&late, 241);
	assert_true(sends_to(peer.from));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nobody_is_heard_before_signalling, begin),
		cmocka_unit_test_setup(the_signalled_source_is_heard_from_its_first_packet, begin),
		cmocka_unit_test_setup(an_unknown_remote_is_the_first_consistent_source, begin),
		cmocka_unit_test_setup(what_is_not_consistent_is_never_learned, begin),
		cmocka_unit_test_setup(the_window_shuts_after_three_packets, begin),
		cmocka_unit_test_setup(a_packet_that_comes_late_does_not_hold_the_window_open,
				       begin),
		cmocka_unit_test_setup(the_window_shuts_after_five_seconds, begin),
		cmocka_unit_test_setup(the_wait_for_the_signalled_source_has_no_end, begin),
		cmocka_unit_test_setup(a_peer_that_moves_is_followed_within_a_window_only, begin),
		cmocka_unit_test_setup(a_rewritten_port_of_the_signalled_host_is_learned, begin),
		cmocka_unit_test_setup(on_the_loopback_another_port_is_heard_and_not_sent_to,
				       begin),
		cmocka_unit_test_setup(a_lone_stranger_is_learned_with_patience, begin),
		cmocka_unit_test_setup(two_strangers_are_one_too_many, begin),
		cmocka_unit_test_setup(the_window_shuts_behind_a_learned_source, begin),
		cmocka_unit_test_setup(the_signalled_source_takes_over_from_a_learned_one, begin),
		cmocka_unit_test_setup(after_a_retarget_the_former_peer_is_a_stranger, begin),
		cmocka_unit_test_setup(field_07_ten_times_the_rate_is_never_heard, begin),
		cmocka_unit_test_setup(field_07_the_peers_numbers_do_not_replace_it, begin),
		cmocka_unit_test_setup(field_07_a_stranger_does_not_replace_a_silent_peer, begin),
		cmocka_unit_test_setup(field_07_a_stranger_does_not_replace_a_learned_peer, begin),
		cmocka_unit_test_setup(a_crowd_of_strangers_does_not_crowd_out_the_peer, begin),
		cmocka_unit_test_setup(resync_lets_the_peer_begin_elsewhere, begin),
		cmocka_unit_test_setup(field_07_an_authenticated_move_is_followed_at_once, begin),
		cmocka_unit_test_setup(a_former_peer_does_not_call_us_back, begin),
		cmocka_unit_test_setup(an_unknown_remote_is_whoever_authenticates, begin),
		cmocka_unit_test_setup(copies_of_genuine_packets_do_not_move_the_source, begin),
		cmocka_unit_test_setup(late_packets_from_the_old_address_do_not_move_back, begin),
	};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
