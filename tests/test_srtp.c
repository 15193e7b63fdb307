/* SPDX-License-Identifier: MIT */
/* SRTP: known packets, what is refused, keys that are refused. */
#include "engine/octets.h"
#include "engine/srtp.h"
#include "tests/fixtures/fake_srtp_peer.h"
#include "tests/fixtures/shared_vectors.h"
#include "tests/fixtures/srtp_vectors.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	OWN_SSRC = 0x01020304,
	PEER_SSRC = 0x50607080,
	VECTORS = sizeof(srtp_vectors) / sizeof(*srtp_vectors),
};

static const int64_t packet_ns = INT64_C(20000000);

static size_t from_hex(uint8_t *data, const char *hex)
{
	size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++) {
		const char digits[] = {hex[2 * i], hex[2 * i + 1], 0};

		data[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return len;
}

static struct tp_srtp_key vector_key(const struct srtp_vector *vector)
{
	struct tp_srtp_key key = {.suite = vector->suite};

	assert_int_equal(from_hex(key.key, vector->key), tp_srtp_key_len(key.suite));
	key.mki_len = (uint8_t)from_hex(key.mki, vector->mki);
	return key;
}

/* A session that receives under this key. */
static struct tp_srtp *receiver(const struct tp_srtp_key *key)
{
	struct tp_srtp_key send = fake_srtp_key(key->suite, 99);
	struct tp_srtp *srtp;

	assert_int_equal(tp_srtp_create(&srtp, &send, key, false, OWN_SSRC), 0);
	return srtp;
}

/* What a receiver says of a packet; the packet stays as it is. */
static enum tp_srtp_verdict offer(struct tp_srtp *srtp, enum tp_component component, int64_t now_ns,
				  const uint8_t *packet, size_t len)
{
	_Alignas(8) uint8_t data[FAKE_SRTP_CAP];
	size_t before = len;
	enum tp_srtp_verdict verdict;

	memcpy(data, packet, len);
	verdict = component == TP_RTP ? tp_srtp_unprotect(srtp, now_ns, data, &len)
				      : tp_srtp_unprotect_rtcp(srtp, now_ns, data, &len);
	if (verdict != TP_SRTP_OK)
		assert_int_equal(len, before);
	return verdict;
}

static void assert_protects(const struct srtp_vector *vector, enum tp_component component,
			    const char *plain, const char *secured)
{
	struct tp_srtp_key key = vector_key(vector);
	struct fake_srtp_peer peer;
	_Alignas(8) uint8_t data[FAKE_SRTP_CAP];
	uint8_t want[FAKE_SRTP_CAP];
	size_t len = from_hex(data, plain), want_len = from_hex(want, secured);
	const uint8_t *ssrc = data + (component == TP_RTP ? 8 : 4);

	fake_srtp_peer_open(&peer, &key,
			    (uint32_t)ssrc[0] << 24 | (uint32_t)ssrc[1] << 16 |
				    (uint32_t)ssrc[2] << 8 | ssrc[3],
			    vector->rollover, 0);
	assert_int_equal(
		tp_srtp_context_protect(&peer.context, component, data, &len, sizeof(data)), 0);
	assert_int_equal(len, want_len);
	assert_memory_equal(data, want, len);
	fake_srtp_peer_close(&peer);
}

static void known_packets_are_made(void **state)
{
	(void)state;
	for (int i = 0; i < VECTORS; i++) {
		const struct srtp_vector *vector = &srtp_vectors[i];

		assert_protects(vector, TP_RTP, vector->rtp, vector->srtp);
		if (vector->rtcp)
			assert_protects(vector, TP_RTCP, vector->rtcp, vector->srtcp);
	}
}

static void assert_unprotects(struct tp_srtp *srtp, enum tp_component component, const char *plain,
			      const char *secured)
{
	_Alignas(8) uint8_t data[FAKE_SRTP_CAP];
	uint8_t want[FAKE_SRTP_CAP];
	size_t len = from_hex(data, secured), want_len = from_hex(want, plain);

	assert_int_equal(component == TP_RTP ? tp_srtp_unprotect(srtp, 0, data, &len)
					     : tp_srtp_unprotect_rtcp(srtp, 0, data, &len),
			 TP_SRTP_OK);
	assert_int_equal(len, want_len);
	assert_memory_equal(data, want, len);
}

/* Rollover counter 0x12345678 cannot be learnt from outside: see known_packets_are_made. */
static bool is_learnable(const struct srtp_vector *vector)
{
	return vector->rollover <= 1;
}

static void known_packets_are_read(void **state)
{
	(void)state;
	for (int i = 0; i < VECTORS; i++) {
		const struct srtp_vector *vector = &srtp_vectors[i];
		struct tp_srtp_key key = vector_key(vector);
		struct tp_srtp *srtp = receiver(&key);

		if (is_learnable(vector))
			assert_unprotects(srtp, TP_RTP, vector->rtp, vector->srtp);
		if (vector->rtcp)
			assert_unprotects(srtp, TP_RTCP, vector->rtcp, vector->srtcp);
		tp_srtp_destroy(srtp);
	}
}

/* The packets of rollover counters 0 and 1 one after the other, as they come around the wrap. */
static void rollover_is_guessed_at_the_wrap(void **state)
{
	struct tp_srtp *srtp = NULL;
	int found = 0;

	(void)state;
	for (int i = 0; i < VECTORS; i++) {
		const struct srtp_vector *vector = &srtp_vectors[i];
		struct tp_srtp_key key = vector_key(vector);

		if (!strstr(vector->name, "derived_roc") || !is_learnable(vector))
			continue;
		if (!srtp)
			srtp = receiver(&key);
		assert_unprotects(srtp, TP_RTP, vector->rtp, vector->srtp);
		found++;
	}
	assert_int_equal(found, 3);
	tp_srtp_destroy(srtp);
}

static void assert_every_bit_counts(struct tp_srtp *srtp, enum tp_component component,
				    const char *secured)
{
	_Alignas(8) uint8_t packet[FAKE_SRTP_CAP];
	size_t len = from_hex(packet, secured);

	for (size_t bit = 0; bit < 8 * len; bit++) {
		packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
		/* Time goes on, so that each may also be a new source
		 * of another rollover counter. */
		assert_int_not_equal(offer(srtp, component, (int64_t)bit * packet_ns, packet, len),
				     TP_SRTP_OK);
		packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(offer(srtp, component, 0, packet, len), TP_SRTP_OK);
	assert_int_equal(offer(srtp, component, 0, packet, len), TP_SRTP_REPLAYED);
}

static void one_flipped_bit_anywhere_is_refused(void **state)
{
	(void)state;
	for (int i = 0; i < VECTORS; i++) {
		const struct srtp_vector *vector = &srtp_vectors[i];
		struct tp_srtp_key key = vector_key(vector);
		struct tp_srtp *srtp = receiver(&key);

		if (!vector->rollover)
			assert_every_bit_counts(srtp, TP_RTP, vector->srtp);
		if (vector->rtcp)
			assert_every_bit_counts(srtp, TP_RTCP, vector->srtcp);
		tp_srtp_destroy(srtp);
	}
}

/* SRTCP of AEAD_AES_128_GCM with E = 0 (RFC 7714 9.3), key and plain
 * packet of libsrtp_validate_gcm. */
static void unencrypted_rtcp_is_refused(void **state)
{
	static const char clear[] = "81c8000bcafebabeabababababababababababababababab"
				    "0cf635168f8242a21b12d664ecd862e800000001";
	struct tp_srtp_key key = {.suite = TP_SRTP_AEAD_AES_128_GCM};
	_Alignas(8) uint8_t packet[FAKE_SRTP_CAP];
	struct tp_srtp *srtp;

	(void)state;
	from_hex(key.key, "000102030405060708090a0b0c0d0e0fa0a1a2a3a4a5a6a7a8a9aaab");
	srtp = receiver(&key);
	assert_int_equal(offer(srtp, TP_RTCP, 0, packet, from_hex(packet, clear)),
			 TP_SRTP_FAILED_AUTH);
	tp_srtp_destroy(srtp);
}

static void each_packet_is_accepted_once(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		static _Alignas(8) uint8_t packet[600][FAKE_SRTP_CAP];
		struct tp_srtp_key key = fake_srtp_key(fake_srtp_suites[i], 1);
		struct tp_srtp *srtp = receiver(&key);
		struct fake_srtp_peer peer;
		size_t len = 0, rtcp_len;
		_Alignas(8) uint8_t rtcp[FAKE_SRTP_CAP];

		fake_srtp_peer_open(&peer, &key, PEER_SSRC, 0, 65000);
		for (int n = 0; n < 600; n++)
			len = fake_srtp_peer_rtp(&peer, packet[n]);
		/* Every other one, those left out in the window of 256, then all once more. */
		for (int n = 1; n < 600; n += 2)
			assert_int_equal(offer(srtp, TP_RTP, 0, packet[n], len), TP_SRTP_OK);
		for (int n = 344; n < 600; n += 2)
			assert_int_equal(offer(srtp, TP_RTP, 0, packet[n], len), TP_SRTP_OK);
		for (int n = 0; n < 600; n++)
			assert_int_equal(offer(srtp, TP_RTP, 0, packet[n], len), TP_SRTP_REPLAYED);
		rtcp_len = fake_srtp_peer_rtcp(&peer, rtcp);
		assert_int_equal(offer(srtp, TP_RTCP, 0, rtcp, rtcp_len), TP_SRTP_OK);
		assert_int_equal(offer(srtp, TP_RTCP, 0, rtcp, rtcp_len), TP_SRTP_REPLAYED);
		fake_srtp_peer_close(&peer);
		tp_srtp_destroy(srtp);
	}
}

/* In memory of exactly their length, for the sanitizers. */
static void assert_refused(struct tp_srtp *srtp, const uint8_t *start, size_t len)
{
	for (int component = TP_RTP; component <= TP_RTCP; component++) {
		uint8_t *data = malloc(len ? len : 1);
		size_t n = len;

		assert_non_null(data);
		memcpy(data, start, len);
		assert_int_not_equal(component == TP_RTP
					     ? tp_srtp_unprotect(srtp, 0, data, &n)
					     : tp_srtp_unprotect_rtcp(srtp, 0, data, &n),
				     TP_SRTP_OK);
		free(data);
	}
}

static void short_packets_of_every_shape_are_refused(void **state)
{
	/* CSRCs, an extension, both, padding, another version. */
	static const uint8_t first[] = {0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0x00, 0x40, 0xc0, 0xff};

	(void)state;
	for (int i = 0; i < 5; i++)
		for (int mki_len = 0; mki_len <= TP_SRTP_MKI_MAX; mki_len += 4) {
			struct tp_srtp_key key = fake_srtp_key(fake_srtp_suites[i], 1);
			struct fake_srtp_peer peer;
			_Alignas(8) uint8_t packet[FAKE_SRTP_CAP];
			struct tp_srtp *srtp;

			key.mki_len = (uint8_t)mki_len;
			srtp = receiver(&key);
			fake_srtp_peer_open(&peer, &key, PEER_SSRC, 0, 1);
			for (size_t f = 0; f < sizeof(first); f++)
				for (size_t len = 0; len <= 96; len++) {
					size_t whole = fake_srtp_peer_rtp(&peer, packet);

					packet[0] = first[f];
					memmove(packet + len / 2, packet + whole - len / 2,
						len / 2);
					assert_refused(srtp, packet, len);
				}
			fake_srtp_peer_close(&peer);
			tp_srtp_destroy(srtp);
		}
}

static void packets_of_the_greatest_length_pass(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		struct tp_srtp_key key = fake_srtp_key(fake_srtp_suites[i], 1);
		struct tp_srtp_key back = fake_srtp_key(fake_srtp_suites[i], 2);
		struct tp_srtp *srtp = receiver(&key), *peer;
		_Alignas(8) uint8_t data[TP_DATAGRAM_MAX + 1];
		size_t plain_len = TP_DATAGRAM_MAX + 1, len = plain_len;

		assert_int_equal(tp_srtp_create(&peer, &key, &back, false, PEER_SSRC), 0);
		memset(data, 0x33, sizeof(data));
		fake_srtp_plain_rtp(data, PEER_SSRC, 7);
		while (tp_srtp_protect(peer, data, &len, TP_DATAGRAM_MAX) == TP_ERR_FULL)
			len = --plain_len;
		assert_int_equal(len, TP_DATAGRAM_MAX);
		assert_true(len - plain_len >= 4 && len - plain_len <= 16);
		assert_int_equal(tp_srtp_unprotect(srtp, 0, data, &len), TP_SRTP_OK);
		assert_int_equal(len, plain_len);
		assert_int_equal(data[plain_len - 1], 0x33);
		len = TP_DATAGRAM_MAX + 1;
		assert_int_equal(tp_srtp_unprotect(srtp, 0, data, &len), TP_SRTP_FAILED_OTHER);
		assert_int_equal(tp_srtp_unprotect_rtcp(srtp, 0, data, &len), TP_SRTP_FAILED_OTHER);
		tp_srtp_destroy(peer);
		tp_srtp_destroy(srtp);
	}
}

