/* SPDX-License-Identifier: MIT */
/* What a stream is, said by control any number of times: checked, built, carried to both sides. */
#include "engine/address.h"
#include "engine/engine.h"
#include "engine/receive_map.h"
#include "engine/srtp.h"

#include <stdlib.h>
#include <string.h>

/* 0.0.0.0 and ::, which the system would take for this machine. */
static bool is_nobody(const struct tp_address *address)
{
	static const uint8_t zero[sizeof(address->ip)];

	return memcmp(address->ip, zero, address->family == 4 ? 4 : sizeof(zero)) == 0;
}

static int check_remote(const struct tp_address *address, const char *what)
{
	int error = tp_address_check(address, what);

	if (error < 0 || address->family == 0)
		return error;
	if (address->port == 0)
		return tp_fail(TP_ERR_ARGUMENT,
			       "%s has port 0, where nobody can be; a peer that is not known yet "
			       "has family 0",
			       what);
	if (is_nobody(address))
		return tp_fail(TP_ERR_ARGUMENT,
			       "%s is that of nobody, 0.0.0.0 or [::]; a stream that is held by it "
			       "is told by its flow",
			       what);
	return 0;
}

static int check_addresses(const struct tp_session_config *config)
{
	int error = check_remote(&config->remote, "the peer's address");

	return error < 0 ? error : check_remote(&config->remote_rtcp, "the peer's RTCP address");
}

static int check_config(const struct tp_session *session, const struct tp_session_config *config)
{
	const struct tp_jitter_config *jitter = &config->jitter;

	if (!session->closing)
		return tp_fail(TP_ERR_STATE, "the session is closed");
	if (config->size != sizeof(*config))
		return tp_fail(TP_ERR_ARGUMENT, "the session config is not initialised: call "
						"tp_session_config_init() first");
	if (config->flow < TP_INACTIVE || config->flow > TP_SENDRECV)
		return tp_fail(TP_ERR_ARGUMENT, "a flow of %d; %d to %d are possible",
			       (int)config->flow, TP_INACTIVE, TP_SENDRECV);
	if (config->receive_n < 0 || config->receive_n > TP_FORMATS_MAX)
		return tp_fail(TP_ERR_ARGUMENT, "%d payload types to receive; 0 to %d are possible",
			       config->receive_n, TP_FORMATS_MAX);
	if (jitter->mode != TP_JITTER_ADAPTIVE && jitter->mode != TP_JITTER_FIXED)
		return tp_fail(TP_ERR_ARGUMENT,
			       "jitter buffer mode %d is neither adaptive nor fixed",
			       (int)jitter->mode);
	if (jitter->min_ms < 0 || jitter->min_ms > jitter->nominal_ms ||
	    jitter->nominal_ms > jitter->max_ms || jitter->max_ms > 1000)
		return tp_fail(
			TP_ERR_ARGUMENT,
			"jitter delays %d, %d, %d ms are not 0 <= min <= nominal <= max <= 1000",
			jitter->min_ms, jitter->nominal_ms, jitter->max_ms);
	if ((config->send_key.suite == TP_SRTP_NONE) != (config->receive_key.suite == TP_SRTP_NONE))
		return tp_fail(TP_ERR_KEY,
			       "one direction has an SRTP key and the other has none; both "
			       "are needed");
	if (session->encrypted && config->send_key.suite == TP_SRTP_NONE)
		return tp_fail(TP_ERR_KEY,
			       "an encrypted session never falls back to plain RTP; open "
			       "another one");
	if (config->rtcp_interval_ms < 0)
		return tp_fail(TP_ERR_ARGUMENT, "an RTCP interval of %d ms is negative",
			       config->rtcp_interval_ms);
	return check_addresses(config);
}

static int build_encoder(struct tp_session *session, const struct tp_session_config *config,
			 struct tp_coder **encoder)
{
	struct tp_engine *engine = session->engine;
	const struct tp_codec_ops *ops;

	*encoder = session->encoder;
	if (config->send.codec[0] == '\0') {
		*encoder = NULL;
		return 0;
	}
	if (session->encoder && tp_format_equal(&session->encoder->format, &config->send))
		return 0;
	int error = tp_format_check(&config->send);
	if (error < 0)
		return error;
	if (tp_format_is_comfort(&config->send) || tp_format_is_red(&config->send))
		return tp_fail(
			TP_ERR_ARGUMENT,
			"%s is no codec to talk with; it is sent beside one, as its cn_pt or "
			"red_pt",
			config->send.codec);
	ops = tp_engine_find_codec(engine, config->send.codec);
	if (!ops)
		return TP_ERR_UNSUPPORTED;
	return tp_encoder_create(encoder, ops, &config->send, engine->rate_hz,
				 engine->config.block_ms);
}

