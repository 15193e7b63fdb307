/* SPDX-License-Identifier: MIT */
/* What a received packet holds: sound, comfort noise, earlier packets again. */
#ifndef TP_UNWRAP_H
#define TP_UNWRAP_H

#include "engine/format.h"
#include "engine/jitter.h"

/* Takes a packet of RFC 2198 apart: its own sound becomes the packet. False if it is malformed.
 * [audio] */
bool tp_unwrap_red(struct tp_packet *packet);

/* Whether it is comfort noise. `map` may be NULL. [audio] */
bool tp_unwrap_is_comfort(const struct tp_receive_map *map, const struct tp_packet *packet);

/* How long a packet lasts, and the clock of its timestamp; 0: it is nothing that can be played.
 * Comfort noise lasts until the next packet; it counts as one of the stream's usual length.
 * [audio] */
int64_t tp_unwrap_duration(const struct tp_receive_map *map, const struct tp_packet *packet,
			   int64_t usual_ns, int *clock_hz);

/* Where in media time a packet that `entry` carries again begins; INT64_MIN: of no known type.
 * [audio] */
int64_t tp_unwrap_media_ns(const struct tp_receive_map *map, const struct tp_jitter_entry *entry,
			   const struct tp_redundancy_block *block);

/* The first packet that begins in from_ns..until_ns and is carried again by one that waits: its
 * carrier, or NULL. [audio] */
const struct tp_jitter_entry *tp_unwrap_find(const struct tp_receive_map *map,
					     const struct tp_jitter *jitter, int64_t from_ns,
					     int64_t until_ns,
					     const struct tp_redundancy_block **block);

#endif
