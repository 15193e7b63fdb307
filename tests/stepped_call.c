/* SPDX-License-Identifier: MIT */
/* A call between two engines in virtual time: fake devices, a fake network, both stepped by hand. */
#include "stepped_call.h"
#include "engine/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const char *const stepped_call_address[2] = {"10.0.0.1:4000", "10.0.0.2:4000"};

static void must(int error)
{
	if (error < 0)
		fail_msg("%s: %s", tp_error_text(error), tp_error_detail());
}

void stepped_call_init(struct stepped_call *call)
{
	memset(call, 0, sizeof(*call));
	fake_device_reset();
	tp_engine_config_init(&call->engine_config);
	call->engine_config.threads = 0;
	call->engine_config.hal = &fake_device_ops;
	call->engine_config.voice.aec = false;
	tp_session_config_init(&call->session_config);
	call->net = fake_network_create(7);
	call->now_ns = 1000000000;
	call->step_us = 5000;
}

void stepped_call_begin(struct stepped_call *call)
{
	for (int side = 0; side < 2; side++) {
		struct tp_session_options options;
		char device[2] = {(char)('0' + side), 0};

		call->ear[side] = calloc(CALL_EARS_MAX, sizeof(int16_t));
		fake_device[side].ear = call->ear[side];
		fake_device[side].ear_cap = CALL_EARS_MAX;
		call->engine_config.device =
			call->device_name[side] ? call->device_name[side] : device;
		call->engine_config.seed = 100 + (uint32_t)side;
		must(tp_engine_create(&call->engine[side], &call->engine_config));
		if (call->plugin)
			must(tp_engine_load_codec(call->engine[side], call->plugin));
		tp_session_options_init(&options);
		options.transport = fake_network_open(call->net, stepped_call_address[side], false);
		must(tp_session_open(&call->session[side], call->engine[side], &options));
		stepped_call_configure(call, side, &call->session_config);
		must(tp_engine_start(call->engine[side]));
	}
}

void stepped_call_configure(struct stepped_call *call, int side,
			    const struct tp_session_config *config)
{
	struct tp_session_config own = *config;

	must(tp_address_parse(&own.remote, stepped_call_address[1 - side]));
	if (side == CALLED) {
		own.send_key = config->receive_key;
		own.receive_key = config->send_key;
	}
	must(tp_session_configure(call->session[side], &own));
}

void stepped_call_run_ms(struct stepped_call *call, int ms)
{
	int64_t end_ns = call->now_ns + (int64_t)ms * 1000000;

	while (call->now_ns < end_ns) {
		call->now_ns += (int64_t)call->step_us * 1000;
		for (int side = 0; side < 2; side++) {
			int error = tp_engine_step(call->engine[side], call->now_ns);
			if (error != TP_ERR_DEVICE_LOST)
				must(error);
		}
	}
}

void stepped_call_end(struct stepped_call *call)
{
	for (int side = 0; side < 2; side++) {
		tp_engine_destroy(call->engine[side]);
		free(call->ear[side]);
	}
	fake_network_destroy(call->net);
}

struct tp_session_stats stepped_call_stats(struct stepped_call *call, int side)
{
	struct tp_session_stats stats;

	must(tp_session_stats(call->session[side], &stats));
	return stats;
}

void stepped_call_codec(struct tp_session_config *config, const char *codec, int pt, int ptime_ms)
{
	snprintf(config->send.codec, sizeof(config->send.codec), "%s", codec);
	config->send.pt = pt;
	config->send.ptime_ms = ptime_ms;
	config->receive[0] = config->send;
	config->receive_n = 1;
}

/* A pulse train through two resonances: enough of a voice for correlation, pitch and codecs. */
void stepped_call_speak(int16_t *pcm, int n, int rate_hz, uint32_t seed)
{
	struct tp_random random;
	double y1[2] = {0}, y2[2] = {0}, phase = 0, loudness = 0, pitch_hz = 120;

	tp_random_init(&random, seed, 9);
	for (int i = 0; i < n; i++) {
		int syllable = i / (rate_hz / 5);
		bool voiced = syllable % 4 != 3;
		double formant[2] = {500 + 90 * (syllable * 7 % 5),
				     1400 + 170 * (syllable * 3 % 7)};
		double x = 1e-3 * (tp_random_unit(&random) - 0.5);

		pitch_hz = 110 + 40 * sin(2 * M_PI * i / rate_hz * 0.7 + seed);
		phase += pitch_hz / rate_hz;
		if (phase >= 1) {
			phase -= 1;
			x += 1;
		}
		for (int k = 0; k < 2; k++) {
			double r = exp(-M_PI * 120 / rate_hz);
			double y = x + 2 * r * cos(2 * M_PI * formant[k] / rate_hz) * y1[k] -
				   r * r * y2[k];
			y2[k] = y1[k];
			y1[k] = y;
		}
		loudness += ((voiced ? 1 : 0.002) - loudness) * 50 / rate_hz;
		pcm[i] = (int16_t)(1200 * loudness * (y1[0] + 0.6 * y1[1]));
	}
}

static double likeness_at(const int16_t *said, const int16_t *heard, int n, int stride)
{
	double xy = 0, xx = 1, yy = 1;

	for (int i = 0; i < n; i += stride) {
		xy += (double)said[i] * heard[i];
		xx += (double)said[i] * said[i];
		yy += (double)heard[i] * heard[i];
	}
	return xy / sqrt(xx * yy);
}

int stepped_call_delay(const int16_t *said, const int16_t *heard, int n, int most_n,
		       double *likeness)
{
	enum { STRIDE = 13 }; /* every 13th product is enough to find the place */
	double best = -1;
	int best_n = 0;

	for (int delay = 0; delay <= most_n; delay++) {
		double here = likeness_at(said, heard + delay, n, most_n > 0 ? STRIDE : 1);
		if (here > best) {
			best = here;
			best_n = delay;
		}
	}
	*likeness = likeness_at(said, heard + best_n, n, 1);
	return best_n;
}