static int build_wire_config(const struct tp_session *session,
			     const struct tp_session_config *config,
			     const struct tp_receive_map *map, const struct tp_coder *encoder,
			     struct tp_wire_config **result)
{
	struct tp_wire_config *wire = calloc(1, sizeof(*wire));
	int error = 0;

	if (!wire)
		return tp_fail(TP_ERR_MEMORY, "no memory for a session's settings");
	wire->remote = config->remote;
	wire->remote_rtcp = config->remote_rtcp;
	wire->flow = config->flow;
	wire->rtcp_interval_ms = config->rtcp_interval_ms;
	wire->send_pt = (uint8_t)config->send.pt;
	wire->send_clock_hz = encoder ? (uint32_t)encoder->shape.clock_hz : 0;
	for (int pt = 0; pt < 128; pt++)
		wire->clock_hz[pt] = tp_receive_map_clock(map, pt);
	if (config->send_key.suite != TP_SRTP_NONE) /* the wire side keeps what is the same */
		error = tp_srtp_create(&wire->srtp, &config->send_key, &config->receive_key,
				       config->srtp_shared_key, session->ssrc);
	if (error < 0)
		free(wire);
	else
		*result = wire;
	return error;
}

static void configure_wire(struct tp_command *command)
{
	command->srtp =
		tp_wire_configure(&command->session->wire, command->time_ns, command->wire_config);
}

static void configure_audio(struct tp_command *command)
{
	struct tp_session *session = command->session;

	session->on_bus = true;
	tp_engine_switch_session(session);
	command->map = tp_rx_set(&session->receiver, command->map,
				 (command->flow & TP_RECVONLY) != 0, &command->jitter);
	command->encoder = tp_tx_set(&session->sender, command->encoder,
				     (command->flow & TP_SENDONLY) != 0, command->time_ns);
	tp_engine_route_bus(command->engine);
	tp_engine_audio_event(command->engine, TP_EVENT_APPLIED, session, command->time_ns,
			      (uint32_t)command->value);
}

static void finish_configure(struct tp_command *command)
{
	tp_receive_map_destroy(command->map); /* what came back is what was replaced */
	tp_coder_destroy(command->encoder);
	tp_srtp_destroy(command->srtp);
	free(command->wire_config);
}

/* Before the first configure the audio side does not know the session. */
static void init_audio(struct tp_session *session, const struct tp_jitter_config *jitter)
{
	struct tp_engine *engine = session->engine;

	tp_rx_init(&session->receiver, &session->rx, &session->rx_back, session->entries,
		   engine->config.packets_max, jitter, engine->rate_hz, engine->block_n);
	tp_tx_init(&session->sender, &session->tx, &session->tx_back, engine->rate_hz,
		   engine->block_n, session->ssrc, session->timestamp);
	session->told_pt = -1;
	session->sender.peer_loss = &session->peer_loss;
	session->receiver.round_trip = &session->round_trip;
	session->receiver.tracer = session->sender.tracer =
		(struct tp_tracer){&engine->trace, session};
}

static int configure(struct tp_session *session, const struct tp_session_config *config)
{
	struct tp_engine *engine = session->engine;
	struct tp_command *command = NULL;
	struct tp_receive_map *map = NULL;
	struct tp_coder *encoder = session->encoder, *before = session->encoder;
	int error = check_config(session, config);

	if (error < 0)
		return error;
	error = tp_engine_settle_rate(engine, config);
	if (error < 0)
		return error;
	error = tp_receive_map_create(&map, engine, session->map, config);
	if (error < 0)
		return error;
	error = build_encoder(session, config, &encoder);
	if (error < 0)
		goto fail;
	error = tp_command_create(&command, engine);
	if (error < 0)
		goto fail;
	error = build_wire_config(session, config, map, encoder, &command->wire_config);
	if (error < 0)
		goto fail;
	if (!session->configured)
		init_audio(session, &config->jitter);
	command->session = session;
	command->wire = configure_wire;
	command->audio = configure_audio;
	command->finish = finish_configure;
	command->flow = config->flow;
	command->jitter = config->jitter;
	command->map = session->map = map;
	command->encoder = session->encoder = encoder;
	command->value = (int)++session->configures;
	session->encrypted = config->send_key.suite != TP_SRTP_NONE;
	session->configured = true;
	tp_command_post(command);
	return 0;
fail:
	free(command);
	if (encoder != before)
		tp_coder_destroy(encoder);
	tp_receive_map_destroy(map);
	return error;
}

int tp_session_configure(struct tp_session *session, const struct tp_session_config *config)
{
	struct tp_engine *engine = session->engine;
	int error;

	pthread_mutex_lock(&engine->control);
	error = configure(session, config);
	pthread_mutex_unlock(&engine->control);
	return error;
}
