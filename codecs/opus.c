/* SPDX-License-Identifier: MIT */
/* Opus (RFC 6716, RFC 7587) by libopus, in the caller's memory. */
#include "opus_state.h"
#include "opus_vectors.h"
#include "registry.h"

#include <opus.h>
#include <string.h>

enum {
	CLOCK_HZ = 48000, /* at every rate: RFC 7587 4.1 */
	RATE_DEFAULT_HZ = 16000,
	COMPLEXITY_DEFAULT = 5,
	LOSS_DEFAULT_PERCENT = 5, /* with FEC: libopus adds none for a loss of 0 */
	BIT_RATE_MIN = 6000, /* RFC 6716 2.1.1 */
	BIT_RATE_MAX = 510000,
	UNITS_PER_S = 400, /* 2.5 ms is the shortest frame, RFC 6716 2.1.4 */
	UNITS_20MS = 8, /* of a loss at once: libopus takes longer ones apart */
	OWED_MAX_MS = 60, /* of a loss the decoder is told: by then it has faded out */
	UNITS_MAX = TP_CODEC_PACKET_MAX_MS * UNITS_PER_S / 1000,
	DTX_MAX_LEN = 2, /* packets up to here say only that nothing is said */
	TOC_FRAMES = 0x03, /* bits of the first octet that count frames, RFC 6716 3.1 */
	UNHEARD_N = 960, /* 20 ms at 48 kHz */
};

struct encoder {
	int rate_hz;
	size_t repacketizer_at; /* in libopus */
	uint8_t frames[TP_CODEC_PAYLOAD_MAX];
	_Alignas(TP_CODEC_STATE_ALIGN) uint8_t libopus[]; /* encoder, then repacketizer */
};

struct decoder {
	int rate_hz;
	int owed_n; /* samples that were played without libopus, and that it must yet pass over */
	int16_t unheard[UNHEARD_N];
	_Alignas(TP_CODEC_STATE_ALIGN) uint8_t libopus[];
};

static size_t align(size_t size)
{
	return (size + TP_CODEC_STATE_ALIGN - 1) / TP_CODEC_STATE_ALIGN * TP_CODEC_STATE_ALIGN;
}

static OpusEncoder *encoder_of(struct encoder *encoder)
{
	return (OpusEncoder *)(void *)encoder->libopus;
}

static OpusRepacketizer *repacketizer_of(struct encoder *encoder)
{
	return (OpusRepacketizer *)(void *)(encoder->libopus + encoder->repacketizer_at);
}

static OpusDecoder *decoder_of(struct decoder *decoder)
{
	return (OpusDecoder *)(void *)decoder->libopus;
}

/* At or somewhat above what RFC 7587 3.1.1 recommends for speech of that band. With FEC a quarter
 * more: libopus adds redundancy only where the rate leaves room for it, which at a loss of 5 %
 * begins there. */
static int bit_rate_default(int rate_hz, bool fec)
{
	int bit_rate;

	switch (rate_hz) {
	case 8000:
		bit_rate = 16000;
		break;
	case 12000:
		bit_rate = 20000;
		break;
	case 16000:
		bit_rate = 24000;
		break;
	case 24000:
		bit_rate = 28000;
		break;
	default:
		bit_rate = 32000;
		break;
	}
	return fec ? bit_rate * 5 / 4 : bit_rate;
}

