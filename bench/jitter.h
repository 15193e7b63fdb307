/* SPDX-License-Identifier: MIT */
/* The jitter buffer on every network, and how it follows a step of the delay. */
#ifndef BENCH_JITTER_H
#define BENCH_JITTER_H

#include <talkpath/attributes.h>

#include <stdbool.h>
#include <stdio.h>

/* Writes the table; with `plot` not NULL also an SVG of the step response there. 0 or TP_ERR_*. */
TP_MUST_USE int tp_jitter_report(FILE *file, int seeds, bool json, const char *plot);

#endif
