/* SPDX-License-Identifier: MIT */
/* An encoder and a decoder of one codec in guarded memory. */
#include "coder_pair.h"

#include "codecs/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	GUARD_LEN = 64,
	GUARD = 0xd7,
};

static void *guarded(size_t size, uint8_t fill)
{
	size_t whole = (size + GUARD_LEN + TP_CODEC_STATE_ALIGN - 1) / TP_CODEC_STATE_ALIGN *
		       TP_CODEC_STATE_ALIGN;
	uint8_t *memory = aligned_alloc(TP_CODEC_STATE_ALIGN, whole);

	assert_non_null(memory);
	memset(memory, fill, size);
	memset(memory + size, GUARD, whole - size);
	return memory;
}

static void release(void *state, size_t size)
{
	const uint8_t *guard = (uint8_t *)state + size;

	for (int i = 0; i < GUARD_LEN; i++)
		assert_int_equal(guard[i], GUARD);
	free(state);
}

void coder_pair_open(struct coder_pair *pair, const struct tp_codec_ops *codec,
		     const struct tp_codec_config *config, uint8_t fill)
{
	pair->codec = codec;
	assert_int_equal(codec->describe(config, &pair->shape), 0);
	pair->encoder_size = tp_codec_state_size(codec, config, true);
	pair->decoder_size = tp_codec_state_size(codec, config, false);
	pair->encoder = guarded(pair->encoder_size, fill);
	pair->decoder = guarded(pair->decoder_size, fill);
	assert_int_equal(tp_codec_state_init(codec, pair->encoder, config, true), 0);
	assert_int_equal(tp_codec_state_init(codec, pair->decoder, config, false), 0);
}

void coder_pair_close(struct coder_pair *pair)
{
	release(pair->encoder, pair->encoder_size);
	release(pair->decoder, pair->decoder_size);
}

int coder_pair_encode(struct coder_pair *pair, const int16_t *pcm, int n, uint8_t *payload)
{
	int len = pair->codec->encode(pair->encoder, pcm, n, payload, TP_CODEC_PAYLOAD_MAX);

	assert_in_range(len, 0, TP_CODEC_PAYLOAD_MAX);
	return len;
}

void coder_pair_decode(struct coder_pair *pair, const uint8_t *payload, size_t len, int16_t *pcm,
		       int n)
{
	assert_int_equal(pair->codec->samples(&pair->shape, payload, len), n);
	assert_int_equal(pair->codec->decode(pair->decoder, payload, len, false, pcm, n), n);
}

void coder_pair_talk(struct coder_pair *pair, const int16_t *said, int16_t *heard, int total, int n)
{
	uint8_t payload[TP_CODEC_PAYLOAD_MAX];

	assert_int_equal(total % n, 0);
	for (int at = 0; at < total; at += n) {
		int len = coder_pair_encode(pair, said + at, n, payload);

		if (len > 0) {
			coder_pair_decode(pair, payload, (size_t)len, heard + at, n);
			continue;
		}
		memset(heard + at, 0, (size_t)n * sizeof(*heard));
		pair->codec->absorb(pair->decoder, heard + at, n);
	}
}
