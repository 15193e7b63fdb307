/* SPDX-License-Identifier: MIT */
/* Known answer of L16, which shows the order of octets. */
#ifndef TP_L16_VECTORS_H
#define TP_L16_VECTORS_H

#include <talkpath/codec.h>

static const int16_t vector_pcm[] = {
	0, 1, -2, 32767, -32768,
};

static const uint8_t vector_payload[] = {
	0x00, 0x00, 0x00, 0x01, 0xff, 0xfe, 0x7f, 0xff, 0x80, 0x00,
};

static const struct tp_codec_vector vectors[] = {
	{vector_pcm, 5, vector_payload, 10, true, true},
	{NULL, 0, NULL, 0, false, false},
};

#endif
