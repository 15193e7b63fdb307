/* SPDX-License-Identifier: MIT */
/* RTCP: packets written and read, the shared packets, hostile ones; intervals and round trips. */
#include "engine/random.h"
#include "engine/reports.h"
#include "engine/rtcp.h"
#include "tests/fixtures/packet_vectors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	MS = 1000 * 1000,
};

static struct tp_rtcp full_report(void)
{
	struct tp_rtcp rtcp = {
		.ssrc = 0x01020304,
		.has_sender = true,
		.has_block = true,
		.has_bye = true,
		.sender = {.ntp = 0x0123456789abcdef,
			   .timestamp = 160,
			   .packets = 5,
			   .octets = 800},
		.block = {.ssrc = 0xcafebabe,
			  .fraction_lost = 12,
			  .lost = -3,
			  .highest_seq = 0x00010002,
			  .jitter = 77,
			  .lsr = 0x11223344,
			  .dlsr = 65536},
		.cname = "user@host",
	};

	return rtcp;
}

static void what_was_written_is_read(void **state)
{
	struct tp_rtcp in = full_report(), out;
	uint8_t data[TP_RTCP_MAX];
	size_t len = tp_rtcp_write(data, &in);

	(void)state;
	assert_int_equal(len, 28 + 24 + 20 + 8);
	assert_int_equal(tp_rtcp_parse(&out, data, len, 0xcafebabe), 0);
	assert_int_equal(out.ssrc, in.ssrc);
	assert_true(out.has_sender && out.has_block && out.has_bye);
	assert_true(out.sender.ntp == in.sender.ntp);
	assert_int_equal(out.sender.timestamp, in.sender.timestamp);
	assert_int_equal(out.sender.packets, in.sender.packets);
	assert_int_equal(out.sender.octets, in.sender.octets);
	assert_memory_equal(&out.block, &in.block, sizeof(in.block));
	assert_int_equal(out.bye_ssrc, in.ssrc);
	assert_string_equal(out.cname, in.cname);
	/* A block about somebody else is none about us. */
	assert_int_equal(tp_rtcp_parse(&out, data, len, 0xcafebabf), 0);
	assert_false(out.has_block);
}

/* Each field, octet by octet: RFC 3550 6.4.2, 6.5, 6.6. */
static void written_octets_are_those_of_the_rfc(void **state)
{
	static const uint8_t wanted[] = {
		0x81, 201, 0,    7,   1,   2,   3, 4,    0xca, 0xfe, 0xba, 0xbe, 12,   0xff, 0xff,
		0xfd, 0,   1,    0,   2,   0,   0, 0,    77,   0x11, 0x22, 0x33, 0x44, 0,    1,
		0,    0,   0x81, 202, 0,   4,   1, 2,    3,    4,    1,    9,    'u',  's',  'e',
		'r',  '@', 'h',  'o', 's', 't', 0, 0x81, 203,  0,    1,    1,    2,    3,    4};
	struct tp_rtcp rtcp = full_report();
	uint8_t data[TP_RTCP_MAX];

	(void)state;
	rtcp.has_sender = false;
	assert_int_equal(tp_rtcp_write(data, &rtcp), sizeof(wanted));
	assert_memory_equal(data, wanted, sizeof(wanted));
}

static void names_of_every_length_end_in_a_null(void **state)
{
	struct tp_rtcp in = full_report(), out;
	uint8_t data[TP_RTCP_MAX];

	(void)state;
	for (size_t n = 0; n <= TP_RTCP_CNAME_MAX; n++) {
		size_t len;

		memset(in.cname, 'x', n);
		in.cname[n] = '\0';
		len = tp_rtcp_write(data, &in);
		assert_true(len <= sizeof(data) && len % 4 == 0);
		assert_int_equal(tp_rtcp_parse(&out, data, len, 0), 0);
		assert_int_equal(strlen(out.cname), n < 63 ? n : 63);
	}
}

