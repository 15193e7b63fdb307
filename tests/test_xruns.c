/* SPDX-License-Identifier: MIT */
/* What the engine keeps of an xrun: the count, and for a while the care. */
#include "tests/fixtures/stepped_call.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Statistics count from create on: a phone stops its engine between
 * calls, and reads them at the end. */
static void xruns_are_counted_over_stop_and_start(void **state)
{
	struct stepped_call call;
	struct tp_engine_stats stats;
	uint64_t blocks = 0;

	(void)state;
	stepped_call_init(&call);
	stepped_call_begin(&call);
	for (uint32_t calls = 1; calls <= 3; calls++) {
		fake_device[CALLED].playback_xrun_at = fake_device[CALLED].played + 8000;
		fake_device[CALLED].capture_xrun_at = fake_device[CALLED].captured + 8000;
		fake_device[CALLED].xrun_n = 160;
		stepped_call_run_ms(&call, 2000);
		assert_int_equal(tp_engine_stats(call.engine[CALLED], &stats), 0);
		assert_int_equal(stats.playback_xruns, calls);
		assert_int_equal(stats.capture_xruns, calls);
		assert_true(stats.blocks > blocks);
		blocks = stats.blocks;
		tp_engine_stop(call.engine[CALLED]);
		assert_int_equal(tp_engine_stats(call.engine[CALLED], &stats), 0);
		assert_int_equal(stats.playback_xruns, calls);
		assert_int_equal(tp_engine_start(call.engine[CALLED]), 0);
	}
	stepped_call_end(&call);
}

/* A stall makes the engine careful, not for ever: when all is calm the lead shrinks in quiet. */
static void lead_won_by_an_xrun_is_given_back(void **state)
{
	struct stepped_call call;
	struct tp_engine_stats stats;

	(void)state;
	stepped_call_init(&call);
	fake_device[CALLED].playback_xrun_at = 8000 * 3;
	fake_device[CALLED].xrun_n = 160;
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 10000);
	assert_int_equal(tp_engine_stats(call.engine[CALLED], &stats), 0);
	assert_true(stats.device_lead_ms > 8 + 3);
	stepped_call_run_ms(&call, 40000);
	assert_int_equal(tp_engine_stats(call.engine[CALLED], &stats), 0);
	assert_int_equal(stats.playback_xruns, 1);
	assert_true(fabs(stats.device_lead_ms - 8) < 1);
	stepped_call_end(&call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xruns_are_counted_over_stop_and_start),
		cmocka_unit_test(lead_won_by_an_xrun_is_given_back),
	};

	return cmocka_run_group_tests_name("xruns", tests, NULL, NULL);
}
