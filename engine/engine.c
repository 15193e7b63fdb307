/* SPDX-License-Identifier: MIT */
/* The engine's life: one allocation, a device, and the loops that serve it. */
#include "engine/engine.h"
#include "engine/clock.h"
#include "engine/route.h"

#include <dlfcn.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

enum {
	LINE = 64, /* octets: what two threads write does not share a cache line */
};

const char *tp_version(void)
{
	return TP_VERSION;
}

void tp_engine_config_init(struct tp_engine_config *config)
{
	*config = (struct tp_engine_config){
		.size = sizeof(*config),
		.device = "null",
		.threads = 2,
		.realtime_priority = 0,
		.block_ms = 10,
		.period_ms = 10,
		.sessions_max = 4,
		.packets_max = 128,
		.route = TP_ROUTE_HANDSFREE,
		.voice = {.aec = true, .vad = true, .cng = true, .tail_ms = 200},
	};
}

/* ---- Memory ------------------------------------------------------------------------------- */

/* Hands out one allocation piece by piece; without a base it only counts. */
struct arena {
	uint8_t *base;
	size_t used;
};

static void *take(struct arena *arena, size_t size)
{
	void *piece = arena->base ? arena->base + arena->used : NULL;

	arena->used += (size + LINE - 1) / LINE * LINE;
	return piece;
}

static void take_ring(struct arena *arena, struct tp_ring *ring, uint32_t cells)
{
	void *cell = take(arena, cells * sizeof(void *));

	if (arena->base)
		tp_ring_init(ring, cell, cells);
}

static void take_records(struct arena *arena, struct tp_records *ring, size_t size,
			 uint32_t records)
{
	void *memory = take(arena, size * records);

	if (arena->base)
		tp_records_init(ring, memory, size, records);
}

static void take_snapshot(struct arena *arena, struct tp_snapshot *snapshot, size_t size)
{
	void *memory = take(arena, 3 * size);

	if (arena->base)
		tp_snapshot_init(snapshot, memory, size);
}

static uint32_t power_of_two(uint32_t n)
{
	uint32_t power = 1;

	while (power < n)
		power *= 2;
	return power;
}

static void layout_session(struct arena *arena, struct tp_session *session, int packets_max)
{
	uint32_t cells = power_of_two((uint32_t)packets_max);

	take_ring(arena, &session->rx, cells);
	take_ring(arena, &session->rx_back, cells);
	take_ring(arena, &session->tx, TP_SEND_SLOTS);
	take_ring(arena, &session->tx_back, TP_SEND_SLOTS);
	take_snapshot(arena, &session->wire_snapshot, sizeof(struct tp_session_stats));
	take_snapshot(arena, &session->audio_snapshot, sizeof(struct tp_session_stats));
	void *receive = take(arena, (size_t)packets_max * sizeof(struct tp_packet));
	void *send = take(arena, TP_SEND_SLOTS * sizeof(struct tp_packet));
	void *entries = take(arena, (size_t)packets_max * sizeof(struct tp_jitter_entry));
	void *pointers = take(arena, (size_t)packets_max * sizeof(struct tp_packet *));
	if (arena->base) {
		session->receive_slots = receive;
		session->free_slots = pointers;
		session->send_slots = send;
		session->entries = entries;
	}
}

/* The same walk counts and places: what size promises is what create takes. */
static struct tp_engine *layout(struct arena *arena, const struct tp_engine_config *config)
{
	static struct tp_engine nowhere; /* while counting, only addresses are taken of these */
	static struct tp_session nobody;
	struct tp_engine *engine = take(arena, sizeof(*engine));
	struct tp_session *session =
		take(arena, (size_t)config->sessions_max * sizeof(struct tp_session));

