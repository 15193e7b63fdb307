/* SPDX-License-Identifier: MIT */
/* Cost of SRTP: a packet of 160 octets, protected and unprotected, in each suite. */
#include "cost.h"

#include "engine/rtp.h"
#include "engine/srtp.h"

#include <stdlib.h>
#include <string.h>

enum {
	OWN_SSRC = 1,
	PEER_SSRC = 2,
	PAYLOAD = 160,
	CAP = TP_RTP_HEADER + PAYLOAD + TP_SRTP_TRAILER_MAX,
};

struct srtp {
	struct tp_srtp *own, *peer; /* what `own` sends, `peer` receives */
	uint16_t seq;
	_Alignas(8) uint8_t packet[TP_COST_BATCH][(CAP + 7) / 8 * 8];
	size_t len[TP_COST_BATCH];
};

static void srtp_close(void *state)
{
	struct srtp *srtp = state;

	tp_srtp_destroy(srtp->own);
	tp_srtp_destroy(srtp->peer);
	free(srtp);
}

static int srtp_open(void **state, const struct tp_cost_part *part)
{
	struct srtp *srtp = calloc(1, sizeof(*srtp));
	struct tp_srtp_key there = {.suite = part->suite}, back = {.suite = part->suite};
	int error;

	if (!srtp)
		return tp_fail(TP_ERR_MEMORY, "no memory for SRTP");
	*state = srtp;
	memset(there.key, 1, sizeof(there.key));
	memset(back.key, 2, sizeof(back.key));
	error = tp_srtp_create(&srtp->own, &there, &back, false, OWN_SSRC);
	return error ? error : tp_srtp_create(&srtp->peer, &back, &there, false, PEER_SSRC);
}

static void write_packets(void *state, int n)
{
	struct srtp *srtp = state;

	for (int i = 0; i < n; i++) {
		struct tp_rtp rtp = {.seq = srtp->seq, .ssrc = OWN_SSRC};

		rtp.timestamp = (uint32_t)srtp->seq++ * PAYLOAD;
		tp_rtp_write(srtp->packet[i], &rtp);
		memset(srtp->packet[i] + TP_RTP_HEADER, 0x55, PAYLOAD);
		srtp->len[i] = TP_RTP_HEADER + PAYLOAD;
	}
}

static void run_protect(void *state, int n)
{
	struct srtp *srtp = state;

	for (int i = 0; i < n; i++)
		if (tp_srtp_protect(srtp->own, srtp->packet[i], &srtp->len[i], CAP) < 0)
			abort();
}

static void protect_packets(void *state, int n)
{
	write_packets(state, n);
	run_protect(state, n);
}

static void run_unprotect(void *state, int n)
{
	struct srtp *srtp = state;

	for (int i = 0; i < n; i++)
		if (tp_srtp_unprotect(srtp->peer, 0, srtp->packet[i], &srtp->len[i]) != TP_SRTP_OK)
			abort();
}

#define SUITE(SUITE_, LABEL) \
	{.name = LABEL " protect", \
	 .batch = TP_COST_BATCH, \
	 .open = srtp_open, \
	 .prepare = write_packets, \
	 .run = run_protect, \
	 .close = srtp_close, \
	 .suite = (SUITE_)}, \
	{ \
		.name = LABEL " unprotect", .batch = TP_COST_BATCH, .open = srtp_open, \
		.prepare = protect_packets, .run = run_unprotect, .close = srtp_close, \
		.suite = (SUITE_) \
	}

const struct tp_cost_part tp_cost_srtp_parts[] = {
	SUITE(TP_SRTP_AES_CM_128_HMAC_SHA1_80, "AES_CM_128_HMAC_SHA1_80"),
	SUITE(TP_SRTP_AES_CM_128_HMAC_SHA1_32, "AES_CM_128_HMAC_SHA1_32"),
	SUITE(TP_SRTP_AES_256_CM_HMAC_SHA1_80, "AES_256_CM_HMAC_SHA1_80"),
	SUITE(TP_SRTP_AEAD_AES_128_GCM, "AEAD_AES_128_GCM"),
	SUITE(TP_SRTP_AEAD_AES_256_GCM, "AEAD_AES_256_GCM"),
	{.name = NULL},
};
