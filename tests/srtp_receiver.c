/* SPDX-License-Identifier: MIT */
/* A session under test. */
#include "tests/srtp_receiver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
	STEP = 97, /* numbers left out to get around sooner: as many lost packets */
};

static const int64_t packet_ns = INT64_C(20000000);

struct tp_srtp *srtp_receiver_make(const struct tp_srtp_key *send,
				   const struct tp_srtp_key *receive)
{
	struct tp_srtp *srtp;

	assert_int_equal(tp_srtp_create(&srtp, send, receive, false, SRTP_RECEIVER_SSRC), 0);
	return srtp;
}

void srtp_receiver_rekey(struct tp_srtp *srtp, const struct tp_srtp_key *send,
			 const struct tp_srtp_key *receive, int64_t now_ns)
{
	tp_srtp_destroy(tp_srtp_adopt(srtp, srtp_receiver_make(send, receive), now_ns));
}

enum tp_srtp_verdict srtp_receiver_offer(struct tp_srtp *srtp, int64_t now_ns,
					 const uint8_t *packet, size_t len)
{
	_Alignas(8) uint8_t data[FAKE_SRTP_CAP];
	size_t n = len;
	enum tp_srtp_verdict verdict;

	memcpy(data, packet, len);
	verdict = tp_srtp_unprotect(srtp, now_ns, data, &n);
	if (verdict == TP_SRTP_OK)
		assert_true(fake_srtp_is_plain_rtp(data, n));
	else
		assert_int_equal(n, len);
	return verdict;
}

enum tp_srtp_verdict srtp_receiver_offer_rtcp(struct tp_srtp *srtp, int64_t now_ns,
					      const uint8_t *packet, size_t len)
{
	_Alignas(8) uint8_t data[FAKE_SRTP_CAP];
	size_t n = len;
	enum tp_srtp_verdict verdict;

	memcpy(data, packet, len);
	verdict = tp_srtp_unprotect_rtcp(srtp, now_ns, data, &n);
	if (verdict != TP_SRTP_OK)
		assert_int_equal(n, len);
	return verdict;
}

enum tp_srtp_verdict srtp_receiver_next(struct tp_srtp *srtp, int64_t now_ns,
					struct fake_srtp_peer *peer)
{
	_Alignas(8) uint8_t packet[FAKE_SRTP_CAP];
	size_t len = fake_srtp_peer_rtp(peer, packet);

	return srtp_receiver_offer(srtp, now_ns, packet, len);
}

enum tp_srtp_verdict srtp_receiver_next_rtcp(struct tp_srtp *srtp, int64_t now_ns,
					     struct fake_srtp_peer *peer)
{
	_Alignas(8) uint8_t packet[FAKE_SRTP_CAP];
	size_t len = fake_srtp_peer_rtcp(peer, packet);

	return srtp_receiver_offer_rtcp(srtp, now_ns, packet, len);
}

void srtp_receiver_go_around(struct tp_srtp *srtp, struct fake_srtp_peer *peer, int times,
			     int64_t *now_ns)
{
	while (times > 0) {
		uint16_t before = peer->seq;

		assert_int_equal(srtp_receiver_next(srtp, *now_ns, peer), TP_SRTP_OK);
		peer->seq = (uint16_t)(peer->seq + STEP - 1);
		times -= peer->seq < before;
		*now_ns += packet_ns;
	}
}
