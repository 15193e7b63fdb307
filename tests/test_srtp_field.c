/* SPDX-License-Identifier: MIT */
/* SRTP state as it failed in the field: rollover counters and replay windows. */
#include "tests/fixtures/srtp_receiver.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	OWN_SSRC = SRTP_RECEIVER_SSRC,
	PEER_SSRC = 0x50607080,
	OTHER_SSRC = 0x11223344,
	SUITES = 5,
};

static const int64_t ms_ns = INT64_C(1000000);
static const int64_t packet_ns = INT64_C(20000000);

/* ---- F01 ---------------------------------------------------------------------------------- */

struct end {
	struct tp_srtp_key send, receive;
	struct tp_srtp *srtp;
	uint32_t ssrc;
};

static void end_open(struct end *end, enum tp_srtp_suite suite, int send, int receive,
		     uint32_t ssrc)
{
	end->send = fake_srtp_key(suite, send);
	end->receive = fake_srtp_key(suite, receive);
	end->ssrc = ssrc;
	assert_int_equal(tp_srtp_create(&end->srtp, &end->send, &end->receive, false, ssrc), 0);
}

static void end_apply_again(struct end *end, int64_t now_ns)
{
	struct tp_srtp *fresh;

	assert_int_equal(tp_srtp_create(&fresh, &end->send, &end->receive, false, end->ssrc), 0);
	tp_srtp_destroy(tp_srtp_adopt(end->srtp, fresh, now_ns));
}

static bool talk(struct end *from, struct end *to, uint16_t seq, int64_t now_ns)
{
	_Alignas(8) uint8_t data[FAKE_SRTP_CAP];
	size_t len = fake_srtp_plain_rtp(data, from->ssrc, seq);

	assert_int_equal(tp_srtp_protect(from->srtp, data, &len, sizeof(data)), 0);
	return srtp_receiver_offer(to->srtp, now_ns, data, len) == TP_SRTP_OK;
}

/* Both ends; in all packets of three rollovers, or in every `step`th. */
static void three_rollovers(enum tp_srtp_suite suite, int step, int configures)
{
	struct end a, b;
	int packets = 3 * 0x10000 / step + 100, lost = 0;

	end_open(&a, suite, 1, 2, OWN_SSRC);
	end_open(&b, suite, 2, 1, PEER_SSRC);
	for (int i = 0; i < packets; i++) {
		uint16_t seq = (uint16_t)(0x7000 + i * step);

		lost += !talk(&a, &b, seq, i * packet_ns);
		lost += !talk(&b, &a, seq, i * packet_ns);
		if (i % (packets / configures) == 0) {
			end_apply_again(&a, i * packet_ns);
			end_apply_again(&b, i * packet_ns);
		}
	}
	assert_int_equal(lost, 0);
	tp_srtp_destroy(a.srtp);
	tp_srtp_destroy(b.srtp);
}

static void field_01_identical_keys_again_in_three_rollovers(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++)
		three_rollovers(fake_srtp_suites[i], 97, 60);
	three_rollovers(TP_SRTP_AEAD_AES_128_GCM, 1, 30);
}

/* ---- F02 ---------------------------------------------------------------------------------- */

