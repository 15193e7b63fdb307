/* SPDX-License-Identifier: MIT */
/* Whose RTCP is heard, and where ours goes. */
#include "engine/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct tp_source source;

static int begin(void **state)
{
	(void)state;
	tp_source_init(&source, false);
	return 0;
}

static struct tp_address at(const char *text)
{
	struct tp_address address;

	assert_int_equal(tp_address_parse(&address, text), 0);
	return address;
}

static void signal_remote(const char *remote)
{
	struct tp_address address = at(remote), none = {0};

	tp_source_signal(&source, 0, &address, &none);
}

static bool rtcp_sends_to(const char *text)
{
	struct tp_address to = tp_source_destination_rtcp(&source), wanted = at(text);

	return tp_address_equal(&to, &wanted);
}

static bool rtcp_heard(const char *from)
{
	struct tp_address address = at(from);

	return tp_source_judge_rtcp(&source, &address, false);
}

static void rtcp_goes_to_the_next_port(void **state)
{
	(void)state;
	signal_remote("192.0.2.1:4000");
	assert_true(rtcp_sends_to("192.0.2.1:4001"));
	assert_true(rtcp_heard("192.0.2.1:4001"));
	assert_false(rtcp_heard("203.0.113.5:4001"));
	/* Its port, too, may be rewritten; the first from there is learned, and stays. */
	assert_true(rtcp_heard("192.0.2.1:61001"));
	assert_true(rtcp_sends_to("192.0.2.1:61001"));
	assert_false(rtcp_heard("192.0.2.1:61002"));
}

static void rtcp_goes_where_it_is_told(void **state)
{
	struct tp_address rtp = at("192.0.2.1:4000"), rtcp = at("192.0.2.3:7000");

	(void)state;
	tp_source_signal(&source, 0, &rtp, &rtcp);
	assert_true(rtcp_sends_to("192.0.2.3:7000"));
	assert_true(rtcp_heard("192.0.2.3:7000"));
}

static void rtcp_follows_rtp(void **state)
{
	struct tp_sighting seen = {.from = at("192.0.2.1:61000"), .ssrc = 1, .clock_hz = 8000};

	(void)state;
	signal_remote("192.0.2.1:4000");
	assert_true(rtcp_heard("192.0.2.1:5001"));
	for (; seen.seq < TP_SOURCE_CONSISTENT; seen.seq++)
		tp_source_judge(&source, &seen);
	assert_true(rtcp_sends_to("192.0.2.1:61001"));
}

static void on_one_port_rtcp_comes_from_where_rtp_does(void **state)
{
	(void)state;
	tp_source_init(&source, true);
	signal_remote("192.0.2.1:4000");
	assert_true(rtcp_sends_to("192.0.2.1:4000"));
	assert_true(rtcp_heard("192.0.2.1:4000"));
	assert_false(rtcp_heard("192.0.2.1:4001"));
}

static void authenticated_rtcp_is_followed(void **state)
{
	struct tp_address moved = at("198.51.100.7:61001");

	(void)state;
	signal_remote("192.0.2.1:4000");
	assert_false(tp_source_judge_rtcp(&source, &moved, false));
	assert_true(rtcp_sends_to("192.0.2.1:4001"));
	assert_true(tp_source_judge_rtcp(&source, &moved, true));
	assert_true(rtcp_sends_to("198.51.100.7:61001"));
	/* On one port RTP says where it goes. */
	tp_source_init(&source, true);
	signal_remote("192.0.2.1:4000");
	assert_true(tp_source_judge_rtcp(&source, &moved, true));
	assert_true(rtcp_sends_to("192.0.2.1:4000"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(rtcp_goes_to_the_next_port, begin),
		cmocka_unit_test_setup(rtcp_goes_where_it_is_told, begin),
		cmocka_unit_test_setup(rtcp_follows_rtp, begin),
		cmocka_unit_test_setup(on_one_port_rtcp_comes_from_where_rtp_does, begin),
		cmocka_unit_test_setup(authenticated_rtcp_is_followed, begin),
	};

	return cmocka_run_group_tests_name("source_rtcp", tests, NULL, NULL);
}
