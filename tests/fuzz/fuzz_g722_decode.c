/* SPDX-License-Identifier: MIT */
/* Fuzz target: any octets as a sequence of G.722 packets and losses. */
#include "codecs/registry.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	PACKET_N = 1920,
};

static const struct tp_codec_config config;

/* One octet says what, two how much, the rest is the payload. Memory has exactly the size that the
 * decoder is told. */
static size_t step(void *decoder, const uint8_t *data, size_t size)
{
	size_t len = ((size_t)data[1] << 8 | data[2]) % 1100;
	int cap = data[0] & 4 ? PACKET_N : data[2] * 2;
	struct tp_codec_shape shape;
	uint8_t *payload;
	int16_t *pcm;
	int n;

	if (len > size - 3)
		len = size - 3;
	payload = malloc(len ? len : 1);
	pcm = calloc((size_t)cap + 1, sizeof(*pcm));
	if (!payload || !pcm || tp_g722.describe(&config, &shape) < 0)
		abort();
	memcpy(payload, data + 3, len);
	if ((data[0] & 3) == 3) {
		memcpy(pcm, payload, len < 2 * (size_t)cap ? len : 2 * (size_t)cap);
		tp_g722.absorb(decoder, pcm, cap);
	} else {
		n = tp_g722.decode(decoder, payload, len, (data[0] & 3) == 2, pcm, cap);
		if (n > cap || (n > 0 && n != tp_g722.samples(&shape, payload, len)))
			abort();
	}
	free(payload);
	free(pcm);
	return 3 + len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *decoder = malloc(tp_g722.decoder_size(&config));

	if (!decoder || tp_g722.decoder_init(decoder, &config) < 0)
		abort();
	while (size >= 3) {
		size_t used = step(decoder, data, size);

		data += used;
		size -= used;
	}
	free(decoder);
	return 0;
}
