/* SPDX-License-Identifier: MIT */
/* The file of --stats, and in it a call's statistics as one JSON object. */
#ifndef CLI_STATS_JSON_H
#define CLI_STATS_JSON_H

#include <talkpath/talkpath.h>

#include <stdio.h>

/* To be opened before the work: nobody talks for an hour to learn that it cannot be. With path NULL
 * *file becomes NULL. 0 or TP_ERR_SYSTEM. [any] */
TP_MUST_USE int tp_stats_json_open(FILE **file, const char *path);

/* 0, or TP_ERR_SYSTEM if what was written did not all get there. The file stays open. [any] */
TP_MUST_USE int tp_stats_json_check(FILE *file, const char *path);

/* Writes {"engine": {...}, "session": {...}}; what fails shows in ferror(). [any] */
void tp_stats_json_write(FILE *file, const struct tp_engine_stats *engine,
			 const struct tp_session_stats *session);

#endif
