/* SPDX-License-Identifier: MIT */
/* A codec at work in a session: its state, and the way between its rate and the bus's. */
#ifndef TP_FORMAT_H
#define TP_FORMAT_H

#include <talkpath/talkpath.h>

struct tp_resample;

/* One direction of one codec under one payload type. Built and freed on the control side, used on
 * the audio side. */
struct tp_coder {
	const struct tp_codec_ops *ops;
	struct tp_codec_shape shape;
	struct tp_format format;
	struct tp_codec_config options; /* the format's, nothing left open */
	void *state;
	int maps; /* receive maps that hold this decoder. Control only */
	struct tp_resample *from_bus; /* NULL: the codec runs at the bus's rate */
	struct tp_resample *to_bus; /* decoders only */
};

/* What a session can receive. */
struct tp_receive_map {
	int n;
	struct tp_coder *decoder[TP_FORMATS_MAX];
	int8_t by_pt[128]; /* index into decoder, -1: no codec */
	int comfort_hz[128]; /* RTP clock of a type of comfort noise; 0: it is none */
	bool red[128]; /* types of redundancy around the others (RFC 2198) */
};

/* Builds a coder for a bus of rate_hz and blocks of block_ms. Gives *coder. [control] */
TP_MUST_USE int tp_encoder_create(struct tp_coder **coder, const struct tp_codec_ops *ops,
				  const struct tp_format *format, int rate_hz, int block_ms);
TP_MUST_USE int tp_decoder_create(struct tp_coder **coder, const struct tp_codec_ops *ops,
				  const struct tp_format *format, int rate_hz);

/* NULL is allowed. [control] */
void tp_coder_destroy(struct tp_coder *coder);

/* Same codec, payload type, packet time and options. [control] */
bool tp_format_equal(const struct tp_format *a, const struct tp_format *b);

/* Whether its payload types can be: 0, or TP_ERR_ARGUMENT with a sentence. [control] */
TP_MUST_USE int tp_format_check(const struct tp_format *format);

/* Whether a format is no codec but comfort noise or redundancy, known by its name alone. [any] */
bool tp_format_is_comfort(const struct tp_format *format);
bool tp_format_is_red(const struct tp_format *format);

/* The decoder of a payload type, NULL if there is none. [any] */
static inline struct tp_coder *tp_receive_map_find(const struct tp_receive_map *map, int pt)
{
	return map && map->by_pt[pt] >= 0 ? map->decoder[map->by_pt[pt]] : NULL;
}

/* The RTP clock of a payload type; 0: it is not accepted. That of redundancy is the clock of the
 * packet within, which the audio side reads: here that of the first codec stands in for it.
 * [any] */
static inline uint32_t tp_receive_map_clock(const struct tp_receive_map *map, int pt)
{
	const struct tp_coder *decoder = tp_receive_map_find(map, pt);

	if (map && map->comfort_hz[pt])
		return (uint32_t)map->comfort_hz[pt];
	if (map && map->red[pt] && map->n > 0)
		decoder = map->decoder[0];
	return decoder ? (uint32_t)decoder->shape.clock_hz : 0;
}

#endif
