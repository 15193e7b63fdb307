/* SPDX-License-Identifier: MIT */
/* Commands: what control wants changed, carried through both sides and back. */
#ifndef TP_COMMAND_H
#define TP_COMMAND_H

#include <talkpath/talkpath.h>

struct tp_coder;
struct tp_receive_map;
struct tp_srtp;
struct tp_voice;
struct tp_wire_config;

/* control -> wire side -> audio side -> control. What is needed arrives built, what is replaced
 * goes back in its place and is freed by `finish`. */
struct tp_command {
	void (*wire)(struct tp_command *); /* NULL: nothing to do there. [wire] */
	void (*audio)(struct tp_command *); /* the same. [audio] */
	void (*finish)(struct tp_command *); /* frees all but the command itself; NULL: nothing.
					      * [control] */
	struct tp_engine *engine;
	struct tp_session *session;
	struct tp_session *other; /* replace */
	int64_t time_ns; /* of the turn that applies it */
	int value;
	int echo_centibel; /* gain: what the device adds to the echo, in all */
	enum tp_direction direction;
	struct tp_voice_config voice;
	enum tp_route route; /* sidetone */
	struct tp_voice *route_voice; /* borrowed */
	enum tp_flow flow;
	struct tp_jitter_config jitter;
	struct tp_wire_config *wire_config;
	struct tp_srtp *srtp;
	struct tp_receive_map *map;
	struct tp_coder *encoder;
};

/* Gives an empty command of an engine: 0, TP_ERR_MEMORY, or TP_ERR_FULL if too many
 * are on their way. [control] */
TP_MUST_USE int tp_command_create(struct tp_command **result, struct tp_engine *engine);

/* Sends it on its way: takes the command. It waits there while no loop runs, because only a loop
 * knows what time it is. [control] */
void tp_command_post(struct tp_command *command);

/* Applies all that waits; only while no loop runs. [control] */
void tp_commands_settle(struct tp_engine *engine);

/* Frees what has come back. [control] */
void tp_commands_reap(struct tp_engine *engine);

/* Apply what waits and pass it on. [wire], [audio] */
void tp_commands_wire(struct tp_engine *engine, int64_t now_ns);
void tp_commands_audio(struct tp_engine *engine, int64_t now_ns);

#endif
