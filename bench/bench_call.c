/* SPDX-License-Identifier: MIT */
/* The call that is measured: two engines on cards of chirps, virtual or in real time. */
#include "bench_call.h"

#include "cli/formats.h"
#include "dsp/resample.h"
#include "dsp/voice.h"
#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	EAR_HZ_MAX = 48000,
	STEP_US = 250, /* of virtual time */
	TURN_MS = 50, /* real time: traces are collected so often */
	CHUNK = 1024,
	PRIORITY = 50, /* in real time, as on a phone, where the system grants it */
};

double tp_bench_period_ms(const struct tp_bench_setting *setting)
{
	return setting->period_ms == TP_BENCH_PERIOD_1024 ? 1024 / 48.0 : setting->period_ms;
}

static void prepare_device(struct tp_bench_call *call, int side, int max_ms)
{
	struct tp_chirp_device *device = &tp_chirp_device[side];

	memset(device, 0, sizeof(*device));
	device->chirps = side == TP_BENCH_CALLER && !call->setting.talk;
	device->talks = call->setting.talk;
	if (call->setting.period_ms == TP_BENCH_PERIOD_1024) {
		device->rate_hz = 48000;
		device->period_n = 1024;
	}
	if (call->ear && side == TP_BENCH_CALLED) {
		device->ear = call->ear;
		device->ear_cap = (int64_t)max_ms * EAR_HZ_MAX / 1000;
	}
}

static int open_engine(struct tp_bench_call *call, int side)
{
	struct tp_engine_config config;
	char name[2] = {(char)('0' + side), 0};

	tp_engine_config_init(&config);
	config.hal = &tp_chirp_device_ops;
	config.device = name;
	config.threads = call->setting.threads;
	config.realtime_priority = call->setting.threads ? PRIORITY : 0;
	config.seed = 1 + (uint32_t)side;
	config.sessions_max = 1;
	config.voice.aec = call->setting.voice;
	config.period_ms = (int)tp_bench_period_ms(&call->setting);
	config.block_ms = config.period_ms == 5 ? 5 : 10;
	return tp_engine_create(&call->engine[side], &config);
}

static int open_session(struct tp_bench_call *call, int side)
{
	struct tp_session_options options;
	int error = 0;

	tp_session_options_init(&options);
	if (call->setting.threads)
		error = tp_address_parse(&options.udp.local, "127.0.0.1:0");
	else
		options.transport = tp_pipe_transport(&call->pipe, side);
	return error ? error : tp_session_open(&call->session[side], call->engine[side], &options);
}

static int set_codec(struct tp_session_config *config, const struct tp_bench_setting *setting)
{
	int error = tp_formats_parse(&config->send, setting->codec);

	config->send.ptime_ms = setting->ptime_ms;
	config->receive[0] = config->send;
	config->receive_n = 1;
	return error;
}

/* Any key will do, if the directions have one each. */
static void set_keys(struct tp_session_config *config, enum tp_srtp_suite suite, int side)
{
	config->send_key.suite = config->receive_key.suite = suite;
	memset(config->send_key.key, 1 + side, sizeof(config->send_key.key));
	memset(config->receive_key.key, 2 - side, sizeof(config->receive_key.key));
}

static int configure(struct tp_bench_call *call, int side)
{
	const struct tp_bench_setting *setting = &call->setting;
	struct tp_session_config config;
	int error;

	tp_session_config_init(&config);
	error = set_codec(&config, setting);
	if (!error)
		error = tp_session_local(call->session[1 - side], &config.remote);
	if (error)
		return error;
	if (setting->jitter_ms) {
		config.jitter.mode = TP_JITTER_FIXED;
		config.jitter.nominal_ms = setting->jitter_ms;
	}
	if (setting->suite != TP_SRTP_NONE)
		set_keys(&config, setting->suite, side);
	return tp_session_configure(call->session[side], &config);
}

/* In virtual time a card starts with its engine's first step. */
static int start(struct tp_bench_call *call, int side)
{
	int error = tp_engine_start(call->engine[side]);

	if (!error && !call->setting.threads) {
		call->now_ns += side == TP_BENCH_CALLED ? call->setting.phase_us * 1000 : 0;
		error = tp_engine_step(call->engine[side], call->now_ns);
	}
	return error;
}