/* RFC 4568 6.2.2: the 32-bit tag is SRTP's alone. */
static void trailers_are_as_long_as_the_suites_say(void **state)
{
	static const size_t rtp[] = {10, 4, 10, 16, 16}, rtcp[] = {14, 14, 14, 20, 20};

	(void)state;
	for (int i = 0; i < 5; i++)
		for (int mki_len = 0; mki_len <= TP_SRTP_MKI_MAX; mki_len++) {
			struct tp_srtp_key key = fake_srtp_key(fake_srtp_suites[i], 1);
			struct fake_srtp_peer peer;
			_Alignas(8) uint8_t data[FAKE_SRTP_CAP];

			key.mki_len = (uint8_t)mki_len;
			fake_srtp_peer_open(&peer, &key, PEER_SSRC, 0, 1);
			assert_int_equal(fake_srtp_peer_rtp(&peer, data),
					 172 + rtp[i] + (size_t)mki_len);
			assert_int_equal(fake_srtp_peer_rtcp(&peer, data),
					 28 + rtcp[i] + (size_t)mki_len);
			assert_true(rtcp[i] + (size_t)mki_len <= TP_SRTP_TRAILER_MAX);
			fake_srtp_peer_close(&peer);
		}
}

static void our_own_ssrc_is_never_received(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		struct tp_srtp_key key = fake_srtp_key(fake_srtp_suites[i], 1);
		struct tp_srtp *srtp;
		_Alignas(8) uint8_t data[FAKE_SRTP_CAP];
		size_t len = fake_srtp_plain_rtp(data, OWN_SSRC, 5);

		/* The worst case: one key for both directions, and
		 * somebody mirrors what we send. */
		assert_int_equal(tp_srtp_create(&srtp, &key, &key, true, OWN_SSRC), 0);
		assert_int_equal(tp_srtp_protect(srtp, data, &len, sizeof(data)), 0);
		assert_int_equal(tp_srtp_unprotect(srtp, 0, data, &len), TP_SRTP_FAILED_OTHER);
		len = fake_srtp_plain_rtcp(data, OWN_SSRC);
		assert_int_equal(tp_srtp_protect_rtcp(srtp, data, &len, sizeof(data)), 0);
		assert_int_equal(tp_srtp_unprotect_rtcp(srtp, 0, data, &len), TP_SRTP_FAILED_OTHER);
		tp_srtp_destroy(srtp);
	}
}

