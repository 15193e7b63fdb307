/* SPDX-License-Identifier: MIT */
/* Whatever control asks for, in any order, while both loops run in threads of their own: no call fails, sound
 * flows afterwards, and ThreadSanitizer has something to look at. Real time, but none of it is judged. */
#include "dsp/noise.h"

#include <talkpath/talkpath.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

enum {
	REQUESTS = 300,
	STATE_CAP = 64 * 1024,
	PATIENCE = 10000, /* of looks, a millisecond apart: far more than any machine takes */
};

static struct tp_engine *engine;
static struct tp_session *session[2];
static struct tp_session_config call[2];
static struct tp_voice_config voice;
static struct tp_noise dice;

static int draw(int n)
{
	return (int)(tp_noise_bits(&dice) % (uint32_t)n);
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

static int meet(void)
{
	int error = 0;

	for (int side = 0; !error && side < 2; side++)
		error = tp_session_local(session[1 - side], &call[side].remote);
	for (int side = 0; !error && side < 2; side++)
		error = tp_session_configure(session[side], &call[side]);
	return error;
}

static int another_codec(void)
{
	static const struct tp_format formats[] = {
		{.codec = "PCMU", .pt = 0, .ptime_ms = 20},
		{.codec = "G722", .pt = 9, .ptime_ms = 20, .cn_pt = 13},
		{.codec = "opus", .pt = 96, .ptime_ms = 20, .red_pt = 97},
	};
	int format = draw(3);

	call[0].send = formats[format];
	return tp_session_configure(session[0], &call[0]);
}

static int new_keys(void)
{
	struct tp_srtp_key there, back;
	int error = tp_srtp_key_generate(&there, TP_SRTP_AES_CM_128_HMAC_SHA1_80);

	if (!error)
		error = tp_srtp_key_generate(&back, TP_SRTP_AES_CM_128_HMAC_SHA1_80);
	call[0].send_key = call[1].receive_key = there;
	call[1].send_key = call[0].receive_key = back;
	return error ? error : meet();
}

static int hold_or_resume(void)
{
	call[1].flow = (enum tp_flow)draw(4);
	return tp_session_configure(session[1], &call[1]);
}

static int another_jitter_mode(void)
{
	call[1].jitter.mode = draw(2) ? TP_JITTER_FIXED : TP_JITTER_ADAPTIVE;
	return tp_session_configure(session[1], &call[1]);
}

static int another_route(void)
{
	return tp_engine_route(engine, (enum tp_route)draw(TP_ROUTES));
}

/* Of the route in use only while stopped. */
static int save_and_load_a_route(void)
{
	static uint8_t state[STATE_CAP];
	enum tp_route route = (enum tp_route)draw(TP_ROUTES);
	int len = tp_engine_route_save(engine, route, state, sizeof(state));

	if (len == TP_ERR_STATE)
		return 0;
	if (len < 0)
		return len;
	len = tp_engine_route_load(engine, route, state, (size_t)len);
	return len == TP_ERR_STATE ? 0 : len;
}

static int turn_a_switch(void)
{
	bool *const switches[] = {&voice.aec, &voice.ns,  &voice.agc,
				  &voice.vad, &voice.cng, &voice.limiter};
	bool *turned = switches[draw(6)];

	*turned = !*turned;
	return tp_engine_voice(engine, &voice);
}

static int another_gain(void)
{
	return tp_engine_gain(engine, (enum tp_direction)draw(2), -100 * draw(20));
}

static int mute(void)
{
	return tp_engine_mute(engine, draw(2));
}

static int sidetone(void)
{
	return tp_engine_sidetone(engine, TP_ROUTE_HANDSET, -1000 - draw(1000));
}

static int focus(void)
{
	return tp_session_focus(session[draw(2)], draw(2));
}

static int resync(void)
{
	return tp_session_resync(session[draw(2)]);
}

/* An attended transfer: a third stream takes the place of one. */
static int replace(void)
{
	struct tp_session *old = session[0], *fresh;
	int error = open_session(&fresh);

	if (error)
		return error;
	session[0] = fresh;
	error = meet();
	if (!error)
		error = tp_session_replace(old, fresh);
	tp_session_close(old);
	return error;
}

static int stop_and_start(void)
{
	tp_engine_stop(engine);
	return tp_engine_start(engine);
}

static const struct {
	const char *name;
	int (*ask)(void);
} requests[] = {
	{"codec", another_codec},
	{"keys", new_keys},
	{"hold", hold_or_resume},
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

/* What an application reads all the time. */
static void look(void)
{
	static int16_t frames[TP_TAP_CHANNELS * 480];
	static struct tp_trace records[256];
	struct tp_engine_stats of_engine;
	struct tp_session_stats of_session;
	struct tp_event event;

	while (tp_engine_next_event(engine, &event))
		assert_int_not_equal(event.kind, TP_EVENT_DEVICE_LOST);
	assert_int_equal(tp_engine_stats(engine, &of_engine), 0);
	assert_int_equal(tp_session_stats(session[draw(2)], &of_session), 0);
	assert_true(tp_engine_tap(engine, frames, 480) >= 0);
	assert_true(tp_engine_trace(engine, records, 256) >= 0);
}

/* ---- The tests --------------------------------------------------------------------------------- */

static void begin(int threads)
{
	struct tp_engine_config config;

	tp_noise_init(&dice, 11);
	tp_engine_config_init(&config);
	config.threads = threads;
	config.rate_hz = 16000;
	config.seed = 1;
	voice = config.voice;
	assert_int_equal(tp_engine_create(&engine, &config), 0);
	for (int side = 0; side < 2; side++) {
		static const char *const codecs[] = {"PCMU", "G722", "opus", "CN", "red"};
		static const int types[] = {0, 9, 96, 13, 97};

		assert_int_equal(open_session(&session[side]), 0);
		tp_session_config_init(&call[side]);
		call[side].receive_n = 5;
		for (int i = 0; i < 5; i++) {
			call[side].receive[i] = (struct tp_format){.pt = types[i]};
			snprintf(call[side].receive[i].codec, sizeof(call[side].receive[i].codec),
				 "%s", codecs[i]);
		}
	}
	assert_int_equal(meet(), 0);
	assert_int_equal(tp_engine_start(engine), 0);
}

static uint64_t received(int side)
{
	struct tp_session_stats stats;

	assert_int_equal(tp_session_stats(session[side], &stats), 0);
	return stats.receive.packets;
}

static void packets_flow(int side)
{
	uint64_t before = received(side);
	int looks = 0;

	for (; received(side) < before + 10 && looks < PATIENCE; looks++)
		pause_ms(1);
	if (looks == PATIENCE)
		fail_msg("session %d hears nothing any more", side);
}

static void ask_for_anything(int threads)
{
	begin(threads);
	for (int i = 0; i < REQUESTS; i++) {
		int request = draw((int)(sizeof(requests) / sizeof(requests[0])));
		int error = requests[request].ask();

		/* An application that asks faster than blocks pass has to wait. */
		for (int looks = 0; error == TP_ERR_FULL && looks < PATIENCE; looks++) {
			pause_ms(1);
			error = requests[request].ask();
		}
		if (error < 0)
			fail_msg("%s, request %d: %s", requests[request].name, i,
				 tp_error_detail());
		look();
		pause_ms(1);
	}
	call[0].flow = call[1].flow = TP_SENDRECV;
	voice.vad = false;
	assert_int_equal(tp_engine_voice(engine, &voice), 0);
	assert_int_equal(new_keys(), 0);
	packets_flow(0);
	packets_flow(1);
	tp_engine_destroy(engine);
}

static void a_thread_for_each_loop(void **state)
{
	(void)state;
	ask_for_anything(2);
}

static void one_thread_for_both(void **state)
{
	(void)state;
	ask_for_anything(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_for_each_loop),
		cmocka_unit_test(one_thread_for_both),
	};

	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
