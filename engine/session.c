/* SPDX-License-Identifier: MIT */
/* Sessions seen from control: open, focus, close, statistics. What a stream is: configure.c. */
#include "engine/engine.h"
#include "engine/receive_map.h"
#include "engine/srtp.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

void tp_session_options_init(struct tp_session_options *options)
{
	*options = (struct tp_session_options){.size = sizeof(*options)};
	tp_udp_config_init(&options->udp);
}

void tp_session_config_init(struct tp_session_config *config)
{
	*config = (struct tp_session_config){
		.size = sizeof(*config),
		.flow = TP_SENDRECV,
		.send = {.codec = "PCMU", .pt = 0, .ptime_ms = 20},
		.receive = {{.codec = "PCMU", .pt = 0}},
		.receive_n = 1,
		.jitter = {TP_JITTER_ADAPTIVE, 0, 60, 400},
		.rtcp_interval_ms = 5000,
	};
}

/* ---- Open --------------------------------------------------------------------------------- */

static struct tp_session *free_session(struct tp_engine *engine)
{
	if (engine->running)
		tp_commands_reap(engine);
	else
		tp_commands_settle(engine); /* what was closed is free at once */
	for (int i = 0; i < engine->config.sessions_max; i++)
		if (!engine->session[i].open)
			return &engine->session[i];
	tp_fail(TP_ERR_FULL,
		"all %d sessions are in use; close one, or create the engine with more",
		engine->config.sessions_max);
	return NULL;
}

void tp_session_publish_wire(struct tp_session *session)
{
	struct tp_session_stats stats = {0};

	tp_wire_stats(&session->wire, &stats);
	tp_snapshot_write(&session->wire_snapshot, &stats);
}

/* Whoever hears of the event finds it in the statistics too. */
static void wire_event(void *context, enum tp_event_kind kind, uint32_t value)
{
	struct tp_session *session = context;
	struct tp_event event = {kind, session, session->engine->wire_now_ns, value};

	tp_session_publish_wire(session);
	if (tp_records_push(&session->engine->wire_events, &event))
		tp_engine_kick(session->engine->event_fd);
}

static void open_wire(struct tp_command *command)
{
	command->session->on_wire = true;
	command->engine->wire_changed = true;
}

static void open_audio(struct tp_command *command)
{
	command->session->in_focus = true;
}

/* Own numbers are random; the first sequence number is in the lower half, so that a receiver that
 * misses the first packets still guesses the rollover counter (RFC 3711 3.3.1). */
static void init_wire(struct tp_session *session)
{
	struct tp_engine *engine = session->engine;
	struct tp_random *random = &engine->random;
	struct tp_wire_setup setup = {
		.transport = session->transport,
		.rx = &session->rx,
		.rx_back = &session->rx_back,
		.tx = &session->tx,
		.tx_back = &session->tx_back,
		.slots = session->receive_slots,
		.free = session->free_slots,
		.slots_n = engine->config.packets_max,
		.ssrc = tp_random_u32(random),
		.seq = (uint16_t)(tp_random_u32(random) & 0x7fff),
		.timestamp = tp_random_u32(random),
		.cname = engine->config.cname,
		.seed = tp_random_u32(random),
		.peer_loss = &session->peer_loss,
		.round_trip = &session->round_trip,
		.event = wire_event,
		.context = session,
	};

	session->ssrc = setup.ssrc;
	session->timestamp = setup.timestamp;
	tp_wire_init(&session->wire, &setup);
}

