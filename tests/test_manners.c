/* SPDX-License-Identifier: MIT */
/* Calls out of order and values out of range: each is refused with a code and a sentence, and
 * nothing else happens; in virtual time. */
#include "dsp/level.h"
#include "tests/fixtures/stepped_call.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct stepped_call call;

static int begin(void **state)
{
	(void)state;
	stepped_call_init(&call);
	return 0;
}

static int end(void **state)
{
	(void)state;
	stepped_call_end(&call);
	return 0;
}

static void refused(int got, int code, const char *needle)
{
	assert_int_equal(got, code);
	if (!strstr(tp_error_detail(), needle))
		fail_msg("\"%s\" does not speak of %s", tp_error_detail(), needle);
}

static void a_closed_session_is_closed(void **state)
{
	struct tp_session *closed;

	(void)state;
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 100);
	closed = call.session[CALLED];
	tp_session_close(closed);
	tp_session_close(closed);
	refused(tp_session_focus(closed, true), TP_ERR_STATE, "closed");
	refused(tp_session_resync(closed), TP_ERR_STATE, "closed");
	refused(tp_session_configure(closed, &call.session_config), TP_ERR_STATE, "closed");
	stepped_call_run_ms(&call, 100);
	tp_session_close(closed);
	refused(tp_session_focus(closed, true), TP_ERR_STATE, "closed");
}

static void a_stream_that_was_never_told_has_none(void **state)
{
	struct tp_session_options options;
	struct tp_session *blank;

	(void)state;
	stepped_call_begin(&call);
	tp_session_options_init(&options);
	options.transport = fake_network_open(call.net, "10.0.0.1:4100", false);
	assert_int_equal(tp_session_open(&blank, call.engine[CALLER], &options), 0);
	refused(tp_session_resync(blank), TP_ERR_STATE, "never configured");
}

static uint64_t heard(void)
{
	return stepped_call_stats(&call, CALLED).receive.packets;
}

static void a_replacement_is_of_the_same_engine(void **state)
{
	static int16_t said[8000 * 2];

	(void)state;
	fake_device[CALLER].mic = said;
	fake_device[CALLER].mic_n = 8000 * 2;
	stepped_call_speak(said, 8000 * 2, 8000, 1);
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 200);
	refused(tp_session_replace(call.session[CALLER], call.session[CALLED]), TP_ERR_ARGUMENT,
		"same engine");
	/* By itself: nothing changes. */
	assert_int_equal(tp_session_replace(call.session[CALLED], call.session[CALLED]), 0);
	stepped_call_run_ms(&call, 1000);
	assert_true(tp_level_db(call.ear[CALLED] + 8000 / 2, 8000 / 2) > -40);
}

/* A user may press the key as often as he likes: without a loop nothing piles up. */
static void keys_of_a_stopped_engine_never_fill_it(void **state)
{
	struct tp_engine_stats stats;
	struct tp_voice_config voice;

	(void)state;
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 100);
	tp_engine_stop(call.engine[CALLER]);
	voice = call.engine_config.voice;
	for (int i = 0; i < 101; i++) {
		voice.limiter = i % 2;
		assert_int_equal(tp_engine_mute(call.engine[CALLER], i % 2 == 0), 0);
		assert_int_equal(tp_engine_voice(call.engine[CALLER], &voice), 0);
		assert_int_equal(tp_engine_gain(call.engine[CALLER], TP_PLAYBACK, -i), 0);
		assert_int_equal(tp_engine_sidetone(call.engine[CALLER], TP_ROUTE_HANDSET, -i), 0);
		assert_int_equal(tp_engine_route(call.engine[CALLER], (enum tp_route)(i % 3)), 0);
	}
	assert_int_equal(tp_engine_start(call.engine[CALLER]), 0);
	stepped_call_run_ms(&call, 500);
	assert_int_equal(tp_engine_stats(call.engine[CALLER], &stats), 0);
	assert_int_equal(stats.route, 100 % 3);
}

