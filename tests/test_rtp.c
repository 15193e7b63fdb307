/* SPDX-License-Identifier: MIT */
/* RTP headers: the shared packets, hand-made ones, truncations; and arithmetic across the wrap. */
#include "engine/random.h"
#include "engine/rtp.h"
#include "tests/fixtures/packet_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void parse_refuses_malformed_headers(void **state)
{
	static const struct {
		const char *what;
		size_t len;
		uint8_t data[24];
	} cases[] = {
		{"nothing", 0, {0}},
		{"eleven octets", 11, {0x80}},
		{"version 0", 12, {0x00}},
		{"version 1", 12, {0x40}},
		{"version 3", 12, {0xc0}},
		{"one CSRC of four octets, three there", 15, {0x81}},
		{"extension cut in its own header", 15, {0x90}},
		{"extension of one word, none there", 16, {0x90, [14] = 0, [15] = 1}},
		{"extension of one word, three octets there", 19, {0x90, [15] = 1}},
		{"padding of 0", 13, {0xa0}},
		{"padding longer than the payload", 13, {0xa0, [12] = 2}},
		{"padding into the CSRC list", 17, {0xa1, [16] = 2}},
		{"padding without payload", 12, {0xa0, [11] = 1}},
	};
	struct tp_rtp rtp;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (tp_rtp_parse(&rtp, cases[i].data, cases[i].len) != TP_ERR_FORMAT)
			fail_msg("taken: %s", cases[i].what);
}

static void parse_finds_the_payload(void **state)
{
	static const struct {
		size_t len;
		uint16_t payload, payload_len;
		uint8_t data[32];
	} cases[] = {
		{12, 12, 0, {0x80}},
		{13, 12, 1, {0x80}},
		{20, 16, 4, {0x81}},
		{16, 16, 0, {0x90}},
		{24, 20, 4, {0x90, [15] = 1}},
		{13, 12, 0, {0xa0, [12] = 1}},
		{16, 12, 0, {0xa0, [15] = 4}},
		{16, 12, 1, {0xa0, [15] = 3}},
		{30, 24, 2, {0xb1, [19] = 1, [29] = 4}},
	};
	struct tp_rtp rtp;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(tp_rtp_parse(&rtp, cases[i].data, cases[i].len), 0);
		assert_int_equal(rtp.payload, cases[i].payload);
		assert_int_equal(rtp.payload_len, cases[i].payload_len);
	}
}

static void parse_reads_what_write_wrote(void **state)
{
	struct tp_random random;

	(void)state;
	tp_random_init(&random, 1, 0);
	for (int i = 0; i < 10000; i++) {
		struct tp_rtp in = {
			.pt = tp_random_u32(&random) & 0x7f,
			.marker = tp_random_u32(&random) & 1,
			.seq = (uint16_t)tp_random_u32(&random),
			.timestamp = tp_random_u32(&random),
			.ssrc = tp_random_u32(&random),
		};
		uint8_t data[TP_RTP_HEADER + 3] = {0};
		struct tp_rtp out;

		tp_rtp_write(data, &in);
		assert_int_equal(tp_rtp_parse(&out, data, sizeof(data)), 0);
		assert_int_equal(out.pt, in.pt);
		assert_int_equal(out.marker, in.marker);
		assert_int_equal(out.seq, in.seq);
		assert_int_equal(out.timestamp, in.timestamp);
		assert_int_equal(out.ssrc, in.ssrc);
		assert_int_equal(out.payload_len, 3);
	}
}

/* Each field, octet by octet: RFC 3550 5.1. */
static void write_is_in_network_order(void **state)
{
	static const uint8_t wanted[TP_RTP_HEADER] = {0x80, 0xe5, 0x12, 0x34, 0x56, 0x78,
						      0x9a, 0xbc, 0xde, 0xad, 0xbe, 0xef};
	struct tp_rtp rtp = {.pt = 101,
			     .marker = true,
			     .seq = 0x1234,
			     .timestamp = 0x56789abc,
			     .ssrc = 0xdeadbeef};
	uint8_t data[TP_RTP_HEADER];

	(void)state;
	tp_rtp_write(data, &rtp);
	assert_memory_equal(data, wanted, sizeof(wanted));
}

