/* SPDX-License-Identifier: MIT */
/* SRTP receive: forged, damaged, cut, replayed and authentic packets
 * while keys change and time goes on.
 *
 * Input: suite, MKI length, then records of an operation, an argument and, for forged packets, as
 * many octets as the argument says. */
#include "tests/fuzz/fuzz.h"

#include "engine/srtp.h"
#include "tests/fixtures/fake_srtp_peer.h"

#include <stdlib.h>
#include <string.h>

enum {
	OWN_SSRC = 0x01020304,
	PEER_SSRC = 0x50607080,
	KEYS = 4,
};

enum operation {
	AUTHENTIC,
	DAMAGED,
	CUT,
	REPLAYED,
	FORGED,
	SKIP,
	WAIT,
	REKEY,
	RESYNC,
	OTHER_SOURCE,
	OPERATIONS,
};

struct scene {
	struct tp_srtp_key send, key[KEYS];
	struct tp_srtp *srtp;
	struct fake_srtp_peer peer;
	int64_t now_ns;
	_Alignas(8) uint8_t last[FAKE_SRTP_CAP]; /* authentic, of its kind */
	size_t last_len;
	enum tp_component last_component;
	bool resynced; /* replays may pass for a while */
};

static void must(bool held)
{
	if (!held)
		abort();
}

static enum tp_srtp_verdict offer(struct scene *scene, enum tp_component component,
				  const uint8_t *packet, size_t len)
{
	/* Of its own length, so that a sanitizer sees a read past the end. */
	uint8_t *data = malloc(len ? len : 1);
	size_t n = len;
	enum tp_srtp_verdict verdict;

	must(data);
	memcpy(data, packet, len);
	verdict = component == TP_RTP
			  ? tp_srtp_unprotect(scene->srtp, scene->now_ns, data, &n)
			  : tp_srtp_unprotect_rtcp(scene->srtp, scene->now_ns, data, &n);
	must(verdict == TP_SRTP_OK ? n < len : n == len);
	if (verdict == TP_SRTP_OK && component == TP_RTP)
		must(fake_srtp_is_plain_rtp(data, n));
	free(data);
	return verdict;
}

static void authentic(struct scene *scene, uint8_t argument)
{
	scene->last_component = argument & 1 ? TP_RTCP : TP_RTP;
	scene->last_len = scene->last_component == TP_RTP
				  ? fake_srtp_peer_rtp(&scene->peer, scene->last)
				  : fake_srtp_peer_rtcp(&scene->peer, scene->last);
	/* Whether a rollover counter can still be learnt depends on what came before. */
	(void)!offer(scene, scene->last_component, scene->last, scene->last_len);
}

static void damaged(struct scene *scene, uint8_t argument)
{
	uint8_t packet[FAKE_SRTP_CAP];

	memcpy(packet, scene->last, scene->last_len);
	if (!scene->last_len)
		return;
	packet[argument % scene->last_len] ^= (uint8_t)(1u << argument % 7);
	must(offer(scene, scene->last_component, packet, scene->last_len) != TP_SRTP_OK);
}

/* The last of the lost packets is made, since a sender that leaps by half
 * the numbers goes backwards. */
static void skip(struct scene *scene, uint8_t argument)
{
	_Alignas(8) uint8_t lost[FAKE_SRTP_CAP];

	scene->peer.seq = (uint16_t)(scene->peer.seq + 64 * argument);
	fake_srtp_peer_rtp(&scene->peer, lost);
}

static void rekey(struct scene *scene, uint8_t argument)
{
	const struct tp_srtp_key *key = &scene->key[argument % KEYS];
	struct tp_srtp *fresh;
	uint16_t seq = scene->peer.seq;

	must(!tp_srtp_create(&fresh, &scene->send, key, false, OWN_SSRC));
	tp_srtp_destroy(tp_srtp_adopt(scene->srtp, fresh, scene->now_ns));
	fake_srtp_peer_close(&scene->peer);
	fake_srtp_peer_open(&scene->peer, key, PEER_SSRC, argument >> 4 & 3, seq);
}

