/* SPDX-License-Identifier: MIT */
/* What each part of a call costs: nanoseconds, and instructions where the kernel counts them. */
#ifndef BENCH_COST_H
#define BENCH_COST_H

#include "talk.h"

#include <talkpath/talkpath.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	TP_COST_BATCH = 16, /* operations between two readings of the clock ... */
	TP_COST_BATCH_CHEAP = 1000, /* ... of parts that take less time than the reading */
	TP_COST_FRAME_MS = 20, /* of sound: what one operation handles */
	TP_COST_FRAMES = TP_TALK_S * 1000 / TP_COST_FRAME_MS, /* run through again and again */
};

/* One row. The fields below `close` are for those functions. */
struct tp_cost_part {
	const char *name;
	int batch; /* operations in a batch */
	int (*open)(void **state, const struct tp_cost_part *part);
	void (*prepare)(void *state, int n); /* not measured, before each batch; NULL: nothing */
	void (*run)(void *state, int n); /* n operations */
	void (*close)(void *state);

	const char *codec;
	struct tp_codec_config config;
	enum tp_srtp_suite suite;
	int rate_hz, to_hz, lines;
	bool voice, all_voice;
	double ppm; /* of the receive path: by how much the sender's clock is fast */
};

/* The tables of parts; each ends with one without a name. */
extern const struct tp_cost_part tp_cost_codec_parts[], tp_cost_srtp_parts[], tp_cost_sound_parts[],
	tp_cost_echo_parts[], tp_cost_call_parts[];

/* What was measured; instructions NAN where they cannot be counted. */
struct tp_cost {
	double ns, instructions; /* of one operation, median over batches */
	int operations;
};

/* Measures for about 0.3 s, or exactly `times` operations if that is not 0. [control] */
TP_MUST_USE int tp_cost_measure(struct tp_cost *cost, const struct tp_cost_part *part, int times);

/* Runs a batch. A function of its own, so that callgrind can be told to collect here alone. */
void tp_cost_batch(const struct tp_cost_part *part, void *state, int n);

/* Calls in real time, with one thread and with two: processor time and wake-ups of each engine. */
TP_MUST_USE int tp_cost_live_report(FILE *to, bool json);

/* Measures and prints the parts whose name contains `only` (NULL: all). */
TP_MUST_USE int tp_cost_report(FILE *to, const char *only, int times, bool json);

#endif
