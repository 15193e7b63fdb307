/* SPDX-License-Identifier: MIT */
/* The bad network of --net: its losses, delays and order are what was
 * asked for, and follow the seed. */
#include "cli/network.h"

#include "engine/octets.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

enum {
	INTERVAL_MS = 20,
	PACKETS = 20000,
};

/* A peer that sends one numbered packet every 20 ms, as seen by the transport under test. */
struct peer {
	uint32_t sent;
	bool closed;
};

static int peer_receive(void *state, int64_t now_ns, struct tp_datagram *batch, int n)
{
	struct peer *peer = state;
	int got = 0;

	while (got < n && peer->sent < PACKETS) {
		int64_t stamp_ns = (int64_t)peer->sent * INTERVAL_MS * 1000000;

		if (stamp_ns > now_ns)
			break;
		tp_octets_put32(batch[got].data, peer->sent++);
		batch[got].len = 4;
		batch[got].stamp_ns = stamp_ns;
		batch[got++].component = TP_RTP;
	}
	return got;
}

static int peer_send(void *state, int64_t now_ns, enum tp_component component,
		     const struct tp_address *to, const uint8_t *data, size_t len)
{
	(void)state;
	(void)now_ns;
	(void)component;
	(void)to;
	(void)data;
	return (int)len;
}

static int peer_descriptors(void *state, int fd[2])
{
	(void)state;
	fd[0] = fd[1] = -1;
	return 0;
}

static int peer_local(void *state, enum tp_component component, struct tp_address *address)
{
	(void)state;
	(void)component;
	memset(address, 0, sizeof(*address));
	return 0;
}

static void peer_close(void *state)
{
	((struct peer *)state)->closed = true;
}

static const struct tp_transport_ops peer_ops = {peer_receive, peer_send, peer_descriptors,
						 peer_local, peer_close};

/* What came out of a whole run. */
struct run {
	int received;
	uint32_t number[PACKETS];
	double delay_ms[PACKETS]; /* by the stamps, in order of arrival */
};

static void run(struct run *result, const char *settings)
{
	struct peer peer = {0};
	struct tp_transport inner = {&peer_ops, &peer}, outer;
	struct tp_network_config config;
	uint8_t data[8][64];
	struct tp_datagram batch[8];
	int64_t last_ns = 0;

	memset(result, 0, sizeof(*result));
	assert_int_equal(tp_network_parse(&config, settings), 0);
	assert_int_equal(tp_network_wrap(&outer, &inner, &config), 0);
	for (int64_t ms = 0; ms <= PACKETS * INTERVAL_MS + 2000; ms += 5) {
		int got;

		do {
			for (int i = 0; i < 8; i++)
				batch[i] = (struct tp_datagram){.data = data[i], .cap = 64};
			got = outer.ops->receive(outer.state, ms * 1000000, batch, 8);
			for (int i = 0; i < got; i++) {
				uint32_t number = tp_octets_get32(batch[i].data);

				/* Stamps are the past, and in order. */
				assert_true(batch[i].stamp_ns <= ms * 1000000);
				assert_true(batch[i].stamp_ns >= last_ns);
				last_ns = batch[i].stamp_ns;
				result->number[result->received] = number;
				result->delay_ms[result->received++] =
					(double)batch[i].stamp_ns * 1e-6 - number * INTERVAL_MS;
			}
		} while (got == 8);
	}
	outer.ops->close(outer.state);
	assert_true(peer.closed);
}

static struct run first, second;

static void nothing_asked_for_changes_nothing(void **state)
{
	(void)state;
	run(&first, "seed=3");
	assert_int_equal(first.received, PACKETS);
	for (int i = 0; i < PACKETS; i++) {
		assert_int_equal(first.number[i], i);
		assert_true(first.delay_ms[i] == 0);
	}
}

/* Losses and their runs in the numbers that came out. */
static void count_losses(const struct run *result, int *lost, int *bursts)
{
	uint32_t expected = 0;

	*lost = *bursts = 0;
	for (int i = 0; i < result->received; i++) {
		*lost += (int)(result->number[i] - expected);
		*bursts += result->number[i] != expected;
		expected = result->number[i] + 1;
	}
}

/* The share of n packets lost in bursts of mean length b scatters with a standard deviation of
 * about sqrt(p (1 - p) (2 b - 1) / n); four of them are allowed. */
