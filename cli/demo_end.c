/* SPDX-License-Identifier: MIT */
/* One of the two phones of the demo: an engine in its room, and all that it did. */
#include "demo_end.h"

#include "demo_script.h"

#include "hal/wav.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHUNK = 1600,
	OPUS_PT = 96,
};

static int open_session(struct tp_demo_end *end, const struct tp_network_config *network)
{
	struct tp_session_options options;
	struct tp_transport udp;
	int error;

	tp_session_options_init(&options);
	error = tp_address_parse(&options.udp.local, "127.0.0.1:0");
	if (!error)
		error = tp_udp_open(&udp, &options.udp);
	if (error)
		return error;
	error = tp_network_wrap(&options.transport, &udp, network);
	if (error) {
		udp.ops->close(udp.state);
		return error;
	}
	return tp_session_open(&end->session, end->engine, &options);
}

int tp_demo_end_open(struct tp_demo_end *end, const char *room, const char *says,
		     const struct tp_network_config *network)
{
	struct tp_engine_config config;
	int error;

	memset(end, 0, sizeof(*end));
	snprintf(end->device, sizeof(end->device), "room:talker=%.4096s,loop=0,%s", says, room);
	tp_engine_config_init(&config);
	config.device = end->device;
	config.rate_hz = TP_DEMO_RATE_HZ;
	config.sessions_max = 1;
	config.seed = network->seed;
	error = tp_engine_create(&end->engine, &config);
	return error ? error : open_session(end, network);
}

int tp_demo_end_connect(struct tp_demo_end *end, const struct tp_demo_end *other,
			const struct tp_srtp_key *send_key, const struct tp_srtp_key *receive_key)
{
	struct tp_session_config config;
	int error;

	tp_session_config_init(&config);
	error = tp_session_local(other->session, &config.remote);
	if (error)
		return error;
	config.send = (struct tp_format){.codec = "opus", .pt = OPUS_PT, .ptime_ms = 20};
	config.send.options.rate_hz = TP_DEMO_RATE_HZ;
	config.send.options.fec = true;
	config.send.options.loss_percent = 5;
	config.receive[0] = config.send;
	config.receive_n = 1;
	config.send_key = *send_key;
	config.receive_key = *receive_key;
	/* Twice in each part of the shortest demo. */
	config.rtcp_interval_ms = 1000;
	error = tp_session_configure(end->session, &config);
	explicit_bzero(&config, sizeof(config));
	return error ? error : tp_engine_start(end->engine);
}

/* Room for n more elements behind `used`; doubles, so that a run costs few moves. */
static int reserve(void **memory, size_t used, size_t n, size_t *cap, size_t size)
{
	size_t wanted = *cap ? *cap : 4096;
	void *larger;

	if (used + n <= *cap)
		return 0;
	while (wanted < used + n)
		wanted *= 2;
	larger = realloc(*memory, wanted * size);
	if (!larger)
		return tp_fail(TP_ERR_MEMORY, "no memory for the demo's record of itself");
	*memory = larger;
	*cap = wanted;
	return 0;
}

static int take_frames(struct tp_demo_end *end, int64_t now_ns)
{
	size_t cap = (size_t)end->frames_cap;
	void *memory = end->frames;
	int n, error;

	do {
		error = reserve(&memory, (size_t)end->frames_n, CHUNK, &cap,
				sizeof(*end->frames) * TP_TAP_CHANNELS);
		end->frames = memory;
		end->frames_cap = (int64_t)cap;
		if (error)
			return error;
		n = tp_engine_tap(end->engine, end->frames + end->frames_n * TP_TAP_CHANNELS,
				  CHUNK);
		if (n > 0 && !end->frames_n)
			end->first_frame_ns = now_ns - n * INT64_C(1000000000) / TP_DEMO_RATE_HZ;
		end->frames_n += n > 0 ? n : 0;
	} while (n == CHUNK);
	return 0;
}

static int take_traces(struct tp_demo_end *end)
{
	void *memory = end->traces;
	int n, error;

	do {
		error = reserve(&memory, end->traces_n, CHUNK, &end->traces_cap,
				sizeof(*end->traces));
		end->traces = memory;
		if (error)
			return error;
		n = tp_engine_trace(end->engine, end->traces + end->traces_n, CHUNK);
		end->traces_n += n > 0 ? (size_t)n : 0;
	} while (n == CHUNK);
	return 0;
}

int tp_demo_end_take(struct tp_demo_end *end, int64_t now_ns)
{
	int error = take_frames(end, now_ns);

	if (!error)
		error = take_traces(end);
	if (!error)
		error = tp_engine_stats(end->engine, &end->engine_stats);
	if (!error)
		error = tp_session_stats(end->session, &end->session_stats);
	return error;
}

int tp_demo_end_write(const struct tp_demo_end *end, enum tp_demo_channel channel, const char *path)
{
	struct tp_wav_writer writer;
	int16_t mono[CHUNK];
	int error = tp_wav_writer_open(&writer, path, TP_DEMO_RATE_HZ, 1), closed;

	if (error)
		return error;
	for (int64_t at = 0; !error && at < end->frames_n;) {
		size_t n = 0;

		for (; n < CHUNK && at < end->frames_n; n++, at++)
			mono[n] = end->frames[at * TP_TAP_CHANNELS + (int)channel];
		error = tp_wav_writer_write(&writer, mono, n);
	}
	closed = tp_wav_writer_close(&writer);
	return error ? error : closed;
}

void tp_demo_end_close(struct tp_demo_end *end)
{
	tp_engine_destroy(end->engine);
	free(end->frames);
	free(end->traces);
	memset(end, 0, sizeof(*end));
}
