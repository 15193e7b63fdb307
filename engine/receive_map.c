/* SPDX-License-Identifier: MIT */
/* What a session can receive, built from its configuration. */
#include "engine/receive_map.h"
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

/* The decoder of an identical format goes on in the new map, its state untouched. */
static struct tp_coder *same_decoder(const struct tp_receive_map *map,
				     const struct tp_format *format)
{
	for (int i = 0; map && i < map->n; i++)
		if (tp_format_equal(&map->decoder[i]->format, format))
			return map->decoder[i];
	return NULL;
}

void tp_receive_map_destroy(struct tp_receive_map *map)
{
	for (int i = 0; map && i < map->n; i++)
		if (--map->decoder[i]->maps == 0)
			tp_coder_destroy(map->decoder[i]);
	free(map);
}

enum {
	COMFORT_PT = 13, /* RFC 3389 4 */
	COMFORT_HZ = 8000, /* RFC 3389 4: the clock of payload type 13 */
};

/* What is no codec stands in the map beside them: true if it was that. */
static bool map_extra(struct tp_receive_map *map, const struct tp_format *format)
{
	if (tp_format_is_comfort(format))
		map->comfort_hz[format->pt] =
			format->options.rate_hz ? format->options.rate_hz : COMFORT_HZ;
	else if (tp_format_is_red(format))
		map->red[format->pt] = true;
	else
		return false;
	return true;
}

/* Of a format that is all right by itself. */
static int check_free(const struct tp_receive_map *map, const struct tp_format *format)
{
	if (map->by_pt[format->pt] < 0 && !map->comfort_hz[format->pt] && !map->red[format->pt])
		return 0;
	return tp_fail(TP_ERR_ARGUMENT, "payload type %d is to be received with two meanings",
		       format->pt);
}

int tp_receive_map_create(struct tp_receive_map **result, const struct tp_engine *engine,
			  const struct tp_receive_map *before,
			  const struct tp_session_config *config)
{
	struct tp_receive_map *map = calloc(1, sizeof(*map));
	int error = TP_ERR_MEMORY;

	if (!map)
		return tp_fail(TP_ERR_MEMORY, "no memory for a payload type map");
	memset(map->by_pt, -1, sizeof(map->by_pt));
	for (int i = 0; i < config->receive_n; i++) {
		const struct tp_format *format = &config->receive[i];
		const struct tp_codec_ops *ops;
		struct tp_coder *decoder = same_decoder(before, format);

		error = tp_format_check(format);
		if (error == 0)
			error = check_free(map, format);
		if (error == 0 && map_extra(map, format))
			continue;
		ops = error == 0 ? tp_engine_find_codec(engine, format->codec) : NULL;
		if (error == 0 && !ops)
			error = TP_ERR_UNSUPPORTED;
		if (error == 0 && !decoder)
			error = tp_decoder_create(&decoder, ops, format, engine->rate_hz);
		if (error < 0)
			goto fail;
		map->by_pt[format->pt] = (int8_t)map->n;
		map->decoder[map->n++] = decoder;
		decoder->maps++;
	}
	/* Peers send it without having offered it: it must not be taken for losses. */
	if (map->by_pt[COMFORT_PT] < 0 && !map->comfort_hz[COMFORT_PT] && !map->red[COMFORT_PT])
		map->comfort_hz[COMFORT_PT] = COMFORT_HZ;
	*result = map;
	return 0;
fail:
	tp_receive_map_destroy(map);
	return error;
}
