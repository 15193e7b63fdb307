/* SPDX-License-Identifier: MIT */
/* A sender's clock that is fast or slow, on a line that is even otherwise: nothing is
 * made up, and no delay stays. */
#include "bench/receiver.h"
#include "engine/rx_delay.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	RATE_HZ = 8000,
	PTIME_MS = 20,
	PACKET_N = RATE_HZ / 1000 * PTIME_MS,
	PATH_MS = 40,
	SECONDS = 45, /* 250 ppm move packets by a whole block in 40 */
};

#define MS INT64_C(1000000)

static const struct tp_jitter_config adaptive = {TP_JITTER_ADAPTIVE, 0, 60, 400};

/* Virtual time begins here: 0 could be taken for "never". */
static const int64_t zero_ns = 1000 * MS;

struct clock_case {
	int block_ms;
	double ppm; /* by which the sender's clock is slow */
	double phase_ms; /* of the first packet, in a block */
	double noise_ms; /* packets are later than even by 0 to this */
};

struct clock_result {
	int64_t made_up_ns;
	double mean_ms, end_ms; /* delay beyond the line's, all the time and at last */
};

static const struct tp_codec_ops *pcmu(void)
{
	const struct tp_codec_ops *codec;

	for (int i = 0; (codec = tp_codec_builtin(i)); i++)
		if (!strcmp(codec->name, "PCMU"))
			return codec;
	return NULL;
}

/* Never silent, so that there is no pause to hide an edit in. */
static void fill(struct tp_packet *packet, int k)
{
	packet->seq = (uint16_t)k;
	packet->timestamp = (uint32_t)(k * PACKET_N);
	packet->payload_len = PACKET_N;
	for (int i = 0; i < PACKET_N; i++) {
		int t = k * PACKET_N + i;

		packet->data[i] =
			(uint8_t)(0x80 | (int)(31 * fabs(sin(t * 0.13) + sin(t * 0.011))));
	}
}

/* In trace time, of packet k. */
static double arrival_ms(const struct clock_case *c, int k)
{
	uint32_t random = (uint32_t)k * 2654435761u;

	return PATH_MS + c->phase_ms + k * PTIME_MS * (1 + c->ppm * 1e-6) +
	       c->noise_ms * (double)(random >> 16) / 65536;
}

static void arrive(struct tp_receiver *receiver, const struct clock_case *c, int k)
{
	struct tp_packet *packet = tp_ring_pop(&receiver->back);

	assert_non_null(packet);
	fill(packet, k);
	packet->stamp_ns = zero_ns + (int64_t)(arrival_ms(c, k) * 1e6);
	tp_ring_push(&receiver->in, packet);
}

/* From sending to the converter, beyond the line's own delay. What is next is played a block from
 * now, and leaves the drift stage by that stage's delay later. */
static double delay_ms(const struct tp_receiver *receiver, const struct clock_case *c,
		       int64_t now_ns)
{
	const struct tp_rx *rx = &receiver->rx;
	const struct tp_timeline *newest = &rx->jitter.timeline;
	int64_t since_ns = now_ns - tp_rx_delay_ns(rx, now_ns) - newest->media_ns;
	double media_ms = (double)newest->seq * PTIME_MS + (double)since_ns * 1e-6;

	return (double)(now_ns - zero_ns) * 1e-6 + c->block_ms +
	       tp_drift_delay_n(&rx->drift) * 1e3 / RATE_HZ - media_ms * (1 + c->ppm * 1e-6) -
	       PATH_MS - c->phase_ms;
}

static struct clock_result run(const struct clock_case *c)
{
	struct tp_receiver *receiver = calloc(1, sizeof(*receiver));
	struct tp_receiver_setup setup = {.codec = pcmu(),
					  .jitter = &adaptive,
					  .rate_hz = RATE_HZ,
					  .block_n = RATE_HZ / 1000 * c->block_ms,
					  .ptime_ms = PTIME_MS};
	struct clock_result result = {0};
	int k = 0, blocks = 0;

	assert_non_null(receiver);
	assert_int_equal(tp_receiver_open(receiver, &setup), 0);
	for (int ms = 0; ms < SECONDS * 1000; ms += c->block_ms) {
		int64_t now_ns = zero_ns + ms * MS;
		struct tp_block_time time = {now_ns, now_ns, now_ns};
		int16_t pcm[RATE_HZ / 100];

		while (arrival_ms(c, k) <= ms)
			arrive(receiver, c, k++);
		tp_rx_block(&receiver->rx, &time, pcm);
		if (!receiver->rx.playing)
			continue;
		result.end_ms = delay_ms(receiver, c, now_ns);
		result.mean_ms += result.end_ms;
		blocks++;
	}
	result.mean_ms /= blocks;
	result.made_up_ns = receiver->rx.count.concealed_ns + receiver->rx.unsure_ns;
	tp_receiver_close(receiver);
	free(receiver);
	return result;
}

/* Wherever in a block the packets come: the clock is known before they have crept to
 * the next one. Then a block, what the filter needs, and the grain of the statistics
 * are all the delay that is left. */
static void nothing_is_made_up_and_no_delay_stays(void **state)
{
	static const double ppms[] = {-300, -250, -50, 0, 50, 250};
	double worst_ms[2] = {0};

	(void)state;
	for (int i = 0; i < 60; i++) {
		struct clock_case c = {.block_ms = i % 2 ? 5 : 10,
				       .ppm = ppms[i / 10],
				       .noise_ms = i / 2 % 2 ? 0.8 : 0};
		struct clock_result result;

		c.phase_ms = (i / 2 % 5 + 0.02) * c.block_ms / 5;
		result = run(&c);
		if (result.made_up_ns > 0 || result.mean_ms > c.block_ms + 8 ||
		    result.end_ms > c.block_ms + 6)
			fail_msg("%+.0f ppm, blocks of %d ms, phase %.2f ms: %.2f ms made up, "
				 "delay %.1f ms, %.1f at the end",
				 c.ppm, c.block_ms, c.phase_ms, (double)result.made_up_ns * 1e-6,
				 result.mean_ms, result.end_ms);
		worst_ms[i % 2] = fmax(worst_ms[i % 2], result.mean_ms);
	}
	print_message("blocks of 10 ms: %.1f ms at most; of 5 ms: %.1f ms\n", worst_ms[0],
		      worst_ms[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_made_up_and_no_delay_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