static void only_our_packets_are_protected(void **state)
{
	struct tp_srtp_key key = fake_srtp_key(TP_SRTP_AES_CM_128_HMAC_SHA1_80, 1);
	struct tp_srtp *srtp = receiver(&key);
	_Alignas(8) uint8_t data[FAKE_SRTP_CAP], before[FAKE_SRTP_CAP];
	size_t len = fake_srtp_plain_rtp(data, PEER_SSRC, 5);

	(void)state;
	assert_int_equal(tp_srtp_protect(srtp, data, &len, sizeof(data)), TP_ERR_FORMAT);
	len = fake_srtp_plain_rtcp(data, PEER_SSRC);
	assert_int_equal(tp_srtp_protect_rtcp(srtp, data, &len, sizeof(data)), TP_ERR_FORMAT);
	len = fake_srtp_plain_rtp(data, OWN_SSRC, 5);
	memcpy(before, data, len);
	assert_int_equal(tp_srtp_protect(srtp, data, &len, len + 9), TP_ERR_FULL);
	assert_int_equal(tp_srtp_protect(srtp, data, &len, len - 1), TP_ERR_FULL);
	assert_memory_equal(data, before, len);
	assert_int_equal(tp_srtp_protect(srtp, data, &len, len + 10), 0);
	/* A number that comes again would use its key stream again. */
	len = fake_srtp_plain_rtp(data, OWN_SSRC, 5);
	assert_int_equal(tp_srtp_protect(srtp, data, &len, sizeof(data)), TP_ERR_KEY);
	for (len = 0; len < 12; len++) {
		size_t n = len;

		assert_int_equal(tp_srtp_protect(srtp, data, &n, sizeof(data)), TP_ERR_FORMAT);
	}
	for (len = 0; len < 8; len++) {
		size_t n = len;

		assert_int_equal(tp_srtp_protect_rtcp(srtp, data, &n, sizeof(data)), TP_ERR_FORMAT);
	}
	tp_srtp_destroy(srtp);
}

