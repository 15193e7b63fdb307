/* SPDX-License-Identifier: MIT */
/* Who may send to us if packets authenticate: a peer that moves is followed, a copyist is not. */
#include "tests/fixtures/fake_sender.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void field_07_an_authenticated_move_is_followed_at_once(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:4000", 1);
	int heard[2];

	(void)state;
	fake_sender_authenticated = true;
	fake_sender_signal(0, peer.from);
	fake_sender_talk(&peer, NULL, 0, 60000, heard); /* long after the window */
	peer.from = "198.51.100.7:61000";
	assert_int_equal(fake_sender_packet(&peer, 60000), TP_SOURCE_ACCEPTED);
	assert_true(fake_sender_is_answered("192.0.2.1:4000"));
	assert_int_equal(fake_sender_packet(&peer, 60020), TP_SOURCE_MOVED);
	assert_true(fake_sender_is_answered(peer.from));
	assert_int_equal(fake_sender_packet(&peer, 60040), TP_SOURCE_ACCEPTED);
}

/* A transfer that keeps the keys: the former peer has not noticed yet. */
static void a_former_peer_does_not_call_us_back(void **state)
{
	struct fake_sender former = fake_sender("192.0.2.1:4000", 1),
			   peer = fake_sender("192.0.2.2:4000", 2);
	int heard[2];

	(void)state;
	fake_sender_authenticated = true;
	fake_sender_signal(0, former.from);
	fake_sender_talk(&former, NULL, 0, 1000, heard);
	fake_sender_signal(1000, peer.from);
	fake_sender_talk(&former, NULL, 1000, 1500, heard);
	assert_int_equal(heard[0], 0);
	assert_true(fake_sender_is_answered(peer.from));
	fake_sender_talk(&peer, &former, 1500, 4000, heard);
	assert_int_equal(heard[0], 125);
	assert_int_equal(heard[1], 0);
	assert_true(fake_sender_is_answered(peer.from));
	/* If nobody speaks there, it was the same peer after all. */
	fake_sender_signal(4000, "192.0.2.3:4000");
	fake_sender_talk(&peer, NULL, 4000, 6000, heard);
	assert_in_range(heard[0], 49, 50);
	assert_true(fake_sender_is_answered(peer.from));
}

static void an_unknown_remote_is_whoever_authenticates(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:4000", 1);

	(void)state;
	fake_sender_authenticated = true;
	fake_sender_signal(0, ":0");
	assert_int_equal(fake_sender_packet(&peer, 20000), TP_SOURCE_MOVED);
	assert_true(fake_sender_is_answered(peer.from));
}

/* Somebody on the way sends copies from his own address, faster than the originals come. */
static void copies_of_genuine_packets_do_not_move_the_source(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:4000", 1), copier;

	(void)state;
	fake_sender_authenticated = true;
	fake_sender_signal(0, peer.from);
	for (int i = 0; i < 50; i++)
		fake_sender_packet(&peer, i * 20);
	copier = peer;
	copier.from = "203.0.113.5:9";
	for (int i = 50; i < 200; i++) {
		struct tp_address original = fake_sender_address(peer.from);

		assert_int_equal(fake_sender_packet(&copier, i * 20), TP_SOURCE_ACCEPTED);
		tp_source_replayed(&fake_sender_source, &original);
	}
	assert_true(fake_sender_is_answered(peer.from));
}

static void late_packets_from_the_old_address_do_not_move_back(void **state)
{
	struct fake_sender peer = fake_sender("192.0.2.1:4000", 1), late;

	(void)state;
	fake_sender_authenticated = true;
	fake_sender_signal(0, peer.from);
	for (int i = 0; i < 10; i++)
		fake_sender_packet(&peer, i * 20);
	late = peer;
	peer.seq += 5;
	peer.from = "198.51.100.7:61000";
	fake_sender_packet(&peer, 200);
	fake_sender_packet(&peer, 220);
	assert_true(fake_sender_is_answered(peer.from));
	fake_sender_packet(&late, 221);
	fake_sender_packet(&peer, 240);
	fake_sender_packet(&late, 241);
	assert_true(fake_sender_is_answered(peer.from));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(field_07_an_authenticated_move_is_followed_at_once,
				       fake_sender_begin),
		cmocka_unit_test_setup(a_former_peer_does_not_call_us_back, fake_sender_begin),
		cmocka_unit_test_setup(an_unknown_remote_is_whoever_authenticates,
				       fake_sender_begin),
		cmocka_unit_test_setup(copies_of_genuine_packets_do_not_move_the_source,
				       fake_sender_begin),
		cmocka_unit_test_setup(late_packets_from_the_old_address_do_not_move_back,
				       fake_sender_begin),
	};

	return cmocka_run_group_tests_name("source_srtp", tests, NULL, NULL);
}
