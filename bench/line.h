/* SPDX-License-Identifier: MIT */
/* A receive path at the end of a network, in virtual time: speech comes in, delays are noted. */
#ifndef BENCH_LINE_H
#define BENCH_LINE_H

#include "weather.h"

#include <talkpath/talkpath.h>

#include <stdbool.h>

enum {
	TP_LINE_BLOCK_MS = 10,
	TP_LINE_BLOCKS_MAX = TP_WEATHER_PACKETS_MAX * 20 / TP_LINE_BLOCK_MS + 100,
};

struct tp_line_block {
	float delay_ms; /* from sending to playing, beyond the network's fastest; NAN: nothing plays */
	float target_ms; /* beyond the fastest packet lately */
	uint32_t concealed_ms; /* in all until then */
};

struct tp_line {
	struct tp_line_block block[TP_LINE_BLOCKS_MAX];
	int blocks;
	struct tp_session_stats stats; /* at the end */
	int lost, sent; /* packets, by the network */
	int silent_ms; /* longest digital silence while packets arrived */
};

/* What became of a whole stream. */
struct tp_line_figures {
	double delay_ms, delay_95_ms;
	double fixed_ms; /* what a fixed delay would be that 1 % of packets exceed */
	double lost, concealed,
		moved; /* shares of time: network; made up; stretched and squeezed */
	double r; /* mean of a near and a far call */
};

/* Sends `weather` through a receive path of PCMU at 8 kHz. 0 or TP_ERR_*. [control] */
TP_MUST_USE int tp_line_run(struct tp_line *line, const struct tp_weather *weather,
			    const struct tp_jitter_config *config);

void tp_line_figures(struct tp_line_figures *figures, const struct tp_line *line,
		     const struct tp_weather *weather);

#endif
