/* SPDX-License-Identifier: MIT */
/* Every decision of a receive path, one line each, into a file. */
#ifndef CLI_DECISIONS_H
#define CLI_DECISIONS_H

#include <talkpath/talkpath.h>

#include <stdio.h>

struct tp_decisions {
	FILE *file; /* NULL: not wanted */
	const char *path; /* borrowed */
	int64_t zero_ns; /* what the file's times count from */
	double delay_ms, target_ms; /* as told last */
	void (*each)(void *context, const struct tp_trace *record); /* NULL: nobody else listens */
	void *context;
};

/* Opens the file and writes its head; with path NULL nothing is written. 0 or TP_ERR_SYSTEM. */
TP_MUST_USE int tp_decisions_open(struct tp_decisions *decisions, const char *path,
				  int64_t zero_ns);

/* Writes what the engine's loops have left in their rings since the last time. To be called every
 * few hundred milliseconds, by the one thread that reads the engine's trace. */
void tp_decisions_drain(struct tp_decisions *decisions, struct tp_engine *engine);

/* 0, or TP_ERR_SYSTEM if anything could not be written. */
TP_MUST_USE int tp_decisions_close(struct tp_decisions *decisions);

#endif