static void other_source(struct scene *scene, uint8_t argument)
{
	struct fake_srtp_peer other;
	_Alignas(8) uint8_t packet[FAKE_SRTP_CAP];
	size_t len;

	fake_srtp_peer_open(&other, &scene->peer.key, argument, argument & 1, argument);
	len = fake_srtp_peer_rtp(&other, packet);
	(void)!offer(scene, TP_RTP, packet, len);
	fake_srtp_peer_close(&other);
}

/* Returns how many octets of `data` it has used. */
static size_t operate(struct scene *scene, enum operation operation, uint8_t argument,
		      const uint8_t *data, size_t len)
{
	size_t n = argument < len ? argument : len;

	switch (operation) {
	case AUTHENTIC:
		authentic(scene, argument);
		return 0;
	case DAMAGED:
		damaged(scene, argument);
		return 0;
	case CUT:
		n = scene->last_len > argument ? scene->last_len - argument - 1 : 0;
		must(offer(scene, scene->last_component, scene->last, n) != TP_SRTP_OK);
		return 0;
	case REPLAYED:
		(void)!offer(scene, scene->last_component, scene->last, scene->last_len);
		if (scene->last_len && !scene->resynced)
			must(offer(scene, scene->last_component, scene->last, scene->last_len) !=
			     TP_SRTP_OK);
		return 0;
	case FORGED:
		must(offer(scene, TP_RTP, data, n) != TP_SRTP_OK);
		must(offer(scene, TP_RTCP, data, n) != TP_SRTP_OK);
		return n;
	case SKIP:
		skip(scene, argument);
		return 0;
	case WAIT:
		scene->now_ns += INT64_C(10000000) * argument;
		return 0;
	case REKEY:
		rekey(scene, argument);
		return 0;
	case RESYNC:
		tp_srtp_resync(scene->srtp);
		scene->resynced = true;
		return 0;
	case OTHER_SOURCE:
		other_source(scene, argument);
		return 0;
	case OPERATIONS:
		break;
	}
	return 0;
}

/* One context is never closed: with the last one NSS, below libsrtp, would be shut down and
 * started again for each input. */
static void keep_library_open(void)
{
	static struct fake_srtp_peer peer;

	if (!peer.context.srtp) {
		peer.key = fake_srtp_key(TP_SRTP_AES_CM_128_HMAC_SHA1_80, 0);
		must(!tp_srtp_context_open(&peer.context, &peer.key, NULL));
	}
}

static void begin(struct scene *scene, enum tp_srtp_suite suite, int mki_len)
{
	scene->send = fake_srtp_key(suite, 99);
	for (int i = 0; i < KEYS; i++) {
		scene->key[i] = fake_srtp_key(suite, i + 1);
		scene->key[i].mki_len = (uint8_t)mki_len;
		scene->key[i].mki[0] = (uint8_t)(i / 2); /* two keys share one */
	}
	must(!tp_srtp_create(&scene->srtp, &scene->send, &scene->key[0], false, OWN_SSRC));
	fake_srtp_peer_open(&scene->peer, &scene->key[0], PEER_SSRC, 0, 0xfff0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct scene scene = {.now_ns = 0};
	size_t at = 2;

	if (len < 2 || len > 4096)
		return 0;
	keep_library_open();
	begin(&scene, fake_srtp_suites[data[0] % 5], data[1] % (TP_SRTP_MKI_MAX + 1));
	while (len - at >= 2) {
		at += 2;
		at += operate(&scene, data[at - 2] % OPERATIONS, data[at - 1], data + at, len - at);
	}
	fake_srtp_peer_close(&scene.peer);
	tp_srtp_destroy(scene.srtp);
	return 0;
}