static int describe(const struct tp_codec_config *config, struct tp_codec_shape *shape)
{
	int rate_hz = config->rate_hz ? config->rate_hz : RATE_DEFAULT_HZ;

	if (rate_hz != 8000 && rate_hz != 12000 && rate_hz != 16000 && rate_hz != 24000 &&
	    rate_hz != 48000)
		return tp_fail(TP_ERR_UNSUPPORTED,
			       "Opus has 8000, 12000, 16000, 24000 and 48000 Hz, not %d", rate_hz);
	if (config->bit_rate &&
	    (config->bit_rate < BIT_RATE_MIN || config->bit_rate > BIT_RATE_MAX))
		return tp_fail(TP_ERR_ARGUMENT, "Opus has bit rates of %d to %d, not %d",
			       BIT_RATE_MIN, BIT_RATE_MAX, config->bit_rate);
	if (config->complexity < 0 || config->complexity > 10)
		return tp_fail(TP_ERR_ARGUMENT, "Opus has complexities of 1 to 10, not %d",
			       config->complexity);
	if (config->loss_percent < 0 || config->loss_percent > 100)
		return tp_fail(TP_ERR_ARGUMENT, "a loss is 0 to 100 percent, not %d",
			       config->loss_percent);
	*shape = (struct tp_codec_shape){
		.rate_hz = rate_hz,
		.clock_hz = CLOCK_HZ,
		.frame_n = rate_hz / UNITS_PER_S,
		.packet_n = rate_hz / UNITS_PER_S * UNITS_MAX,
		/* CELT's overlap and the delay that aligns SILK with it: OPUS_GET_LOOKAHEAD. */
		.lookahead_n = rate_hz / 400 + rate_hz / 250,
	};
	return 0;
}

static size_t encoder_size(const struct tp_codec_config *config)
{
	(void)config;
	return sizeof(struct encoder) + align((size_t)opus_encoder_get_size(1)) +
	       (size_t)opus_repacketizer_get_size();
}

static size_t decoder_size(const struct tp_codec_config *config)
{
	(void)config;
	return sizeof(struct decoder) + (size_t)opus_decoder_get_size(1);
}

static int control(void *state, enum tp_codec_control what, int value)
{
	OpusEncoder *opus = encoder_of(state);
	int error = OPUS_UNIMPLEMENTED;

	switch (what) {
	case TP_CODEC_BIT_RATE:
		if (value < BIT_RATE_MIN || value > BIT_RATE_MAX)
			return TP_ERR_ARGUMENT;
		error = opus_encoder_ctl(opus, OPUS_SET_BITRATE(value));
		break;
	case TP_CODEC_LOSS_PERCENT:
		error = opus_encoder_ctl(opus, OPUS_SET_PACKET_LOSS_PERC(value));
		break;
	case TP_CODEC_DTX:
		error = opus_encoder_ctl(opus, OPUS_SET_DTX(value));
		break;
	case TP_CODEC_FEC:
		error = opus_encoder_ctl(opus, OPUS_SET_INBAND_FEC(value));
		break;
	}
	if (error == OPUS_UNIMPLEMENTED)
		return TP_ERR_UNSUPPORTED;
	return error == OPUS_OK ? 0 : TP_ERR_ARGUMENT;
}

static int configure(struct encoder *encoder, const struct tp_codec_config *config)
{
	int complexity = config->complexity ? config->complexity : COMPLEXITY_DEFAULT;
	int bit_rate = config->bit_rate;
	int loss_percent = config->loss_percent;
	int error;

	if (bit_rate == 0)
		bit_rate = bit_rate_default(encoder->rate_hz, config->fec);
	if (config->fec && loss_percent == 0)
		loss_percent = LOSS_DEFAULT_PERCENT;
	if (opus_encoder_ctl(encoder_of(encoder), OPUS_SET_COMPLEXITY(complexity)) != OPUS_OK)
		return TP_ERR_UNSUPPORTED;
	error = control(encoder, TP_CODEC_BIT_RATE, bit_rate);
	if (!error)
		error = control(encoder, TP_CODEC_LOSS_PERCENT, loss_percent);
	if (!error)
		error = control(encoder, TP_CODEC_FEC, config->fec);
	if (!error)
		error = control(encoder, TP_CODEC_DTX, config->dtx);
	return error;
}

static int encoder_init(void *state, const struct tp_codec_config *config)
{
	struct encoder *encoder = state;
	struct tp_codec_shape shape = {0};
	int error = describe(config, &shape);

	if (error < 0)
		return error;
	encoder->rate_hz = shape.rate_hz;
	encoder->repacketizer_at = align((size_t)opus_encoder_get_size(1));
	error = opus_encoder_init(encoder_of(encoder), shape.rate_hz, 1, OPUS_APPLICATION_VOIP);
	if (error != OPUS_OK)
		return tp_fail(TP_ERR_UNSUPPORTED, "libopus refuses an encoder: %s",
			       opus_strerror(error));
	error = configure(encoder, config);
	if (error < 0)
		return tp_fail(error, "libopus refuses the settings of an encoder");
	return 0;
}

