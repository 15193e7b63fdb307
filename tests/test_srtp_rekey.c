/* SPDX-License-Identifier: MIT */
/* SRTP keys that are changed in a call: old and new ones overlap, with and without an MKI. */
#include "tests/fixtures/srtp_receiver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
	OWN_SSRC = SRTP_RECEIVER_SSRC,
	PEER_SSRC = 0x50607080,
	SUITES = 5,
};

static const int64_t ms_ns = INT64_C(1000000);
static const int64_t packet_ns = INT64_C(20000000);

/* A re-key in the peer's fourth round; it counts on, or begins at 0. MKI lengths of both keys. */
static void overlap(enum tp_srtp_suite suite, uint32_t rollover, int old_mki_len, int new_mki_len)
{
	struct tp_srtp_key send = fake_srtp_key(suite, 1);
	struct tp_srtp_key old_key = fake_srtp_key(suite, 2), new_key = fake_srtp_key(suite, 3);
	struct tp_srtp *srtp;
	struct fake_srtp_peer was, is;
	_Alignas(8) uint8_t seen[FAKE_SRTP_CAP];
	size_t seen_len;
	int64_t now_ns = 0, end_ns;

	old_key.mki_len = (uint8_t)old_mki_len;
	new_key.mki_len = (uint8_t)new_mki_len;
	new_key.mki[0] = new_mki_len > 1; /* of one octet: the old one's */
	srtp = srtp_receiver_make(&send, &old_key);
	fake_srtp_peer_open(&was, &old_key, PEER_SSRC, 0, 0x3000);
	srtp_receiver_go_around(srtp, &was, 3, &now_ns);
	seen_len = fake_srtp_peer_rtp(&was, seen);
	assert_int_equal(srtp_receiver_offer(srtp, now_ns, seen, seen_len), TP_SRTP_OK);
	srtp_receiver_rekey(srtp, &send, &new_key, now_ns);
	end_ns = now_ns + TP_SRTP_GRACE_MS * ms_ns;
	fake_srtp_peer_open(&is, &new_key, PEER_SSRC, rollover, was.seq);
	for (int n = 0; n < 10; n++, now_ns += packet_ns)
		assert_int_equal(srtp_receiver_next(srtp, now_ns, &was), TP_SRTP_OK);
	assert_int_equal(srtp_receiver_next_rtcp(srtp, now_ns, &was), TP_SRTP_OK);
	for (; now_ns < end_ns; now_ns += packet_ns) {
		assert_int_equal(srtp_receiver_next(srtp, now_ns, &is), TP_SRTP_OK);
		assert_int_equal(srtp_receiver_next(srtp, now_ns, &was), TP_SRTP_OK);
		assert_int_equal(srtp_receiver_offer(srtp, now_ns, seen, seen_len),
				 TP_SRTP_REPLAYED);
		assert_int_equal(srtp_receiver_next_rtcp(srtp, now_ns, &was), TP_SRTP_OK);
		assert_int_equal(srtp_receiver_next_rtcp(srtp, now_ns, &is), TP_SRTP_OK);
	}
	assert_int_equal(srtp_receiver_next(srtp, end_ns, &was), TP_SRTP_FAILED_AUTH);
	assert_int_equal(srtp_receiver_next_rtcp(srtp, end_ns, &was), TP_SRTP_FAILED_AUTH);
	assert_int_equal(srtp_receiver_next_rtcp(srtp, end_ns, &is), TP_SRTP_OK);
	srtp_receiver_go_around(srtp, &is, 1, &now_ns);
	fake_srtp_peer_close(&was);
	fake_srtp_peer_close(&is);
	tp_srtp_destroy(srtp);
}

static void field_06_two_keys_overlap(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++) {
		overlap(fake_srtp_suites[i], 3, 0, 0);
		overlap(fake_srtp_suites[i], 0, 0, 0);
	}
}

static void field_06_two_keys_with_mkis_overlap(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++) {
		overlap(fake_srtp_suites[i], 3, 4, 4);
		overlap(fake_srtp_suites[i], 0, 1, 1);
		overlap(fake_srtp_suites[i], 3, 0, 8);
		overlap(fake_srtp_suites[i], 0, 2, 0);
	}
}

