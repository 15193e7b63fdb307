/* SPDX-License-Identifier: MIT */
/* G.722 at 64 kbit/s (ITU-T G.722 mode 1, RFC 3551 4.5.2): 16 kHz sound, two samples an octet. */
#include "g722_band.h"
#include "g722_qmf.h"
#include "g722_vectors.h"
#include "registry.h"

#include <string.h>

enum {
	RATE_HZ = 16000,
	CLOCK_HZ = 8000, /* an error of RFC 1890 that RFC 3551 4.5.2 had to keep */
	PACKET_N = RATE_HZ / 1000 * TP_CODEC_PACKET_MAX_MS,
	LOOKAHEAD_N = TP_G722_QMF_TAPS - 2, /* of both filters */
	PAIRS_MAX = TP_G722_QMF_PAIRS_MAX,
	LAG_PAIRS = LOOKAHEAD_N / 2,
	LOST_PAIRS_MAX = RATE_HZ / 2, /* a second: nothing is left of any weight by then */
};

struct encoder {
	struct tp_g722_analysis qmf;
	struct tp_g722_band low, high;
};

struct decoder {
	struct tp_g722_synthesis qmf;
	struct tp_g722_band low, high;

	/* A loss that is being absorbed. */
	struct tp_g722_analysis heard;
	struct tp_g722_band low_before, high_before;
	int heard_pairs; /* up to LAG_PAIRS; 0: none is */
	int lost_pairs; /* so far, up to LOST_PAIRS_MAX */
};

/* What there is to encode or decode at once, of n samples from `at`. */
static int pairs_at(int at, int n)
{
	int pairs = (n - at) / 2;

	return pairs < PAIRS_MAX ? pairs : PAIRS_MAX;
}

static int describe(const struct tp_codec_config *config, struct tp_codec_shape *shape)
{
	(void)config;
	*shape = (struct tp_codec_shape){
		.rate_hz = RATE_HZ,
		.clock_hz = CLOCK_HZ,
		.frame_n = 2,
		.packet_n = PACKET_N,
		.lookahead_n = LOOKAHEAD_N,
	};
	return 0;
}

static size_t encoder_size(const struct tp_codec_config *config)
{
	(void)config;
	return sizeof(struct encoder);
}

static size_t decoder_size(const struct tp_codec_config *config)
{
	(void)config;
	return sizeof(struct decoder);
}

static int encoder_init(void *state, const struct tp_codec_config *config)
{
	struct encoder *encoder = state;

	(void)config;
	memset(encoder, 0, sizeof(*encoder));
	tp_g722_band_reset_low(&encoder->low);
	tp_g722_band_reset_high(&encoder->high);
	return 0;
}

static int decoder_init(void *state, const struct tp_codec_config *config)
{
	struct decoder *decoder = state;

	(void)config;
	memset(decoder, 0, sizeof(*decoder));
	tp_g722_band_reset_low(&decoder->low);
	tp_g722_band_reset_high(&decoder->high);
	return 0;
}

static void encode_pairs(struct encoder *encoder, const int16_t *pcm, uint8_t *payload, int pairs)
{
	int16_t low[PAIRS_MAX], high[PAIRS_MAX];
	uint8_t code_low[PAIRS_MAX], code_high[PAIRS_MAX];

	tp_g722_qmf_analyse(&encoder->qmf, pcm, low, high, pairs);
	tp_g722_band_encode_low(&encoder->low, low, code_low, pairs);
	tp_g722_band_encode_high(&encoder->high, high, code_high, pairs);
	for (int i = 0; i < pairs; i++)
		payload[i] = (uint8_t)(code_high[i] << 6 | code_low[i]);
}

static void decode_pairs(struct decoder *decoder, const uint8_t *payload, int16_t *pcm, int pairs)
{
	int16_t low[PAIRS_MAX], high[PAIRS_MAX];
	uint8_t code_low[PAIRS_MAX], code_high[PAIRS_MAX];

	for (int i = 0; i < pairs; i++) {
		code_low[i] = payload[i] & 63;
		code_high[i] = payload[i] >> 6;
	}
	tp_g722_band_decode_low(&decoder->low, 1, code_low, low, pairs);
	tp_g722_band_decode_high(&decoder->high, code_high, high, pairs);
	tp_g722_qmf_synthesise(&decoder->qmf, low, high, pcm, pairs);
}

static int encode(void *state, const int16_t *pcm, int n, uint8_t *payload, size_t cap)
{
	if (n < 2 || n > PACKET_N || n % 2 || (size_t)n / 2 > cap)
		return TP_ERR_ARGUMENT;
	for (int at = 0; at < n; at += 2 * PAIRS_MAX)
		encode_pairs(state, pcm + at, payload + at / 2, pairs_at(at, n));
	return n / 2;
}

