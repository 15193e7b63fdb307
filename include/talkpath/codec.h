/* SPDX-License-Identifier: MIT */
/* A codec is one struct: shape, state, encode, decode, and what to do about losses. */
#ifndef TALKPATH_CODEC_H
#define TALKPATH_CODEC_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	TP_CODEC_ABI = 1,
	TP_CODEC_STATE_ALIGN = 16, /* alignment of every state handed to a codec, octets */
	TP_CODEC_PAYLOAD_MAX = 1400, /* no packet carries more, octets */
	TP_CODEC_PACKET_MAX_MS = 120, /* no packet carries more time (RFC 6716 2.1.4) */
};

/* What the engine asks for. 0 always means: the codec's own default. */
struct tp_codec_config {
	int rate_hz; /* PCM rate wished for: 8000, 16000 or 48000; a codec of one rate ignores it */
	int bit_rate; /* bit/s */
	int complexity; /* 1..10; more is dearer and better */
	int loss_percent; /* expected network loss, 0..100 */
	bool fec; /* send redundancy for lost packets where the codec has its own */
	bool dtx; /* send nothing while there is nothing to hear */
};

/* What the codec answers: all of it fixed for the life of a state. */
struct tp_codec_shape {
	int rate_hz; /* PCM rate of encode and decode: whole thousands, 8000..48000 */
	int clock_hz; /* RTP timestamp clock; not the PCM rate: G.722 has 8000 beside its 16000
		       * (RFC 3551 4.5.2) */
	int frame_n; /* a packet carries a whole multiple of this many samples ... */
	int packet_n; /* ... and at most this many */
	int lookahead_n; /* samples of delay added by encoder and decoder together */
};

/* Settings that may change in the middle of a call, between two packets. */
enum tp_codec_control {
	TP_CODEC_BIT_RATE, /* bit/s */
	TP_CODEC_LOSS_PERCENT, /* loss that RTCP reports, 0..100 */
	TP_CODEC_DTX, /* 0 or 1 */
	TP_CODEC_FEC, /* 0 or 1 */
};

/* A known answer that the codec's author vouches for: contract tests replay it from a fresh state.
 * Encoding `pcm` gives exactly `payload` if check_encode; decoding `payload` gives exactly `pcm` if
 * check_decode. */
struct tp_codec_vector {
	const int16_t *pcm;
	int n;
	const uint8_t *payload;
	size_t len;
	bool check_encode, check_decode;
};

/* Encoder and decoder states are caller-owned memory of the sizes named here, aligned to
 * TP_CODEC_STATE_ALIGN. describe, the sizes and the inits are [control]; describe and the inits may
 * fail, with a sentence by tp_fail(). All others are [audio]: they run in the block, `samples` too,
 * and neither allocate nor lock nor call the system or tp_fail(). A state belongs to one thread at
 * a time. PCM is mono int16 at shape.rate_hz. */
struct tp_codec_ops {
	unsigned abi; /* TP_CODEC_ABI */
	const char *name; /* SDP encoding name, RFC 4855: "PCMU", "opus"; compared without case */
	const char *about; /* one line for people */
	int static_pt; /* RFC 3551 payload type, or -1: dynamic */
	int channels; /* of the SDP rtpmap (opus says 2, RFC 7587 4.1); sound is mono */

	/* What a state of this config will be like: 0, or an error with a sentence, for a rate that
	 * the codec does not have. Of one config always the same. */
	int (*describe)(const struct tp_codec_config *config, struct tp_codec_shape *shape);

	/* Both of an encoder or of a decoder are NULL where it has no state; it is then called with
	 * NULL. A size is what init of the same config will use. */
	size_t (*encoder_size)(const struct tp_codec_config *config);
	size_t (*decoder_size)(const struct tp_codec_config *config);
	int (*encoder_init)(void *state, const struct tp_codec_config *config);
	int (*decoder_init)(void *state, const struct tp_codec_config *config);

	/* n samples (a multiple of frame_n) into at most `cap` octets. Returns the octets written,
	 * 0 when nothing is to be sent, or a negative tp_error. */
	int (*encode)(void *state, const int16_t *pcm, int n, uint8_t *payload, size_t cap);

	/* Samples that decode would give for a payload, or negative if it is malformed. */
	int (*samples)(const struct tp_codec_shape *shape, const uint8_t *payload, size_t len);

	/* Returns the samples written, at most `cap`, or negative for a malformed payload (the
	 * state is then as after conceal or untouched, never unusable). With `fec` the payload is
	 * that of the *next* packet and exactly `cap` samples of the lost one before it are wanted;
	 * 0 says that it carries none. */
	int (*decode)(void *state, const uint8_t *payload, size_t len, bool fec, int16_t *pcm,
		      int cap);

	/* The codec's own concealment, if it is better than the engine's from both sides of a gap:
	 * writes n samples for a lost packet. NULL: the engine conceals on the played signal and
	 * tells the codec through absorb. */
	void (*conceal)(void *state, int16_t *pcm, int n);

	/* Takes what the engine played in place of a lost packet into the predictor's state, so
	 * that the next decode starts near it. Not called for what was played while a packet was
	 * late. NULL where there is no state. */
	void (*absorb)(void *state, const int16_t *pcm, int n);

	/* Returns 0, or TP_ERR_UNSUPPORTED for a setting that the codec does not have. NULL: it has
	 * none. */
	int (*control)(void *encoder, enum tp_codec_control what, int value);

	const struct tp_codec_vector *vectors; /* ends with one of pcm == NULL; NULL: none */
};

/* The i-th built-in codec in the order of the default offer, or NULL past the last. [any] */
TP_API const struct tp_codec_ops *tp_codec_builtin(int i);

/* Bounds- and sense-checks an ops table, its shape at its own rate and at every rate of the bus: 0,
 * or an error with a sentence. [control] */
TP_API TP_MUST_USE int tp_codec_check(const struct tp_codec_ops *codec);

#ifdef __cplusplus
}
#endif
#endif
