/* SPDX-License-Identifier: MIT */
/* Cost of the codecs: encode, decode, conceal 20 ms of a voice. */
#include "cost.h"

#include "cli/formats.h"
#include "codecs/registry.h"
#include "dsp/conceal.h"

#include <stdlib.h>
#include <string.h>

struct codec {
	const struct tp_codec_ops *ops;
	struct tp_codec_shape shape;
	void *encoder, *decoder;
	struct tp_conceal conceal; /* the engine's, for codecs without their own */
	int n; /* samples of a frame */
	unsigned next;
	int16_t talk[TP_TALK_MAX], out[2 * 48 * TP_COST_FRAME_MS];
	uint8_t payload[TP_COST_FRAMES][TP_CODEC_PAYLOAD_MAX];
	int len[TP_COST_FRAMES];
};

static void codec_close(void *state)
{
	struct codec *codec = state;

	free(codec->encoder);
	free(codec->decoder);
	free(codec);
}

static void *state_of(size_t size)
{
	return aligned_alloc(TP_CODEC_STATE_ALIGN,
			     (size / TP_CODEC_STATE_ALIGN + 1) * TP_CODEC_STATE_ALIGN);
}

static int begin(struct codec *codec, const struct tp_codec_config *config)
{
	int error = codec->ops->describe(config, &codec->shape);

	if (error)
		return error;
	codec->encoder = state_of(tp_codec_state_size(codec->ops, config, true));
	codec->decoder = state_of(tp_codec_state_size(codec->ops, config, false));
	if (!codec->encoder || !codec->decoder)
		return tp_fail(TP_ERR_MEMORY, "no memory for %s", codec->ops->name);
	error = tp_codec_state_init(codec->ops, codec->encoder, config, true);
	return error ? error : tp_codec_state_init(codec->ops, codec->decoder, config, false);
}

static int encode(struct codec *codec, int frame)
{
	return codec->ops->encode(codec->encoder, codec->talk + frame * codec->n, codec->n,
				  codec->payload[frame], TP_CODEC_PAYLOAD_MAX);
}

static int codec_open(void **state, const struct tp_cost_part *part)
{
	struct codec *codec = calloc(1, sizeof(*codec));
	int error;

	if (!codec)
		return tp_fail(TP_ERR_MEMORY, "no memory for %s", part->codec);
	*state = codec;
	codec->ops = tp_formats_codec(part->codec);
	error = begin(codec, &part->config);
	if (error)
		return error;
	codec->n = codec->shape.rate_hz / 1000 * TP_COST_FRAME_MS;
	error = tp_talk_load(codec->talk, codec->shape.rate_hz);
	if (error)
		return error;
	for (int i = 0; i < TP_COST_FRAMES; i++)
		codec->len[i] = encode(codec, i);
	tp_conceal_init(&codec->conceal, codec->shape.rate_hz);
	return 0;
}

static void run_encode(void *state, int n)
{
	struct codec *codec = state;

	for (int i = 0; i < n; i++)
		encode(codec, (int)(codec->next++ % TP_COST_FRAMES));
}

static void run_decode(void *state, int n)
{
	struct codec *codec = state;

	for (int i = 0; i < n; i++) {
		unsigned frame = codec->next++ % TP_COST_FRAMES;

		codec->ops->decode(codec->decoder, codec->payload[frame], (size_t)codec->len[frame],
				   false, codec->out, codec->n);
	}
}

/* A loss comes after three good packets. */
static void prepare_conceal(void *state, int n)
{
	struct codec *codec = state;

	(void)n;
	for (int i = 0; i < 3; i++) {
		run_decode(codec, 1);
		tp_conceal_good(&codec->conceal, codec->out, codec->n);
	}
}

static void run_conceal(void *state, int n)
{
	struct codec *codec = state;

	for (int i = 0; i < n; i++) {
		if (codec->ops->conceal)
			codec->ops->conceal(codec->decoder, codec->out, codec->n);
		else
			tp_conceal_make(&codec->conceal, codec->out, codec->n);
		if (codec->ops->absorb)
			codec->ops->absorb(codec->decoder, codec->out, codec->n);
	}
}

/* The same gap when the packet behind it is there; its decoding is not counted. */
static void prepare_bridge(void *state, int n)
{
	struct codec *codec = state;

	prepare_conceal(codec, n);
	run_decode(codec, 1);
	memcpy(codec->out + codec->n, codec->out, (size_t)codec->n * sizeof(*codec->out));
}

static void run_bridge(void *state, int n)
{
	struct codec *codec = state;

	for (int i = 0; i < n; i++)
		tp_conceal_bridge(&codec->conceal, codec->out, codec->n, codec->n);
}

#define BRIDGE(NAME, LABEL) \
	{ \
		.name = LABEL " conceal, both sides", .batch = 1, .open = codec_open, \
		.prepare = prepare_bridge, .run = run_bridge, .close = codec_close, \
		.codec = (NAME) \
	}

/* The engine makes concealment in steps of 10 ms; one of the codec's own counts in the same. */
#define CODEC(BATCH, NAME, LABEL, ...) \
	{.name = LABEL " encode", \
	 .batch = (BATCH), \
	 .open = codec_open, \
	 .run = run_encode, \
	 .close = codec_close, \
	 .codec = (NAME), \
	 .config = {__VA_ARGS__}}, \
		{.name = LABEL " decode", \
		 .batch = (BATCH), \
		 .open = codec_open, \
		 .run = run_decode, \
		 .close = codec_close, \
		 .codec = (NAME), \
		 .config = {__VA_ARGS__}}, \
	{ \
		.name = LABEL " conceal", .batch = 1, .open = codec_open, \
		.prepare = prepare_conceal, .run = run_conceal, .close = codec_close, \
		.codec = (NAME), .config = { \
			__VA_ARGS__ \
		} \
	}

const struct tp_cost_part tp_cost_codec_parts[] = {
	CODEC(TP_COST_BATCH_CHEAP, "PCMU", "PCMU", 0),
	CODEC(TP_COST_BATCH_CHEAP, "PCMA", "PCMA", 0),
	CODEC(TP_COST_BATCH_CHEAP, "L16", "L16 16 kHz", .rate_hz = 16000),
	CODEC(TP_COST_BATCH, "G722", "G.722", 0),
	BRIDGE("PCMU", "PCMU"),
	BRIDGE("G722", "G.722"),
	CODEC(TP_COST_BATCH, "opus", "Opus 16 kHz c1", .rate_hz = 16000, .complexity = 1),
	CODEC(TP_COST_BATCH, "opus", "Opus 16 kHz c5", .rate_hz = 16000, .complexity = 5),
	CODEC(TP_COST_BATCH, "opus", "Opus 16 kHz c10", .rate_hz = 16000, .complexity = 10),
	CODEC(TP_COST_BATCH, "opus", "Opus 48 kHz c5", .rate_hz = 48000, .complexity = 5),
	{.name = NULL},
};