	if (!arena->base)
		engine = &nowhere;
	take_ring(arena, &engine->to_wire, 2 * TP_COMMANDS_MAX);
	take_ring(arena, &engine->to_audio, 2 * TP_COMMANDS_MAX);
	take_ring(arena, &engine->done, 2 * TP_COMMANDS_MAX);
	take_records(arena, &engine->wire_events, sizeof(struct tp_event), TP_EVENTS_MAX);
	take_records(arena, &engine->audio_events, sizeof(struct tp_event), TP_EVENTS_MAX);
	take_records(arena, &engine->tap, TP_TAP_CHANNELS * sizeof(int16_t), TP_TAP_FRAMES);
	take_records(arena, &engine->trace.records, sizeof(struct tp_trace), TP_TRACE_RECORDS);
	take_snapshot(arena, &engine->snapshot, sizeof(struct tp_engine_stats));
	for (int i = 0; i < config->sessions_max; i++)
		layout_session(arena, session ? &session[i] : &nobody, config->packets_max);
	if (!arena->base)
		return NULL;
	engine->session = session;
	return engine;
}

static int check_config(const struct tp_engine_config *config)
{
	if (config->size != sizeof(*config))
		return tp_fail(TP_ERR_ARGUMENT, "the engine config is not initialised: call "
						"tp_engine_config_init() first");
	if (!memchr(config->cname, '\0', sizeof(config->cname)))
		return tp_fail(TP_ERR_ARGUMENT, "a CNAME of %d octets and more; %d are possible",
			       TP_CNAME_MAX, TP_CNAME_MAX - 1);
	if (config->threads < 0 || config->threads > 2)
		return tp_fail(TP_ERR_ARGUMENT, "%d threads; 0, 1 or 2 are possible",
			       config->threads);
	if (config->block_ms != 10 && config->block_ms != 5)
		return tp_fail(TP_ERR_ARGUMENT, "blocks of %d ms; 10 or 5 are possible",
			       config->block_ms);
	if (config->period_ms < 5 || config->period_ms > 60)
		return tp_fail(TP_ERR_ARGUMENT, "a period of %d ms; 5 to 60 are possible",
			       config->period_ms);
	if (config->rate_hz != 0 && config->rate_hz != 8000 && config->rate_hz != 16000 &&
	    config->rate_hz != 48000)
		return tp_fail(TP_ERR_ARGUMENT,
			       "a rate of %d Hz; 8000, 16000 or 48000 are possible",
			       config->rate_hz);
	if (config->sessions_max < 1 || config->sessions_max > TP_SESSIONS_MAX)
		return tp_fail(TP_ERR_ARGUMENT, "%d sessions; 1 to %d are possible",
			       config->sessions_max, TP_SESSIONS_MAX);
	if (config->packets_max < 16 || config->packets_max > 1024)
		return tp_fail(TP_ERR_ARGUMENT, "%d packets a session; 16 to 1024 are possible",
			       config->packets_max);
	if (!tp_route_name(config->route))
		return tp_fail(TP_ERR_ARGUMENT, "route %d is not one of the %d", (int)config->route,
			       TP_ROUTES);
	if (config->voice.tail_ms < 32 || config->voice.tail_ms > 512)
		return tp_fail(TP_ERR_ARGUMENT, "an echo tail of %d ms; 32 to 512 are possible",
			       config->voice.tail_ms);
	return 0;
}

size_t tp_engine_size(const struct tp_engine_config *config)
{
	struct arena arena = {NULL, 0};

	if (check_config(config) < 0)
		return 0;
	layout(&arena, config);
	return arena.used;
}

/* ---- Create, destroy ---------------------------------------------------------------------- */

