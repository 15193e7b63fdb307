/* SPDX-License-Identifier: MIT */
/* Whatever applications ask for, in any order and from several threads, while both loops run in
 * threads of their own: no call fails, sound flows afterwards, and ThreadSanitizer has something to
 * look at. Real time, but none of it is judged. */
#include "dsp/noise.h"

#include <talkpath/talkpath.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum {
	APPLICATIONS = 3, /* threads that share an engine */
	REQUESTS = 200, /* of each */
	STATE_CAP = 64 * 1024,
	PATIENCE = 10000, /* of looks, a millisecond apart: far more than any machine takes */
};

/* A thread, and a call of its own from one port of the engine to another. */
struct application {
	int number;
	struct tp_session *session[2];
	struct tp_session_config call[2];
	struct tp_voice_config voice;
	struct tp_noise dice;
	uint8_t state[STATE_CAP];
	char why[300]; /* the request that failed; "" */
};

static struct tp_engine *engine;

static int draw(struct application *own, int n)
{
	return (int)(tp_noise_bits(&own->dice) % (uint32_t)n);
}

static void pause_ms(int ms)
{
	nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

/* ---- What may be asked for --------------------------------------------------------------------- */

static int open_session(struct tp_session **opened)
{
	struct tp_session_options options;
	int error;

	tp_session_options_init(&options);
	error = tp_address_parse(&options.udp.local, "127.0.0.1:0");
	return error < 0 ? error : tp_session_open(opened, engine, &options);
}

static int meet(struct application *own)
{
	int error = 0;

	for (int side = 0; !error && side < 2; side++)
		error = tp_session_local(own->session[1 - side], &own->call[side].remote);
	for (int side = 0; !error && side < 2; side++)
		error = tp_session_configure(own->session[side], &own->call[side]);
	return error;
}

static int another_codec(struct application *own)
{
	static const struct tp_format formats[] = {
		{.codec = "PCMU", .pt = 0, .ptime_ms = 20},
		{.codec = "G722", .pt = 9, .ptime_ms = 20, .cn_pt = 13},
		{.codec = "opus", .pt = 96, .ptime_ms = 20, .red_pt = 97},
	};

	own->call[0].send = formats[draw(own, 3)];
	return tp_session_configure(own->session[0], &own->call[0]);
}

static int new_keys(struct application *own)
{
	for (int side = 0; side < 2; side++) {
		struct tp_srtp_key key;
		int error = tp_srtp_key_generate(&key, TP_SRTP_AES_CM_128_HMAC_SHA1_80);

		if (error)
			return error;
		own->call[side].send_key = own->call[1 - side].receive_key = key;
	}
	return meet(own);
}

static int hold_or_resume(struct application *own)
{
	own->call[1].flow = (enum tp_flow)draw(own, 4);
	return tp_session_configure(own->session[1], &own->call[1]);
}

/* To a port where nobody listens, and back. */
static int retarget(struct application *own)
{
	int error = tp_address_parse(&own->call[0].remote, "127.0.0.1:9");

	if (!error)
		error = tp_session_configure(own->session[0], &own->call[0]);
	return error ? error : meet(own);
}

static int another_jitter_mode(struct application *own)
{
	own->call[1].jitter.mode = draw(own, 2) ? TP_JITTER_FIXED : TP_JITTER_ADAPTIVE;
	return tp_session_configure(own->session[1], &own->call[1]);
}

static int another_route(struct application *own)
{
	return tp_engine_route(engine, (enum tp_route)draw(own, TP_ROUTES));
}

/* Of the route in use only while stopped, and not while another thread
 * makes it that of the engine. */
static int save_and_load_a_route(struct application *own)
{
	enum tp_route route = (enum tp_route)draw(own, TP_ROUTES);
	int len = tp_engine_route_save(engine, route, own->state, sizeof(own->state));

	if (len >= 0)
		len = tp_engine_route_load(engine, route, own->state, (size_t)len);
	return len == TP_ERR_STATE ? 0 : len;
}

static int turn_a_switch(struct application *own)
{
	bool *const switches[] = {&own->voice.aec, &own->voice.ns,  &own->voice.agc,
				  &own->voice.vad, &own->voice.cng, &own->voice.limiter};
	bool *turned = switches[draw(own, 6)];

	*turned = !*turned;
	return tp_engine_voice(engine, &own->voice);
}

static int another_gain(struct application *own)
{
	return tp_engine_gain(engine, (enum tp_direction)draw(own, 2), -100 * draw(own, 20));
}

static int mute(struct application *own)
{
	return tp_engine_mute(engine, draw(own, 2));
}

static int sidetone(struct application *own)
{
	return tp_engine_sidetone(engine, TP_ROUTE_HANDSET, -1000 - draw(own, 1000));
}

static int focus(struct application *own)
{
	return tp_session_focus(own->session[draw(own, 2)], draw(own, 2));
}

static int resync(struct application *own)
{
	return tp_session_resync(own->session[draw(own, 2)]);
}

/* An attended transfer: a third stream takes the place of one. */
static int replace(struct application *own)
{
	struct tp_session *old = own->session[0], *fresh;
	int error = open_session(&fresh);

	if (error)
		return error;
	own->session[0] = fresh;
	error = meet(own);
	if (!error)
		error = tp_session_replace(old, fresh);
	tp_session_close(old);
	return error;
}

/* Another thread may have started it in between. */
static int stop_and_start(struct application *own)
{
	int error;

	(void)own;
	tp_engine_stop(engine);
	error = tp_engine_start(engine);
	return error == TP_ERR_STATE ? 0 : error;
}

static const struct {
	const char *name;
	int (*ask)(struct application *);
} requests[] = {
	{"codec", another_codec},
	{"keys", new_keys},
	{"hold", hold_or_resume},
	{"retarget", retarget},
	{"jitter", another_jitter_mode},
	{"route", another_route},
	{"state", save_and_load_a_route},
	{"switch", turn_a_switch},
	{"gain", another_gain},
	{"mute", mute},
	{"sidetone", sidetone},
	{"focus", focus},
	{"resync", resync},
	{"replace", replace},
	{"restart", stop_and_start},
};

/* What an application reads all the time; taps and traces are for one thread. */
static int look(struct application *own)
{
	int16_t frames[TP_TAP_CHANNELS * 160];
	struct tp_trace records[64];
	struct tp_engine_stats of_engine;
	struct tp_session_stats of_session;
	struct tp_event event;
	int error;

	while (tp_engine_next_event(engine, &event))
		;
	error = tp_engine_stats(engine, &of_engine);
	if (!error)
		error = tp_session_stats(own->session[draw(own, 2)], &of_session);
	if (!error && own->number == 0)
		error = tp_engine_tap(engine, frames, 160) < 0 ||
			tp_engine_trace(engine, records, 64) < 0;
	return error;
}

/* ---- Threads of applications --------------------------------------------------------------------- */

static void *ask_for_anything(void *context)
{
	struct application *own = context;

	for (int i = 0; i < REQUESTS; i++) {
		int request = draw(own, (int)(sizeof(requests) / sizeof(requests[0])));
		int error = requests[request].ask(own);

		/* An application that asks faster than blocks pass has to wait. */
		for (int looks = 0; error == TP_ERR_FULL && looks < PATIENCE; looks++) {
			pause_ms(1);
			error = requests[request].ask(own);
		}
		if (!error)
			error = look(own);
		if (error) {
			snprintf(own->why, sizeof(own->why), "%s, request %d of %d: %.200s",
				 requests[request].name, i, own->number, tp_error_detail());
			break;
		}
		pause_ms(1);
	}
	return NULL;
}

static void begin_engine(int threads)
{
	struct tp_engine_config config;

	tp_engine_config_init(&config);
	config.threads = threads;
	config.rate_hz = 16000;
	config.sessions_max = TP_SESSIONS_MAX;
	config.seed = 1;
	assert_int_equal(tp_engine_create(&engine, &config), 0);
	assert_int_equal(tp_engine_start(engine), 0);
}

static void begin(struct application *own, int number)
{
	static const char *const codecs[] = {"PCMU", "G722", "opus", "CN", "red"};
	static const int types[] = {0, 9, 96, 13, 97};
	struct tp_engine_config config;

	memset(own, 0, sizeof(*own));
	own->number = number;
	tp_noise_init(&own->dice, 11 + (uint32_t)number);
	tp_engine_config_init(&config);
	own->voice = config.voice;
	for (int side = 0; side < 2; side++) {
		struct tp_session_config *call = &own->call[side];

		assert_int_equal(open_session(&own->session[side]), 0);
		tp_session_config_init(call);
		call->receive_n = 5;
		for (int i = 0; i < 5; i++) {
			call->receive[i] = (struct tp_format){.pt = types[i]};
			snprintf(call->receive[i].codec, sizeof(call->receive[i].codec), "%s",
				 codecs[i]);
		}
	}
	assert_int_equal(meet(own), 0);
}

static uint64_t received(const struct application *own, int side)
{
	struct tp_session_stats stats;

	assert_int_equal(tp_session_stats(own->session[side], &stats), 0);
	return stats.receive.packets;
}

static void packets_flow(struct application *own)
{
	own->call[0].flow = own->call[1].flow = TP_SENDRECV;
	own->voice.vad = false;
	assert_int_equal(tp_engine_voice(engine, &own->voice), 0);
	assert_int_equal(new_keys(own), 0);
	for (int side = 0; side < 2; side++) {
		uint64_t before = received(own, side);
		int looks = 0;

		for (; received(own, side) < before + 10 && looks < PATIENCE; looks++)
			pause_ms(1);
		if (looks == PATIENCE)
			fail_msg("call %d, side %d hears nothing any more", own->number, side);
	}
}

static void all_ask(int applications, int threads)
{
	static struct application application[APPLICATIONS];
	pthread_t thread[APPLICATIONS];

	begin_engine(threads);
	for (int i = 0; i < applications; i++)
		begin(&application[i], i);
	for (int i = 0; i < applications; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, ask_for_anything, &application[i]), 0);
	for (int i = 0; i < applications; i++)
		pthread_join(thread[i], NULL);
	for (int i = 0; i < applications; i++) {
		assert_string_equal(application[i].why, "");
		packets_flow(&application[i]);
	}
	tp_engine_destroy(engine);
}

/* ---- The tests --------------------------------------------------------------------------------- */

/* F29 */
static void field_29_several_threads_ask_for_anything_under_traffic(void **state)
{
	(void)state;
	all_ask(APPLICATIONS, 2);
}

static void one_thread_asks_both_loops(void **state)
{
	(void)state;
	all_ask(1, 2);
}

static void one_thread_asks_a_loop_for_both_sides(void **state)
{
	(void)state;
	all_ask(1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(field_29_several_threads_ask_for_anything_under_traffic),
		cmocka_unit_test(one_thread_asks_both_loops),
		cmocka_unit_test(one_thread_asks_a_loop_for_both_sides),
	};

	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
