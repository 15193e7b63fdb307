/* SPDX-License-Identifier: MIT */
/* G.711: 8 kHz sound in 8 bits, mu-law (PCMU) and A-law (PCMA), RFC 3551 4.5.14. */
#include "g711_vectors.h"
#include "registry.h"

enum {
	RATE_HZ = 8000,
	PACKET_N = RATE_HZ / 1000 * TP_CODEC_PACKET_MAX_MS,
	MU_BITS = 14, /* of a 16-bit sample that decide its code: ITU-T G.711 table 2 */
	A_BITS = 12, /* table 1 counts 13, but no decision value is odd */
};

/* A segment is 16 steps: codes c, c + by, .. each given to `entry` with the bits of `turn`
 * turned. */
#define STEPS_15(entry, c, by, turn) \
	entry(((c) + 0 * (by)) ^ (turn)), entry(((c) + 1 * (by)) ^ (turn)), \
		entry(((c) + 2 * (by)) ^ (turn)), entry(((c) + 3 * (by)) ^ (turn)), \
		entry(((c) + 4 * (by)) ^ (turn)), entry(((c) + 5 * (by)) ^ (turn)), \
		entry(((c) + 6 * (by)) ^ (turn)), entry(((c) + 7 * (by)) ^ (turn)), \
		entry(((c) + 8 * (by)) ^ (turn)), entry(((c) + 9 * (by)) ^ (turn)), \
		entry(((c) + 10 * (by)) ^ (turn)), entry(((c) + 11 * (by)) ^ (turn)), \
		entry(((c) + 12 * (by)) ^ (turn)), entry(((c) + 13 * (by)) ^ (turn)), \
		entry(((c) + 14 * (by)) ^ (turn))
#define SEGMENT(entry, c, by, turn) STEPS_15(entry, c, by, turn), entry(((c) + 15 * (by)) ^ (turn))

/* As many samples in a row have the same code. */
#define RUN_1(c)   (c)
#define RUN_2(c)   RUN_1(c), RUN_1(c)
#define RUN_4(c)   RUN_2(c), RUN_2(c)
#define RUN_8(c)   RUN_4(c), RUN_4(c)
#define RUN_16(c)  RUN_8(c), RUN_8(c)
#define RUN_32(c)  RUN_16(c), RUN_16(c)
#define RUN_64(c)  RUN_32(c), RUN_32(c)
#define RUN_128(c) RUN_64(c), RUN_64(c)
#define RUN_256(c) RUN_128(c), RUN_128(c)

/* Codes by the upper bits of the sample as it stands in two's complement, 0 to 32767 first and
 * then -32768 to -1. A negative sample has the one's complement as its magnitude, and the
 * complement of its upper bits are the upper bits of the complement; code that negates instead
 * gives another mu-law code on 127 decision values. The first step of mu-law is half a step, the
 * last one has what is left of the 14 bits. */
static const uint8_t mu_code[1 << MU_BITS] = {
	0xff,
	STEPS_15(RUN_2, 1, 1, 0xff),
	SEGMENT(RUN_4, 0x10, 1, 0xff),
	SEGMENT(RUN_8, 0x20, 1, 0xff),
	SEGMENT(RUN_16, 0x30, 1, 0xff),
	SEGMENT(RUN_32, 0x40, 1, 0xff),
	SEGMENT(RUN_64, 0x50, 1, 0xff),
	SEGMENT(RUN_128, 0x60, 1, 0xff),
	SEGMENT(RUN_256, 0x70, 1, 0xff),
	RUN_32(0x80),
	0x80,

	0x00,
	RUN_32(0x00),
	SEGMENT(RUN_256, 0x7f, -1, 0x7f),
	SEGMENT(RUN_128, 0x6f, -1, 0x7f),
	SEGMENT(RUN_64, 0x5f, -1, 0x7f),
	SEGMENT(RUN_32, 0x4f, -1, 0x7f),
	SEGMENT(RUN_16, 0x3f, -1, 0x7f),
	SEGMENT(RUN_8, 0x2f, -1, 0x7f),
	SEGMENT(RUN_4, 0x1f, -1, 0x7f),
	STEPS_15(RUN_2, 0x0f, -1, 0x7f),
	0x7f,
};

/* A-law has the even bits inverted on the line (ITU-T G.711 table 1) and the sign bit set for
 * positive samples. */
static const uint8_t a_code[1 << A_BITS] = {
	SEGMENT(RUN_1, 0x00, 1, 0xd5),   SEGMENT(RUN_1, 0x10, 1, 0xd5),
	SEGMENT(RUN_2, 0x20, 1, 0xd5),   SEGMENT(RUN_4, 0x30, 1, 0xd5),
	SEGMENT(RUN_8, 0x40, 1, 0xd5),   SEGMENT(RUN_16, 0x50, 1, 0xd5),
	SEGMENT(RUN_32, 0x60, 1, 0xd5),  SEGMENT(RUN_64, 0x70, 1, 0xd5),

	SEGMENT(RUN_64, 0x7f, -1, 0x55), SEGMENT(RUN_32, 0x6f, -1, 0x55),
	SEGMENT(RUN_16, 0x5f, -1, 0x55), SEGMENT(RUN_8, 0x4f, -1, 0x55),
	SEGMENT(RUN_4, 0x3f, -1, 0x55),  SEGMENT(RUN_2, 0x2f, -1, 0x55),
	SEGMENT(RUN_1, 0x1f, -1, 0x55),  SEGMENT(RUN_1, 0x0f, -1, 0x55),
};