static int seed_random(struct tp_engine *engine)
{
	uint64_t seed = engine->config.seed;

	if (seed == 0 && getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return tp_fail(TP_ERR_SYSTEM, "the system gives no random numbers: %s",
			       strerror(errno));
	tp_random_init(&engine->random, seed, 1);
	if (engine->config.cname[0] == '\0') /* RFC 7022 4.2: a short-term persistent CNAME */
		snprintf(engine->config.cname, sizeof(engine->config.cname), "%08x%08x%08x",
			 tp_random_u32(&engine->random), tp_random_u32(&engine->random),
			 tp_random_u32(&engine->random));
	return 0;
}

/* Until the first block nothing was measured. */
static void forget_stats(struct tp_engine *engine)
{
	struct tp_engine_stats unknown = {
		.route = engine->route,
		.device_lead_ms = NAN,
		.device_drift_ppm = NAN,
		.near_db = NAN,
		.ear_db = NAN,
		.microphone_db = NAN,
		.echo_loss_db = NAN,
		.echo_reduction_db = NAN,
		.echo_linear_db = NAN,
		.echo_delay_ms = NAN,
		.echo_drift_ppm = NAN,
		.double_talk_percent = NAN,
	};

	for (int i = 0; i < 3; i++) /* of all that a snapshot turns through */
		tp_snapshot_write(&engine->snapshot, &unknown);
}

int tp_engine_create(struct tp_engine **result, const struct tp_engine_config *config)
{
	struct arena arena = {NULL, tp_engine_size(config)};
	struct tp_engine *engine;
	int error;

	if (arena.used == 0)
		return TP_ERR_ARGUMENT;
	if (config->device && strlen(config->device) >= sizeof(engine->device_name))
		return tp_fail(TP_ERR_ARGUMENT, "a device's name of %zu octets; %zu are possible",
			       strlen(config->device), sizeof(engine->device_name) - 1);
	arena.base = calloc(1, arena.used + LINE);
	if (!arena.base)
		return tp_fail(TP_ERR_MEMORY, "no memory for an engine of %zu octets", arena.used);
	void *allocation = arena.base;
	arena.base += LINE - (uintptr_t)arena.base % LINE;
	arena.used = 0;
	engine = layout(&arena, config);
	engine->allocation = allocation;
	engine->config = *config;
	engine->route = config->route;
	engine->event_fd = engine->wire_fd = -1;
	for (int route = 0; route < TP_ROUTES; route++)
		engine->wanted_sidetone[route] = TP_SIDETONE_OFF;
	forget_stats(engine);
	snprintf(engine->device_name, sizeof(engine->device_name), "%s",
		 config->device ? config->device : "null");
	pthread_mutex_init(&engine->control, NULL);
	for (int i = 0; i < config->sessions_max; i++) {
		engine->session[i].engine = engine;
		engine->session[i].index = i;
		tp_session_reset(&engine->session[i]);
	}
	error = seed_random(engine);
	if (error < 0)
		goto fail;
	engine->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	engine->wire_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (engine->event_fd < 0 || engine->wire_fd < 0) {
		error = tp_fail(TP_ERR_SYSTEM, "no eventfd: %s", strerror(errno));
		goto fail;
	}
	for (int i = 0; tp_codec_builtin(i) && engine->codecs < TP_CODECS_MAX; i++)
		engine->codec[engine->codecs++] = tp_codec_builtin(i);
	*result = engine;
	return 0;
fail:
	tp_engine_destroy(engine);
	return error;
}

void tp_engine_destroy(struct tp_engine *engine)
{
	if (!engine)
		return;
	tp_engine_stop(engine);
	for (int i = 0; i < engine->config.sessions_max; i++)
		if (engine->session[i].open)
			tp_session_close(&engine->session[i]);
	tp_commands_settle(engine);
	tp_route_close(engine);
	for (int i = 0; i < engine->plugins; i++)
		dlclose(engine->plugin[i]);
	if (engine->event_fd >= 0)
		close(engine->event_fd);
	if (engine->wire_fd >= 0)
		close(engine->wire_fd);
	pthread_mutex_destroy(&engine->control);
	free(engine->allocation);
}

/* ---- Codecs ------------------------------------------------------------------------------- */

/* `object` is what the codec came in, NULL for none; the engine keeps it if that went well. */
static int add_codec(struct tp_engine *engine, const struct tp_codec_ops *codec, void *object)
{
	int error = tp_codec_check(codec);

	if (error < 0)
		return error;
	pthread_mutex_lock(&engine->control);
	if (engine->running)
		error = tp_fail(TP_ERR_STATE, "codecs are added while the engine is stopped");
	else if (engine->codecs == TP_CODECS_MAX)
		error = tp_fail(TP_ERR_FULL, "an engine holds %d codecs", TP_CODECS_MAX);
	if (error == 0) {
		memmove(&engine->codec[1], &engine->codec[0],
			(size_t)engine->codecs * sizeof(engine->codec[0]));
		engine->codec[0] = codec;
		engine->codecs++;
		if (object)
			engine->plugin[engine->plugins++] = object;
	}
	pthread_mutex_unlock(&engine->control);
	return error;
}

int tp_engine_add_codec(struct tp_engine *engine, const struct tp_codec_ops *codec)
{
	return add_codec(engine, codec, NULL);
}

int tp_engine_load_codec(struct tp_engine *engine, const char *path)
{
	const struct tp_codec_ops *(*plugin)(void);
	void *object;
	int error;

	if (!path || !*path) /* dlopen() gives the program itself for it */
		return tp_fail(TP_ERR_ARGUMENT, "the path of a codec is wanted");
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!object)
		return tp_fail(TP_ERR_UNSUPPORTED, "cannot load a codec: %s", dlerror());
	*(void **)&plugin = dlsym(object, "tp_codec_plugin");
	if (!plugin)
		error = tp_fail(TP_ERR_FORMAT, "%s exports no tp_codec_plugin()", path);
	else
		error = add_codec(engine, plugin(), object);
	if (error < 0)
		dlclose(object);
	return error;
}

