/* SPDX-License-Identifier: MIT */
/* The live meter of a call: levels both ways as bars, and how the call fares. */
#ifndef CLI_METER_H
#define CLI_METER_H

#include <talkpath/talkpath.h>

#include <stdbool.h>

/* One end of a call as the meter shows it. */
struct tp_meter_end {
	const char *title; /* "" for none */
	const char *note; /* state in a few words: "muted", "" */
	struct tp_engine_stats engine;
	struct tp_session_stats session;
	bool secure;
};

struct tp_meter {
	bool shown; /* a terminal is there */
	bool utf8, colour;
	int lines; /* drawn before, to be drawn over */
};

/* Takes the terminal if there is one; without one all the rest does nothing. */
void tp_meter_open(struct tp_meter *meter);

/* Draws `n` ends over what was drawn before, and a last line `foot`. */
void tp_meter_draw(struct tp_meter *meter, const struct tp_meter_end *ends, int n,
		   const char *foot);

/* Leaves the last picture where it is and gives the terminal back. */
void tp_meter_close(struct tp_meter *meter);

#endif
