/* SPDX-License-Identifier: MIT */
/* The far end of a secured stream. */
#include "tests/fake_srtp_peer.h"

#include "engine/octets.h"

#include <stdlib.h>
#include <string.h>

const enum tp_srtp_suite fake_srtp_suites[5] = {
	TP_SRTP_AES_CM_128_HMAC_SHA1_80, TP_SRTP_AES_CM_128_HMAC_SHA1_32,
	TP_SRTP_AES_256_CM_HMAC_SHA1_80, TP_SRTP_AEAD_AES_128_GCM,
	TP_SRTP_AEAD_AES_256_GCM,
};

struct tp_srtp_key fake_srtp_key(enum tp_srtp_suite suite, int n)
{
	struct tp_srtp_key key = {.suite = suite};

	for (size_t i = 0; i < tp_srtp_key_len(suite); i++)
		key.key[i] = (uint8_t)(n * 59 + (int)i * 7 + (int)suite);
	return key;
}

void fake_srtp_peer_open(struct fake_srtp_peer *peer, const struct tp_srtp_key *key, uint32_t ssrc,
			 uint32_t rollover, uint16_t seq)
{
	*peer = (struct fake_srtp_peer){.key = *key, .ssrc = ssrc, .seq = seq};
	if (tp_srtp_context_open(&peer->context, &peer->key, &ssrc) < 0)
		abort();
	tp_srtp_context_try_rollover(&peer->context, ssrc, rollover);
}

void fake_srtp_peer_close(struct fake_srtp_peer *peer)
{
	tp_srtp_context_close(&peer->context);
}

size_t fake_srtp_plain_rtp(uint8_t *data, uint32_t ssrc, uint16_t seq)
{
	memset(data, 0, 12);
	data[0] = 0x80;
	tp_octets_put16(data + 2, seq);
	tp_octets_put32(data + 8, ssrc);
	for (int i = 0; i < FAKE_SRTP_PAYLOAD; i++)
		data[12 + i] = (uint8_t)(seq * 31 + (int)(ssrc & 0xff) + i);
	return 12 + FAKE_SRTP_PAYLOAD;
}

size_t fake_srtp_plain_rtcp(uint8_t *data, uint32_t ssrc)
{
	memset(data, 0x5a, 28);
	data[0] = 0x80;
	data[1] = 200; /* sender report without a block, RFC 3550 6.4.1 */
	data[2] = 0;
	data[3] = 6;
	tp_octets_put32(data + 4, ssrc);
	return 28;
}

size_t fake_srtp_peer_rtp(struct fake_srtp_peer *peer, uint8_t data[FAKE_SRTP_CAP])
{
	size_t len = fake_srtp_plain_rtp(data, peer->ssrc, peer->seq++);

	if (tp_srtp_context_protect(&peer->context, TP_RTP, data, &len, FAKE_SRTP_CAP) < 0)
		abort();
	return len;
}

size_t fake_srtp_peer_rtcp(struct fake_srtp_peer *peer, uint8_t data[FAKE_SRTP_CAP])
{
	size_t len = fake_srtp_plain_rtcp(data, peer->ssrc);

	if (tp_srtp_context_protect(&peer->context, TP_RTCP, data, &len, FAKE_SRTP_CAP) < 0)
		abort();
	return len;
}

bool fake_srtp_is_plain_rtp(const uint8_t *data, size_t len)
{
	uint8_t want[12 + FAKE_SRTP_PAYLOAD];
	size_t want_len =
		fake_srtp_plain_rtp(want, tp_octets_get32(data + 8), tp_octets_get16(data + 2));

	return len == want_len && !memcmp(data, want, len);
}
