/* SPDX-License-Identifier: MIT */
/* What a call came to, in a few lines for people. */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include <talkpath/talkpath.h>

#include <stdbool.h>

/* Prints it to stdout. */
void tp_summary_print(const struct tp_engine_stats *engine, const struct tp_session_stats *session,
		      bool secure, double seconds);

#endif
