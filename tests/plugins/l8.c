/* SPDX-License-Identifier: MIT */
/* A codec in a shared object: L8 (RFC 3551 4.5.10), 8 bits linear, at 8 kHz. */
#include <talkpath/codec.h>

enum { RATE_HZ = 8000, PACKET_N = 480 };

static int describe(const struct tp_codec_config *config, struct tp_codec_shape *shape)
{
	(void)config;
	*shape = (struct tp_codec_shape){
		.rate_hz = RATE_HZ, .clock_hz = RATE_HZ, .frame_n = 1, .packet_n = PACKET_N};
	return 0;
}

static int encode(void *state, const int16_t *pcm, int n, uint8_t *payload, size_t cap)
{
	(void)state;
	if (n < 1 || n > PACKET_N || (size_t)n > cap)
		return TP_ERR_ARGUMENT;
	for (int i = 0; i < n; i++)
		payload[i] = (uint8_t)((pcm[i] + 32768) / 256);
	return n;
}

static int samples(const struct tp_codec_shape *shape, const uint8_t *payload, size_t len)
{
	(void)shape, (void)payload;
	return len >= 1 && len <= PACKET_N ? (int)len : TP_ERR_FORMAT;
}

static int decode(void *state, const uint8_t *payload, size_t len, bool fec, int16_t *pcm, int cap)
{
	(void)state;
	if (fec)
		return 0;
	if (len < 1 || len > (size_t)cap)
		return TP_ERR_FORMAT;
	for (size_t i = 0; i < len; i++)
		pcm[i] = (int16_t)((payload[i] - 128) * 256);
	return (int)len;
}

/* A sound by which a test knows it again. */
static void conceal(void *state, int16_t *pcm, int n)
{
	(void)state;
	for (int i = 0; i < n; i++)
		pcm[i] = 20000;
}

static const struct tp_codec_ops l8 = {
	.abi = TP_CODEC_ABI,
	.name = "L8",
	.about = "8 bits linear, 8 kHz",
	.static_pt = -1,
	.channels = 1,
	.describe = describe,
	.encode = encode,
	.samples = samples,
	.decode = decode,
	.conceal = conceal,
};

TP_API const struct tp_codec_ops *tp_codec_plugin(void);

const struct tp_codec_ops *tp_codec_plugin(void)
{
	return &l8;
}
