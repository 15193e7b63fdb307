/* SPDX-License-Identifier: MIT */
/* What a received packet holds: sound, comfort noise, earlier packets again. */
#include "engine/unwrap.h"

/* Comfort noise that comes before any sound. */
static const int64_t first_ns = 20000000;

bool tp_unwrap_red(struct tp_packet *packet)
{
	struct tp_redundancy red;
	uint16_t at = packet->payload;

	if (tp_redundancy_parse(&red, packet->data + at, packet->payload_len) < 0)
		return false;
	packet->pt = red.own.pt;
	packet->payload = (uint16_t)(at + red.own.at);
	packet->payload_len = red.own.len;
	packet->earlier_n = (uint8_t)red.n;
	for (int i = 0; i < red.n; i++) {
		packet->earlier[i] = red.earlier[i];
		packet->earlier[i].at = (uint16_t)(at + red.earlier[i].at);
	}
	return true;
}

bool tp_unwrap_is_comfort(const struct tp_receive_map *map, const struct tp_packet *packet)
{
	return map && map->comfort_hz[packet->pt] > 0;
}

int64_t tp_unwrap_duration(const struct tp_receive_map *map, const struct tp_packet *packet,
			   int64_t usual_ns, int *clock_hz)
{
	const struct tp_coder *decoder = tp_receive_map_find(map, packet->pt);
	int n;

	if (tp_unwrap_is_comfort(map, packet)) {
		*clock_hz = map->comfort_hz[packet->pt];
		return usual_ns > 0 ? usual_ns : first_ns;
	}
	if (!decoder)
		return 0;
	*clock_hz = decoder->shape.clock_hz;
	n = decoder->ops->samples(&decoder->shape, packet->data + packet->payload,
				  packet->payload_len);
	return n > 0 ? (int64_t)n * 1000000000 / decoder->shape.rate_hz : 0;
}

int64_t tp_unwrap_media_ns(const struct tp_receive_map *map, const struct tp_jitter_entry *entry,
			   const struct tp_redundancy_block *block)
{
	const struct tp_coder *decoder = tp_receive_map_find(map, block->pt);

	if (!decoder)
		return INT64_MIN;
	return entry->media_ns - (int64_t)block->back * 1000000000 / decoder->shape.clock_hz;
}

const struct tp_jitter_entry *tp_unwrap_find(const struct tp_receive_map *map,
					     const struct tp_jitter *jitter, int64_t from_ns,
					     int64_t until_ns,
					     const struct tp_redundancy_block **block)
{
	for (int i = 0; i < jitter->n; i++) {
		const struct tp_jitter_entry *entry = &jitter->entry[i];

		for (int k = 0; k < entry->packet->earlier_n; k++) {
			int64_t at_ns = tp_unwrap_media_ns(map, entry, &entry->packet->earlier[k]);

			*block = &entry->packet->earlier[k];
			if (at_ns >= from_ns && at_ns <= until_ns)
				return entry;
		}
	}
	return NULL;
}