int tp_session_open(struct tp_session **result, struct tp_engine *engine,
		    const struct tp_session_options *options)
{
	struct tp_transport transport = options->transport;
	struct tp_session *session = NULL;
	struct tp_command *command = NULL, *closing = NULL;
	int error;

	if (options->size != sizeof(*options))
		return tp_fail(TP_ERR_ARGUMENT, "the session options are not initialised: call "
						"tp_session_options_init() first");
	pthread_mutex_lock(&engine->control);
	error = tp_command_create(&command, engine);
	if (error == 0 && !(closing = calloc(1, sizeof(*closing))))
		error = tp_fail(TP_ERR_MEMORY, "no memory for a session");
	if (error == 0 && !(session = free_session(engine)))
		error = TP_ERR_FULL;
	if (error == 0 && !transport.ops)
		error = tp_udp_open(&transport, &options->udp);
	if (error) {
		free(command);
		free(closing);
		pthread_mutex_unlock(&engine->control);
		return error;
	}
	session->transport = transport;
	if (transport.ops->local(transport.state, TP_RTP, &session->local) < 0)
		session->local = (struct tp_address){0};
	init_wire(session);
	session->open = true;
	session->closing = closing; /* so that closing cannot fail */
	command->session = session;
	command->wire = open_wire;
	command->audio = open_audio;
	tp_command_post(command);
	*result = session;
	pthread_mutex_unlock(&engine->control);
	return 0;
}

int tp_session_local(const struct tp_session *session, struct tp_address *address)
{
	*address = session->local;
	return 0;
}

/* ---- Focus, resync, close ----------------------------------------------------------------- */

/* Under the lock, for what needs an open session. */
static int create_command(struct tp_command **command, struct tp_session *session)
{
	int error;

	if (!session->closing)
		return tp_fail(TP_ERR_STATE, "the session is closed");
	error = tp_command_create(command, session->engine);
	if (error == 0)
		(*command)->session = session;
	return error;
}

static void focus_audio(struct tp_command *command)
{
	command->session->in_focus = command->value != 0;
	tp_engine_route_bus(command->engine);
}

int tp_session_focus(struct tp_session *session, bool focus)
{
	struct tp_command *command = NULL;
	int error;

	pthread_mutex_lock(&session->engine->control);
	error = create_command(&command, session);
	if (error == 0) {
		command->value = focus;
		command->audio = focus_audio;
		tp_command_post(command);
	}
	pthread_mutex_unlock(&session->engine->control);
	return error;
}

static void replace_audio(struct tp_command *command)
{
	struct tp_session *old = command->other;
	bool focus = old->in_focus;

	old->in_focus = false;
	command->session->in_focus = focus;
	tp_engine_route_bus(command->engine);
}

int tp_session_replace(struct tp_session *old, struct tp_session *session)
{
	struct tp_command *command = NULL;
	int error;

	if (old->engine != session->engine)
		return tp_fail(TP_ERR_ARGUMENT,
			       "a session can only be replaced by one of the same engine");
	pthread_mutex_lock(&session->engine->control);
	if (!old->closing)
		error = tp_fail(TP_ERR_STATE, "the session that is to be replaced is closed");
	else
		error = create_command(&command, session);
	if (error == 0) {
		command->other = old;
		command->audio = replace_audio;
		tp_command_post(command);
	}
	pthread_mutex_unlock(&session->engine->control);
	return error;
}

static void resync_wire(struct tp_command *command)
{
	tp_wire_resync(&command->session->wire, command->time_ns);
}

static void resync_audio(struct tp_command *command)
{
	tp_rx_flush(&command->session->receiver);
}

int tp_session_resync(struct tp_session *session)
{
	struct tp_command *command = NULL;
	int error;

	pthread_mutex_lock(&session->engine->control);
	if (session->closing && !session->configured)
		error = tp_fail(TP_ERR_STATE, "a session that was never configured has no stream");
	else
		error = create_command(&command, session);
	if (error == 0) {
		command->wire = resync_wire;
		command->audio = resync_audio;
		tp_command_post(command);
	}
	pthread_mutex_unlock(&session->engine->control);
	return error;
}

static void close_wire(struct tp_command *command)
{
	struct tp_session *session = command->session;

	command->srtp = tp_wire_close(&session->wire, command->time_ns);
	session->on_wire = false;
	command->engine->wire_changed = true;
}