static int decoder_init(void *state, const struct tp_codec_config *config)
{
	struct decoder *decoder = state;
	struct tp_codec_shape shape = {0};
	int error = describe(config, &shape);

	if (error < 0)
		return error;
	decoder->rate_hz = shape.rate_hz;
	decoder->owed_n = 0;
	error = opus_decoder_init(decoder_of(decoder), shape.rate_hz, 1);
	if (error != OPUS_OK)
		return tp_fail(TP_ERR_UNSUPPORTED, "libopus refuses a decoder: %s",
			       opus_strerror(error));
	return 0;
}

/* libopus encodes 2.5, 5, 10, 20, 40, 60, 80, 100 and 120 ms at once; other lengths are several
 * frames of the longest of the first three that divides them. */
static int frame_units(int units)
{
	if (units == 1 || units == 2 || units == 4 || units % 8 == 0)
		return units;
	return units % 4 == 0 ? 4 : units % 2 == 0 ? 2 : 1;
}

/* Joins frames that lie one after the other. All frames of a packet share mode and band (RFC 6716
 * 3.1); one that the encoder gave another in the middle of a packet, or that DTX left out, becomes
 * an empty frame, which the decoder conceals. */
static int join(struct encoder *encoder, const int *len, int frames, uint8_t toc, uint8_t *payload,
		int cap)
{
	OpusRepacketizer *repacketizer = opus_repacketizer_init(repacketizer_of(encoder));
	const uint8_t *frame = encoder->frames;
	int error = OPUS_OK;

	for (int i = 0; i < frames && error == OPUS_OK; i++) {
		bool same = len[i] > DTX_MAX_LEN && (frame[0] & ~TOC_FRAMES) == toc;

		error = opus_repacketizer_cat(repacketizer, same ? frame : &toc, same ? len[i] : 1);
		frame += len[i];
	}
	if (error == OPUS_OK)
		error = opus_repacketizer_out(repacketizer, payload, cap);
	return error;
}

static int encode_frames(struct encoder *encoder, const int16_t *pcm, int n, int frame_n,
			 uint8_t *payload, int cap)
{
	int len[UNITS_MAX];
	int frames = n / frame_n;
	int room = cap - 2 - 2 * frames; /* joining may take so much: RFC 6716 3.2.5 */
	int at = 0, toc = -1;

	for (int i = 0; i < frames; i++) {
		len[i] = opus_encode(encoder_of(encoder), pcm + i * frame_n, frame_n,
				     encoder->frames + at, (room - at) / (frames - i));
		if (len[i] < 0)
			return len[i];
		if (toc < 0 && len[i] > DTX_MAX_LEN)
			toc = encoder->frames[at] & ~TOC_FRAMES;
		at += len[i];
	}
	return toc < 0 ? 0 : join(encoder, len, frames, (uint8_t)toc, payload, cap);
}

static int encode(void *state, const int16_t *pcm, int n, uint8_t *payload, size_t cap)
{
	struct encoder *encoder = state;
	int unit_n = encoder->rate_hz / UNITS_PER_S;
	int units = n / unit_n;
	int room = cap < TP_CODEC_PAYLOAD_MAX ? (int)cap : TP_CODEC_PAYLOAD_MAX;
	int frame_n, len;

	if (units < 1 || units > UNITS_MAX || n % unit_n)
		return TP_ERR_ARGUMENT;
	frame_n = frame_units(units) * unit_n;
	if (frame_n == n)
		len = opus_encode(encoder_of(encoder), pcm, n, payload, room);
	else
		len = encode_frames(encoder, pcm, n, frame_n, payload, room);
	if (len < 0)
		return TP_ERR_ARGUMENT;
	return len > DTX_MAX_LEN ? len : 0;
}

