/* SPDX-License-Identifier: MIT */
/* The rate of the bus: the first stream's, until the last has ended; and what is built for it. */
#include "engine/engine.h"
#include "engine/route.h"

enum {
	NARROW_HZ = 8000,
	WIDE_HZ = 16000,
	EAR_MS = 300, /* time constant of the ear's level */
};

/* Whether what a session sends, or receives if it does not send, is a codec of 8 kHz. */
static bool narrow(const struct tp_engine *engine, const struct tp_session_config *config)
{
	struct tp_codec_config wide = {.rate_hz = WIDE_HZ};
	struct tp_codec_shape shape;
	const struct tp_codec_ops *ops = tp_engine_find_codec(
		engine, config->send.codec[0] ? config->send.codec : config->receive[0].codec);

	return ops && ops->describe(&wide, &shape) == 0 && shape.rate_hz == NARROW_HZ;
}

static int rate_for(const struct tp_engine *engine, const struct tp_session_config *first)
{
	if (engine->config.rate_hz != 0)
		return engine->config.rate_hz;
	return first && narrow(engine, first) ? NARROW_HZ : WIDE_HZ;
}

/* What cannot fail comes behind what can: on failure all is as it was. */
static int build(struct tp_engine *engine, int rate_hz)
{
	int before_hz = engine->rate_hz, error;

	engine->rate_hz = rate_hz;
	engine->block_n = rate_hz / 1000 * engine->config.block_ms;
	error = tp_route_open(engine);
	if (error < 0) {
		engine->rate_hz = before_hz;
		engine->block_n = before_hz / 1000 * engine->config.block_ms;
		return error;
	}
	tp_bus_init(&engine->bus, engine->block_n);
	tp_gain_init(&engine->capture_gain, rate_hz);
	tp_gain_init(&engine->playback_gain, rate_hz); /* start sets both */
	tp_gain_init(&engine->mute, rate_hz);
	tp_limiter_init(&engine->limiter, rate_hz);
	tp_limiter_set(&engine->limiter, engine->config.voice.limiter);
	tp_level_init(&engine->ear_level, rate_hz, EAR_MS);
	tp_engine_restore_settings(engine);
	return 0;
}

static bool in_use(const struct tp_engine *engine)
{
	for (int i = 0; i < engine->config.sessions_max; i++)
		if (engine->session[i].closing && engine->session[i].configured)
			return true;
	return false;
}

int tp_engine_settle_rate(struct tp_engine *engine, const struct tp_session_config *first)
{
	int rate_hz;

	/* The device of a running engine was opened for its rate. */
	if (engine->rate_hz != 0 && (!first || engine->running || in_use(engine)))
		return 0;
	rate_hz = rate_for(engine, first);
	if (rate_hz == engine->rate_hz)
		return 0;
	tp_commands_settle(engine); /* of streams that have ended, for stages that go now */
	return build(engine, rate_hz);
}