static uint32_t srtcp_index(const uint8_t *packet, size_t len, enum tp_srtp_suite suite)
{
	const uint8_t *at = packet + len - (suite >= TP_SRTP_AEAD_AES_128_GCM ? 4 : 14);

	return (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
	       at[3];
}

static uint32_t send_rtcp(struct tp_srtp *srtp, enum tp_srtp_suite suite)
{
	_Alignas(8) uint8_t data[FAKE_SRTP_CAP];
	size_t len = fake_srtp_plain_rtcp(data, OWN_SSRC);

	assert_int_equal(tp_srtp_protect_rtcp(srtp, data, &len, sizeof(data)), 0);
	return srtcp_index(data, len, suite);
}

/* Packets of one number, protected by us and by someone who knows the rollover counter. */
static void assert_sends_as(struct tp_srtp *srtp, struct fake_srtp_peer *model)
{
	_Alignas(8) uint8_t data[FAKE_SRTP_CAP], want[FAKE_SRTP_CAP];
	size_t len = fake_srtp_plain_rtp(data, OWN_SSRC, model->seq);
	size_t want_len = fake_srtp_peer_rtp(model, want);

	assert_int_equal(tp_srtp_protect(srtp, data, &len, sizeof(data)), 0);
	assert_int_equal(len, want_len);
	assert_memory_equal(data, want, len);
}

/* RFC 3711 3.3.1 and 3.4: neither counter is ever reset, least of all by a new key. */
static void field_02_what_we_send_counts_on_under_new_keys(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++) {
		enum tp_srtp_suite suite = fake_srtp_suites[i];
		struct tp_srtp_key key[] = {fake_srtp_key(suite, 1), fake_srtp_key(suite, 2)};
		struct tp_srtp_key receive = fake_srtp_key(suite, 3);
		struct tp_srtp *srtp = srtp_receiver_make(&key[0], &receive);
		struct fake_srtp_peer model;
		uint32_t index = 0;

		for (int wraps = 0; wraps < 4; wraps++) {
			/* Once around, the last two numbers before the wrap under the old key. */
			fake_srtp_peer_open(&model, &key[wraps % 2], OWN_SSRC, (uint32_t)wraps,
					    0x4000);
			for (int seq = 0x4000; seq < 0xfffe; seq += 0x2000) {
				model.seq = (uint16_t)seq;
				assert_sends_as(srtp, &model);
			}
			model.seq = 0xfffe;
			assert_sends_as(srtp, &model);
			assert_sends_as(srtp, &model);
			fake_srtp_peer_close(&model);
			assert_int_equal(send_rtcp(srtp, suite), ++index);
			srtp_receiver_rekey(srtp, &key[(wraps + 1) % 2], &receive, 0);
			assert_int_equal(send_rtcp(srtp, suite), ++index);
		}
		tp_srtp_destroy(srtp);
	}
}

static void field_02_a_new_ssrc_of_ours_begins_anew(void **state)
{
	struct tp_srtp_key send = fake_srtp_key(TP_SRTP_AES_CM_128_HMAC_SHA1_80, 1);
	struct tp_srtp_key receive = fake_srtp_key(TP_SRTP_AES_CM_128_HMAC_SHA1_80, 2);
	struct tp_srtp *srtp = srtp_receiver_make(&send, &receive), *fresh;
	_Alignas(8) uint8_t data[FAKE_SRTP_CAP];
	size_t len;

	(void)state;
	for (int seq = 0; seq < 0x14000; seq += 0x4000) {
		len = fake_srtp_plain_rtp(data, OWN_SSRC, (uint16_t)seq);
		assert_int_equal(tp_srtp_protect(srtp, data, &len, sizeof(data)), 0);
	}
	assert_int_equal(tp_srtp_create(&fresh, &send, &receive, false, OTHER_SSRC), 0);
	tp_srtp_destroy(tp_srtp_adopt(srtp, fresh, 0));
	len = fake_srtp_plain_rtp(data, OWN_SSRC, 0x4001);
	assert_int_equal(tp_srtp_protect(srtp, data, &len, sizeof(data)), TP_ERR_FORMAT);
	len = fake_srtp_plain_rtp(data, OTHER_SSRC, 0x4001);
	assert_int_equal(tp_srtp_protect(srtp, data, &len, sizeof(data)), 0);
	assert_int_equal(tp_srtp_unprotect(srtp, 0, data, &len), TP_SRTP_FAILED_OTHER);
	tp_srtp_destroy(srtp);

	/* A receiver that knows nothing finds rollover counter 0. */
	assert_int_equal(tp_srtp_create(&srtp, &receive, &send, false, PEER_SSRC), 0);
	assert_int_equal(srtp_receiver_offer(srtp, 0, data, len), TP_SRTP_OK);
	tp_srtp_destroy(srtp);
}

struct restart {
	struct tp_srtp_key send, receive;
	struct tp_srtp *srtp;
	struct fake_srtp_peer before, after;
	int64_t now_ns;
};

/* A peer in its fourth round begins anew with the same key and SSRC. */
static void restart_open(struct restart *r, enum tp_srtp_suite suite, uint16_t seq)
{
	r->send = fake_srtp_key(suite, 1);
	r->receive = fake_srtp_key(suite, 2);
	r->srtp = srtp_receiver_make(&r->send, &r->receive);
	r->now_ns = 0;
	fake_srtp_peer_open(&r->before, &r->receive, PEER_SSRC, 0, 0x3000);
	srtp_receiver_go_around(r->srtp, &r->before, 3, &r->now_ns);
	for (int i = 0; i < 300; i++)
		assert_int_equal(srtp_receiver_next(r->srtp, r->now_ns, &r->before), TP_SRTP_OK);
	for (int i = 0; i < 5; i++)
		assert_int_equal(srtp_receiver_next_rtcp(r->srtp, r->now_ns, &r->before),
				 TP_SRTP_OK);
	fake_srtp_peer_open(&r->after, &r->receive, PEER_SSRC, 0, seq);
}

