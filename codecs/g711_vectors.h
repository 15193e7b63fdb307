/* SPDX-License-Identifier: MIT */
/* Known answers of G.711 around decision values, where the two ways to take a magnitude differ. */
#ifndef TP_G711_VECTORS_H
#define TP_G711_VECTORS_H

#include <talkpath/codec.h>

static const int16_t vector_pcm[] = {
	0,     3,     4,      -1,     -4,    -5,    11,    12,     -12,    -13,
	123,   -124,  132,    -132,   -133,  508,   -508,  988,    -988,   -989,
	1980,  -2012, 3964,   -3964,  7932,  -7932, -7933, 15868,  -15868, 16383,
	31611, 31612, -31612, -31613, 32635, 32636, 32767, -32636, -32767, -32768,
};

static const uint8_t vector_code_mu[] = {
	0xff, 0xff, 0xfe, 0x7f, 0x7f, 0x7e, 0xfe, 0xfd, 0x7e, 0x7d, 0xf0, 0x70, 0xef, 0x6f,
	0x6f, 0xdb, 0x5c, 0xce, 0x4e, 0x4e, 0xbf, 0x3f, 0xaf, 0x30, 0xa0, 0x20, 0x20, 0x90,
	0x10, 0x8f, 0x81, 0x80, 0x01, 0x00, 0x80, 0x80, 0x80, 0x00, 0x00, 0x00,
};

static const int16_t vector_heard_mu[] = {
	0,     0,     8,      0,      0,     -8,    8,     16,     -8,     -16,
	120,   -120,  132,    -132,   -132,  524,   -492,  988,    -988,   -988,
	1980,  -1980, 4092,   -3900,  7932,  -7932, -7932, 15996,  -15996, 16764,
	31100, 32124, -31100, -32124, 32124, 32124, 32124, -32124, -32124, -32124,
};

static const uint8_t vector_code_a[] = {
	0xd5, 0xd5, 0xd5, 0x55, 0x55, 0x55, 0xd5, 0xd5, 0x55, 0x55, 0xd2, 0x52, 0xdd, 0x5d,
	0x5d, 0xca, 0x4a, 0xfb, 0x7b, 0x7b, 0xeb, 0x6a, 0x9b, 0x1b, 0x8b, 0x0b, 0x0b, 0xbb,
	0x3b, 0xba, 0xab, 0xab, 0x2b, 0x2b, 0xaa, 0xaa, 0xaa, 0x2a, 0x2a, 0x2a,
};

static const int16_t vector_heard_a[] = {
	8,     8,     8,      -8,     -8,    -8,    8,     8,      -8,     -8,
	120,   -120,  136,    -136,   -136,  504,   -504,  976,    -976,   -976,
	1952,  -2016, 3904,   -3904,  7808,  -7808, -7808, 15616,  -15616, 16128,
	31232, 31232, -31232, -31232, 32256, 32256, 32256, -32256, -32256, -32256,
};

static const struct tp_codec_vector vectors_mu[] = {
	{vector_pcm, 40, vector_code_mu, 40, true, false},
	{vector_heard_mu, 40, vector_code_mu, 40, false, true},
	{NULL, 0, NULL, 0, false, false},
};

static const struct tp_codec_vector vectors_a[] = {
	{vector_pcm, 40, vector_code_a, 40, true, false},
	{vector_heard_a, 40, vector_code_a, 40, false, true},
	{NULL, 0, NULL, 0, false, false},
};

#endif