static void malformed_compounds_are_refused(void **state)
{
	static const struct {
		const char *what;
		size_t len;
		uint8_t data[40];
	} cases[] = {
		{"nothing", 0, {0}},
		{"a header's half", 3, {0x80, 201, 0}},
		{"version 1", 8, {0x40, 201, 0, 1}},
		{"longer than the datagram", 8, {0x80, 201, 0, 2}},
		{"a second packet cut", 12, {0x80, 201, 0, 1, 0, 0, 0, 0, 0x80, 202, 0, 1}},
		{"rubbish behind", 10, {0x80, 201, 0, 1}},
		{"RR without SSRC", 4, {0x80, 201, 0, 0}},
		{"SR without sender", 8, {0x80, 200, 0, 1}},
		{"blocks that are not there", 8, {0x81, 201, 0, 1}},
		{"padding of no whole word", 12, {0xa0, 201, 0, 2, [11] = 3}},
		{"padding over the header", 8, {0xa0, 201, 0, 1, [7] = 8}},
		{"padding before the last",
		 20,
		 {0xa0, 201, 0, 2, [11] = 4, [12] = 0x80, 201, 0, 1}},
		{"SDES: chunk without items' end", 8, {0x81, 202, 0, 1}},
		{"SDES: second chunk missing", 12, {0x82, 202, 0, 2}},
		{"SDES: item too long", 12, {0x81, 202, 0, 2, [8] = 1, 3, 'a', 'b'}},
		{"SDES: item fills all, no null", 12, {0x81, 202, 0, 2, [8] = 1, 2, 'a', 'b'}},
		{"BYE: two sources, one there", 8, {0x82, 203, 0, 1}},
		{"BYE: reason too long", 12, {0x81, 203, 0, 2, [8] = 4, 'a', 'b', 'c'}},
		{"XR without SSRC", 4, {0x80, 207, 0, 0}},
		{"XR: block too long", 12, {0x80, 207, 0, 2, [8] = 1, 0, 0, 1}},
		{"no RTCP type", 8, {0x80, 191, 0, 1}},
	};
	struct tp_rtcp rtcp;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (tp_rtcp_parse(&rtcp, cases[i].data, cases[i].len, 0) != TP_ERR_FORMAT)
			fail_msg("taken: %s", cases[i].what);
}

static void unusual_but_good_compounds_are_taken(void **state)
{
	static const struct {
		const char *what;
		size_t len;
		uint8_t data[40];
	} cases[] = {
		{"RR with a profile's extension", 16, {0x80, 201, 0, 3}},
		{"RR, padded", 12, {0xa0, 201, 0, 2, [11] = 4}},
		{"BYE of nobody", 4, {0x80, 203, 0, 0}},
		{"BYE with a reason", 12, {0x81, 203, 0, 2, [8] = 3, 'b', 'y', 'e'}},
		{"APP, unknown to us", 16, {0x80, 204, 0, 3}},
		{"feedback without a report (RFC 5506)", 12, {0x81, 205, 0, 2}},
		{"SDES of nobody", 4, {0x80, 202, 0, 0}},
		{"SDES with an unknown item", 16, {0x81, 202, 0, 3, [8] = 77, 1, 'x', 0}},
	};
	struct tp_rtcp rtcp;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (tp_rtcp_parse(&rtcp, cases[i].data, cases[i].len, 0))
			fail_msg("refused: %s", cases[i].what);
}

/* Heap blocks of the exact size: a sanitizer sees every octet read beyond. */
static void random_damage_is_survived(void **state)
{
	struct tp_rtcp in = full_report(), out;
	uint8_t whole[TP_RTCP_MAX];
	size_t whole_len = tp_rtcp_write(whole, &in);
	struct tp_random random;
	int taken = 0;

	(void)state;
	tp_random_init(&random, 5, 0);
	for (int i = 0; i < 100000; i++) {
		size_t len = tp_random_u32(&random) % (whole_len + 1);
		uint8_t *data = malloc(len + !len);

		memcpy(data, whole, len);
		for (int flips = 0; len && flips < 3; flips++)
			data[tp_random_u32(&random) % len] ^=
				(uint8_t)(1 << tp_random_u32(&random) % 8);
		taken += !tp_rtcp_parse(&out, data, len, 0xcafebabe);
		free(data);
	}
	assert_true(taken > 0);
}

