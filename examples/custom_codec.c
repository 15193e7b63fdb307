/* SPDX-License-Identifier: MIT */
/* Brings a codec of its own, L8 (RFC 3551 4.5.10) at 16 kHz, and makes a call with it. */
#include <stdio.h>
#include <talkpath/talkpath.h>
#include <unistd.h>

static int describe(const struct tp_codec_config *config, struct tp_codec_shape *shape)
{
	(void)config; /* nothing to choose */
	*shape = (struct tp_codec_shape){16000, 16000, 16, 960,
					 0}; /* 1 ms frames, packets to 60 ms */
	return 0;
}

static int encode(void *state, const int16_t *pcm, int n, uint8_t *payload, size_t cap)
{
	(void)state;
	if ((size_t)n > cap)
		return TP_ERR_ARGUMENT;
	for (int i = 0; i < n; i++)
		payload[i] = (uint8_t)((pcm[i] + 32768) / 256);
	return n;
}

static int samples(const struct tp_codec_shape *shape, const uint8_t *payload, size_t len)
{
	return payload && len && len <= (size_t)shape->packet_n ? (int)len : TP_ERR_FORMAT;
}

static int decode(void *state, const uint8_t *payload, size_t len, bool fec, int16_t *pcm, int cap)
{
	(void)state;
	if (fec || len > (size_t)cap)
		return fec ? 0 : TP_ERR_FORMAT; /* no redundancy to be had */
	for (size_t i = 0; i < len; i++)
		pcm[i] = (int16_t)((payload[i] - 128) * 256);
	return (int)len;
}

/* No state, no settings, and no conceal: the engine makes up for lost packets itself. */
/* clang-format off */
static const struct tp_codec_ops l8 = {
	.abi = TP_CODEC_ABI, .name = "L8", .about = "8 bit linear, 16 kHz", .static_pt = -1, .channels = 1,
	.describe = describe, .encode = encode, .samples = samples, .decode = decode,
};
/* clang-format on */

int main(void)
{
	struct tp_engine_config config;
	struct tp_session_options options;
	struct tp_session_config call;
	struct tp_session_stats stats;
	struct tp_engine *engine = NULL;
	struct tp_session *a, *b;
	bool failed;

	tp_engine_config_init(&config); /* the null device */
	tp_session_options_init(&options);
	tp_session_config_init(&call);
	call.send = call.receive[0] = (struct tp_format){.codec = "L8", .pt = 100, .ptime_ms = 20};
	failed = tp_engine_create(&engine, &config) < 0 || tp_engine_add_codec(engine, &l8) < 0 ||
		 tp_address_parse(&options.udp.local, "127.0.0.1:0") < 0 ||
		 tp_session_open(&a, engine, &options) < 0 ||
		 tp_session_open(&b, engine, &options) < 0 ||
		 tp_session_local(b, &call.remote) < 0 || tp_session_configure(a, &call) < 0 ||
		 tp_session_local(a, &call.remote) < 0 || tp_session_configure(b, &call) < 0 ||
		 tp_engine_start(engine) < 0;
	if (failed)
		fprintf(stderr, "custom_codec: %s\n", tp_error_detail());
	else if (sleep(1) == 0 && tp_session_stats(b, &stats) == 0)
		printf("a second of %s: %d packets\n", stats.receive_codec,
		       (int)stats.receive.packets);
	tp_engine_destroy(engine);
	return failed;
}
