/* SPDX-License-Identifier: MIT */
/* An encoder and a decoder of one codec in guarded memory. */
#ifndef TP_TESTS_CODER_PAIR_H
#define TP_TESTS_CODER_PAIR_H

#include <talkpath/codec.h>

struct coder_pair {
	const struct tp_codec_ops *codec;
	struct tp_codec_shape shape;
	void *encoder, *decoder; /* each with guard octets behind it */
	size_t encoder_size, decoder_size;
};

/* Fails the running test if the codec refuses. The memory is filled with `fill` first, so that two
 * fills show a state that init leaves half made. coder_pair_close() takes it back. */
void coder_pair_open(struct coder_pair *pair, const struct tp_codec_ops *codec,
		     const struct tp_codec_config *config, uint8_t fill);

/* Fails the test if a call wrote behind its state. */
void coder_pair_close(struct coder_pair *pair);

/* Calls of the codec that fail the test where the result is not n. */
int coder_pair_encode(struct coder_pair *pair, const int16_t *pcm, int n, uint8_t *payload);
void coder_pair_decode(struct coder_pair *pair, const uint8_t *payload, size_t len, int16_t *pcm,
		       int n);

/* Encodes and decodes `total` samples in packets of n, which must divide it; packets that the
 * encoder does not send are silence. */
void coder_pair_talk(struct coder_pair *pair, const int16_t *said, int16_t *heard, int total,
		     int n);

#endif
