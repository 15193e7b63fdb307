/* SPDX-License-Identifier: MIT */
/* The keys of a call that turn the engine's switches, and what the meter says of them. */
#ifndef CLI_SWITCHES_H
#define CLI_SWITCHES_H

#include <talkpath/talkpath.h>

#define TP_SWITCHES_KEYS "m mute  r route  e n g v echo noise gain VAD"

struct tp_switches {
	struct tp_engine *engine; /* borrowed */
	struct tp_voice_config voice;
	enum tp_route route;
	bool muted;
};

/* As the engine was created. */
void tp_switches_init(struct tp_switches *switches, struct tp_engine *engine,
		      const struct tp_engine_config *config);

/* 1: it was one of its keys, and is done; 0: it was not; or an error. */
TP_MUST_USE int tp_switches_key(struct tp_switches *switches, int key);

enum {
	TP_SWITCHES_TEXT = 64,
};

/* "muted, handset, AEC NS": what is on. Returns `text`. */
const char *tp_switches_text(const struct tp_switches *switches, char text[TP_SWITCHES_TEXT]);

#endif