static void a_shared_key_wants_permission(void **state)
{
	struct tp_srtp *srtp = NULL;
	struct tp_srtp_key none = {.suite = TP_SRTP_NONE};

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct tp_srtp_key a = fake_srtp_key(fake_srtp_suites[i], 1);
		struct tp_srtp_key b = fake_srtp_key(fake_srtp_suites[i], 2), with_mki = a;

		with_mki.mki_len = 1;
		assert_int_equal(tp_srtp_create(&srtp, &a, &a, false, OWN_SSRC), TP_ERR_KEY);
		assert_non_null(strstr(tp_error_detail(), "same SRTP key"));
		assert_int_equal(tp_srtp_create(&srtp, &a, &with_mki, false, OWN_SSRC), TP_ERR_KEY);
		assert_int_equal(tp_srtp_create(&srtp, &a, &none, false, OWN_SSRC),
				 TP_ERR_ARGUMENT);
		assert_int_equal(tp_srtp_create(&srtp, &none, &a, false, OWN_SSRC),
				 TP_ERR_ARGUMENT);
		with_mki.mki_len = TP_SRTP_MKI_MAX + 1;
		assert_int_equal(tp_srtp_create(&srtp, &b, &with_mki, false, OWN_SSRC),
				 TP_ERR_ARGUMENT);
		assert_null(srtp);
		assert_int_equal(tp_srtp_create(&srtp, &a, &a, true, OWN_SSRC), 0);
		tp_srtp_destroy(srtp);
		srtp = NULL;
	}
	/* Two suites of the same cipher make the same key stream. */
	struct tp_srtp_key long_tag = fake_srtp_key(TP_SRTP_AES_CM_128_HMAC_SHA1_80, 1),
			   short_tag = long_tag;

	short_tag.suite = TP_SRTP_AES_CM_128_HMAC_SHA1_32;
	assert_int_equal(tp_srtp_create(&srtp, &long_tag, &short_tag, false, OWN_SSRC), TP_ERR_KEY);
	tp_srtp_destroy(NULL);
}