static int samples_at(int rate_hz, const uint8_t *payload, size_t len)
{
	unsigned char toc;
	opus_int16 size[UNITS_MAX];

	if (len > INT32_MAX ||
	    opus_packet_parse(payload, (opus_int32)len, &toc, NULL, size, NULL) < 1)
		return TP_ERR_FORMAT;
	return opus_packet_get_nb_samples(payload, (opus_int32)len, rate_hz);
}

static int samples(const struct tp_codec_shape *shape, const uint8_t *payload, size_t len)
{
	return samples_at(shape->rate_hz, payload, len);
}

/* Whether the first frame carries the one before it again. The flags for this stand uncoded at the
 * head of a SILK frame, behind one flag of voice activity for each 20 ms, first for the middle and
 * then for the side channel: RFC 6716 4.2.3. `payload` is well-formed. */
static bool has_fec(const uint8_t *payload, size_t len)
{
	const unsigned char *frame[UNITS_MAX];
	opus_int16 size[UNITS_MAX];
	unsigned char toc;
	int config, parts, flags;

	opus_packet_parse(payload, (opus_int32)len, &toc, frame, size, NULL);
	config = toc >> 3;
	if (config >= 16 || size[0] < 1)
		return false;
	parts = config < 12 && (config & 3) > 1 ? config & 3 : 1;
	flags = 0x80 >> parts;
	if (toc & 4)
		flags |= 0x80 >> (2 * parts + 1);
	return frame[0][0] & flags;
}

/* libopus is to know that something was lost before it decodes on: its predictors then start from
 * its own guess, and what they carry over is faded in. That guess is not played. */
static void pass_over(struct decoder *decoder)
{
	int unit_n = decoder->rate_hz / UNITS_PER_S;
	int units = (decoder->owed_n + unit_n / 2) / unit_n;

	decoder->owed_n = 0;
	while (units > 0) {
		int some = units < UNITS_20MS ? units : UNITS_20MS;

		if (opus_decode(decoder_of(decoder), NULL, 0, decoder->unheard, some * unit_n, 0) <
		    0)
			return;
		units -= some;
	}
}

static int decode(void *state, const uint8_t *payload, size_t len, bool fec, int16_t *pcm, int cap)
{
	struct decoder *decoder = state;
	int n = samples_at(decoder->rate_hz, payload, len);

	if (n < 0)
		return TP_ERR_FORMAT;
	if (fec && (!has_fec(payload, len) || cap % (decoder->rate_hz / UNITS_PER_S) ||
		    cap < opus_packet_get_samples_per_frame(payload, decoder->rate_hz)))
		return 0;
	if (!fec && n > cap)
		return TP_ERR_FORMAT;
	pass_over(decoder);
	n = opus_decode(decoder_of(decoder), payload, (opus_int32)len, pcm, cap, fec);
	return n < 0 ? TP_ERR_FORMAT : n;
}

/* What was played cannot be told to libopus, how long it was can. The engine makes it up, and not
 * libopus, because it knows both sides of a gap: beside libopus's concealment, at 20 % loss of SILK
 * with FEC, that was worth a quarter of a point of a P.862-like score. */
static void absorb(void *state, const int16_t *pcm, int n)
{
	struct decoder *decoder = state;
	int most_n = decoder->rate_hz / 1000 * OWED_MAX_MS;

	(void)pcm;
	decoder->owed_n = n < most_n - decoder->owed_n ? decoder->owed_n + n : most_n;
}

uint32_t tp_opus_final_range(void *decoder)
{
	opus_uint32 range = 0;

	opus_decoder_ctl(decoder_of(decoder), OPUS_GET_FINAL_RANGE(&range));
	return range;
}

const struct tp_codec_ops tp_opus = {
	.abi = TP_CODEC_ABI,
	.name = "opus",
	.about = "Opus, 8 to 48 kHz sound at 6 to 510 kbit/s: best sound for the bits",
	.static_pt = -1,
	.channels = 2, /* RFC 7587 4.1, whatever is sent */
	.describe = describe,
	.encoder_size = encoder_size,
	.decoder_size = decoder_size,
	.encoder_init = encoder_init,
	.decoder_init = decoder_init,
	.encode = encode,
	.samples = samples,
	.decode = decode,
	.absorb = absorb,
	.control = control,
	.vectors = vectors,
};
