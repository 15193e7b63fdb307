/* SPDX-License-Identifier: MIT */
/* The device's settings, changed from control in a running engine. */
#include "dsp/voice.h"
#include "engine/engine.h"

#include <string.h>

/* Under the lock. */
static int post(struct tp_engine *engine, const struct tp_command *what)
{
	struct tp_command *command = NULL;
	int error = tp_command_create(&command, engine);

	if (error < 0)
		return error;
	command->audio = what->audio;
	command->value = what->value;
	command->echo_centibel = what->echo_centibel;
	command->direction = what->direction;
	command->voice = what->voice;
	command->route = what->route;
	tp_command_post(command);
	return 0;
}

/* Before the rate of the bus is settled there is nothing to be set: it is built as is wanted then.
 * Without a loop nothing has to wait. Under the lock. */
static int change(struct tp_engine *engine, const struct tp_command *what)
{
	struct tp_command now = *what;

	if (engine->running)
		return post(engine, what);
	now.engine = engine;
	if (engine->rate_hz != 0)
		now.audio(&now);
	return 0;
}

static void apply_mute(struct tp_command *command)
{
	tp_gain_mute(&command->engine->mute, command->value != 0);
}

int tp_engine_mute(struct tp_engine *engine, bool mute)
{
	int error;

	pthread_mutex_lock(&engine->control);
	error = change(engine, &(struct tp_command){.audio = apply_mute, .value = mute});
	if (error == 0)
		engine->wanted_mute = mute;
	pthread_mutex_unlock(&engine->control);
	return error;
}

static void apply_gain(struct tp_command *command)
{
	struct tp_engine *engine = command->engine;

	tp_gain_set(command->direction == TP_CAPTURE ? &engine->capture_gain
						     : &engine->playback_gain,
		    command->value);
	engine->microphone.echo_db = command->echo_centibel / 100.0;
}

static int check_gain(enum tp_direction direction, int centibel)
{
	if (direction != TP_CAPTURE && direction != TP_PLAYBACK)
		return tp_fail(TP_ERR_ARGUMENT, "direction %d; capture and playback are %d and %d",
			       (int)direction, TP_CAPTURE, TP_PLAYBACK);
	if (centibel < TP_GAIN_MIN || centibel > TP_GAIN_MAX)
		return tp_fail(TP_ERR_ARGUMENT,
			       "a gain of %d hundredths of a dB; %d to %d are possible", centibel,
			       TP_GAIN_MIN, TP_GAIN_MAX);
	return 0;
}

/* The device gives what its steps allow; the command is for the rest, which is done in samples. */
static int split_gain(struct tp_engine *engine, enum tp_direction direction, int centibel,
		      struct tp_command *rest)
{
	const struct tp_hal_ops *ops = engine->device.ops;
	int granted = 0;
	int error = ops->gain ? ops->gain(engine->device.hal, direction, centibel, &granted) : 0;

	if (error < 0)
		return error;
	engine->device_centibel[direction] = granted;
	*rest = (struct tp_command){
		.engine = engine,
		.audio = apply_gain,
		.direction = direction,
		.value = centibel - granted,
		.echo_centibel =
			engine->device_centibel[TP_CAPTURE] + engine->device_centibel[TP_PLAYBACK],
	};
	return 0;
}

int tp_engine_gain(struct tp_engine *engine, enum tp_direction direction, int centibel)
{
	struct tp_command rest = {.audio = NULL};
	int error = check_gain(direction, centibel);

	if (error < 0)
		return error;
	pthread_mutex_lock(&engine->control);
	if (engine->running) /* else the next start asks the device */
		error = split_gain(engine, direction, centibel, &rest);
	if (error == 0)
		engine->wanted_centibel[direction] = centibel;
	if (error == 0 && rest.audio)
		error = post(engine, &rest);
	pthread_mutex_unlock(&engine->control);
	return error;
}