static void check_vector(const struct packet_vector *v)
{
	int64_t own = 0, value;
	struct tp_rtcp rtcp;
	bool block = strstr(v->text, "\"block\": {") != NULL;

	if (block)
		own = 0x23456789;
	if (tp_rtcp_parse(&rtcp, v->data, v->len, (uint32_t)own) !=
	    (v->malformed ? TP_ERR_FORMAT : 0))
		fail_msg("%s: %s", v->name, v->malformed ? "taken" : "refused");
	if (v->malformed)
		return;
	if (packet_vector_number(v, "rtp_ts", 16, &value))
		assert_int_equal(rtcp.sender.timestamp, value);
	if (packet_vector_number(v, "ntp_msw", 16, &value))
		assert_int_equal(rtcp.sender.ntp >> 32, value);
	if (packet_vector_number(v, "octets", 16, &value))
		assert_int_equal(rtcp.sender.octets, value);
	if (strstr(v->text, "user@host"))
		assert_string_equal(rtcp.cname, "user@host");
	assert_int_equal(rtcp.has_bye, strstr(v->text, "reason") != NULL);
	assert_int_equal(rtcp.has_block, block);
	if (!block)
		return;
	assert_true(packet_vector_number(v, "fraction_lost", 10, &value));
	assert_int_equal(rtcp.block.fraction_lost, value);
	assert_true(packet_vector_number(v, "cumulative_lost", 10, &value));
	assert_int_equal(rtcp.block.lost, value);
	assert_true(packet_vector_number(v, "dlsr", 16, &value));
	assert_int_equal(rtcp.block.dlsr, value);
}

static void shared_packets_read_as_they_should(void **state)
{
	int n, rtcp = 0, malformed = 0;
	struct packet_vector *v = packet_vectors_load(&n);

	(void)state;
	if (!v)
		skip();
	for (int i = 0; i < n; i++) {
		if (!v[i].rtcp)
			continue;
		check_vector(&v[i]);
		rtcp++;
		malformed += v[i].malformed;
	}
	packet_vectors_free(v, n);
	assert_true(malformed > 0 && rtcp > malformed);
}

static void ntp_times_have_their_fraction(void **state)
{
	(void)state;
	assert_true(tp_rtcp_ntp(0) == 0);
	assert_true(tp_rtcp_ntp(1500000000) == 0x180000000);
	assert_int_equal(tp_rtcp_ntp_middle(tp_rtcp_ntp(1500000000)), 0x18000);
	/* 40 days of uptime and a nanosecond. */
	assert_int_equal(tp_rtcp_ntp(3456000000000001) >> 32, 3456000);
}

/* ---- Reports ---- */

static void intervals_are_spread_around_their_mean(void **state)
{
	enum { MEAN_MS = 5000, N = 20000 };
	struct tp_reports reports;
	struct tp_random random;
	int64_t now_ns = 0, shortest_ns = INT64_MAX, longest_ns = 0;

	(void)state;
	tp_random_init(&random, 6, 0);
	tp_reports_init(&reports);
	tp_reports_interval(&reports, &random, 1000, MEAN_MS);
	assert_in_range(reports.due_ns, MEAN_MS / 20 * MS, (uintmax_t)MEAN_MS * 3 / 20 * MS + 1000);
	for (int i = 0; i < N; i++) {
		int64_t interval_ns;

		tp_reports_sent(&reports, &random, now_ns);
		interval_ns = reports.due_ns - now_ns;
		now_ns = reports.due_ns;
		shortest_ns = interval_ns < shortest_ns ? interval_ns : shortest_ns;
		longest_ns = interval_ns > longest_ns ? interval_ns : longest_ns;
	}
	assert_in_range(shortest_ns, (uintmax_t)MEAN_MS * 50 / 100 * MS,
			(uintmax_t)MEAN_MS * 51 / 100 * MS);
	assert_in_range(longest_ns, (uintmax_t)MEAN_MS * 149 / 100 * MS,
			(uintmax_t)MEAN_MS * 150 / 100 * MS);
	/* The mean of N even draws is within 4 of its standard deviations. */
	assert_float_equal((double)now_ns / N / MS, MEAN_MS, (float)(4 * MEAN_MS / sqrt(12.0 * N)));
}

