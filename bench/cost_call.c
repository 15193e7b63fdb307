/* SPDX-License-Identifier: MIT */
/* Cost of the receive path, and of whole calls: both ways, one engine, 20 ms. */
#include "bench_call.h"
#include "cost.h"
#include "receiver.h"

#include "engine/random.h"

#include <stdlib.h>

enum {
	RATE_HZ = 16000,
	BLOCK_MS = 10,
	LEARN_S = 30, /* by then the sender's clock is known */
};

/* ---- The receive path without a decoder ----------------------------------------------------- */

static int blank_describe(const struct tp_codec_config *config, struct tp_codec_shape *shape)
{
	(void)config;
	*shape = (struct tp_codec_shape){.rate_hz = RATE_HZ,
					 .clock_hz = RATE_HZ,
					 .frame_n = RATE_HZ / 1000 * TP_COST_FRAME_MS,
					 .packet_n = RATE_HZ / 1000 * TP_COST_FRAME_MS};
	return 0;
}

static size_t blank_size(const struct tp_codec_config *config)
{
	(void)config;
	return 0;
}

static int blank_init(void *state, const struct tp_codec_config *config)
{
	(void)state;
	(void)config;
	return 0;
}

static int blank_samples(const struct tp_codec_shape *shape, const uint8_t *payload, size_t len)
{
	(void)payload;
	(void)len;
	return shape->frame_n;
}

/* What stands in the engine's buffer, an even noise: the background's
 * spectrum is looked at most then. */
static int blank_decode(void *state, const uint8_t *payload, size_t len, bool fec, int16_t *pcm,
			int cap)
{
	(void)state;
	(void)payload;
	(void)len;
	(void)fec;
	(void)pcm;
	return cap < RATE_HZ / 1000 * TP_COST_FRAME_MS ? cap : RATE_HZ / 1000 * TP_COST_FRAME_MS;
}

static const struct tp_codec_ops blank = {
	.abi = TP_CODEC_ABI,
	.name = "blank",
	.about = "decodes at no cost",
	.static_pt = -1,
	.channels = 1,
	.describe = blank_describe,
	.decoder_size = blank_size,
	.decoder_init = blank_init,
	.samples = blank_samples,
	.decode = blank_decode,
};

struct receive {
	struct tp_receiver path;
	int64_t now_ns;
	uint32_t sent;
	double ppm;
};

static void receive_close(void *state)
{
	struct receive *receive = state;

	tp_receiver_close(&receive->path);
	free(receive);
}

static void run_receive(void *state, int n)
{
	struct receive *receive = state;
	int16_t pcm[RATE_HZ / 1000 * BLOCK_MS];

	for (int i = 0; i < n * TP_COST_FRAME_MS / BLOCK_MS; i++) {
		struct tp_block_time time = {.now_ns = receive->now_ns,
					     .captured_ns = receive->now_ns,
					     .played_ns = receive->now_ns};

		if (i % 2 == 0) {
			struct tp_packet *packet = tp_ring_pop(&receive->path.back);

			packet->seq = (uint16_t)receive->sent;
			packet->timestamp = receive->sent * (RATE_HZ / 1000 * TP_COST_FRAME_MS);
			packet->stamp_ns =
				receive->now_ns -
				(int64_t)(receive->sent++ * receive->ppm * TP_COST_FRAME_MS);
			packet->payload_len = 1;
			tp_ring_push(&receive->path.in, packet);
		}
		tp_rx_block(&receive->path.rx, &time, pcm);
		receive->now_ns += (int64_t)BLOCK_MS * 1000000;
	}
}

static int receive_open(void **state, const struct tp_cost_part *part)
{
	struct receive *receive = calloc(1, sizeof(*receive));
	struct tp_jitter_config jitter = {.nominal_ms = 60, .max_ms = 400};
	struct tp_receiver_setup setup = {.codec = &blank,
					  .jitter = &jitter,
					  .rate_hz = RATE_HZ,
					  .block_n = RATE_HZ / 1000 * BLOCK_MS,
					  .ptime_ms = TP_COST_FRAME_MS};
	struct tp_random random;
	int error;

	tp_random_init(&random, 1, 0);
	if (!receive)
		return tp_fail(TP_ERR_MEMORY, "no memory for the receive path");
	*state = receive;
	receive->ppm = part->ppm;
	error = tp_receiver_open(&receive->path, &setup);
	for (int i = 0; i < TP_RX_PCM_MAX; i++)
		receive->path.rx.pcm[i] = (int16_t)(tp_random_u32(&random) >> 23);
	if (!error)
		run_receive(receive, LEARN_S * 1000 / TP_COST_FRAME_MS);
	return error;
}

/* ---- Whole calls ---------------------------------------------------------------------------- */

static int call_open(void **state, const struct tp_cost_part *part)
{
	struct tp_bench_call *call = calloc(1, sizeof(*call));
	struct tp_bench_setting setting = {.codec = part->codec,
					   .period_ms = BLOCK_MS,
					   .ptime_ms = TP_COST_FRAME_MS,
					   .voice = part->voice,
					   .suite = part->suite,
					   .talk = true};
	int error;

	if (!call)
		return tp_fail(TP_ERR_MEMORY, "no memory for a call");
	*state = call;
	error = tp_bench_call_begin(call, &setting, 0);
	call->step_us = BLOCK_MS * 1000;
	return error ? error : tp_bench_call_run(call, 1000);
}

/* 10 ms of two engines are 20 ms of one. */
static void run_call(void *state, int n)
{
	if (tp_bench_call_run(state, n * BLOCK_MS) < 0)
		abort();
}

static void call_close(void *state)
{
	tp_bench_call_end(state);
	free(state);
}

#define CALL(CODEC, SUITE) \
	.batch = TP_COST_BATCH, .open = call_open, .run = run_call, .close = call_close, \
	.codec = (CODEC), .suite = (SUITE)

const struct tp_cost_part tp_cost_call_parts[] = {
	{.name = "receive path without decoder, 16 kHz",
	 .batch = TP_COST_BATCH,
	 .open = receive_open,
	 .run = run_receive,
	 .close = receive_close},
	{.name = "receive path, clocks 100 ppm apart",
	 .batch = TP_COST_BATCH,
	 .open = receive_open,
	 .run = run_receive,
	 .close = receive_close,
	 .ppm = 100},
	{.name = "call both ways, PCMU, plain", CALL("PCMU", TP_SRTP_NONE)},
	{.name = "call both ways, PCMU, SRTP", CALL("PCMU", TP_SRTP_AES_CM_128_HMAC_SHA1_80)},
	{.name = "call both ways, G.722, SRTP", CALL("G722", TP_SRTP_AES_CM_128_HMAC_SHA1_80)},
	{.name = "call both ways, Opus c5, SRTP", CALL("opus", TP_SRTP_AES_CM_128_HMAC_SHA1_80)},
	{.name = "call with AEC, PCMU, SRTP",
	 CALL("PCMU", TP_SRTP_AES_CM_128_HMAC_SHA1_80),
	 .voice = true},
	{.name = "call with AEC, G.722, SRTP",
	 CALL("G722", TP_SRTP_AES_CM_128_HMAC_SHA1_80),
	 .voice = true},
	{.name = NULL},
};