static void restart_close(struct restart *r)
{
	fake_srtp_peer_close(&r->before);
	fake_srtp_peer_close(&r->after);
	tp_srtp_destroy(r->srtp);
}

static void field_02_a_receiver_re_anchors_only_when_told(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++)
		for (int seq = 0x0100; seq < 0x10000; seq += 0x3333) {
			struct restart r;

			restart_open(&r, fake_srtp_suites[i], (uint16_t)seq);
			for (int n = 0; n < 5; n++, r.now_ns += packet_ns)
				assert_int_not_equal(srtp_receiver_next(r.srtp, r.now_ns, &r.after),
						     TP_SRTP_OK);
			assert_int_equal(srtp_receiver_next_rtcp(r.srtp, r.now_ns, &r.after),
					 TP_SRTP_REPLAYED);
			srtp_receiver_rekey(r.srtp, &r.send, &r.receive, r.now_ns);
			assert_int_not_equal(srtp_receiver_next(r.srtp, r.now_ns, &r.after),
					     TP_SRTP_OK);
			assert_int_equal(srtp_receiver_next(r.srtp, r.now_ns, &r.before),
					 TP_SRTP_OK);
			tp_srtp_resync(r.srtp);
			for (int n = 0; n < 500; n++, r.now_ns += packet_ns)
				assert_int_equal(srtp_receiver_next(r.srtp, r.now_ns, &r.after),
						 TP_SRTP_OK);
			assert_int_equal(srtp_receiver_next_rtcp(r.srtp, r.now_ns, &r.after),
					 TP_SRTP_OK);
			/* Its end has come, seen from the new place. */
			assert_int_not_equal(srtp_receiver_next(r.srtp, r.now_ns, &r.before),
					     TP_SRTP_OK);
			restart_close(&r);
		}
}

/* What lingers in the network is learnt first, and the new packets must win nevertheless. */
static void field_02_old_packets_after_a_resync_do_not_lock_out_new_ones(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++) {
		_Alignas(8) uint8_t seen[FAKE_SRTP_CAP];
		struct restart r;
		int accepted = 0;
		size_t len;

		restart_open(&r, fake_srtp_suites[i], 1000);
		tp_srtp_resync(r.srtp);
		for (int n = 0; n < 3; n++)
			assert_int_equal(srtp_receiver_next(r.srtp, r.now_ns, &r.before),
					 TP_SRTP_OK);
		for (int n = 0; n < 200; n++, r.now_ns += packet_ns)
			accepted += srtp_receiver_next(r.srtp, r.now_ns, &r.after) == TP_SRTP_OK;
		assert_in_range(accepted, 199, 200); /* one may fall between two trials */
		/* Later it is a state as any other. */
		assert_int_not_equal(srtp_receiver_next(r.srtp, r.now_ns, &r.before), TP_SRTP_OK);
		len = fake_srtp_peer_rtp(&r.after, seen);
		assert_int_equal(srtp_receiver_offer(r.srtp, r.now_ns, seen, len), TP_SRTP_OK);
		assert_int_equal(srtp_receiver_offer(r.srtp, r.now_ns + packet_ns, seen, len),
				 TP_SRTP_REPLAYED);
		restart_close(&r);
	}
}

static void field_02_a_resync_without_a_restart_loses_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++) {
		struct restart r;

		restart_open(&r, fake_srtp_suites[i], 1000);
		for (int n = 0; n < 200; n++, r.now_ns += packet_ns) {
			if (n % 70 == 0) {
				_Alignas(8) uint8_t bad[FAKE_SRTP_CAP];

				tp_srtp_resync(r.srtp);
				fake_srtp_plain_rtp(bad, PEER_SSRC, 1);
				assert_int_equal(srtp_receiver_offer(r.srtp, r.now_ns, bad, 15),
						 TP_SRTP_FAILED_OTHER);
			}
			assert_int_equal(srtp_receiver_next(r.srtp, r.now_ns, &r.before),
					 TP_SRTP_OK);
		}
		assert_int_equal(srtp_receiver_next_rtcp(r.srtp, r.now_ns, &r.before), TP_SRTP_OK);
		restart_close(&r);
	}
}

/* ---- F03 ---------------------------------------------------------------------------------- */