static void no_interval_no_reports(void **state)
{
	struct tp_reports reports;
	struct tp_random random;

	(void)state;
	tp_random_init(&random, 7, 0);
	tp_reports_init(&reports);
	tp_reports_interval(&reports, &random, 0, 0);
	assert_true(reports.due_ns == INT64_MAX);
	tp_reports_interval(&reports, &random, 0, 1000);
	assert_true(reports.due_ns < INT64_MAX);
	tp_reports_interval(&reports, &random, 0, 0);
	assert_true(reports.due_ns == INT64_MAX);
	tp_reports_sent(&reports, &random, 0);
	assert_true(reports.due_ns == INT64_MAX);
}

/* a sends SR, b answers 300 ms after it came; both ways take their time; clocks differ by an
 * hour. */
static void round_trip_is_what_the_network_took(void **state)
{
	const int64_t hour_ns = INT64_C(3600) * 1000 * MS;
	struct tp_reports a, b;
	struct tp_rtcp sr = {.ssrc = 1, .has_sender = true};
	struct tp_rtcp rr = {.ssrc = 2, .has_block = true};

	(void)state;
	tp_reports_init(&a);
	tp_reports_init(&b);
	tp_reports_reference(&b, &rr.block, 5);
	assert_int_equal(rr.block.lsr, 0);
	tp_reports_heard(&a, &rr, 10, 8000);
	assert_true(isnan(a.round_trip_ms));

	sr.sender.ntp = tp_rtcp_ntp(1000 * (int64_t)MS);
	tp_reports_heard(&b, &sr, hour_ns + 1035 * (int64_t)MS, 8000);
	tp_reports_reference(&b, &rr.block, hour_ns + 1335 * (int64_t)MS);
	rr.block.fraction_lost = 64;
	rr.block.lost = 9;
	rr.block.jitter = 80;
	tp_reports_heard(&a, &rr, 1352 * (int64_t)MS, 8000);
	assert_float_equal(a.round_trip_ms, 52, 0.05);
	assert_float_equal(a.remote_loss_percent, 25, 1e-9);
	assert_float_equal(a.remote_jitter_ms, 10, 1e-9);
	assert_int_equal(a.remote_lost, 9);

	/* Nonsense leaves the figure alone. */
	rr.block.dlsr += 65536 * 100;
	tp_reports_heard(&a, &rr, 1352 * (int64_t)MS, 8000);
	rr.block.lsr -= 65536u * 200;
	tp_reports_heard(&a, &rr, 1352 * (int64_t)MS, 8000);
	assert_float_equal(a.round_trip_ms, 52, 0.05);

	/* Another stream's SR would be told of with a wrong delay. */
	tp_reports_forget(&b);
	tp_reports_reference(&b, &rr.block, hour_ns + 1335 * (int64_t)MS);
	assert_int_equal(rr.block.lsr, 0);
	assert_int_equal(rr.block.dlsr, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(written_octets_are_those_of_the_rfc),
		cmocka_unit_test(names_of_every_length_end_in_a_null),
		cmocka_unit_test(malformed_compounds_are_refused),
		cmocka_unit_test(unusual_but_good_compounds_are_taken),
		cmocka_unit_test(random_damage_is_survived),
		cmocka_unit_test(shared_packets_read_as_they_should),
		cmocka_unit_test(ntp_times_have_their_fraction),
		cmocka_unit_test(intervals_are_spread_around_their_mean),
		cmocka_unit_test(no_interval_no_reports),
		cmocka_unit_test(round_trip_is_what_the_network_took),
	};

	return cmocka_run_group_tests_name("rtcp", tests, NULL, NULL);
}