static void losses_have_the_share_and_the_bursts_asked_for(void **state)
{
	static const struct {
		const char *settings;
		double share, burst; /* independent losses of p: bursts of 1 / (1 - p) */
	} cases[] = {
		{"loss=2,seed=1", 0.02, 1 / 0.98},    {"loss=20,seed=2", 0.20, 1 / 0.80},
		{"loss=2,burst=3,seed=7", 0.02, 3},   {"loss=10,burst=1.5,seed=9", 0.10, 1.5},
		{"loss=30,burst=5,seed=11", 0.30, 5}, {"loss=10,burst=1,seed=4", 0.10, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double p = cases[i].share, b = cases[i].burst, n = PACKETS, share, burst;
		int lost, bursts;

		run(&first, cases[i].settings);
		count_losses(&first, &lost, &bursts);
		share = lost / n;
		burst = (double)lost / bursts;
		print_message("%s: lost %.2f %%, bursts of %.2f\n", cases[i].settings, 100 * share,
			      burst);
		assert_true(fabs(share - p) < 4 * sqrt(p * (1 - p) * (2 * b - 1) / n));
		/* Burst lengths are geometric: deviation sqrt(b (b - 1)), over that many bursts. */
		assert_true(fabs(burst - b) <= 4 * sqrt(b * (b - 1) / bursts) + 1e-9);
	}
}

/* Without order to keep, delays would be exponential: mean J. Keeping order can only add. */
static void jitter_delays_and_keeps_the_order(void **state)
{
	double sum = 0, least = INFINITY, most = 0;

	(void)state;
	run(&first, "jitter=5,seed=5");
	assert_int_equal(first.received, PACKETS);
	for (int i = 0; i < PACKETS; i++) {
		assert_int_equal(first.number[i], i);
		sum += first.delay_ms[i];
		least = fmin(least, first.delay_ms[i]);
		most = fmax(most, first.delay_ms[i]);
	}
	print_message("jitter=5: delay least %.3f, mean %.2f, most %.1f ms\n", least, sum / PACKETS,
		      most);
	assert_true(least >= 0 && least < 0.01);
	assert_true(sum / PACKETS > 4.8 && sum / PACKETS < 6);
	assert_true(most > 25 && most <= 50.001);
}

static void reordered_packets_are_overtaken_by_one_to_three(void **state)
{
	int late = 0, by[5] = {0};
	double share;

	(void)state;
	run(&first, "reorder=4,seed=6");
	assert_int_equal(first.received, PACKETS);
	for (int i = 0; i < PACKETS; i++) {
		int overtakers = 0;

		/* Those that came before it though they were sent after it. */
		for (int k = i - 1; k >= 0 && k >= i - 8; k--)
			overtakers += first.number[k] > first.number[i];
		assert_true(overtakers <= 4);
		late += overtakers > 0;
		by[overtakers]++;
	}
	share = (double)late / PACKETS;
	print_message("reorder=4: %.2f %% late, by one %d, two %d, three %d\n", 100 * share, by[1],
		      by[2], by[3]);
	assert_true(fabs(share - 0.04) < 4 * sqrt(0.04 * 0.96 / PACKETS) + 0.002);
	assert_true(by[1] > late / 5 && by[2] > late / 5 && by[3] > late / 5);
}

static void a_window_bounds_the_trouble(void **state)
{
	int before = 0, after = 0;

	(void)state;
	run(&first, "loss=50,jitter=30,from=100,to=200,seed=8");
	for (int i = 0; i < first.received; i++) {
		double sent_s = first.number[i] * INTERVAL_MS * 1e-3;

		if (sent_s < 100)
			before += first.delay_ms[i] == 0;
		else if (sent_s > 201)
			after += first.delay_ms[i] == 0;
	}
	assert_int_equal(before, 100 * 1000 / INTERVAL_MS);
	assert_int_equal(after, PACKETS - 1 - 201 * 1000 / INTERVAL_MS);
	assert_true(first.received < PACKETS - 2000);
}

static void the_seed_decides_everything(void **state)
{
	(void)state;
	run(&first, "loss=5,burst=2,jitter=10,reorder=2,seed=1");
	run(&second, "loss=5,burst=2,jitter=10,reorder=2,seed=1");
	assert_memory_equal(&first, &second, sizeof(first));
	run(&second, "loss=5,burst=2,jitter=10,reorder=2,seed=2");
	assert_memory_not_equal(&first, &second, sizeof(first));
}

static void settings_that_make_no_sense_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",           "loss",        "loss=",           "loss=abc",  "loss=-1",
		"loss=100",   "burst=0.5",   "loss=90,burst=2", "jitter=-1", "jitter=nan",
		"jitter=1e9", "reorder=100", "colour=3",        "seed=-1",   "from=5,to=4",
		"loss=2,,",   "seed=1e99",
	};
	struct tp_network_config config;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(tp_network_parse(&config, wrong[i]), TP_ERR_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_asked_for_changes_nothing),
		cmocka_unit_test(losses_have_the_share_and_the_bursts_asked_for),
		cmocka_unit_test(jitter_delays_and_keeps_the_order),
		cmocka_unit_test(reordered_packets_are_overtaken_by_one_to_three),
		cmocka_unit_test(a_window_bounds_the_trouble),
		cmocka_unit_test(the_seed_decides_everything),
		cmocka_unit_test(settings_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