static void field_03_each_ssrc_has_its_own_rollover(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++) {
		struct tp_srtp_key send = fake_srtp_key(fake_srtp_suites[i], 1);
		struct tp_srtp_key receive = fake_srtp_key(fake_srtp_suites[i], 2);
		struct tp_srtp *srtp = srtp_receiver_make(&send, &receive);
		struct fake_srtp_peer a, b;
		int64_t now_ns = 0;

		fake_srtp_peer_open(&a, &receive, PEER_SSRC, 0, 0x2000);
		fake_srtp_peer_open(&b, &receive, OTHER_SSRC, 0, 0xff00);
		srtp_receiver_go_around(srtp, &a, 2, &now_ns);
		for (int n = 0; n < 1000; n++, now_ns += packet_ns / 2)
			assert_int_equal(srtp_receiver_next(srtp, now_ns, n % 2 ? &a : &b),
					 TP_SRTP_OK);
		srtp_receiver_go_around(srtp, &b, 1, &now_ns);
		for (int n = 0; n < 1000; n++, now_ns += packet_ns / 2)
			assert_int_equal(srtp_receiver_next(srtp, now_ns, n % 3 ? &b : &a),
					 TP_SRTP_OK);
		fake_srtp_peer_close(&a);
		fake_srtp_peer_close(&b);
		tp_srtp_destroy(srtp);
	}
}

/* A peer with the key may have more SSRCs than are kept; the newest are always heard. */
static void field_03_many_ssrcs_take_turns(void **state)
{
	struct tp_srtp_key send = fake_srtp_key(TP_SRTP_AES_CM_128_HMAC_SHA1_80, 1);
	struct tp_srtp_key receive = fake_srtp_key(TP_SRTP_AES_CM_128_HMAC_SHA1_80, 2);
	struct tp_srtp *srtp = srtp_receiver_make(&send, &receive);
	struct fake_srtp_peer constant, peer;
	int64_t now_ns = 0;
	size_t before = 0;

	(void)state;
	fake_srtp_peer_open(&constant, &receive, OTHER_SSRC, 1, 0x3000);
	for (int n = 0; n < 40 * TP_SRTP_SOURCES_MAX; n++, now_ns += packet_ns) {
		fake_srtp_peer_open(&peer, &receive, PEER_SSRC + (uint32_t)n, n % 2, 0x1000);
		assert_int_equal(srtp_receiver_next(srtp, now_ns, &peer), TP_SRTP_OK);
		assert_int_equal(srtp_receiver_next_rtcp(srtp, now_ns, &peer), TP_SRTP_OK);
		now_ns += packet_ns;
		assert_int_equal(srtp_receiver_next(srtp, now_ns, &constant), TP_SRTP_OK);
		fake_srtp_peer_close(&peer);
		if (n == 4 * TP_SRTP_SOURCES_MAX + 1) /* odd, as the last */
			before = mallinfo2().uordblks;
	}
	/* Flat but for what the allocators below round; nothing to see under a sanitizer's. */
	assert_true(mallinfo2().uordblks <= before + 4096);
	fake_srtp_peer_close(&constant);
	tp_srtp_destroy(srtp);
}

/* ---- F04 ---------------------------------------------------------------------------------- */

static void field_04_rollover_is_learnt_after_a_lost_start(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++)
		for (int rtcp_first = 0; rtcp_first <= 1; rtcp_first++) {
			struct tp_srtp_key send = fake_srtp_key(fake_srtp_suites[i], 1);
			struct tp_srtp_key receive = fake_srtp_key(fake_srtp_suites[i], 2);
			struct tp_srtp *srtp = srtp_receiver_make(&send, &receive);
			_Alignas(8) uint8_t late[FAKE_SRTP_CAP];
			struct fake_srtp_peer peer;
			int64_t now_ns = 0;
			size_t len;

			fake_srtp_peer_open(&peer, &receive, PEER_SSRC, 0, 65530);
			if (rtcp_first)
				assert_int_equal(srtp_receiver_next_rtcp(srtp, now_ns, &peer),
						 TP_SRTP_OK);
			len = fake_srtp_peer_rtp(&peer, late);
			for (int lost = 0; lost < 9; lost++) {
				_Alignas(8) uint8_t nowhere[FAKE_SRTP_CAP];

				fake_srtp_peer_rtp(&peer, nowhere);
			}
			assert_int_equal(peer.seq, 4);
			/* What is malformed takes no trial away, here and after a resync. */
			assert_int_equal(srtp_receiver_offer(srtp, now_ns, late, 15),
					 TP_SRTP_FAILED_OTHER);
			assert_int_equal(srtp_receiver_next(srtp, now_ns, &peer), TP_SRTP_OK);
			/* One from before the wrap comes after all, once. */
			assert_int_equal(srtp_receiver_offer(srtp, now_ns, late, len), TP_SRTP_OK);
			assert_int_equal(srtp_receiver_offer(srtp, now_ns, late, len),
					 TP_SRTP_REPLAYED);
			assert_int_equal(srtp_receiver_next_rtcp(srtp, now_ns, &peer), TP_SRTP_OK);
			srtp_receiver_go_around(srtp, &peer, 2, &now_ns);
			fake_srtp_peer_close(&peer);
			tp_srtp_destroy(srtp);
		}
}

