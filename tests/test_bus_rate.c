/* SPDX-License-Identifier: MIT */
/* The rate of the bus: the first stream's, until the last has ended and the engine is stopped;
 * what was set stays set; in virtual time. */
#include "dsp/level.h"
#include "tests/fixtures/fake_malloc.h"
#include "tests/fixtures/stepped_call.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	SECONDS = 3,
	STATE_CAP = 64 * 1024,
};

static const struct tp_format narrow = {.codec = "PCMU", .pt = 0, .ptime_ms = 20};
static const struct tp_format wide = {.codec = "G722", .pt = 9, .ptime_ms = 20};

static struct stepped_call call;

static int begin(void **state)
{
	(void)state;
	stepped_call_init(&call);
	call.engine_config.voice.aec = true;
	return 0;
}

static int end(void **state)
{
	(void)state;
	stepped_call_end(&call);
	return 0;
}

static int rate_hz(int side)
{
	struct tp_engine_stats stats;

	assert_int_equal(tp_engine_stats(call.engine[side], &stats), 0);
	return stats.rate_hz;
}

static void open_streams(const struct tp_format *format)
{
	for (int side = 0; side < 2; side++) {
		struct tp_session_options options;

		tp_session_options_init(&options);
		options.transport = fake_network_open(call.net, stepped_call_address[side], false);
		assert_int_equal(tp_session_open(&call.session[side], call.engine[side], &options),
				 0);
		call.session_config.send = call.session_config.receive[0] = *format;
		stepped_call_configure(&call, side, &call.session_config);
	}
}

static void stop(void)
{
	for (int side = 0; side < 2; side++)
		tp_engine_stop(call.engine[side]);
}

static void start(void)
{
	for (int side = 0; side < 2; side++) {
		fake_device[side].rate_hz = fake_device[side].period_n = 0; /* as is wished */
		assert_int_equal(tp_engine_start(call.engine[side]), 0);
	}
	stepped_call_run_ms(&call, 100); /* so that the statistics know */
}

/* The first call ends, and the next is of another band. */
static void another_call(const struct tp_format *format)
{
	for (int side = 0; side < 2; side++)
		tp_session_close(call.session[side]);
	stop();
	open_streams(format);
	start();
}

static void the_next_call_may_be_wider(void **state)
{
	static int16_t said[16000 * SECONDS];
	double likeness;

	(void)state;
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 500);
	assert_int_equal(rate_hz(CALLER), 8000);
	stepped_call_speak(said, 16000 * SECONDS, 16000, 1);
	fake_device[CALLER].mic = said;
	fake_device[CALLER].mic_n = 16000 * SECONDS;
	another_call(&wide);
	assert_int_equal(rate_hz(CALLER), 16000);
	assert_int_equal(rate_hz(CALLED), 16000);
	stepped_call_run_ms(&call, 1000 * SECONDS);
	stepped_call_delay(said + 16000, call.ear[CALLED] + 16000, 16000, 8000, &likeness);
	assert_true(likeness > 0.9);
	/* And back. */
	another_call(&narrow);
	assert_int_equal(rate_hz(CALLER), 8000);
}

static void a_running_engine_keeps_its_rate(void **state)
{
	(void)state;
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 500);
	for (int side = 0; side < 2; side++)
		tp_session_close(call.session[side]);
	stepped_call_run_ms(&call, 100);
	open_streams(&wide);
	stepped_call_run_ms(&call, 100);
	assert_int_equal(rate_hz(CALLER), 8000);
}

static void a_stream_that_is_left_keeps_the_rate(void **state)
{
	struct tp_session *first;

	(void)state;
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 500);
	first = call.session[CALLER];
	stop();
	open_streams(&wide);
	start();
	assert_int_equal(rate_hz(CALLER), 8000);
	tp_session_close(first);
}

static void a_wished_rate_is_kept(void **state)
{
	(void)state;
	call.engine_config.rate_hz = 48000;
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 100);
	another_call(&wide);
	assert_int_equal(rate_hz(CALLER), 48000);
}

/* ---- What was set stays set ------------------------------------------------------------------ */

/* What the caller's microphone, sounding all the time, gives to the bus. */
static double near_db(void)
{
	struct tp_engine_stats stats;

	assert_int_equal(tp_engine_stats(call.engine[CALLER], &stats), 0);
	return stats.near_db;
}

static double ear_db(int side)
{
	struct tp_engine_stats stats;

	assert_int_equal(tp_engine_stats(call.engine[side], &stats), 0);
	return stats.ear_db;
}

static void speak(int16_t *said, int n)
{
	stepped_call_speak(said, n, 16000, 1);
	fake_device[CALLER].mic = said;
	fake_device[CALLER].mic_n = n;
}

