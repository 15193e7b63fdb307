/* SPDX-License-Identifier: MIT */
/* Fuzz target: any octets as a sequence of Opus packets, redundancy and losses, at every rate. */
#include "codecs/registry.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct stream {
	struct tp_codec_shape shape;
	void *decoder;
};

static void decode(struct stream *stream, const uint8_t *payload, size_t len, bool fec,
		   int16_t *pcm, int cap)
{
	int said = tp_opus.samples(&stream->shape, payload, len);
	int n = tp_opus.decode(stream->decoder, payload, len, fec, pcm, cap);

	if (said > stream->shape.packet_n || n > cap)
		abort();
	if (fec ? n > 0 && n != cap : n >= 0 && n != said)
		abort();
}

/* One octet says what, two how much, the rest is the payload. Memory has exactly the size that the
 * decoder is told. */
static size_t step(struct stream *stream, const uint8_t *data, size_t size)
{
	size_t len = ((size_t)data[1] << 8 | data[2]) % 1500;
	int cap = stream->shape.packet_n;
	uint8_t *payload;
	int16_t *pcm;

	if (data[0] & 4)
		cap = stream->shape.frame_n * (data[0] >> 3) + (data[1] & 3);
	if (len > size - 3)
		len = size - 3;
	payload = malloc(len ? len : 1);
	pcm = malloc(((size_t)cap + 1) * sizeof(*pcm));
	if (!payload || !pcm)
		abort();
	memcpy(payload, data + 3, len);
	if ((data[0] & 3) == 3)
		tp_opus.absorb(stream->decoder, pcm, cap);
	else
		decode(stream, payload, len, (data[0] & 3) == 2, pcm, cap);
	free(payload);
	free(pcm);
	return 3 + len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int rates_hz[] = {48000, 16000, 8000, 24000, 12000};
	struct stream stream;
	struct tp_codec_config config = {0};

	if (size < 1)
		return 0;
	config.rate_hz = rates_hz[data[0] % 5];
	stream.decoder = malloc(tp_opus.decoder_size(&config));
	if (!stream.decoder || tp_opus.describe(&config, &stream.shape) < 0 ||
	    tp_opus.decoder_init(stream.decoder, &config) < 0)
		abort();
	data++;
	size--;
	while (size >= 3) {
		size_t used = step(&stream, data, size);

		data += used;
		size -= used;
	}
	free(stream.decoder);
	return 0;
}