/* A key that begins just before its own wrap, and one whose wrap comes between the keys. */
static void field_06_a_new_key_near_the_wrap(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++)
		for (int gap = 0; gap < 20; gap += 5) {
			struct tp_srtp_key send = fake_srtp_key(fake_srtp_suites[i], 1);
			struct tp_srtp_key old_key = fake_srtp_key(fake_srtp_suites[i], 2);
			struct tp_srtp_key new_key = fake_srtp_key(fake_srtp_suites[i], 3);
			struct tp_srtp *srtp = srtp_receiver_make(&send, &old_key);
			struct fake_srtp_peer was, is;
			int64_t now_ns = 0;

			fake_srtp_peer_open(&was, &old_key, PEER_SSRC, 0, 0x3000);
			srtp_receiver_go_around(srtp, &was, 2, &now_ns);
			assert_int_equal(srtp_receiver_next(srtp, now_ns, &was), TP_SRTP_OK);
			was.seq = 0x7fff;
			assert_int_equal(srtp_receiver_next(srtp, now_ns, &was), TP_SRTP_OK);
			was.seq = 0xfff8;
			assert_int_equal(srtp_receiver_next(srtp, now_ns, &was), TP_SRTP_OK);
			srtp_receiver_rekey(srtp, &send, &new_key, now_ns);
			fake_srtp_peer_open(&is, &new_key, PEER_SSRC, 2 + (gap > 6),
					    (uint16_t)(0xfff9 + gap));
			for (int n = 0; n < 20; n++, now_ns += packet_ns)
				assert_int_equal(srtp_receiver_next(srtp, now_ns, &is), TP_SRTP_OK);
			fake_srtp_peer_close(&was);
			fake_srtp_peer_close(&is);
			tp_srtp_destroy(srtp);
		}
}

/* A late packet from before the wrap, then perhaps a long loss, just before the new key: the
 * rollover counter is still that behind the wrap. */
static void late_packet_before_a_new_key(enum tp_srtp_suite suite, bool loss)
{
	struct tp_srtp_key send = fake_srtp_key(suite, 1);
	struct tp_srtp_key old_key = fake_srtp_key(suite, 2), new_key = fake_srtp_key(suite, 3);
	struct tp_srtp *srtp = srtp_receiver_make(&send, &old_key);
	_Alignas(8) uint8_t late[FAKE_SRTP_CAP];
	struct fake_srtp_peer was, is;
	int64_t now_ns = 0;
	size_t len;

	fake_srtp_peer_open(&was, &old_key, PEER_SSRC, 1, 0xfff0);
	assert_int_equal(srtp_receiver_next(srtp, now_ns, &was), TP_SRTP_OK);
	len = fake_srtp_peer_rtp(&was, late);
	for (int n = 0; n < 30; n++, now_ns += packet_ns)
		assert_int_equal(srtp_receiver_next(srtp, now_ns, &was), TP_SRTP_OK);
	assert_int_equal(srtp_receiver_offer(srtp, now_ns, late, len), TP_SRTP_OK);
	if (loss) {
		was.seq = 0x8005; /* not yet half the numbers on from the highest */
		assert_int_equal(srtp_receiver_next(srtp, now_ns, &was), TP_SRTP_OK);
	}
	srtp_receiver_rekey(srtp, &send, &new_key, now_ns);
	fake_srtp_peer_open(&is, &new_key, PEER_SSRC, 2, was.seq);
	assert_int_equal(srtp_receiver_next(srtp, now_ns, &is), TP_SRTP_OK);
	fake_srtp_peer_close(&was);
	fake_srtp_peer_close(&is);
	tp_srtp_destroy(srtp);
}

static void field_06_a_late_packet_before_a_new_key(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++) {
		late_packet_before_a_new_key(fake_srtp_suites[i], false);
		late_packet_before_a_new_key(fake_srtp_suites[i], true);
	}
}

/* Once learnt it is not learnt again, not even while both keys are accepted. */
static void field_06_a_new_key_is_learnt_once(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++) {
		struct tp_srtp_key send = fake_srtp_key(fake_srtp_suites[i], 1);
		struct tp_srtp_key old_key = fake_srtp_key(fake_srtp_suites[i], 2);
		struct tp_srtp_key new_key = fake_srtp_key(fake_srtp_suites[i], 3);
		struct tp_srtp *srtp = srtp_receiver_make(&send, &old_key);
		struct fake_srtp_peer is, anew;

		srtp_receiver_rekey(srtp, &send, &new_key, 0);
		fake_srtp_peer_open(&is, &new_key, PEER_SSRC, 1, 0x4000);
		fake_srtp_peer_open(&anew, &new_key, PEER_SSRC, 0, 0x4001);
		assert_int_equal(srtp_receiver_next(srtp, 0, &is), TP_SRTP_OK);
		assert_int_equal(srtp_receiver_next(srtp, packet_ns, &anew), TP_SRTP_FAILED_AUTH);
		assert_int_equal(srtp_receiver_next(srtp, packet_ns, &is), TP_SRTP_OK);
		fake_srtp_peer_close(&is);
		fake_srtp_peer_close(&anew);
		tp_srtp_destroy(srtp);
	}
}