static void close_audio(struct tp_command *command)
{
	struct tp_session *session = command->session;

	if (session->on_bus)
		tp_rx_flush(&session->receiver);
	session->on_bus = session->in_focus = false;
	tp_engine_route_bus(command->engine);
}

static void finish_close(struct tp_command *command)
{
	struct tp_session *session = command->session;

	tp_srtp_destroy(command->srtp);
	session->transport.ops->close(session->transport.state);
	tp_receive_map_destroy(session->map);
	tp_coder_destroy(session->encoder);
	tp_session_reset(session);
}

void tp_session_close(struct tp_session *session)
{
	struct tp_command *command;
	struct tp_engine *engine;

	if (!session)
		return;
	engine = session->engine;
	pthread_mutex_lock(&engine->control);
	command = session->closing;
	session->closing = NULL;
	if (command) {
		command->session = session;
		command->engine = engine;
		command->wire = close_wire;
		command->audio = close_audio;
		command->finish = finish_close;
		tp_command_post(command);
	}
	pthread_mutex_unlock(&engine->control);
}

/* ---- Reset, statistics --------------------------------------------------------------------------- */

void tp_session_reset(struct tp_session *session)
{
	struct tp_session_stats unknown = {
		.jitter = {.target_ms = NAN, .delay_ms = NAN, .drift_ppm = NAN},
		.send = {.loss_told_percent = -1},
		.rtcp = {.round_trip_ms = NAN,
			 .remote_loss_percent = NAN,
			 .remote_jitter_ms = NAN,
			 .remote_lost = -1},
		.receive = {.jitter_ms = NAN},
		.level_db = NAN,
	};
	const struct tp_engine_config *config = &session->engine->config;

	tp_ring_init(&session->rx, session->rx.cell, session->rx.mask + 1);
	tp_ring_init(&session->rx_back, session->rx_back.cell, session->rx_back.mask + 1);
	tp_ring_init(&session->tx, session->tx.cell, session->tx.mask + 1);
	tp_ring_init(&session->tx_back, session->tx_back.cell, session->tx_back.mask + 1);
	for (int i = 0; i < TP_SEND_SLOTS; i++) {
		session->send_slots[i].stamp_ns = 0;
		tp_ring_push(&session->tx_back, &session->send_slots[i]);
	}
	memset(session->receive_slots, 0,
	       (size_t)config->packets_max * sizeof(*session->receive_slots));
	for (int i = 0; i < 3; i++) {
		tp_snapshot_write(&session->wire_snapshot, &unknown);
		tp_snapshot_write(&session->audio_snapshot, &unknown);
	}
	session->open = session->configured = session->encrypted = false;
	session->configures = 0;
	atomic_store(&session->peer_loss, 0);
	atomic_store(&session->round_trip, 0);
	session->map = NULL;
	session->encoder = NULL;
}

int tp_session_stats(struct tp_session *session, struct tp_session_stats *stats)
{
	struct tp_engine *engine = session->engine;
	struct tp_session_stats audio;

	pthread_mutex_lock(&engine->control);
	tp_snapshot_read(&session->wire_snapshot, stats);
	tp_snapshot_read(&session->audio_snapshot, &audio);
	pthread_mutex_unlock(&engine->control);
	stats->ssrc = session->ssrc;
	stats->jitter = audio.jitter;
	stats->send.silent_ms = audio.send.silent_ms;
	stats->send.loss_told_percent = audio.send.loss_told_percent;
	stats->send.red_distance = audio.send.red_distance;
	stats->level_db = audio.level_db;
	stats->receive.malformed += audio.receive.malformed;
	memcpy(stats->send_codec, audio.send_codec, sizeof(stats->send_codec));
	memcpy(stats->receive_codec, audio.receive_codec, sizeof(stats->receive_codec));
	return 0;
}
