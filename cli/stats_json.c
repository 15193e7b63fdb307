/* SPDX-License-Identifier: MIT */
/* The file of --stats, and in it a call's statistics as one JSON object. */
#include "stats_json.h"

#include "json.h"

#include <errno.h>
#include <string.h>

static void write_engine(struct tp_json *json, const struct tp_engine_stats *s)
{
	tp_json_open(json, "engine", '{');
	tp_json_count(json, "blocks", s->blocks);
	tp_json_count(json, "capture_xruns", s->capture_xruns);
	tp_json_count(json, "playback_xruns", s->playback_xruns);
	tp_json_count(json, "late_blocks", s->late_blocks);
	tp_json_count(json, "tap_lost", s->tap_lost);
	tp_json_count(json, "trace_lost", s->trace_lost);
	tp_json_known(json, "rate_hz", s->rate_hz);
	tp_json_known(json, "device_rate_hz", s->device_rate_hz);
	tp_json_known(json, "period_n", s->period_n);
	tp_json_number(json, "device_lead_ms", s->device_lead_ms);
	tp_json_number(json, "device_drift_ppm", s->device_drift_ppm);
	tp_json_number(json, "near_db", s->near_db);
	tp_json_number(json, "ear_db", s->ear_db);
	tp_json_number(json, "microphone_db", s->microphone_db);
	tp_json_number(json, "echo_loss_db", s->echo_loss_db);
	tp_json_number(json, "echo_reduction_db", s->echo_reduction_db);
	tp_json_number(json, "echo_linear_db", s->echo_linear_db);
	tp_json_number(json, "echo_delay_ms", s->echo_delay_ms);
	tp_json_number(json, "echo_drift_ppm", s->echo_drift_ppm);
	tp_json_number(json, "double_talk_percent", s->double_talk_percent);
	tp_json_open(json, "block_us_histogram", '[');
	for (size_t i = 0; i < sizeof(s->block_us_histogram) / sizeof(s->block_us_histogram[0]);
	     i++)
		tp_json_count(json, NULL, s->block_us_histogram[i]);
	tp_json_close(json, ']');
	tp_json_close(json, '}');
}

static void write_receive(struct tp_json *json, const struct tp_session_stats *s)
{
	tp_json_open(json, "receive", '{');
	tp_json_count(json, "packets", s->receive.packets);
	tp_json_count(json, "octets", s->receive.octets);
	tp_json_count(json, "lost", s->receive.lost);
	tp_json_count(json, "duplicate", s->receive.duplicate);
	tp_json_count(json, "reordered", s->receive.reordered);
	tp_json_number(json, "jitter_ms", s->receive.jitter_ms);
	tp_json_count(json, "wrong_source", s->receive.wrong_source);
	tp_json_count(json, "wrong_payload_type", s->receive.wrong_payload_type);
	tp_json_count(json, "malformed", s->receive.malformed);
	tp_json_count(json, "overflow", s->receive.overflow);
	tp_json_count(json, "own_ssrc", s->receive.own_ssrc);
	tp_json_count(json, "source_moves", s->receive.source_moves);
	tp_json_count(json, "ssrc_changes", s->receive.ssrc_changes);
	tp_json_close(json, '}');
}

static void write_srtp(struct tp_json *json, const struct tp_session_stats *s)
{
	tp_json_open(json, "srtp", '{');
	tp_json_count(json, "failed_auth", s->srtp.failed_auth);
	tp_json_count(json, "replayed", s->srtp.replayed);
	tp_json_count(json, "failed_other", s->srtp.failed_other);
	tp_json_count(json, "send_failed", s->srtp.send_failed);
	tp_json_close(json, '}');
}

static void write_jitter(struct tp_json *json, const struct tp_session_stats *s)
{
	tp_json_open(json, "jitter", '{');
	tp_json_number(json, "target_ms", s->jitter.target_ms);
	tp_json_number(json, "delay_ms", s->jitter.delay_ms);
	tp_json_count(json, "late", s->jitter.late);
	tp_json_count(json, "discarded", s->jitter.discarded);
	tp_json_count(json, "concealed_ms", s->jitter.concealed_ms);
	tp_json_count(json, "fec_ms", s->jitter.fec_ms);
	tp_json_count(json, "noise_ms", s->jitter.noise_ms);
	tp_json_count(json, "stretched_ms", s->jitter.stretched_ms);
	tp_json_count(json, "squeezed_ms", s->jitter.squeezed_ms);
	tp_json_count(json, "resyncs", s->jitter.resyncs);
	tp_json_number(json, "drift_ppm", s->jitter.drift_ppm);
	tp_json_close(json, '}');
}

static void write_send(struct tp_json *json, const struct tp_session_stats *s)
{
	tp_json_open(json, "send", '{');
	tp_json_count(json, "packets", s->send.packets);
	tp_json_count(json, "octets", s->send.octets);
	tp_json_count(json, "failed", s->send.failed);
	tp_json_count(json, "silent_ms", s->send.silent_ms);
	tp_json_known(json, "loss_told_percent", s->send.loss_told_percent);
	tp_json_count(json, "red_distance", (uint64_t)s->send.red_distance);
	tp_json_close(json, '}');
}

static void write_rtcp(struct tp_json *json, const struct tp_session_stats *s)
{
	tp_json_open(json, "rtcp", '{');
	tp_json_count(json, "sent", s->rtcp.sent);
	tp_json_count(json, "received", s->rtcp.received);
	tp_json_count(json, "malformed", s->rtcp.malformed);
	tp_json_number(json, "round_trip_ms", s->rtcp.round_trip_ms);
	tp_json_number(json, "remote_loss_percent", s->rtcp.remote_loss_percent);
	tp_json_number(json, "remote_jitter_ms", s->rtcp.remote_jitter_ms);
	tp_json_known(json, "remote_lost", s->rtcp.remote_lost);
	tp_json_close(json, '}');
}

static void write_session(struct tp_json *json, const struct tp_session_stats *s)
{
	char remote[TP_ADDRESS_TEXT];

	tp_json_open(json, "session", '{');
	tp_json_count(json, "ssrc", s->ssrc);
	tp_json_count(json, "remote_ssrc", s->remote_ssrc);
	tp_json_text(json, "remote", s->remote.family ? tp_address_format(&s->remote, remote) : "");
	tp_json_text(json, "send_codec", s->send_codec);
	tp_json_text(json, "receive_codec", s->receive_codec);
	tp_json_number(json, "level_db", s->level_db);
	write_receive(json, s);
	write_srtp(json, s);
	write_jitter(json, s);
	write_send(json, s);
	write_rtcp(json, s);
	tp_json_close(json, '}');
}

void tp_stats_json_write(FILE *file, const struct tp_engine_stats *engine,
			 const struct tp_session_stats *session)
{
	struct tp_json json;

	tp_json_begin(&json, file);
	tp_json_open(&json, NULL, '{');
	write_engine(&json, engine);
	write_session(&json, session);
	tp_json_close(&json, '}');
}

static int fail(const char *path)
{
	return tp_fail(TP_ERR_SYSTEM, "cannot write the statistics to %.150s: %s", path,
		       strerror(errno));
}

int tp_stats_json_open(FILE **file, const char *path)
{
	*file = path ? fopen(path, "w") : NULL;
	return path && !*file ? fail(path) : 0;
}

int tp_stats_json_check(FILE *file, const char *path)
{
	return fflush(file) || ferror(file) ? fail(path) : 0;
}