static void settings_before_the_first_stream_settle_no_rate(void **state)
{
	static int16_t said[16000 * SECONDS];
	struct tp_engine_config config;
	struct tp_voice_config voice;

	(void)state;
	stepped_call_begin(
		&call); /* this engine goes; its successor is asked before it has a stream */
	tp_engine_destroy(call.engine[CALLER]);
	config = call.engine_config;
	config.device = "0";
	voice = config.voice;
	voice.aec = false;
	speak(said, 16000 * SECONDS);
	assert_int_equal(tp_engine_create(&call.engine[CALLER], &config), 0);
	assert_int_equal(tp_engine_mute(call.engine[CALLER], true), 0);
	assert_int_equal(tp_engine_route(call.engine[CALLER], TP_ROUTE_HANDSET), 0);
	assert_int_equal(tp_engine_sidetone(call.engine[CALLER], TP_ROUTE_HANDSET, -600), 0);
	assert_int_equal(tp_engine_voice(call.engine[CALLER], &voice), 0);
	tp_session_close(call.session[CALLED]);
	tp_engine_stop(call.engine[CALLED]);
	open_streams(&narrow);
	start();
	assert_int_equal(rate_hz(CALLER), 8000);
	stepped_call_run_ms(&call, 1000);
	/* Muted: the peer hears nothing, and neither does the talker himself. */
	assert_true(ear_db(CALLED) < -90);
	assert_true(ear_db(CALLER) < -90);
	assert_int_equal(tp_engine_mute(call.engine[CALLER], false), 0);
	stepped_call_run_ms(&call, 1000);
	assert_true(ear_db(CALLED) > -40);
	assert_true(fabs(ear_db(CALLER) - (near_db() - 6)) < 6); /* meters of different speed */
}

static void settings_outlive_the_rate(void **state)
{
	static int16_t said[16000 * SECONDS];
	struct tp_voice_config voice;

	(void)state;
	stepped_call_begin(&call);
	speak(said, 16000 * SECONDS);
	stepped_call_run_ms(&call, 500);
	voice = call.engine_config.voice;
	assert_int_equal(tp_engine_mute(call.engine[CALLER], true), 0);
	assert_int_equal(tp_engine_gain(call.engine[CALLED], TP_PLAYBACK, -2000), 0);
	another_call(&wide);
	stepped_call_run_ms(&call, 500);
	assert_true(ear_db(CALLED) < -90);
	assert_int_equal(tp_engine_mute(call.engine[CALLER], false), 0);
	stepped_call_run_ms(&call, 1000);
	assert_true(ear_db(CALLED) < near_db() - 10 && ear_db(CALLED) > -70);
	/* A switch that was turned meanwhile reaches what was built before. */
	voice.aec = false;
	assert_int_equal(tp_engine_voice(call.engine[CALLER], &voice), 0);
	another_call(&narrow);
	stepped_call_run_ms(&call, 500);
	assert_true(near_db() > -60);
}

static int saved(uint8_t *state)
{
	int len = tp_engine_route_save(call.engine[CALLER], TP_ROUTE_HANDSFREE, state, STATE_CAP);

	assert_in_range(len, 1, STATE_CAP);
	return len;
}

/* Hands-free in a room: what was learnt at one rate is there when that rate comes again. */
static void each_rate_keeps_what_was_learnt(void **state)
{
	static uint8_t learnt[STATE_CAP], other[STATE_CAP], again[STATE_CAP];
	int len;

	(void)state;
	call.engine_config.hal = NULL;
	call.device_name[CALLER] = "room:noise=-70,erl=6,seed=1";
	call.device_name[CALLED] = "room:talker=speech/p225_003.wav,noise=-100,erl=80,seed=2";
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 4000);
	stop();
	len = saved(learnt);
	another_call(&wide);
	stop();
	saved(other);
	assert_int_equal(
		tp_engine_route_load(call.engine[CALLER], TP_ROUTE_HANDSFREE, learnt, (size_t)len),
		TP_ERR_FORMAT); /* of another rate */
	for (int side = 0; side < 2; side++)
		tp_session_close(call.session[side]);
	open_streams(&narrow);
	assert_int_equal(saved(again), len);
	assert_memory_equal(again, learnt, (size_t)len);
}

static void no_memory_for_another_rate_changes_nothing(void **state)
{
	struct tp_session_config config = call.session_config;
	struct tp_session_options options;

	(void)state;
	if (!fake_malloc_works())
		skip();
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 100);
	for (int side = 0; side < 2; side++)
		tp_session_close(call.session[side]);
	stop();
	tp_session_options_init(&options);
	options.transport = fake_network_open(call.net, "10.0.0.1:4100", false);
	assert_int_equal(tp_session_open(&call.session[CALLER], call.engine[CALLER], &options), 0);
	config.send = config.receive[0] = wide;
	fake_malloc_fail_at(0); /* the canceller; libspeexdsp does not survive a later one */
	assert_int_equal(tp_session_configure(call.session[CALLER], &config), TP_ERR_MEMORY);
	fake_malloc_fail_at(-1);
	config.send = config.receive[0] = narrow;
	assert_int_equal(tp_session_configure(call.session[CALLER], &config), 0);
	start();
	assert_int_equal(rate_hz(CALLER), 8000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_next_call_may_be_wider),
		TEST(a_running_engine_keeps_its_rate),
		TEST(a_stream_that_is_left_keeps_the_rate),
		TEST(a_wished_rate_is_kept),
		TEST(settings_before_the_first_stream_settle_no_rate),
		TEST(settings_outlive_the_rate),
		TEST(each_rate_keeps_what_was_learnt),
		TEST(no_memory_for_another_rate_changes_nothing),
	};

	return cmocka_run_group_tests_name("bus_rate", tests, NULL, NULL);
}
