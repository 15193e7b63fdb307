/* SPDX-License-Identifier: MIT */
/* What a session can receive, built from its configuration. */
#ifndef TP_RECEIVE_MAP_H
#define TP_RECEIVE_MAP_H

#include "engine/format.h"

struct tp_engine;

/* Builds the map of a config. The decoders of formats that `before` (may be NULL) has too go on in
 * it, their states untouched. Gives *map. [control] */
TP_MUST_USE int tp_receive_map_create(struct tp_receive_map **map, const struct tp_engine *engine,
				      const struct tp_receive_map *before,
				      const struct tp_session_config *config);

/* Frees a map, and those of its decoders that are in no other. NULL is allowed. [control] */
void tp_receive_map_destroy(struct tp_receive_map *map);

#endif
