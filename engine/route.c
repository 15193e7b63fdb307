/* SPDX-License-Identifier: MIT */
/* Handset, headset, hands-free: each keeps what its echo canceller
 * learnt, and the device follows. */
#include "engine/route.h"
#include "dsp/voice.h"
#include "engine/engine.h"

#include <limits.h>
#include <stdlib.h>

static int check(enum tp_route route)
{
	if (!tp_route_name(route))
		return tp_fail(TP_ERR_ARGUMENT,
			       "route %d; handset, headset and handsfree are 0 to %d", (int)route,
			       TP_ROUTES - 1);
	return 0;
}

/* What serves a route at the rate of the bus; NULL in it: it was not built yet. */
static struct tp_voice **voice_of(struct tp_engine *engine, enum tp_route route)
{
	int rate = engine->rate_hz == 8000 ? 0 : engine->rate_hz == 16000 ? 1 : 2;

	return &engine->voice[rate][route];
}

/* What serves a route, built at its first use and kept. */
static int build(struct tp_engine *engine, enum tp_route route)
{
	struct tp_voice **voice = voice_of(engine, route);

	if (*voice)
		return 0;
	*voice = tp_voice_create_route(route, engine->rate_hz, engine->block_n,
				       &engine->config.voice);
	if (!*voice)
		return TP_ERR_MEMORY;
	tp_voice_aligned(*voice);
	return 0;
}

/* Whether no loop can be using it, now or by a change that is on its way. */
static bool idle(struct tp_engine *engine, enum tp_route route)
{
	if (!engine->running)
		return true;
	tp_commands_reap(engine);
	return engine->route_changes == 0 && route != engine->route &&
	       (int)route != atomic_load_explicit(&engine->microphone.in_use, memory_order_acquire);
}

int tp_route_open(struct tp_engine *engine)
{
	int error = build(engine, engine->route);

	if (error == 0)
		tp_microphone_init(&engine->microphone, engine->rate_hz,
				   *voice_of(engine, engine->route), engine->route,
				   &engine->config.voice);
	return error;
}

int tp_route_begin(struct tp_engine *engine)
{
	const struct tp_hal_ops *ops = engine->device.ops;

	tp_voice_rest(*voice_of(engine, engine->route));
	return ops->route ? ops->route(engine->device.hal, engine->route) : 0;
}

void tp_route_settle(struct tp_engine *engine)
{
	tp_microphone_settle(&engine->microphone);
}

void tp_route_close(struct tp_engine *engine)
{
	for (int rate = 0; rate < TP_BUS_RATES; rate++)
		for (int route = 0; route < TP_ROUTES; route++)
			tp_voice_destroy(engine->voice[rate][route]);
}

/* ---- Change --------------------------------------------------------------------------------- */

static void apply(struct tp_command *command)
{
	tp_microphone_change(&command->engine->microphone, command->route_voice,
			     (enum tp_route)command->value);
}

static void finish(struct tp_command *command)
{
	command->engine->route_changes--;
}

/* In a running engine. The device first: it may refuse. */
static int post_change(struct tp_engine *engine, enum tp_route route)
{
	const struct tp_hal_ops *ops = engine->device.ops;
	struct tp_command *command = NULL;
	int error = tp_command_create(&command, engine);

	if (error < 0)
		return error;
	if (ops->route)
		error = ops->route(engine->device.hal, route);
	if (error < 0) {
		free(command);
		return error;
	}
	command->audio = apply;
	command->finish = finish;
	command->value = (int)route;
	command->route_voice = *voice_of(engine, route);
	engine->route_changes++;
	tp_command_post(command);
	return 0;
}

static int change(struct tp_engine *engine, enum tp_route route)
{
	bool rested = idle(engine, route);
	int error = build(engine, route);

	if (error < 0)
		return error;
	if (rested)
		tp_voice_rest(*voice_of(engine, route));
	if (engine->running) {
		error = post_change(engine, route);
	} else {
		tp_microphone_change(&engine->microphone, *voice_of(engine, route), route);
		tp_microphone_settle(&engine->microphone);
	}
	if (error == 0)
		engine->route = route;
	return error;
}

int tp_engine_route(struct tp_engine *engine, enum tp_route route)
{
	int error = check(route);

	if (error < 0)
		return error;
	pthread_mutex_lock(&engine->control);
	if (engine->rate_hz == 0) /* nothing is built yet */
		engine->route = route;
	else if (route != engine->route)
		error = change(engine, route);
	pthread_mutex_unlock(&engine->control);
	return error;
}

/* ---- Save, load ----------------------------------------------------------------------------- */

/* Locks the engine with a route that may be read and written. On failure it is not locked. */
static int borrow(struct tp_engine *engine, enum tp_route route)
{
	int error = check(route);

	if (error < 0)
		return error;
	pthread_mutex_lock(&engine->control);
	if (engine->rate_hz == 0 && engine->config.rate_hz == 0)
		error = tp_fail(TP_ERR_STATE,
				"what a route learns has a rate; configure a session first, or "
				"give the engine's");
	else
		error = tp_engine_settle_rate(engine, NULL);
	if (error == 0 && !idle(engine, route))
		error = tp_fail(TP_ERR_STATE,
				"the %s is in use; change the route or stop the engine first",
				tp_route_name(route));
	if (error == 0)
		error = build(engine, route);
	if (error < 0)
		pthread_mutex_unlock(&engine->control);
	return error;
}

int tp_engine_route_save(struct tp_engine *engine, enum tp_route route, void *state, size_t cap)
{
	int error = borrow(engine, route);
	size_t len;

	if (error < 0)
		return error;
	len = tp_voice_save(*voice_of(engine, route), state, cap);
	pthread_mutex_unlock(&engine->control);
	if (len == 0 || len > INT_MAX)
		return tp_fail(TP_ERR_MEMORY, "no memory for what the %s has learnt",
			       tp_route_name(route));
	return (int)len;
}

int tp_engine_route_load(struct tp_engine *engine, enum tp_route route, const void *state,
			 size_t len)
{
	int error = borrow(engine, route);

	if (error < 0)
		return error;
	error = tp_voice_load(*voice_of(engine, route), state, len);
	pthread_mutex_unlock(&engine->control);
	return error;
}
