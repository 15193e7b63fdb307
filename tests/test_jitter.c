/* SPDX-License-Identifier: MIT */
/* The jitter buffer: order, verdicts, ownership, and a target that follows the network. */
#include "engine/jitter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
	MS = 1000000,
	CAP = 32,
};

static const struct tp_jitter_config adaptive = {TP_JITTER_ADAPTIVE, 0, 60, 400};

struct bench {
	struct tp_jitter jitter;
	struct tp_jitter_entry entries[CAP];
	struct tp_packet packets[64];
};

static void begin(struct bench *bench, const struct tp_jitter_config *config)
{
	tp_jitter_init(&bench->jitter, bench->entries, CAP, config, 10 * MS);
}

static struct tp_packet *packet(struct bench *bench, int k, int64_t arrival_ns)
{
	struct tp_packet *p = &bench->packets[k % 64];

	p->seq = (uint16_t)(100 + k);
	p->timestamp = (uint32_t)(160 * k);
	p->stamp_ns = arrival_ns;
	return p;
}

/* Packet k (20 ms each) arrives at arrival_ns and is seen by the block at now_ns. */
static enum tp_jitter_verdict put(struct bench *bench, int k, int64_t arrival_ns, int64_t now_ns,
				  int64_t played_ns, struct tp_packet **refused)
{
	return tp_jitter_put(&bench->jitter, packet(bench, k, arrival_ns), 8000, 20 * MS, now_ns,
			     played_ns, refused);
}

static void packets_come_out_in_order(void **state)
{
	static const int order[] = {0, 3, 1, 2, 7, 5, 6, 4};
	struct bench *bench = calloc(1, sizeof(*bench));
	struct tp_packet *refused;

	(void)state;
	begin(bench, &adaptive);
	for (int i = 0; i < 8; i++)
		assert_int_equal(put(bench, order[i], i * MS, 10 * MS, INT64_MIN, &refused),
				 TP_JITTER_STORED);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(tp_jitter_next(&bench->jitter)->media_ns, (int64_t)i * 20 * MS);
		assert_int_equal(tp_jitter_take(&bench->jitter)->seq, 100 + i);
	}
	assert_null(tp_jitter_next(&bench->jitter));
	free(bench);
}

static void duplicates_and_late_ones_come_back(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct tp_packet *refused;

	(void)state;
	begin(bench, &adaptive);
	put(bench, 0, 0, 0, INT64_MIN, &refused);
	assert_null(refused);
	assert_int_equal(put(bench, 5, 1, 0, INT64_MIN, &refused), TP_JITTER_STORED);
	assert_int_equal(put(bench, 0, 2, 0, INT64_MIN, &refused), TP_JITTER_DUPLICATE);
	assert_ptr_equal(refused, &bench->packets[0]);
	assert_int_equal(put(bench, 3, 100 * MS, 100 * MS, 80 * MS, &refused), TP_JITTER_LATE);
	assert_ptr_equal(refused, &bench->packets[3]);
	assert_int_equal(bench->jitter.late, 1);
	tp_jitter_take(&bench->jitter);
	assert_int_equal(put(bench, 0, 2, 0, INT64_MIN, &refused), TP_JITTER_DUPLICATE);
	free(bench);
}

static void a_full_buffer_gives_up_its_oldest(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct tp_packet *refused;

	(void)state;
	begin(bench, &adaptive);
	for (int k = 0; k < CAP; k++)
		assert_int_equal(put(bench, k, 0, 0, INT64_MIN, &refused), TP_JITTER_STORED);
	assert_int_equal(put(bench, CAP, 0, 0, INT64_MIN, &refused), TP_JITTER_DISPLACED);
	assert_ptr_equal(refused, &bench->packets[0]);
	assert_int_equal(bench->jitter.n, CAP);
	assert_int_equal(bench->jitter.discarded, 1);
	free(bench);
}

enum { LATEST = 16 }; /* packets by which one may be overtaken here */

/* Feeds `n` packets whose network delay is delay_ns(k), as they arrive, and takes each at once; the
 * last target beyond the fastest packet, in ms. */
static double target_after(const struct tp_jitter_config *config, int n, int64_t (*delay_ns)(int))
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct tp_packet *refused;
	double ms;

	begin(bench, config);
	for (int at = 0; at < n + LATEST; at++)
		for (int k = at < LATEST ? 0 : at - LATEST; k <= at && k < n; k++) {
			int64_t arrival_ns = (int64_t)k * 20 * MS + delay_ns(k);

			if (arrival_ns / (20 * MS) != at)
				continue;
			put(bench, k, arrival_ns, arrival_ns, INT64_MIN, &refused);
			while (tp_jitter_next(&bench->jitter))
				tp_jitter_take(&bench->jitter);
		}
	ms = (double)bench->jitter.delay.extra_ns / MS;
	free(bench);
	return ms;
}

static int64_t even(int k)
{
	(void)k;
	return 40 * MS;
}