/* What cannot be learnt leaves nothing behind. */
static void field_04_trials_are_bounded(void **state)
{
	(void)state;
	for (int i = 0; i < SUITES; i++) {
		struct tp_srtp_key send = fake_srtp_key(fake_srtp_suites[i], 1);
		struct tp_srtp_key receive = fake_srtp_key(fake_srtp_suites[i], 2);
		struct tp_srtp *srtp = srtp_receiver_make(&send, &receive);
		struct fake_srtp_peer far, near;
		int64_t now_ns = 0;

		fake_srtp_peer_open(&far, &receive, PEER_SSRC, 2, 500);
		fake_srtp_peer_open(&near, &receive, PEER_SSRC, 0, 100);
		for (int n = 0; n < 20; n++, now_ns += packet_ns)
			assert_int_equal(srtp_receiver_next(srtp, now_ns, &far),
					 TP_SRTP_FAILED_AUTH);
		for (int n = 0; n < 20; n++, now_ns += packet_ns)
			assert_int_equal(srtp_receiver_next(srtp, now_ns, &near), TP_SRTP_OK);
		fake_srtp_peer_close(&far);
		fake_srtp_peer_close(&near);
		tp_srtp_destroy(srtp);
	}
}

/* xorshift32 (Marsaglia 2003), seeded: the same forgeries every time. */
static uint32_t draw(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	return *state ^= *state << 5;
}

static size_t forge(uint32_t *seed, uint8_t data[FAKE_SRTP_CAP], enum tp_component component,
		    uint32_t ssrc)
{
	size_t len = component == TP_RTP ? fake_srtp_plain_rtp(data, ssrc, (uint16_t)draw(seed))
					 : fake_srtp_plain_rtcp(data, ssrc);

	for (int i = 0; i < TP_SRTP_TRAILER_MAX; i++)
		data[len + (size_t)i] = (uint8_t)draw(seed);
	data[len + 12] |= 0x80; /* SRTCP: encrypted, with a tag of 16 or of 10 octets */
	data[len + 18] |= 0x80;
	return len + TP_SRTP_TRAILER_MAX;
}

static void field_04_rollover_is_learnt_in_a_flood(void **state)
{
	struct tp_srtp_key send = fake_srtp_key(TP_SRTP_AES_CM_128_HMAC_SHA1_80, 1);
	struct tp_srtp_key receive = fake_srtp_key(TP_SRTP_AES_CM_128_HMAC_SHA1_80, 2);
	struct tp_srtp *srtp = srtp_receiver_make(&send, &receive);
	_Alignas(8) uint8_t data[FAKE_SRTP_CAP];
	uint32_t seed = 4;
	struct fake_srtp_peer peer;
	int64_t now_ns = 0;
	int refused = 0;

	(void)state;
	fake_srtp_peer_open(&peer, &receive, PEER_SSRC, 1, 3);
	while (srtp_receiver_next(srtp, now_ns, &peer) != TP_SRTP_OK) {
		assert_true(refused++ < 50); /* a second */
		/* Ten forged packets for each of the peer's, which comes at any time between. */
		for (int n = 0; n < 10; n++) {
			now_ns += packet_ns / 10 + draw(&seed) % 1000;
			size_t len = forge(&seed, data, TP_RTP, draw(&seed));

			assert_int_equal(srtp_receiver_offer(srtp, now_ns, data, len),
					 TP_SRTP_FAILED_AUTH);
		}
	}
	srtp_receiver_go_around(srtp, &peer, 1, &now_ns);
	fake_srtp_peer_close(&peer);
	tp_srtp_destroy(srtp);
}

/* ---- F05 ---------------------------------------------------------------------------------- */

