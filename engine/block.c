/* SPDX-License-Identifier: MIT */
/* One block: everything between capture and playback that is the same at every turn. */
#include "engine/block.h"
#include "dsp/voice.h"
#include "engine/engine.h"

#include <math.h>
#include <string.h>

/* Microphone -> echo cancellation -> bus. */
static void hear_microphone(struct tp_engine *engine, const int16_t *raw, const int16_t *reference)
{
	int16_t *near = engine->bus.source[TP_BUS_MICROPHONE];

	tp_voice_clocks(engine->microphone.voice, engine->device.ratio.ppm);
	tp_microphone_hear(&engine->microphone, raw, reference, near, engine->block_n);
	tp_gain_apply(&engine->capture_gain, near, engine->block_n);
	tp_gain_apply(&engine->mute, near, engine->block_n);
}

/* Jitter buffers -> decoders -> bus. */
static void hear_sessions(struct tp_engine *engine, const struct tp_block_time *time)
{
	for (int i = 0; i < engine->config.sessions_max; i++)
		if (engine->session[i].on_bus)
			tp_rx_block(&engine->session[i].receiver, time,
				    engine->bus.source[TP_BUS_SESSION + i]);
}

/* Bus -> encoders -> wire side. */
static int tell_sessions(struct tp_engine *engine, const struct tp_block_time *time)
{
	int16_t pcm[TP_BUS_BLOCK_MAX];
	int sent = 0;

	for (int i = 0; i < engine->config.sessions_max; i++)
		if (engine->session[i].on_bus) {
			tp_bus_mix(&engine->bus, TP_BUS_SESSION + i, pcm);
			engine->session[i].sender.burst = engine->session[i].receiver.burst;
			sent += tp_tx_block(&engine->session[i].sender, pcm, time);
		}
	return sent;
}

/* Bus -> ear, with room above full scale if there is a limiter behind it. */
static void make_ear(struct tp_engine *engine, int16_t *ear)
{
	float wide[TP_BUS_BLOCK_MAX];

	if (tp_limiter_idle(&engine->limiter)) {
		tp_bus_mix(&engine->bus, TP_BUS_EAR, ear);
		tp_gain_apply(&engine->playback_gain, ear, engine->block_n);
		return;
	}
	tp_bus_mix_wide(&engine->bus, TP_BUS_EAR, wide);
	tp_gain_apply_wide(&engine->playback_gain, wide, engine->block_n);
	tp_limiter_process(&engine->limiter, wide, ear, engine->block_n);
}

static void tap(struct tp_engine *engine, const int16_t *ear, const int16_t *raw)
{
	const int16_t *near = engine->bus.source[TP_BUS_MICROPHONE];

	if (!atomic_load_explicit(&engine->tap_enabled, memory_order_relaxed))
		return;
	for (int i = 0; i < engine->block_n; i++) {
		int16_t frame[TP_TAP_CHANNELS] = {near[i], ear[i], raw[i]};
		if (!tp_records_push(&engine->tap, frame))
			engine->tap_lost++;
	}
}

static void publish_session(struct tp_session *session)
{
	struct tp_session_stats stats = {0};

	tp_rx_stats(&session->receiver, &stats);
	tp_tx_stats(&session->sender, &stats);
	if (session->sender.encoder)
		memcpy(stats.send_codec, session->sender.encoder->format.codec,
		       sizeof(stats.send_codec));
	tp_snapshot_write(&session->audio_snapshot, &stats);
}

static void publish(struct tp_engine *engine)
{
	const struct tp_device *device = &engine->device;
	struct tp_voice_stats voice;
	struct tp_engine_stats stats = {
		.blocks = engine->blocks,
		.capture_xruns = device->capture_xruns,
		.playback_xruns = device->playback_xruns,
		.late_blocks = engine->late_blocks,
		.tap_lost = engine->tap_lost,
		.trace_lost = engine->trace.lost,
		.rate_hz = engine->rate_hz,
		.device_rate_hz = device->got.rate_hz,
		.period_n = device->got.period_n,
		.device_lead_ms = (double)device->lead.ns / 1e6,
		.device_drift_ppm = device->got.one_crystal ? 0 : device->ratio.ppm,
		.route = engine->microphone.route,
		.ear_db = tp_level_get_db(&engine->ear_level),
	};

	tp_voice_stats(engine->microphone.voice, &voice);
	stats.near_db = fmax(TP_LEVEL_SILENT_DB,
			     voice.near_db + 20 * log10((double)engine->capture_gain.now));
	stats.microphone_db = voice.microphone_db;
	stats.echo_loss_db = voice.erl_db;
	stats.echo_reduction_db = voice.erle_db;
	stats.echo_linear_db = voice.linear_erle_db;
	/* By the sound: what the positions left. */
	stats.echo_delay_ms =
		voice.delay_ms + (double)device->reference_offset_n * 1000 / engine->rate_hz;
	stats.echo_drift_ppm = voice.drift_ppm;
	stats.double_talk_percent = 100 * voice.double_talk;
	memcpy(stats.block_us_histogram, engine->block_us_histogram,
	       sizeof(stats.block_us_histogram));
	tp_snapshot_write(&engine->snapshot, &stats);
	for (int i = 0; i < engine->config.sessions_max; i++)
		if (engine->session[i].on_bus)
			publish_session(&engine->session[i]);
}

int tp_block_run(struct tp_engine *engine)
{
	int16_t raw[TP_BUS_BLOCK_MAX], reference[TP_BUS_BLOCK_MAX], ear[TP_BUS_BLOCK_MAX];
	struct tp_block_time time;
	int sent;

	tp_device_take(&engine->device, raw, reference, &time);
	hear_microphone(engine, raw, reference);
	hear_sessions(engine, &time);
	make_ear(engine, ear);
	tp_device_remember(&engine->device, ear);
	tp_microphone_add_sidetone(&engine->microphone, engine->bus.source[TP_BUS_MICROPHONE], ear,
				   engine->block_n);
	tp_level_add(&engine->ear_level, ear, engine->block_n);
	tp_device_put(&engine->device, ear);
	sent = tell_sessions(engine, &time);
	tap(engine, ear, raw);
	engine->blocks++;
	publish(engine);
	return sent;
}