/* The middle of a step, by segment and step (7 bits), at 16 bits. */
#define MU_PLUS(c)  ((((((c)&15) << 1 | 33) << ((c) >> 4)) - 33) * 4)
#define MU_MINUS(c) (-MU_PLUS(c))
#define A_PLUS(c)   ((c) < 16 ? ((c) << 1 | 1) * 8 : (((c)&15) << 1 | 33) << ((c) >> 4) << 2)
#define A_MINUS(c)  (-A_PLUS(c))

#define EIGHT_SEGMENTS(entry, turn) \
	SEGMENT(entry, 0x00, 1, turn), SEGMENT(entry, 0x10, 1, turn), \
		SEGMENT(entry, 0x20, 1, turn), SEGMENT(entry, 0x30, 1, turn), \
		SEGMENT(entry, 0x40, 1, turn), SEGMENT(entry, 0x50, 1, turn), \
		SEGMENT(entry, 0x60, 1, turn), SEGMENT(entry, 0x70, 1, turn)

static const int16_t mu_linear[256] = {
	EIGHT_SEGMENTS(MU_MINUS, 0x7f),
	EIGHT_SEGMENTS(MU_PLUS, 0x7f),
};
static const int16_t a_linear[256] = {
	EIGHT_SEGMENTS(A_MINUS, 0x55),
	EIGHT_SEGMENTS(A_PLUS, 0x55),
};

static int describe(const struct tp_codec_config *config, struct tp_codec_shape *shape)
{
	(void)config;
	*shape = (struct tp_codec_shape){
		.rate_hz = RATE_HZ,
		.clock_hz = RATE_HZ,
		.frame_n = 1,
		.packet_n = PACKET_N,
	};
	return 0;
}

static bool fits(int n, size_t cap)
{
	return n >= 1 && n <= PACKET_N && (size_t)n <= cap;
}

static int encode_mu(void *state, const int16_t *pcm, int n, uint8_t *payload, size_t cap)
{
	(void)state;
	if (!fits(n, cap))
		return TP_ERR_ARGUMENT;
	for (int i = 0; i < n; i++)
		payload[i] = mu_code[(uint16_t)pcm[i] >> (16 - MU_BITS)];
	return n;
}

static int encode_a(void *state, const int16_t *pcm, int n, uint8_t *payload, size_t cap)
{
	(void)state;
	if (!fits(n, cap))
		return TP_ERR_ARGUMENT;
	for (int i = 0; i < n; i++)
		payload[i] = a_code[(uint16_t)pcm[i] >> (16 - A_BITS)];
	return n;
}

static int samples(const struct tp_codec_shape *shape, const uint8_t *payload, size_t len)
{
	(void)shape;
	(void)payload;
	return len >= 1 && len <= PACKET_N ? (int)len : TP_ERR_FORMAT;
}

static int decode(const int16_t linear[256], const uint8_t *payload, size_t len, bool fec,
		  int16_t *pcm, int cap)
{
	int n = samples(NULL, payload, len);

	if (fec)
		return 0;
	if (n < 0 || n > cap)
		return TP_ERR_FORMAT;
	for (int i = 0; i < n; i++)
		pcm[i] = linear[payload[i]];
	return n;
}

static int decode_mu(void *state, const uint8_t *payload, size_t len, bool fec, int16_t *pcm,
		     int cap)
{
	(void)state;
	return decode(mu_linear, payload, len, fec, pcm, cap);
}

static int decode_a(void *state, const uint8_t *payload, size_t len, bool fec, int16_t *pcm,
		    int cap)
{
	(void)state;
	return decode(a_linear, payload, len, fec, pcm, cap);
}

const struct tp_codec_ops tp_g711_pcmu = {
	.abi = TP_CODEC_ABI,
	.name = "PCMU",
	.about = "G.711 mu-law, 8 kHz sound at 64 kbit/s: everything speaks it",
	.static_pt = 0,
	.channels = 1,
	.describe = describe,
	.encode = encode_mu,
	.samples = samples,
	.decode = decode_mu,
	.vectors = vectors_mu,
};

const struct tp_codec_ops tp_g711_pcma = {
	.abi = TP_CODEC_ABI,
	.name = "PCMA",
	.about = "G.711 A-law, 8 kHz sound at 64 kbit/s: everything outside America and Japan",
	.static_pt = 8,
	.channels = 1,
	.describe = describe,
	.encode = encode_a,
	.samples = samples,
	.decode = decode_a,
	.vectors = vectors_a,
};