/* An offer that is taken back: the first key is in force again, with all that it has seen. */
static void field_06_a_key_that_comes_back_is_still_known(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++) {
		struct tp_srtp_key send = fake_srtp_key(fake_srtp_suites[i], 1);
		struct tp_srtp_key a = fake_srtp_key(fake_srtp_suites[i], 2);
		struct tp_srtp_key b = fake_srtp_key(fake_srtp_suites[i], 3);
		struct tp_srtp_key c = fake_srtp_key(fake_srtp_suites[i], 4);
		struct tp_srtp *srtp = srtp_receiver_make(&send, &a);
		_Alignas(8) uint8_t seen[FAKE_SRTP_CAP];
		struct fake_srtp_peer peer;
		int64_t now_ns = 0;
		size_t len;

		fake_srtp_peer_open(&peer, &a, PEER_SSRC, 0, 0x3000);
		srtp_receiver_go_around(srtp, &peer, 2, &now_ns);
		len = fake_srtp_peer_rtp(&peer, seen);
		assert_int_equal(srtp_receiver_offer(srtp, now_ns, seen, len), TP_SRTP_OK);
		srtp_receiver_rekey(srtp, &send, &b, now_ns);
		srtp_receiver_rekey(srtp, &send, &a, now_ns + 500 * ms_ns);
		now_ns += 5000 * ms_ns;
		assert_int_equal(srtp_receiver_offer(srtp, now_ns, seen, len), TP_SRTP_REPLAYED);
		assert_int_equal(srtp_receiver_next(srtp, now_ns, &peer), TP_SRTP_OK);
		/* Of three keys in the grace time the newest two are accepted. */
		srtp_receiver_rekey(srtp, &send, &b, now_ns);
		srtp_receiver_rekey(srtp, &send, &c, now_ns);
		assert_int_equal(srtp_receiver_next(srtp, now_ns, &peer), TP_SRTP_FAILED_AUTH);
		fake_srtp_peer_close(&peer);
		tp_srtp_destroy(srtp);
	}
}

/* Both directions with MKIs of their own; then one MKI alone is changed. */
static void field_06_an_mki_works_in_both_directions(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++) {
		enum tp_srtp_suite suite = fake_srtp_suites[i];
		struct tp_srtp_key ours = fake_srtp_key(suite, 1), theirs = fake_srtp_key(suite, 2);
		struct tp_srtp *a, *b, *fresh;

		ours.mki_len = 4;
		ours.mki[3] = 1;
		theirs.mki_len = 2;
		theirs.mki[0] = 7;
		a = srtp_receiver_make(&ours, &theirs);
		assert_int_equal(tp_srtp_create(&b, &theirs, &ours, false, PEER_SSRC), 0);
		for (uint16_t seq = 0; seq < 100; seq++) {
			_Alignas(8) uint8_t data[FAKE_SRTP_CAP];
			size_t len = fake_srtp_plain_rtp(data, OWN_SSRC, seq);

			assert_int_equal(tp_srtp_protect(a, data, &len, sizeof(data)), 0);
			if (seq == 50) { /* b does not know it yet */
				assert_int_equal(srtp_receiver_offer(b, 0, data, len),
						 TP_SRTP_FAILED_AUTH);
				assert_int_equal(
					tp_srtp_create(&fresh, &theirs, &ours, false, PEER_SSRC),
					0);
				tp_srtp_destroy(tp_srtp_adopt(b, fresh, 0));
			}
			assert_int_equal(srtp_receiver_offer(b, 0, data, len), TP_SRTP_OK);
			len = fake_srtp_plain_rtp(data, PEER_SSRC, seq);
			assert_int_equal(tp_srtp_protect(b, data, &len, sizeof(data)), 0);
			assert_int_equal(srtp_receiver_offer(a, 0, data, len), TP_SRTP_OK);
			if (seq == 49) {
				ours.mki[3] = 2;
				srtp_receiver_rekey(a, &ours, &theirs, 0);
			}
		}
		tp_srtp_destroy(a);
		tp_srtp_destroy(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(field_06_two_keys_overlap),
		cmocka_unit_test(field_06_two_keys_with_mkis_overlap),
		cmocka_unit_test(field_06_a_new_key_near_the_wrap),
		cmocka_unit_test(field_06_a_late_packet_before_a_new_key),
		cmocka_unit_test(field_06_a_new_key_is_learnt_once),
		cmocka_unit_test(field_06_a_key_that_comes_back_is_still_known),
		cmocka_unit_test(field_06_an_mki_works_in_both_directions),
	};

	return cmocka_run_group_tests_name("srtp_rekey", tests, NULL, NULL);
}
