/* SPDX-License-Identifier: MIT */
/* What was not measured is told apart from what is excellent; in virtual time. */
#include "tests/fixtures/stepped_call.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct stepped_call call;

static int begin(void **state)
{
	(void)state;
	stepped_call_init(&call);
	stepped_call_begin(&call);
	return 0;
}

static int end(void **state)
{
	(void)state;
	stepped_call_end(&call);
	return 0;
}

static void expect_no_figure_of_the_stream(void)
{
	struct tp_session_stats stats = stepped_call_stats(&call, CALLED);

	assert_true(isnan(stats.receive.jitter_ms));
	assert_true(isnan(stats.jitter.target_ms));
	assert_true(isnan(stats.jitter.delay_ms));
	assert_true(isnan(stats.jitter.drift_ppm));
	assert_string_equal(stats.receive_codec, "");
}

static void expect_no_figure_of_the_peer(void)
{
	struct tp_session_stats stats = stepped_call_stats(&call, CALLED);

	assert_true(isnan(stats.rtcp.round_trip_ms));
	assert_true(isnan(stats.rtcp.remote_loss_percent));
	assert_true(isnan(stats.rtcp.remote_jitter_ms));
	assert_int_equal(stats.rtcp.remote_lost, -1);
	assert_int_equal(stats.send.loss_told_percent, -1);
}

/* F30, of what is in the statistics: before the first block, before the first packet, before the
 * first report, and when all three were there. */
static void field_30_what_was_not_measured_reads_as_unknown(void **state)
{
	struct tp_session_config config = call.session_config;
	struct tp_session_stats stats;

	(void)state;
	expect_no_figure_of_the_stream();
	expect_no_figure_of_the_peer();
	config.flow = TP_INACTIVE;
	config.rtcp_interval_ms = 0;
	stepped_call_configure(&call, CALLER, &config);
	stepped_call_run_ms(&call, 500);
	expect_no_figure_of_the_stream();
	config.flow = TP_SENDRECV;
	stepped_call_configure(&call, CALLER, &config);
	stepped_call_run_ms(&call, 3000); /* the pairs of packets that drift is learnt from */
	expect_no_figure_of_the_peer();
	stepped_call_configure(&call, CALLER, &call.session_config);
	stepped_call_run_ms(&call, 20000);
	stats = stepped_call_stats(&call, CALLED);
	assert_true(stats.receive.jitter_ms >= 0 && stats.jitter.target_ms >= 0);
	assert_true(stats.jitter.delay_ms >= 0 && !isnan(stats.level_db));
	assert_true(stats.rtcp.round_trip_ms >= 0 && stats.rtcp.remote_jitter_ms >= 0);
	assert_true(stats.rtcp.remote_loss_percent >= 0);
	assert_true(stats.rtcp.remote_lost >= 0 && stats.send.loss_told_percent >= 0);
}

static void before_the_first_block_the_engine_knows_its_route_alone(void **state)
{
	struct tp_engine_stats stats;

	(void)state;
	assert_int_equal(tp_engine_stats(call.engine[CALLER], &stats), 0);
	assert_int_equal(stats.route, TP_ROUTE_HANDSFREE);
	assert_int_equal(stats.rate_hz, 0);
	assert_int_equal(stats.device_rate_hz, 0);
	assert_true(isnan(stats.device_lead_ms) && isnan(stats.device_drift_ppm));
	assert_true(isnan(stats.near_db) && isnan(stats.ear_db) && isnan(stats.microphone_db));
	assert_true(isnan(stats.echo_loss_db) && isnan(stats.echo_reduction_db));
	assert_true(isnan(stats.echo_delay_ms) && isnan(stats.double_talk_percent));
	stepped_call_run_ms(&call, 100);
	assert_int_equal(tp_engine_stats(call.engine[CALLER], &stats), 0);
	assert_int_equal(stats.rate_hz, 8000);
	assert_int_equal(stats.period_n, 80);
	assert_true(stats.device_lead_ms > 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(field_30_what_was_not_measured_reads_as_unknown),
		TEST(before_the_first_block_the_engine_knows_its_route_alone),
	};

	return cmocka_run_group_tests_name("statistics", tests, NULL, NULL);
}
