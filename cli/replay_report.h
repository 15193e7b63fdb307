/* SPDX-License-Identifier: MIT */
/* A page that shows what a receive path made of a recorded stream. */
#ifndef CLI_REPLAY_REPORT_H
#define CLI_REPLAY_REPORT_H

#include <talkpath/talkpath.h>

#include <stddef.h>
#include <stdint.h>

struct tp_replay_report {
	const char *path; /* borrowed; NULL: none is wanted */
	const char *recording; /* its name, borrowed */
	int64_t zero_ns; /* what the page's seconds count from */
	int clock_hz; /* of the RTP timestamps */
	struct tp_trace *records; /* owned */
	size_t n, cap;
	int error; /* of the first record that found no memory */
};

/* Takes a record: the `each` of struct tp_decisions, with the report as context. */
void tp_replay_report_take(void *context, const struct tp_trace *record);

/* Writes the page, if one is wanted, and frees the records. 0 or TP_ERR_*. */
TP_MUST_USE int tp_replay_report_write(struct tp_replay_report *report,
				       const struct tp_session_stats *stats);

#endif
