/* SPDX-License-Identifier: MIT */
/* The device's settings, changed from control in a running engine. */
#include "dsp/voice.h"
#include "engine/engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	GAIN_MIN = -9600, /* hundredths of a dB: silence */
	GAIN_MAX = 2400,
};

static int post(struct tp_engine *engine, const struct tp_command *what)
{
	struct tp_command *command;

	pthread_mutex_lock(&engine->control);
	command = tp_command_create(engine);
	if (command) {
		command->audio = what->audio;
		command->value = what->value;
		command->direction = what->direction;
		command->voice = what->voice;
		tp_command_post(command);
	}
	pthread_mutex_unlock(&engine->control);
	return command ? 0 : TP_ERR_FULL;
}

/* The settings belong to stages that are built when the rate is settled. */
static int settle(struct tp_engine *engine)
{
	int error;

	pthread_mutex_lock(&engine->control);
	error = tp_engine_settle_rate(engine, NULL);
	pthread_mutex_unlock(&engine->control);
	return error;
}

static void apply_mute(struct tp_command *command)
{
	tp_gain_mute(&command->engine->mute, command->value != 0);
}

int tp_engine_mute(struct tp_engine *engine, bool mute)
{
	int error = settle(engine);

	return error < 0 ? error
			 : post(engine, &(struct tp_command){.audio = apply_mute, .value = mute});
}

static void apply_gain(struct tp_command *command)
{
	struct tp_engine *engine = command->engine;

	tp_gain_set(command->direction == TP_CAPTURE ? &engine->capture_gain
						     : &engine->playback_gain,
		    command->value);
}

static int check_gain(int centibel)
{
	if (centibel < GAIN_MIN || centibel > GAIN_MAX)
		return tp_fail(TP_ERR_ARGUMENT,
			       "a gain of %d hundredths of a dB; %d to %d are possible", centibel,
			       GAIN_MIN, GAIN_MAX);
	return 0;
}

int tp_engine_gain(struct tp_engine *engine, enum tp_direction direction, int centibel)
{
	int granted = 0;
	int error = check_gain(centibel);

	if (error == 0)
		error = settle(engine);
	if (error < 0)
		return error;
	pthread_mutex_lock(&engine->control);
	if (engine->running && engine->device.ops->gain) /* the chip's steps; the rest in samples */
		error = engine->device.ops->gain(engine->device.hal, direction, centibel, &granted);
	pthread_mutex_unlock(&engine->control);
	if (error < 0)
		return error;
	return post(engine, &(struct tp_command){.audio = apply_gain,
						 .direction = direction,
						 .value = centibel - granted});
}

static void apply_sidetone(struct tp_command *command)
{
	command->engine->sidetone = command->value;
	tp_engine_route_bus(command->engine);
}

int tp_engine_sidetone(struct tp_engine *engine, int centibel)
{
	int error = centibel <= GAIN_MIN ? 0 : check_gain(centibel);
	double factor = centibel <= GAIN_MIN ? 0 : pow(10, centibel / 2000.0);

	if (error == 0)
		error = settle(engine);
	return error < 0
		       ? error
		       : post(engine, &(struct tp_command){.audio = apply_sidetone,
							   .value = (int)(factor * TP_BUS_UNITY)});
}

static void apply_voice(struct tp_command *command)
{
	tp_voice_set(command->engine->voice, &command->voice);
}

int tp_engine_voice(struct tp_engine *engine, const struct tp_voice_config *voice)
{
	int error = settle(engine);

	if (voice->tail_ms != engine->config.voice.tail_ms)
		return tp_fail(TP_ERR_ARGUMENT,
			       "the echo tail is fixed at %d ms when the engine is "
			       "created",
			       engine->config.voice.tail_ms);
	return error < 0
		       ? error
		       : post(engine, &(struct tp_command){.audio = apply_voice, .voice = *voice});
}

int tp_engine_route(struct tp_engine *engine, enum tp_route route)
{
	int error;

	pthread_mutex_lock(&engine->control);
	if (!engine->running)
		error = tp_fail(TP_ERR_STATE, "a route is chosen while the engine runs");
	else if (!engine->device.ops->route)
		error = tp_fail(TP_ERR_UNSUPPORTED, "the %s device has one route only",
				engine->device.ops->name);
	else
		error = engine->device.ops->route(engine->device.hal, route);
	pthread_mutex_unlock(&engine->control);
	return error;
}

void tp_engine_route_bus(struct tp_engine *engine)
{
	struct tp_bus *bus = &engine->bus;

	memset(bus->gain, 0, sizeof(bus->gain));
	bus->gain[TP_BUS_EAR][TP_BUS_MICROPHONE] = engine->sidetone;
	for (int i = 0; i < engine->config.sessions_max; i++) {
		const struct tp_session *session = &engine->session[i];
		if (!session->on_bus || !session->in_focus)
			continue;
		bus->gain[TP_BUS_EAR][TP_BUS_SESSION + i] = TP_BUS_UNITY;
		bus->gain[TP_BUS_SESSION + i][TP_BUS_MICROPHONE] = TP_BUS_UNITY;
		for (int k = 0; k < engine->config.sessions_max; k++)
			if (k != i && engine->session[k].on_bus && engine->session[k].in_focus)
				bus->gain[TP_BUS_SESSION + i][TP_BUS_SESSION + k] = TP_BUS_UNITY;
	}
}