static void check_vector(const struct packet_vector *v)
{
	int64_t value;
	struct tp_rtp rtp;

	if (tp_rtp_parse(&rtp, v->data, v->len) != (v->malformed ? TP_ERR_FORMAT : 0))
		fail_msg("%s: %s", v->name, v->malformed ? "taken" : "refused");
	if (v->malformed)
		return;
	if (packet_vector_number(v, "pt", 10, &value) && !strstr(v->name, "rfc2198"))
		assert_int_equal(rtp.pt, value);
	if (packet_vector_number(v, "marker", 10, &value))
		assert_int_equal(rtp.marker, value);
	if (packet_vector_number(v, "payload_len", 10, &value))
		assert_int_equal(rtp.payload_len, value);
	assert_int_equal(rtp.ssrc, 0xdeadbeef);
	/* Cut anywhere, it may be one of fewer octets, but nothing beyond them is read. */
	for (size_t len = 0; len < v->len; len++)
		if (!tp_rtp_parse(&rtp, v->data, len))
			assert_true((size_t)rtp.payload + rtp.payload_len <= len);
}

static void shared_packets_read_as_they_should(void **state)
{
	int n, rtp = 0, malformed = 0;
	struct packet_vector *v = packet_vectors_load(&n);

	(void)state;
	if (!v)
		skip();
	for (int i = 0; i < n; i++) {
		if (v[i].rtcp)
			continue;
		check_vector(&v[i]);
		rtp++;
		malformed += v[i].malformed;
	}
	packet_vectors_free(v, n);
	assert_true(malformed > 0 && rtp > malformed);
}

static void rtcp_is_told_apart_by_its_type(void **state)
{
	(void)state;
	for (unsigned octet = 0; octet < 256; octet++) {
		uint8_t data[2] = {0x80, (uint8_t)octet};

		assert_int_equal(tp_rtp_is_rtcp(data, 2), octet >= 192 && octet <= 223);
		assert_false(tp_rtp_is_rtcp(data, 1));
	}
}

static void differences_survive_the_wrap(void **state)
{
	(void)state;
	assert_int_equal(tp_rtp_seq_diff(0, 0xffff), 1);
	assert_int_equal(tp_rtp_seq_diff(0xffff, 0), -1);
	assert_int_equal(tp_rtp_seq_diff(0x7fff, 0), 0x7fff);
	assert_int_equal(tp_rtp_seq_diff(0x8000, 0), -0x8000);
	assert_int_equal(tp_rtp_timestamp_diff(0, 0xffffffff), 1);
	assert_int_equal(tp_rtp_timestamp_diff(159, 0xffffffff), 160);
	assert_int_equal(tp_rtp_timestamp_diff(0xffffffff, 159), -160);
	assert_int_equal(tp_rtp_timestamp_diff(0x80000000, 0), INT32_MIN);
}

static void extension_follows_many_wraps(void **state)
{
	int64_t seq = 0x10000;
	struct tp_random random;

	(void)state;
	tp_random_init(&random, 2, 0);
	for (int i = 0; i < 100000; i++) {
		int64_t next_seq = seq + (int32_t)(tp_random_u32(&random) % 60000) - 29000;

		assert_int_equal(tp_rtp_extend_seq(seq, (uint16_t)next_seq), next_seq);
		seq = next_seq;
	}
	/* The walk has gone round several times, or nothing was shown. */
	assert_true(seq > 100 * 0x10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_refuses_malformed_headers),
		cmocka_unit_test(parse_finds_the_payload),
		cmocka_unit_test(parse_reads_what_write_wrote),
		cmocka_unit_test(write_is_in_network_order),
		cmocka_unit_test(shared_packets_read_as_they_should),
		cmocka_unit_test(rtcp_is_told_apart_by_its_type),
		cmocka_unit_test(differences_survive_the_wrap),
		cmocka_unit_test(extension_follows_many_wraps),
	};

	return cmocka_run_group_tests_name("rtp", tests, NULL, NULL);
}