static int64_t uneven(int k)
{
	return 40 * MS + k % 7 * 10 * MS;
}

static int64_t rarely_late(int k)
{
	return 40 * MS + (k % 400 == 399 ? 300 * MS : 0);
}

static int64_t slow_sender(int k)
{
	return 40 * MS + k * 4000; /* 200 ppm */
}

static void an_even_network_is_waited_for_no_longer_than_a_bin(void **state)
{
	(void)state;
	assert_true(target_after(&adaptive, 1000, even) <= TP_DELAY_BIN_US / 1000.0);
}

static void an_uneven_one_by_its_spread(void **state)
{
	double ms = target_after(&adaptive, 1000, uneven);

	(void)state;
	assert_true(ms >= 60 && ms <= 60 + 2 * TP_DELAY_BIN_US / 1000.0);
}

static void rare_spikes_are_not_worth_their_delay(void **state)
{
	(void)state;
	assert_true(target_after(&adaptive, 2000, rarely_late) < 50);
}

static void the_base_follows_a_slow_sender(void **state)
{
	(void)state;
	/* 8 s of minima at 200 ppm are 1.6 ms */
	assert_true(target_after(&adaptive, 30000, slow_sender) <= 2 * TP_DELAY_BIN_US / 1000.0);
}

/* F12: settings are milliseconds whatever the packets are. */
static void field_12_limits_and_fixed_delay_are_milliseconds(void **state)
{
	struct tp_jitter_config fixed = {TP_JITTER_FIXED, 0, 73, 400};
	struct tp_jitter_config narrow = {TP_JITTER_ADAPTIVE, 30, 30, 45};

	(void)state;
	assert_true(target_after(&fixed, 1000, uneven) == 73);
	assert_true(target_after(&fixed, 1, even) == 73);
	assert_true(target_after(&narrow, 1000, even) == 30);
	assert_true(target_after(&narrow, 1000, uneven) == 45);
}

/* The farther the peer, the dearer a millisecond: ITU-T G.107 bends at 177 ms. */
static void a_far_peer_is_waited_for_less(void **state)
{
	static const int trips_ms[] = {0, 400};
	double ms[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct bench *bench = calloc(1, sizeof(*bench));
		struct tp_packet *refused;

		begin(bench, &adaptive);
		tp_delay_round_trip(&bench->jitter.delay, trips_ms[i]);
		for (int k = 0; k < 2000; k++) {
			/* every six seconds something is 200 ms late */
			int64_t at_ns = (int64_t)k * 20 * MS + (k % 300 == 299 ? 200 * MS : 0);

			put(bench, k, at_ns, at_ns, INT64_MIN, &refused);
			while (tp_jitter_next(&bench->jitter))
				tp_jitter_take(&bench->jitter);
		}
		ms[i] = (double)bench->jitter.delay.extra_ns / MS;
		free(bench);
	}
	print_message("near %.1f ms, far %.1f ms\n", ms[0], ms[1]);
	assert_true(ms[1] < ms[0]);
}

static void waiting_is_a_bet_on_late_against_lost(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct tp_packet *refused;

	(void)state;
	begin(bench, &adaptive);
	for (int k = 0; k < 1000; k++) {
		int64_t at_ns = (int64_t)k * 20 * MS;
		if (k % 10 == 5)
			continue; /* lost: one in ten, none ever late */
		put(bench, k, at_ns, at_ns, INT64_MIN, &refused);
		tp_jitter_take(&bench->jitter);
	}
	int64_t late_ns = bench->jitter.delay.base_ns + 20 * MS;
	assert_false(tp_jitter_worth_waiting(&bench->jitter, late_ns, 0));
	/* many in a row are no losses but a stall */
	assert_true(tp_jitter_worth_waiting(&bench->jitter, late_ns, 8));
	free(bench);
}

/* Four packets in a hundred, each overtaken by two. */
static int64_t overtaken(int k)
{
	return (40 + (k % 25 == 20 ? 42 : 0)) * MS;
}

static void what_is_overtaken_again_and_again_is_waited_for(void **state)
{
	double ms = target_after(&adaptive, 2000, overtaken);

	(void)state;
	assert_true(ms >= 42 && ms <= 42 + 2 * TP_DELAY_BIN_US / 1000.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_come_out_in_order),
		cmocka_unit_test(duplicates_and_late_ones_come_back),
		cmocka_unit_test(a_full_buffer_gives_up_its_oldest),
		cmocka_unit_test(an_even_network_is_waited_for_no_longer_than_a_bin),
		cmocka_unit_test(an_uneven_one_by_its_spread),
		cmocka_unit_test(rare_spikes_are_not_worth_their_delay),
		cmocka_unit_test(the_base_follows_a_slow_sender),
		cmocka_unit_test(field_12_limits_and_fixed_delay_are_milliseconds),
		cmocka_unit_test(a_far_peer_is_waited_for_less),
		cmocka_unit_test(waiting_is_a_bet_on_late_against_lost),
		cmocka_unit_test(what_is_overtaken_again_and_again_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