static void values_out_of_range_are_refused(void **state)
{
	struct tp_session_config config;

	(void)state;
	stepped_call_begin(&call);
	config = call.session_config;
	config.flow = (enum tp_flow)77;
	refused(tp_session_configure(call.session[CALLER], &config), TP_ERR_ARGUMENT, "77");
	config = call.session_config;
	config.jitter.mode = (enum tp_jitter_mode)9;
	refused(tp_session_configure(call.session[CALLER], &config), TP_ERR_ARGUMENT, "9");
	refused(tp_engine_gain(call.engine[CALLER], (enum tp_direction)5, 0), TP_ERR_ARGUMENT, "5");
}

/* ---- What a stream cannot be ------------------------------------------------------------------- */

static void to_send(struct tp_session_config *config, const char *codec, int ptime_ms)
{
	config->send = (struct tp_format){.pt = 96, .ptime_ms = ptime_ms};
	snprintf(config->send.codec, sizeof(config->send.codec), "%s", codec);
}

static void packets_of_70_ms(struct tp_session_config *config)
{
	to_send(config, "PCMU", 70);
}

static void packets_of_120_ms(struct tp_session_config *config)
{
	to_send(config, "opus", 120);
}

static void packets_of_days(struct tp_session_config *config)
{
	to_send(config, "PCMU", INT_MAX - 7); /* a multiple of the block */
}

static void more_than_the_codec_can(struct tp_session_config *config)
{
	to_send(config, "L16", 60);
	config->send.options.rate_hz = 16000;
}

static void talk_in_comfort_noise(struct tp_session_config *config)
{
	to_send(config, "CN", 20);
}

static void talk_in_redundancy(struct tp_session_config *config)
{
	to_send(config, "red", 20);
}

static void a_name_without_end(struct tp_session_config *config)
{
	memset(config->receive[0].codec, 'x', sizeof(config->receive[0].codec));
}

static void one_type_for_two_codecs(struct tp_session_config *config)
{
	config->receive[1] = config->receive[0];
	memcpy(config->receive[1].codec, "PCMA", 5);
	config->receive_n = 2;
}

static void one_type_for_noise_and_talk(struct tp_session_config *config)
{
	config->receive[1] = config->receive[0];
	memcpy(config->receive[1].codec, "CN", 3);
	config->receive_n = 2;
}

static void a_clock_of_1_hz(struct tp_session_config *config)
{
	config->receive[0] = (struct tp_format){.codec = "CN", .pt = 13, .options = {.rate_hz = 1}};
}

static void a_negative_clock(struct tp_session_config *config)
{
	config->send.cn_pt = 13;
	config->send.cn_hz = -8000;
}

static void a_peer_of_another_world(struct tp_session_config *config)
{
	config->remote.family = 9;
}

static void a_peer_at_no_port(struct tp_session_config *config)
{
	config->remote.port = 0;
}

static void a_peer_that_is_nobody(struct tp_session_config *config)
{
	assert_int_equal(tp_address_parse(&config->remote, "0.0.0.0:4000"), 0);
}

static void a_peer_that_is_nobody_in_v6(struct tp_session_config *config)
{
	assert_int_equal(tp_address_parse(&config->remote, "[::]:4000"), 0);
}

static void reports_to_another_world(struct tp_session_config *config)
{
	config->remote_rtcp.family = 77;
}

static void an_unknown_suite(struct tp_session_config *config)
{
	config->send_key.suite = config->receive_key.suite = (enum tp_srtp_suite)99;
}

