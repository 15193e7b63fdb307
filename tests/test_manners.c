/* SPDX-License-Identifier: MIT */
/* Calls out of order and values out of range: each is refused with a code and a sentence, and nothing else
 * happens; in virtual time. */
#include "dsp/level.h"
#include "stepped_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
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
		TEST(values_out_of_range_are_refused),
		TEST(a_name_too_long_is_not_cut),
		TEST(a_device_that_does_not_start_is_told_once),
	};

	return cmocka_run_group_tests_name("manners", tests, NULL, NULL);
}