int tp_engine_gain_begin(struct tp_engine *engine)
{
	for (int direction = TP_CAPTURE; direction <= TP_PLAYBACK; direction++) {
		int wanted = engine->wanted_centibel[direction];
		struct tp_command rest;
		int error;

		if (wanted == 0 && engine->device_centibel[direction] == 0)
			continue; /* a mixer that nobody asked to be moved stays where it is */
		error = split_gain(engine, (enum tp_direction)direction, wanted, &rest);
		if (error < 0)
			return error;
		apply_gain(&rest);
	}
	return 0;
}

static void apply_sidetone(struct tp_command *command)
{
	tp_microphone_set_sidetone(&command->engine->microphone, command->route, command->value);
}

int tp_engine_sidetone(struct tp_engine *engine, enum tp_route route, int centibel)
{
	int error;

	if (!tp_route_name(route))
		return tp_fail(TP_ERR_ARGUMENT, "route %d is not one of the %d", (int)route,
			       TP_ROUTES);
	if (centibel > TP_SIDETONE_MAX)
		return tp_fail(TP_ERR_ARGUMENT,
			       "a sidetone of %d hundredths of a dB; %d to %d are possible",
			       centibel, TP_SIDETONE_MIN, TP_SIDETONE_MAX);
	if (route == TP_ROUTE_HANDSFREE && centibel >= TP_SIDETONE_MIN)
		return tp_fail(TP_ERR_UNSUPPORTED,
			       "hands-free has no sidetone: the loudspeaker would say it into the "
			       "microphone");
	if (centibel < TP_SIDETONE_MIN)
		centibel = TP_SIDETONE_OFF;
	pthread_mutex_lock(&engine->control);
	error = change(engine, &(struct tp_command){
				       .audio = apply_sidetone, .route = route, .value = centibel});
	if (error == 0)
		engine->wanted_sidetone[route] = centibel;
	pthread_mutex_unlock(&engine->control);
	return error;
}

void tp_engine_restore_settings(struct tp_engine *engine)
{
	for (int route = 0; route < TP_ROUTES; route++)
		tp_microphone_set_sidetone(&engine->microphone, (enum tp_route)route,
					   engine->wanted_sidetone[route]);
	tp_gain_mute(&engine->mute, engine->wanted_mute);
	engine->mute.now = engine->mute.target; /* nothing is heard yet that could click */
}

void tp_engine_switch_session(struct tp_session *session)
{
	const struct tp_voice_config *voice = &session->engine->microphone.config;

	tp_tx_set_vad(&session->sender, voice->vad);
	tp_rx_set_cng(&session->receiver, voice->cng);
}

static void apply_voice(struct tp_command *command)
{
	struct tp_engine *engine = command->engine;

	tp_microphone_set(&engine->microphone, &command->voice);
	tp_limiter_set(&engine->limiter, command->voice.limiter);
	for (int i = 0; i < engine->config.sessions_max; i++)
		if (engine->session[i].on_bus)
			tp_engine_switch_session(&engine->session[i]);
}

/* Under the lock. */
static int set_voice(struct tp_engine *engine, const struct tp_voice_config *voice)
{
	int error;

	if (voice->tail_ms != engine->config.voice.tail_ms)
		return tp_fail(TP_ERR_ARGUMENT,
			       "the echo tail is fixed at %d ms when the engine is created",
			       engine->config.voice.tail_ms);
	error = change(engine, &(struct tp_command){.audio = apply_voice, .voice = *voice});
	if (error == 0)
		engine->config.voice = *voice; /* for routes that are built later */
	return error;
}

int tp_engine_voice(struct tp_engine *engine, const struct tp_voice_config *voice)
{
	int error;

	pthread_mutex_lock(&engine->control);
	error = set_voice(engine, voice);
	pthread_mutex_unlock(&engine->control);
	return error;
}

void tp_engine_route_bus(struct tp_engine *engine)
{
	struct tp_bus *bus = &engine->bus;

	memset(bus->gain, 0, sizeof(bus->gain));
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
