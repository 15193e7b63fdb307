/* SPDX-License-Identifier: MIT */
/* The table of built-in codecs, and what makes an ops table acceptable. */
#include "registry.h"

#include <string.h>
#include <strings.h>

/* The order of the default offer: the wideband that every desk phone has, the narrowband that
 * everything has, and then what a dynamic payload type has to be agreed for. */
static const struct tp_codec_ops *const builtin[] = {
	&tp_g722, &tp_g711_pcmu, &tp_g711_pcma, &tp_opus, &tp_l16,
};

enum {
	NAME_MAX_LEN = 15, /* struct tp_format holds as much */
	RATE_MAX_HZ = 48000,
	CLOCK_MAX_HZ = 192000,
};

const struct tp_codec_ops *tp_codec_builtin(int i)
{
	if (i < 0 || i >= (int)(sizeof(builtin) / sizeof(builtin[0])))
		return NULL;
	return builtin[i];
}

/* RFC 4855 3 lets a name be a token (RFC 8866 9); '/' would end it in a=rtpmap. */
static bool is_name(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789!#$%&'*+-.^_`{|}~";
	size_t len = name ? strlen(name) : 0;

	return len > 0 && len <= NAME_MAX_LEN && strspn(name, allowed) == len;
}

/* Payloads that the engine itself takes apart. */
static bool is_reserved(const char *name)
{
	return strcasecmp(name, "CN") == 0 || strcasecmp(name, "red") == 0;
}

static int check_calls(const struct tp_codec_ops *codec)
{
	if (!codec->describe || !codec->encode || !codec->samples || !codec->decode)
		return tp_fail(TP_ERR_ARGUMENT,
			       "codec %s lacks a call; describe, encode, samples and decode are "
			       "needed",
			       codec->name);
	if (!codec->encoder_size != !codec->encoder_init ||
	    !codec->decoder_size != !codec->decoder_init)
		return tp_fail(TP_ERR_ARGUMENT,
			       "codec %s has a state's size or its beginning without the other",
			       codec->name);
	return 0;
}

static int check_shape(const struct tp_codec_ops *codec, const struct tp_codec_shape *shape)
{
	if (shape->rate_hz < 8000 || shape->rate_hz > RATE_MAX_HZ)
		return tp_fail(TP_ERR_ARGUMENT, "codec %s wants %d Hz; 8000 to %d are possible",
			       codec->name, shape->rate_hz, RATE_MAX_HZ);
	/* Packets last whole milliseconds: of 11025 Hz a packet would have 11 samples for each. */
	if (shape->rate_hz % 1000 != 0)
		return tp_fail(TP_ERR_ARGUMENT,
			       "codec %s wants %d Hz; only whole thousands are possible",
			       codec->name, shape->rate_hz);
	if (shape->clock_hz < 1000 || shape->clock_hz > CLOCK_MAX_HZ)
		return tp_fail(TP_ERR_ARGUMENT, "codec %s has an RTP clock of %d Hz, out of reason",
			       codec->name, shape->clock_hz);
	if (shape->frame_n < 1 || shape->packet_n < shape->frame_n ||
	    shape->packet_n % shape->frame_n != 0 ||
	    shape->packet_n > shape->rate_hz / 1000 * TP_CODEC_PACKET_MAX_MS)
		return tp_fail(
			TP_ERR_ARGUMENT,
			"codec %s has frames of %d samples in packets of %d; a packet is whole "
			"frames and at most %d ms",
			codec->name, shape->frame_n, shape->packet_n, TP_CODEC_PACKET_MAX_MS);
	if (shape->lookahead_n < 0 || shape->lookahead_n > shape->rate_hz)
		return tp_fail(TP_ERR_ARGUMENT, "codec %s adds %d samples of delay, out of reason",
			       codec->name, shape->lookahead_n);
	return 0;
}

/* At the codec's own rate, which it must have, and at every rate of a bus, which it may refuse. */
static int check_shapes(const struct tp_codec_ops *codec)
{
	static const int wished_hz[] = {0, 8000, 16000, 48000};
	int error = 0;

	for (size_t i = 0; !error && i < sizeof(wished_hz) / sizeof(wished_hz[0]); i++) {
		const struct tp_codec_config config = {.rate_hz = wished_hz[i]};
		struct tp_codec_shape shape = {0};

		error = codec->describe(&config, &shape);
		if (error == 0)
			error = check_shape(codec, &shape);
		else if (i > 0)
			error = 0;
	}
	return error;
}

size_t tp_codec_state_size(const struct tp_codec_ops *codec, const struct tp_codec_config *config,
			   bool encoder)
{
	size_t (*size)(const struct tp_codec_config *) =
		encoder ? codec->encoder_size : codec->decoder_size;

	return size ? size(config) : 0;
}

int tp_codec_state_init(const struct tp_codec_ops *codec, void *state,
			const struct tp_codec_config *config, bool encoder)
{
	int (*init)(void *, const struct tp_codec_config *) =
		encoder ? codec->encoder_init : codec->decoder_init;

	return init ? init(state, config) : 0;
}

static int check_vectors(const struct tp_codec_ops *codec)
{
	const struct tp_codec_vector *v = codec->vectors;

	for (; v && v->pcm; v++)
		if (v->n < 1 || !v->payload || v->len < 1 || v->len > TP_CODEC_PAYLOAD_MAX ||
		    (!v->check_encode && !v->check_decode))
			return tp_fail(
				TP_ERR_ARGUMENT,
				"known answer %d of codec %s is empty, too long or checks nothing",
				(int)(v - codec->vectors), codec->name);
	return 0;
}

int tp_codec_check(const struct tp_codec_ops *codec)
{
	int error;

	if (!codec)
		return tp_fail(TP_ERR_ARGUMENT, "no codec was given");
	if (codec->abi != TP_CODEC_ABI)
		return tp_fail(TP_ERR_UNSUPPORTED,
			       "the codec was built for interface %u; this is %d", codec->abi,
			       TP_CODEC_ABI);
	if (!is_name(codec->name))
		return tp_fail(TP_ERR_ARGUMENT,
			       "a codec needs an SDP encoding name of 1 to %d characters without "
			       "spaces and slashes",
			       NAME_MAX_LEN);
	if (is_reserved(codec->name))
		return tp_fail(TP_ERR_ARGUMENT,
			       "a codec cannot be named %s: that payload is the engine's",
			       codec->name);
	if (!codec->about)
		return tp_fail(TP_ERR_ARGUMENT, "codec %s says nothing about itself", codec->name);
	if (codec->static_pt < -1 || codec->static_pt > 127)
		return tp_fail(TP_ERR_ARGUMENT,
			       "codec %s claims payload type %d; 0 to 127, or -1 for a dynamic one",
			       codec->name, codec->static_pt);
	if (codec->channels < 1 || codec->channels > 2)
		return tp_fail(TP_ERR_ARGUMENT,
			       "codec %s claims %d channels; 1 or 2 can be written", codec->name,
			       codec->channels);
	error = check_calls(codec);
	if (!error)
		error = check_shapes(codec);
	if (!error)
		error = check_vectors(codec);
	return error;
}
