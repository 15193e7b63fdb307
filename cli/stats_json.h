/* SPDX-License-Identifier: MIT */
/* Both statistics structs as one JSON object. */
#ifndef CLI_STATS_JSON_H
#define CLI_STATS_JSON_H

#include <talkpath/talkpath.h>

#include <stdio.h>

/* Writes {"engine": {...}, "session": {...}}; what fails shows in ferror(). [any] */
void tp_stats_json_write(FILE *file, const struct tp_engine_stats *engine,
			 const struct tp_session_stats *session);

#endif
