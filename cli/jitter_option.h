/* SPDX-License-Identifier: MIT */
/* The jitter buffer's settings as an option of a verb. */
#ifndef CLI_JITTER_OPTION_H
#define CLI_JITTER_OPTION_H

#include <talkpath/talkpath.h>

#define TP_JITTER_OPTION_VALUE "adaptive[:MIN-MAX] | fixed:MS"
#define TP_JITTER_OPTION_HELP \
	"jitter buffer: as long as the network needs, within MIN to\n" \
	"MAX ms (default: adaptive:0-400), or always MS"

/* The library's default. */
void tp_jitter_option_init(struct tp_jitter_config *config);

/* 0, or TP_ERR_ARGUMENT with a sentence. */
TP_MUST_USE int tp_jitter_option_parse(struct tp_jitter_config *config, const char *value);

#endif
