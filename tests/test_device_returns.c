/* SPDX-License-Identifier: MIT */
/* A call outlives its device: given up while the call is held, and pulled out in the middle of it;
 * in virtual time. */
#include "dsp/level.h"
#include "tests/fixtures/stepped_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum {
	RATE_HZ = 8000,
	SECONDS = 4,
};

static struct stepped_call call;
static int16_t said[2][RATE_HZ * SECONDS];

static int begin(void **state)
{
	(void)state;
	stepped_call_init(&call);
	for (int side = 0; side < 2; side++) {
		stepped_call_speak(said[side], RATE_HZ * SECONDS, RATE_HZ, 1 + (uint32_t)side);
		fake_device[side].mic = said[side];
		fake_device[side].mic_n = RATE_HZ * SECONDS;
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	stepped_call_end(&call);
	return 0;
}

static bool device_was_lost(void)
{
	struct tp_event event;
	bool lost = false;

	while (tp_engine_next_event(call.engine[CALLER], &event))
		lost = lost || event.kind == TP_EVENT_DEVICE_LOST;
	return lost;
}

/* From the device's start on: both are heard, and neither noticed that it was another beginning. */
static void expect_both_heard(void)
{
	for (int side = 0; side < 2; side++) {
		struct tp_session_stats stats = stepped_call_stats(&call, side);

		assert_true(stats.level_db > -40);
		assert_int_equal(stats.receive.lost, 0);
		assert_int_equal(stats.receive.ssrc_changes, 0);
		assert_int_equal(stats.receive.wrong_source, 0);
	}
}

static void set_flow(int side, enum tp_flow flow)
{
	struct tp_session_config config = call.session_config;

	config.flow = flow;
	stepped_call_configure(&call, side, &config);
}

/* F22: who has nothing to say and nothing to hear stops the engine; its device is closed and no
 * loop turns, so that it costs nothing at all. The call is where it was when it starts again. */
static void field_22_a_held_call_costs_nothing_in_a_stopped_engine(void **state)
{
	uint64_t sent;

	(void)state;
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 1000);
	set_flow(CALLER, TP_INACTIVE);
	set_flow(CALLED, TP_INACTIVE);
	stepped_call_run_ms(&call, 200);
	sent = stepped_call_stats(&call, CALLER).send.packets;
	for (int side = 0; side < 2; side++) {
		tp_engine_stop(call.engine[side]);
		assert_false(fake_device[side].open);
	}
	call.now_ns += 60000000000;
	for (int side = 0; side < 2; side++) {
		set_flow(side, TP_SENDRECV);
		assert_int_equal(tp_engine_start(call.engine[side]), 0);
	}
	stepped_call_run_ms(&call, 1500);
	assert_in_range(stepped_call_stats(&call, CALLER).send.packets - sent, 73, 76);
	expect_both_heard();
}

/* F21, the engine's part: without its device RTP flows on, and stop and start take it back in the
 * call. */
static void field_21_a_device_that_returns_is_taken_back_in_the_call(void **state)
{
	uint64_t before;

	(void)state;
	fake_device[CALLER].lost_at_ns = call.now_ns + 1000000000;
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 1500);
	assert_true(device_was_lost());
	before = stepped_call_stats(&call, CALLED).receive.packets;
	stepped_call_run_ms(&call, 1000);
	assert_in_range(stepped_call_stats(&call, CALLED).receive.packets - before, 48, 52);

	fake_device[CALLER].lost_at_ns = 0; /* plugged in again */
	tp_engine_stop(call.engine[CALLER]);
	assert_int_equal(tp_engine_start(call.engine[CALLER]), 0);
	stepped_call_run_ms(&call, 1500);
	assert_false(device_was_lost());
	expect_both_heard();
}

/* While it is gone, start says so, and may be tried until it is back. */
static int refuse(void **device, const char *args, const struct tp_hal_want *want,
		  struct tp_hal_got *got)
{
	(void)device, (void)args, (void)want, (void)got;
	return tp_fail(TP_ERR_DEVICE, "nothing is plugged in");
}

static void a_device_that_is_still_gone_is_asked_for_again(void **state)
{
	static struct tp_hal_ops pluggable;

	(void)state;
	pluggable = fake_device_ops;
	call.engine_config.hal = &pluggable;
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 500);
	tp_engine_stop(call.engine[CALLER]);
	pluggable.open = refuse;
	for (int i = 0; i < 3; i++)
		assert_int_equal(tp_engine_start(call.engine[CALLER]), TP_ERR_DEVICE);
	assert_int_equal(tp_engine_step(call.engine[CALLER], call.now_ns), TP_ERR_STATE);
	pluggable.open = fake_device_ops.open;
	assert_int_equal(tp_engine_start(call.engine[CALLER]), 0);
	stepped_call_run_ms(&call, 1000);
	expect_both_heard();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(field_22_a_held_call_costs_nothing_in_a_stopped_engine),
		TEST(field_21_a_device_that_returns_is_taken_back_in_the_call),
		TEST(a_device_that_is_still_gone_is_asked_for_again),
	};

	return cmocka_run_group_tests_name("device_returns", tests, NULL, NULL);
}