static void another_key_is_another_world(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		for (int j = 0; j < 5; j++) {
			struct tp_srtp_key key = fake_srtp_key(fake_srtp_suites[i], 1);
			struct tp_srtp_key other = fake_srtp_key(fake_srtp_suites[j], 2);
			struct tp_srtp *srtp = receiver(&key);
			struct fake_srtp_peer peer;
			_Alignas(8) uint8_t data[FAKE_SRTP_CAP];
			size_t len;

			fake_srtp_peer_open(&peer, &other, PEER_SSRC, 0, 1);
			len = fake_srtp_peer_rtp(&peer, data);
			assert_int_equal(offer(srtp, TP_RTP, 0, data, len), TP_SRTP_FAILED_AUTH);
			len = fake_srtp_peer_rtcp(&peer, data);
			assert_int_equal(offer(srtp, TP_RTCP, 0, data, len), TP_SRTP_FAILED_AUTH);
			fake_srtp_peer_close(&peer);
			tp_srtp_destroy(srtp);
		}
}

static void *live(void *failures)
{
	struct tp_srtp_key a = fake_srtp_key(TP_SRTP_AES_CM_128_HMAC_SHA1_80, 1);
	struct tp_srtp_key b = fake_srtp_key(TP_SRTP_AEAD_AES_256_GCM, 2);

	for (int i = 0; i < 50; i++) {
		struct tp_srtp *ours = NULL, *theirs = NULL;
		_Alignas(8) uint8_t data[FAKE_SRTP_CAP];
		size_t len = fake_srtp_plain_rtp(data, OWN_SSRC, 1);

		if (tp_srtp_create(&ours, &a, &b, false, OWN_SSRC) < 0 ||
		    tp_srtp_create(&theirs, &b, &a, false, PEER_SSRC) < 0 ||
		    tp_srtp_protect(ours, data, &len, sizeof(data)) < 0 ||
		    tp_srtp_unprotect(theirs, 0, data, &len) != TP_SRTP_OK)
			++*(int *)failures;
		tp_srtp_destroy(ours);
		tp_srtp_destroy(theirs);
	}
	return NULL;
}

