/* SPDX-License-Identifier: MIT */
/* L16: samples as they are, in network order (RFC 3551 4.5.11), for measurements and local
 * networks. */
#include "l16_vectors.h"
#include "registry.h"

enum {
	RATE_DEFAULT_HZ = 16000,
	PACKET_N = TP_CODEC_PAYLOAD_MAX / 2, /* 87 ms at 8 kHz, but 14 at 48 */
};

/* The static payload types 10 and 11 are of 44.1 kHz; these rates are dynamic, and the clock is
 * the rate. */
static int describe(const struct tp_codec_config *config, struct tp_codec_shape *shape)
{
	int rate_hz = config->rate_hz ? config->rate_hz : RATE_DEFAULT_HZ;

	if (rate_hz != 8000 && rate_hz != 16000 && rate_hz != 48000)
		return tp_fail(TP_ERR_UNSUPPORTED, "L16 has 8000, 16000 and 48000 Hz, not %d",
			       rate_hz);
	*shape = (struct tp_codec_shape){
		.rate_hz = rate_hz,
		.clock_hz = rate_hz,
		.frame_n = 1,
		.packet_n = PACKET_N,
	};
	return 0;
}

static int encode(void *state, const int16_t *pcm, int n, uint8_t *payload, size_t cap)
{
	(void)state;
	if (n < 1 || n > PACKET_N || (size_t)n * 2 > cap)
		return TP_ERR_ARGUMENT;
	for (int i = 0; i < n; i++) {
		payload[2 * i] = (uint8_t)((uint16_t)pcm[i] >> 8);
		payload[2 * i + 1] = (uint8_t)pcm[i];
	}
	return n * 2;
}

static int samples(const struct tp_codec_shape *shape, const uint8_t *payload, size_t len)
{
	(void)shape;
	(void)payload;
	if (len < 2 || len % 2 || len / 2 > PACKET_N)
		return TP_ERR_FORMAT;
	return (int)len / 2;
}

static int decode(void *state, const uint8_t *payload, size_t len, bool fec, int16_t *pcm, int cap)
{
	int n = samples(NULL, payload, len);

	(void)state;
	if (fec)
		return 0;
	if (n < 0 || n > cap)
		return TP_ERR_FORMAT;
	for (int i = 0; i < n; i++)
		pcm[i] = (int16_t)(payload[2 * i] << 8 | payload[2 * i + 1]);
	return n;
}

const struct tp_codec_ops tp_l16 = {
	.abi = TP_CODEC_ABI,
	.name = "L16",
	.about = "16-bit samples as they are, 8, 16 or 48 kHz: for measurements",
	.static_pt = -1,
	.channels = 1,
	.describe = describe,
	.encode = encode,
	.samples = samples,
	.decode = decode,
	.vectors = vectors,
};
