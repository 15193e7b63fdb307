/* SPDX-License-Identifier: MIT */
/* From the captured block to the bus, by the route in use; and the
 * talker's own voice in his ear. */
#ifndef TP_MICROPHONE_H
#define TP_MICROPHONE_H

#include "dsp/level.h"

#include <talkpath/talkpath.h>

#include <stdatomic.h>

struct tp_voice;

/* One thread at a time, but for in_use. The voices are borrowed: control keeps one a route. */
struct tp_microphone {
	struct tp_voice *voice;
	struct tp_voice *next; /* another route's, as soon as this one has faded out */
	enum tp_route route, next_route;
	struct tp_gain fade; /* muted while a route waits */
	double echo_db; /* what the device's own gains add to the echo; the reference does not show it */
	struct tp_voice_config config; /* the switches, of every route */
	int sidetone_centibel[TP_ROUTES];
	struct tp_gain sidetone;
	_Atomic int in_use; /* route: what control must not touch */
};

/* No sidetone on any route. [control], the loops stopped */
void tp_microphone_init(struct tp_microphone *microphone, int rate_hz, struct tp_voice *voice,
			enum tp_route route, const struct tp_voice_config *config);

/* Another route from the next block on: the one fades out and the other in, 10 ms each. [audio] */
void tp_microphone_change(struct tp_microphone *microphone, struct tp_voice *voice,
			  enum tp_route route);

/* The same at once. [control], the loops stopped */
void tp_microphone_settle(struct tp_microphone *microphone);

/* Switches stages. [audio] */
void tp_microphone_set(struct tp_microphone *microphone, const struct tp_voice_config *config);

/* One block of n samples; `near` is what the bus gets. [audio] */
void tp_microphone_hear(struct tp_microphone *microphone, const int16_t *captured,
			const int16_t *reference, int16_t *near, int n);

/* Sidetone of a route in hundredths of a dB; TP_SIDETONE_OFF: none. [audio] */
void tp_microphone_set_sidetone(struct tp_microphone *microphone, enum tp_route route,
				int centibel);

/* Adds it to what goes to the ear. [audio] */
void tp_microphone_add_sidetone(struct tp_microphone *microphone, const int16_t *near, int16_t *ear,
				int n);

#endif