/* Half of them of the peer's SSRC, half of any; RTP and RTCP. */
static void flood(struct tp_srtp *srtp, int packets, int64_t *now_ns)
{
	_Alignas(8) uint8_t data[FAKE_SRTP_CAP];
	uint32_t seed = 5;

	for (int n = 0; n < packets; n++, *now_ns += ms_ns / 10) {
		uint32_t ssrc = n & 1 ? PEER_SSRC : draw(&seed);
		enum tp_component component = n & 6 ? TP_RTP : TP_RTCP;
		size_t len = forge(&seed, data, component, ssrc);
		enum tp_srtp_verdict verdict =
			component == TP_RTP ? srtp_receiver_offer(srtp, *now_ns, data, len)
					    : srtp_receiver_offer_rtcp(srtp, *now_ns, data, len);

		/* Some numbers are in the replay window, which is asked first. */
		assert_true(verdict == TP_SRTP_FAILED_AUTH || verdict == TP_SRTP_REPLAYED);
	}
}

static void survive_flood(enum tp_srtp_suite suite, int packets)
{
	enum { HELD = 50 };
	static _Alignas(8) uint8_t held[HELD][FAKE_SRTP_CAP];
	struct tp_srtp_key send = fake_srtp_key(suite, 1), receive = fake_srtp_key(suite, 2);
	struct tp_srtp *srtp = srtp_receiver_make(&send, &receive);
	_Alignas(8) uint8_t seen[FAKE_SRTP_CAP];
	struct fake_srtp_peer peer;
	int64_t now_ns = 0;
	size_t held_len = 0, seen_len, before;

	fake_srtp_peer_open(&peer, &receive, PEER_SSRC, 0, 0x2000);
	srtp_receiver_go_around(srtp, &peer, 1, &now_ns);
	seen_len = fake_srtp_peer_rtp(&peer, seen);
	assert_int_equal(srtp_receiver_offer(srtp, now_ns, seen, seen_len), TP_SRTP_OK);
	for (int i = 0; i < HELD; i++)
		held_len = fake_srtp_peer_rtp(&peer, held[i]);
	assert_int_equal(srtp_receiver_next(srtp, now_ns, &peer), TP_SRTP_OK);
	assert_int_equal(srtp_receiver_next_rtcp(srtp, now_ns, &peer), TP_SRTP_OK);
	flood(srtp, packets / 10, &now_ns);
	before = mallinfo2().uordblks;
	flood(srtp, packets - packets / 10, &now_ns);
	assert_true(mallinfo2().uordblks <= before + 4096);

	assert_int_equal(srtp_receiver_offer(srtp, now_ns, seen, seen_len), TP_SRTP_REPLAYED);
	for (int i = 0; i < HELD; i++) {
		assert_int_equal(srtp_receiver_offer(srtp, now_ns, held[i], held_len), TP_SRTP_OK);
		assert_int_equal(srtp_receiver_offer(srtp, now_ns, held[i], held_len),
				 TP_SRTP_REPLAYED);
	}
	assert_int_equal(srtp_receiver_next_rtcp(srtp, now_ns, &peer), TP_SRTP_OK);
	srtp_receiver_go_around(srtp, &peer, 1, &now_ns);
	fake_srtp_peer_close(&peer);
	tp_srtp_destroy(srtp);
}

static void field_05_a_million_forged_packets_change_nothing(void **state)
{
	(void)state;
	survive_flood(TP_SRTP_AES_CM_128_HMAC_SHA1_80, 500000);
	survive_flood(TP_SRTP_AEAD_AES_128_GCM, 500000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(field_01_identical_keys_again_in_three_rollovers),
		cmocka_unit_test(field_02_what_we_send_counts_on_under_new_keys),
		cmocka_unit_test(field_02_a_new_ssrc_of_ours_begins_anew),
		cmocka_unit_test(field_02_a_receiver_re_anchors_only_when_told),
		cmocka_unit_test(field_02_old_packets_after_a_resync_do_not_lock_out_new_ones),
		cmocka_unit_test(field_02_a_resync_without_a_restart_loses_nothing),
		cmocka_unit_test(field_03_each_ssrc_has_its_own_rollover),
		cmocka_unit_test(field_03_many_ssrcs_take_turns),
		cmocka_unit_test(field_04_rollover_is_learnt_after_a_lost_start),
		cmocka_unit_test(field_04_trials_are_bounded),
		cmocka_unit_test(field_04_rollover_is_learnt_in_a_flood),
		cmocka_unit_test(field_05_a_million_forged_packets_change_nothing),
	};

	return cmocka_run_group_tests_name("srtp_field", tests, NULL, NULL);
}