const struct tp_codec_ops *tp_engine_codec(const struct tp_engine *engine, int i)
{
	return i >= 0 && i < engine->codecs ? engine->codec[i] : NULL;
}

const struct tp_codec_ops *tp_engine_find_codec(const struct tp_engine *engine, const char *name)
{
	for (int i = 0; i < engine->codecs; i++)
		if (strcasecmp(engine->codec[i]->name, name) == 0)
			return engine->codec[i];
	tp_fail(TP_ERR_UNSUPPORTED, "no codec is named \"%s\"", name);
	return NULL;
}

/* ---- Start, stop -------------------------------------------------------------------------- */

static int start_threads(struct tp_engine *engine)
{
	int threads = engine->config.threads;

	atomic_store(&engine->stop, false);
	engine->running = true;
	if (threads == 2 &&
	    pthread_create(&engine->wire_thread, NULL, tp_wire_loop_thread, engine) != 0)
		goto fail;
	if (threads >= 1 &&
	    pthread_create(&engine->audio_thread, NULL, tp_audio_loop_thread, engine) != 0) {
		atomic_store(&engine->stop, true);
		tp_engine_kick(engine->wire_fd);
		if (threads == 2)
			pthread_join(engine->wire_thread, NULL);
		goto fail;
	}
	return 0;
fail:
	engine->running = false;
	return tp_fail(TP_ERR_SYSTEM, "the system gives no thread");
}

int tp_engine_start(struct tp_engine *engine)
{
	int error;

	pthread_mutex_lock(&engine->control);
	if (engine->running)
		error = tp_fail(TP_ERR_STATE, "the engine runs already");
	else
		error = tp_engine_settle_rate(engine, NULL);
	if (error == 0)
		error = tp_device_open(&engine->device, engine->config.hal, engine->device_name,
				       engine->rate_hz, engine->block_n, engine->config.period_ms,
				       tp_random_u32(&engine->random));
	if (error == 0) {
		error = tp_route_begin(engine);
		if (error == 0)
			error = tp_engine_gain_begin(engine);
		if (error == 0)
			error = start_threads(engine);
		if (error < 0)
			tp_device_close(&engine->device);
	}
	pthread_mutex_unlock(&engine->control);
	return error;
}

void tp_engine_stop(struct tp_engine *engine)
{
	pthread_mutex_lock(&engine->control);
	if (engine->running) {
		atomic_store_explicit(&engine->stop, true, memory_order_release);
		tp_engine_kick(engine->wire_fd);
		if (engine->config.threads >= 1)
			pthread_join(engine->audio_thread, NULL);
		if (engine->config.threads == 2)
			pthread_join(engine->wire_thread, NULL);
		if (engine->started)
			engine->device.ops->stop(engine->device.hal);
		engine->started = false;
		engine->running = false;
		tp_device_close(&engine->device);
		tp_commands_settle(engine);
		tp_route_settle(engine);
	}
	pthread_mutex_unlock(&engine->control);
}

int tp_engine_step(struct tp_engine *engine, int64_t now_ns)
{
	int sent, error;

	if (engine->config.threads != 0 || !engine->running)
		return tp_fail(TP_ERR_STATE, "only a started engine with threads = 0 is stepped");
	tp_wire_loop_receive(engine, now_ns);
	error = tp_audio_loop_turn(engine, now_ns, &sent);
	tp_wire_loop_send(engine, now_ns);
	return error;
}
