/* SPDX-License-Identifier: MIT */
/* Who says what, and when, in the demo: recorded speech laid out as a conversation. */
#ifndef CLI_DEMO_SCRIPT_H
#define CLI_DEMO_SCRIPT_H

#include <talkpath/attributes.h>

#include <stdbool.h>
#include <stdint.h>

enum {
	TP_DEMO_ENDS = 2,
	TP_DEMO_RATE_HZ = 16000,
	TP_DEMO_SECONDS_MIN = 6,
	TP_DEMO_SECONDS_MAX = 600,
};

struct tp_demo_script {
	int seconds;
	double bad_from_s, bad_to_s; /* when the network is bad: the middle third */
	int16_t *says[TP_DEMO_ENDS]; /* owned; n samples each */
	int64_t n;
};

/* Loads the two recordings of `folder` (NULL: where the sources or the installation have them) and
 * lets them take turns, and talk at once near the end. tp_demo_script_free() takes back what it
 * gives. */
TP_MUST_USE int tp_demo_script_make(struct tp_demo_script *script, const char *folder, int seconds);
void tp_demo_script_free(struct tp_demo_script *script);

/* Whether an end says something within a span. */
bool tp_demo_script_talks(const struct tp_demo_script *script, int end, double from_s, double to_s);

#endif
