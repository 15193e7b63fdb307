/* SPDX-License-Identifier: MIT */
/* A page that shows what became of an echo: levels, losses, delay and
 * drift over time, spectrograms. */
#ifndef CLI_ECHO_REPORT_H
#define CLI_ECHO_REPORT_H

#include "dsp/voice.h"

/* What is known of each span of time. */
struct tp_echo_span {
	double time_s; /* of its middle */
	double before_db, after_db; /* of the microphone, of what leaves */
	struct tp_voice_stats stats; /* at its end */
};

struct tp_echo_report {
	int rate_hz, delay_n;
	int64_t frames, out_n;
	int16_t *out; /* owned: what left so far */
	struct tp_echo_span *span; /* owned */
	int spans, span_n; /* so many, of so many samples each */
};

/* Makes room for so many frames. 0 or TP_ERR_MEMORY; tp_echo_report_free() takes it either way. */
TP_MUST_USE int tp_echo_report_open(struct tp_echo_report *report, int rate_hz, int64_t frames,
				    int delay_n);

/* A block of n samples that left, and the figures after it. `mic` is all of the microphone. */
void tp_echo_report_add(struct tp_echo_report *report, const int16_t *mic, const int16_t *out,
			size_t n, const struct tp_voice_stats *stats);

/* Writes the page: 0, TP_ERR_SYSTEM or TP_ERR_MEMORY. `far` and `mic` are whole; `name` tells which
 * sound it is. */
TP_MUST_USE int tp_echo_report_write(const struct tp_echo_report *report, const char *path,
				     const char *name, const int16_t *far, const int16_t *mic);

void tp_echo_report_free(struct tp_echo_report *report);

#endif
