/* SPDX-License-Identifier: MIT */
/* Commands: what control wants changed, carried through both sides and back. */
#include "engine/command.h"
#include "engine/clock.h"
#include "engine/engine.h"

#include <stdlib.h>

int tp_command_create(struct tp_command **result, struct tp_engine *engine)
{
	struct tp_command *command;

	tp_commands_reap(engine);
	if (engine->commands == TP_COMMANDS_MAX)
		return tp_fail(TP_ERR_FULL,
			       "%d changes wait to be applied; let the engine run first",
			       TP_COMMANDS_MAX);
	command = calloc(1, sizeof(*command));
	if (!command)
		return tp_fail(TP_ERR_MEMORY, "no memory for a command");
	command->engine = engine;
	*result = command;
	return 0;
}

void tp_command_post(struct tp_command *command)
{
	struct tp_engine *engine = command->engine;

	engine->commands++;
	tp_ring_push(&engine->to_wire, command); /* each ring holds TP_COMMANDS_MAX */
	if (engine->running)
		tp_engine_kick(engine->wire_fd);
}

void tp_commands_settle(struct tp_engine *engine)
{
	int64_t now_ns = tp_clock_now_ns();

	tp_commands_wire(engine, now_ns);
	tp_commands_audio(engine, now_ns);
	tp_commands_reap(engine);
}

void tp_commands_reap(struct tp_engine *engine)
{
	struct tp_command *command;

	while ((command = tp_ring_pop(&engine->done))) {
		if (command->finish)
			command->finish(command);
		free(command);
		engine->commands--;
	}
}

void tp_commands_wire(struct tp_engine *engine, int64_t now_ns)
{
	struct tp_command *command;

	while ((command = tp_ring_pop(&engine->to_wire))) {
		command->time_ns = now_ns;
		if (command->wire)
			command->wire(command);
		tp_ring_push(&engine->to_audio, command);
	}
}

void tp_commands_audio(struct tp_engine *engine, int64_t now_ns)
{
	struct tp_command *command;

	while ((command = tp_ring_pop(&engine->to_audio))) {
		command->time_ns = now_ns;
		if (command->audio)
			command->audio(command);
		tp_ring_push(&engine->done, command);
	}
}