/* The first sessions start the libraries below, the last ones stop some of them. */
static void sessions_come_and_go_in_several_threads(void **state)
{
	enum { THREADS = 4 };
	pthread_t thread[THREADS];
	int failures[THREADS] = {0};

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, live, &failures[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(failures[i], 0);
	}
}

/* Runs with both outputs in a file, and tells how much was written. */
static long octets_printed_by(void (*run)(void **state))
{
	FILE *file = tmpfile();
	int out, err;
	long octets;

	assert_non_null(file);
	fflush(stdout);
	fflush(stderr);
	out = dup(STDOUT_FILENO);
	err = dup(STDERR_FILENO);
	dup2(fileno(file), STDOUT_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	run(NULL);
	fflush(stdout);
	fflush(stderr);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	octets = lseek(fileno(file), 0, SEEK_END);
	close(out);
	close(err);
	fclose(file);
	return octets;
}

static void nothing_is_printed(void **state)
{
	(void)state;
	assert_int_equal(octets_printed_by(one_flipped_bit_anywhere_is_refused), 0);
	assert_int_equal(octets_printed_by(each_packet_is_accepted_once), 0);
	assert_int_equal(octets_printed_by(our_own_ssrc_is_never_received), 0);
	assert_int_equal(octets_printed_by(only_our_packets_are_protected), 0);
}

/* A call of two other phones: Ethernet, IPv4 without options, UDP, little-endian pcap. */
static void a_real_capture_is_read_whole(void **state)
{
	enum { FILE_HEADER = 24, RECORD_HEADER = 16, BEFORE_RTP = 14 + 20 + 8 };
	struct tp_srtp_key key;
	struct tp_srtp *srtp;
	uint8_t *capture;
	size_t len, frame;
	int accepted = 0, packets = 0;

	(void)state;
	shared_vectors_read("srtp/sdes_cm128_sha1_80_pcma.pcap", &capture, &len);
	assert_int_equal(tp_srtp_key_parse(&key, TP_SRTP_AES_CM_128_HMAC_SHA1_80,
					   "inline:aSBrbm93IGFsbCB5b3VyIGxpdHRsZSBzZWNyZXRz"),
			 0);
	srtp = receiver(&key);
	for (size_t at = FILE_HEADER; at < len; at += RECORD_HEADER + frame) {
		const uint8_t *record = capture + at;

		frame = (size_t)record[8] | (size_t)record[9] << 8;
		assert_in_range(frame, BEFORE_RTP, len - at - RECORD_HEADER);
		packets++;
		accepted += offer(srtp, TP_RTP, packets * packet_ns,
				  record + RECORD_HEADER + BEFORE_RTP,
				  frame - BEFORE_RTP) == TP_SRTP_OK;
	}
	assert_int_equal(packets, 300);
	assert_int_equal(accepted, 300);
	free(capture);
	tp_srtp_destroy(srtp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_come_and_go_in_several_threads), /* first */
		cmocka_unit_test(known_packets_are_made),
		cmocka_unit_test(known_packets_are_read),
		cmocka_unit_test(rollover_is_guessed_at_the_wrap),
		cmocka_unit_test(one_flipped_bit_anywhere_is_refused),
		cmocka_unit_test(unencrypted_rtcp_is_refused),
		cmocka_unit_test(each_packet_is_accepted_once),
		cmocka_unit_test(short_packets_of_every_shape_are_refused),
		cmocka_unit_test(packets_of_the_greatest_length_pass),
		cmocka_unit_test(trailers_are_as_long_as_the_suites_say),
		cmocka_unit_test(our_own_ssrc_is_never_received),
		cmocka_unit_test(only_our_packets_are_protected),
		cmocka_unit_test(a_shared_key_wants_permission),
		cmocka_unit_test(another_key_is_another_world),
		cmocka_unit_test(a_real_capture_is_read_whole),
		cmocka_unit_test(nothing_is_printed), /* last: it hides what a failure prints */
	};

	return cmocka_run_group_tests_name("srtp", tests, NULL, NULL);
}
