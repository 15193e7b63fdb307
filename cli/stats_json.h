/* SPDX-License-Identifier: MIT */
/* Both statistics structs as one JSON object. */
#ifndef CLI_STATS_JSON_H
#define CLI_STATS_JSON_H

#include <talkpath/talkpath.h>

/* Writes {"engine": {...}, "session": {...}} to a file: 0 or TP_ERR_SYSTEM. [any] */
TP_MUST_USE int tp_stats_json_write(const char *path, const struct tp_engine_stats *engine,
				    const struct tp_session_stats *session);

#endif