static void what_no_stream_can_be_is_refused(void **state)
{
	static const struct {
		void (*spoil)(struct tp_session_config *config);
		int code;
		const char *needle;
	} cases[] = {
		{packets_of_70_ms, TP_ERR_ARGUMENT, "70 ms"},
		{packets_of_120_ms, TP_ERR_ARGUMENT, "120 ms"},
		{packets_of_days, TP_ERR_ARGUMENT, "2147483640 ms"},
		{more_than_the_codec_can, TP_ERR_ARGUMENT, "L16 cannot put 60 ms"},
		{talk_in_comfort_noise, TP_ERR_ARGUMENT, "cn_pt"},
		{talk_in_redundancy, TP_ERR_ARGUMENT, "red_pt"},
		{a_name_without_end, TP_ERR_ARGUMENT, "15 octets"},
		{one_type_for_two_codecs, TP_ERR_ARGUMENT, "payload type 0"},
		{one_type_for_noise_and_talk, TP_ERR_ARGUMENT, "payload type 0"},
		{a_clock_of_1_hz, TP_ERR_ARGUMENT, "1 Hz"},
		{a_negative_clock, TP_ERR_ARGUMENT, "-8000 Hz"},
		{a_peer_of_another_world, TP_ERR_ARGUMENT, "family 9"},
		{a_peer_at_no_port, TP_ERR_ARGUMENT, "port 0"},
		{a_peer_that_is_nobody, TP_ERR_ARGUMENT, "nobody, 0.0.0.0"},
		{a_peer_that_is_nobody_in_v6, TP_ERR_ARGUMENT, "nobody"},
		{reports_to_another_world, TP_ERR_ARGUMENT, "RTCP address is of family 77"},
		{an_unknown_suite, TP_ERR_ARGUMENT, "suite"},
	};
	uint64_t before;

	(void)state;
	call.engine_config.rate_hz = 48000; /* where a packet is longest */
	stepped_call_begin(&call);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tp_session_config config = call.session_config;

		assert_int_equal(tp_address_parse(&config.remote, "10.0.0.2:4000"), 0);
		cases[i].spoil(&config);
		refused(tp_session_configure(call.session[CALLER], &config), cases[i].code,
			cases[i].needle);
	}
	/* The call goes on as it was told last. */
	before = heard();
	stepped_call_run_ms(&call, 1000);
	assert_in_range(heard() - before, 45, 50);
}

static void the_longest_packet_fits(void **state)
{
	(void)state;
	call.engine_config.rate_hz = 48000;
	stepped_call_codec(&call.session_config, "opus", 96, TP_PTIME_MAX_MS);
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 1200);
	assert_in_range(heard(), 18, 20);
}

static void a_name_too_long_is_not_cut(void **state)
{
	struct tp_engine_config config;
	struct tp_engine *engine;
	char name[400];

	(void)state;
	stepped_call_begin(&call);
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	tp_engine_config_init(&config);
	config.device = name;
	refused(tp_engine_create(&engine, &config), TP_ERR_ARGUMENT, "399");
	tp_engine_config_init(&config);
	memset(config.cname, 'x', sizeof(config.cname));
	refused(tp_engine_create(&engine, &config), TP_ERR_ARGUMENT, "CNAME");
}

/* ---- A device that opens and does not start ---------------------------------------------------- */

static struct tp_hal_ops stubborn;
static int starts;

static int refuse_to_start(void *device, int64_t now_ns)
{
	(void)device, (void)now_ns;
	starts++;
	return tp_fail(TP_ERR_DEVICE, "not today");
}

static void a_device_that_does_not_start_is_told_once(void **state)
{
	struct tp_event event;
	int lost = 0;

	(void)state;
	stubborn = fake_device_ops;
	stubborn.start = refuse_to_start;
	starts = 0;
	call.engine_config.hal = &stubborn;
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 1000);
	while (tp_engine_next_event(call.engine[CALLED], &event))
		lost += event.kind == TP_EVENT_DEVICE_LOST;
	assert_int_equal(lost, 1);
	assert_int_equal(starts, 2); /* once at each end */
	assert_true(heard() > 45); /* the call goes on */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_closed_session_is_closed),
		TEST(a_stream_that_was_never_told_has_none),
		TEST(a_replacement_is_of_the_same_engine),
		TEST(keys_of_a_stopped_engine_never_fill_it),
		TEST(values_out_of_range_are_refused),
		TEST(what_no_stream_can_be_is_refused),
		TEST(the_longest_packet_fits),
		TEST(a_name_too_long_is_not_cut),
		TEST(a_device_that_does_not_start_is_told_once),
	};

	return cmocka_run_group_tests_name("manners", tests, NULL, NULL);
}