int tp_bench_call_begin(struct tp_bench_call *call, const struct tp_bench_setting *setting,
			int max_ms)
{
	int error = 0;

	memset(call, 0, sizeof(*call));
	call->setting = *setting;
	call->now_ns = 1000000000;
	call->step_us = STEP_US;
	tp_pipe_init(&call->pipe);
	if (!setting->talk) {
		call->ear = calloc((size_t)max_ms * EAR_HZ_MAX / 1000, sizeof(*call->ear));
		if (!call->ear)
			return tp_fail(TP_ERR_MEMORY, "no memory to record %d ms", max_ms);
	}
	for (int side = 0; side < 2 && !error; side++) {
		prepare_device(call, side, max_ms);
		error = open_engine(call, side);
		if (!error)
			error = open_session(call, side);
	}
	for (int side = 0; side < 2 && !error; side++)
		error = configure(call, side);
	for (int side = 0; side < 2 && !error; side++)
		error = start(call, side);
	return error;
}

static int take_traces(struct tp_bench_call *call, int side)
{
	int n;

	do {
		size_t wanted = call->traces_n[side] + CHUNK;

		if (wanted > call->traces_cap[side]) {
			void *larger =
				realloc(call->traces[side], 2 * wanted * sizeof(struct tp_trace));
			if (!larger)
				return tp_fail(TP_ERR_MEMORY, "no memory for the traces");
			call->traces[side] = larger;
			call->traces_cap[side] = 2 * wanted;
		}
		n = tp_engine_trace(call->engine[side], call->traces[side] + call->traces_n[side],
				    CHUNK);
		if (n > 0)
			call->traces_n[side] += (size_t)n;
	} while (n == CHUNK);
	return n < 0 ? n : 0;
}

static int step(struct tp_bench_call *call, int ms)
{
	int64_t end_ns = call->now_ns + (int64_t)ms * 1000000;
	int error = 0;

	while (call->now_ns < end_ns && !error) {
		call->now_ns += (int64_t)call->step_us * 1000;
		for (int side = 0; side < 2 && !error; side++)
			error = tp_engine_step(call->engine[side], call->now_ns);
	}
	return error;
}

static int let_pass(struct tp_bench_call *call, int ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000L};

	if (!call->setting.threads)
		return step(call, ms);
	nanosleep(&time, NULL);
	return 0;
}

int tp_bench_call_run(struct tp_bench_call *call, int ms)
{
	int error = 0;

	while (ms > 0 && !error) {
		int some = ms < TURN_MS ? ms : TURN_MS;

		for (int side = 0; side < 2 && !error && !call->setting.talk; side++)
			error = take_traces(call, side);
		if (!error)
			error = let_pass(call, some);
		ms -= some;
	}
	return error;
}

void tp_bench_call_stop(struct tp_bench_call *call)
{
	for (int side = 0; side < 2; side++)
		tp_engine_stop(call->engine[side]);
}

static double resample_ms(const struct tp_resample *resample)
{
	return resample ? tp_resample_delay_ms(resample) : 0;
}

double tp_bench_call_fixed_ms(const struct tp_bench_call *call)
{
	const struct tp_engine *from = call->engine[TP_BENCH_CALLER];
	const struct tp_engine *to = call->engine[TP_BENCH_CALLED];
	const struct tp_coder *encoder = call->session[TP_BENCH_CALLER]->sender.encoder;
	const struct tp_coder *decoder = call->session[TP_BENCH_CALLED]->receiver.decoder;

	return resample_ms(from->device.from_device) +
	       tp_voice_delay_n(from->microphone.voice) * 1000.0 / from->rate_hz +
	       resample_ms(encoder->from_bus) +
	       encoder->shape.lookahead_n * 1000.0 / encoder->shape.rate_hz +
	       (decoder ? resample_ms(decoder->to_bus) : 0) + resample_ms(to->device.to_device);
}

void tp_bench_call_end(struct tp_bench_call *call)
{
	for (int side = 0; side < 2; side++) {
		tp_engine_destroy(call->engine[side]);
		free(call->traces[side]);
	}
	free(call->ear);
	memset(call, 0, sizeof(*call));
}