static int samples(const struct tp_codec_shape *shape, const uint8_t *payload, size_t len)
{
	(void)shape;
	(void)payload;
	return len >= 1 && len <= PACKET_N / 2 ? (int)len * 2 : TP_ERR_FORMAT;
}

/* Encodes sound anew and lets the decoder follow its own code. A band sample belongs to the 24
 * samples of output that begin with it, so the first LAG_PAIRS that the filter gives are of windows
 * that began before the loss: those were decoded. */
static void absorb_pairs(struct decoder *decoder, const int16_t *pcm, int pairs)
{
	int16_t low[PAIRS_MAX], high[PAIRS_MAX], sound[2 * PAIRS_MAX];
	uint8_t code_low[PAIRS_MAX], code_high[PAIRS_MAX];
	struct tp_g722_band encoder_low = decoder->low, encoder_high = decoder->high;
	int skip = LAG_PAIRS - decoder->heard_pairs;

	tp_g722_qmf_analyse(&decoder->heard, pcm, low, high, pairs);
	skip = skip < pairs ? skip : pairs;
	decoder->heard_pairs += skip;
	pairs -= skip;
	tp_g722_band_encode_low(&encoder_low, low + skip, code_low, pairs);
	tp_g722_band_encode_high(&encoder_high, high + skip, code_high, pairs);
	tp_g722_band_decode_low(&decoder->low, 1, code_low, low, pairs);
	tp_g722_band_decode_high(&decoder->high, code_high, high, pairs);
	tp_g722_qmf_synthesise(&decoder->qmf, low, high, sound, pairs);
}

static void absorb(void *state, const int16_t *pcm, int n)
{
	struct decoder *decoder = state;

	if (decoder->heard_pairs == 0) {
		memset(&decoder->heard, 0, sizeof(decoder->heard));
		decoder->lost_pairs = 0;
		decoder->low_before = decoder->low;
		decoder->high_before = decoder->high;
	}
	decoder->lost_pairs += n / 2;
	if (decoder->lost_pairs > LOST_PAIRS_MAX)
		decoder->lost_pairs = LOST_PAIRS_MAX;
	for (int at = 0; at + 2 <= n; at += 2 * PAIRS_MAX)
		absorb_pairs(decoder, pcm + at, pairs_at(at, n));
}

/* What is left of the weights after a loss: 93 % after 20 ms, half after 75 ms. The longer it
 * was, the less the sound behind it is what they were learnt from, and weights that promise
 * more than is there make the next packets too loud: of 20 ms pieces behind losses of 20 %, 3.5
 * % were by more than 6 dB, up to 20 dB, and for up to 100 ms. So it is 0.9 %. Too little of
 * them costs a little sharpness. */
static float weights_left(const struct decoder *decoder)
{
	float age = (float)decoder->lost_pairs / (0.075f * CLOCK_HZ);

	return 1.0f / (1.0f + age * age);
}

/* Before the first packet after a loss: the windows still open end in silence, which on recorded
 * speech did as well as a continuation by pitch. Concealment is a guess, therefore step and weights
 * go only half way with it: after 20 ms of a fading pitch period the error of the next packets was
 * 4.7, 7.3 and 9.5 dB below the sound; 3.5, 6.7 and 8.8 with the whole way; 2.5, 6.0 and 8.8 if the
 * decoder was told nothing. */
static void end_loss(struct decoder *decoder)
{
	static const int16_t silence[LOOKAHEAD_N];

	absorb_pairs(decoder, silence, LAG_PAIRS);
	tp_g722_band_meet_low(&decoder->low, &decoder->low_before, weights_left(decoder));
	tp_g722_band_meet_high(&decoder->high, &decoder->high_before, weights_left(decoder));
	decoder->heard_pairs = 0;
}

static int decode(void *state, const uint8_t *payload, size_t len, bool fec, int16_t *pcm, int cap)
{
	struct decoder *decoder = state;
	int n = samples(NULL, payload, len);

	if (fec)
		return 0;
	if (n < 0 || n > cap)
		return TP_ERR_FORMAT;
	if (decoder->heard_pairs > 0)
		end_loss(decoder);
	for (int at = 0; at < n; at += 2 * PAIRS_MAX)
		decode_pairs(decoder, payload + at / 2, pcm + at, pairs_at(at, n));
	return n;
}

const struct tp_codec_ops tp_g722 = {
	.abi = TP_CODEC_ABI,
	.name = "G722",
	.about = "G.722, 16 kHz sound at 64 kbit/s: wideband of every desk phone",
	.static_pt = 9,
	.channels = 1,
	.describe = describe,
	.encoder_size = encoder_size,
	.decoder_size = decoder_size,
	.encoder_init = encoder_init,
	.decoder_init = decoder_init,
	.encode = encode,
	.samples = samples,
	.decode = decode,
	.absorb = absorb,
	.vectors = vectors,
};
