/* SPDX-License-Identifier: MIT */
/* The UDP transport on the loopback interface. */
#include "engine/clock.h"

#include <talkpath/transport.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

enum {
	BATCH = 16,
};

static struct tp_transport open_with(const struct tp_udp_config *config)
{
	struct tp_transport t;

	if (tp_udp_open(&t, config))
		fail_msg("%s", tp_error_detail());
	return t;
}

static struct tp_transport open_on(const char *local, bool mux)
{
	struct tp_udp_config config;

	tp_udp_config_init(&config);
	config.mux = mux;
	assert_int_equal(tp_address_parse(&config.local, local), 0);
	return open_with(&config);
}

static void close_it(struct tp_transport *t)
{
	t->ops->close(t->state);
}

static struct tp_address local_of(const struct tp_transport *t, enum tp_component component)
{
	struct tp_address address;

	assert_int_equal(t->ops->local(t->state, component, &address), 0);
	return address;
}

static void send_to(const struct tp_transport *t, enum tp_component component,
		    const struct tp_address *to, const void *data, size_t len)
{
	assert_int_equal(t->ops->send(t->state, 0, component, to, data, len), 0);
}

/* Waits for the descriptors as the wire loop does, then takes up to n. */
static int receive(const struct tp_transport *t, struct tp_datagram *batch, int n,
		   uint8_t memory[][TP_DATAGRAM_MAX])
{
	struct pollfd polled[2] = {{.events = POLLIN}, {.events = POLLIN}};
	int fd[2], fds = t->ops->descriptors(t->state, fd), got;

	for (int i = 0; i < n; i++)
		batch[i] = (struct tp_datagram){.data = memory[i], .cap = TP_DATAGRAM_MAX};
	for (int i = 0; i < fds; i++)
		polled[i].fd = fd[i];
	poll(polled, (nfds_t)fds, 2000);
	got = t->ops->receive(t->state, tp_clock_now_ns(), batch, n);
	return got;
}

static void exchange(const char *host, bool mux)
{
	struct tp_transport a = open_on(host, mux), b = open_on(host, mux);
	uint8_t memory[BATCH][TP_DATAGRAM_MAX];
	struct tp_datagram batch[BATCH];
	enum tp_component wanted = mux ? TP_RTP : TP_RTCP;
	struct tp_address from, to = local_of(&b, TP_RTP), to_rtcp = local_of(&b, TP_RTCP);

	send_to(&a, TP_RTP, &to, "rtp", 3);
	assert_int_equal(receive(&b, batch, BATCH, memory), 1);
	assert_int_equal(batch[0].len, 3);
	assert_memory_equal(batch[0].data, "rtp", 3);
	assert_int_equal(batch[0].component, TP_RTP);
	from = local_of(&a, TP_RTP);
	assert_true(tp_address_equal(&batch[0].from, &from));

	send_to(&a, TP_RTCP, &to_rtcp, "rtcp", 4);
	assert_int_equal(receive(&b, batch, BATCH, memory), 1);
	assert_memory_equal(batch[0].data, "rtcp", 4);
	assert_int_equal(batch[0].component, wanted);
	from = local_of(&a, TP_RTCP);
	assert_true(tp_address_equal(&batch[0].from, &from));
	assert_int_equal(b.ops->receive(b.state, tp_clock_now_ns(), batch, BATCH), 0);
	close_it(&a);
	close_it(&b);
}

static bool has_ipv6(void)
{
	struct tp_transport t;
	struct tp_udp_config config;

	tp_udp_config_init(&config);
	assert_int_equal(tp_address_parse(&config.local, "[::1]:0"), 0);
	if (tp_udp_open(&t, &config))
		return false;
	close_it(&t);
	return true;
}

static void ipv4_carries_both_components(void **state)
{
	(void)state;
	exchange("127.0.0.1:0", false);
	exchange("127.0.0.1:0", true);
}

static void ipv6_carries_both_components(void **state)
{
	(void)state;
	if (!has_ipv6())
		skip();
	exchange("[::1]:0", false);
	exchange("[::1]:0", true);
}

static void any_address_takes_and_reaches_both_families(void **state)
{
	struct tp_transport any = open_on(":0", false), v4 = open_on("127.0.0.1:0", false);
	uint8_t memory[BATCH][TP_DATAGRAM_MAX];
	struct tp_datagram batch[BATCH];
	struct tp_address to;
	char text[TP_ADDRESS_TEXT];

	(void)state;
	snprintf(text, sizeof(text), "127.0.0.1:%u", local_of(&any, TP_RTP).port);
	assert_int_equal(tp_address_parse(&to, text), 0);
	send_to(&v4, TP_RTP, &to, "4", 1);
	assert_int_equal(receive(&any, batch, BATCH, memory), 1);
	/* IPv4 looks like IPv4, and can be answered. */
	assert_int_equal(batch[0].from.family, 4);
	to = local_of(&v4, TP_RTP);
	assert_true(tp_address_equal(&batch[0].from, &to));
	send_to(&any, TP_RTP, &to, "back", 4);
	assert_int_equal(receive(&v4, batch, BATCH, memory), 1);
	if (has_ipv6()) {
		struct tp_transport v6 = open_on("[::1]:0", false);

		snprintf(text, sizeof(text), "[::1]:%u", local_of(&any, TP_RTP).port);
		assert_int_equal(tp_address_parse(&to, text), 0);
		send_to(&v6, TP_RTP, &to, "6", 1);
		assert_int_equal(receive(&any, batch, BATCH, memory), 1);
		assert_int_equal(batch[0].from.family, 6);
		close_it(&v6);
	}
	close_it(&any);
	close_it(&v4);
}

static void an_ipv4_socket_refuses_ipv6(void **state)
{
	struct tp_transport t = open_on("127.0.0.1:0", false);
	struct tp_address to;

	(void)state;
	assert_int_equal(tp_address_parse(&to, "[::1]:4000"), 0);
	assert_true(t.ops->send(t.state, 0, TP_RTP, &to, (const uint8_t *)"x", 1) < 0);
	close_it(&t);
}

static void ports_are_an_even_one_and_the_next(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		struct tp_transport t = open_on(":0", false);
		uint16_t port = local_of(&t, TP_RTP).port;

		assert_int_equal(port % 2, 0);
		assert_int_equal(local_of(&t, TP_RTCP).port, port + 1);
		close_it(&t);
	}
}

static void a_range_is_tried_in_order_and_ends(void **state)
{
	struct tp_transport probe = open_on("127.0.0.1:0", false), t[2], none;
	struct tp_udp_config config;

	(void)state;
	/* The range begins within a pair that is taken. */
	tp_udp_config_init(&config);
	config.local = local_of(&probe, TP_RTP);
	config.port_min = config.local.port - 1;
	config.local.port = 0;
	config.port_max = config.port_min > 65000 ? 65535 : config.port_min + 500;
	for (int i = 0; i < 2; i++) {
		t[i] = open_with(&config);
		assert_int_equal(local_of(&t[i], TP_RTP).port % 2, 0);
	}
	assert_true(local_of(&t[0], TP_RTP).port > local_of(&probe, TP_RTP).port);
	assert_true(local_of(&t[1], TP_RTP).port > local_of(&t[0], TP_RTP).port);
	/* RTCP must fit in too: the second pair's ports alone are a range of one pair, taken. */
	config.port_min = local_of(&t[1], TP_RTP).port;
	config.port_max = config.port_min + 2;
	assert_int_equal(tp_udp_open(&none, &config), TP_ERR_NETWORK);
	assert_non_null(strstr(tp_error_detail(), "every port from"));
	close_it(&t[0]);
	close_it(&t[1]);
	close_it(&probe);
}

static void a_taken_port_is_said_to_be(void **state)
{
	struct tp_transport first = open_on("127.0.0.1:0", false), second;
	struct tp_udp_config config;
	char wanted[32];

	(void)state;
	tp_udp_config_init(&config);
	config.local = local_of(&first, TP_RTP);
	assert_int_equal(tp_udp_open(&second, &config), TP_ERR_NETWORK);
	snprintf(wanted, sizeof(wanted), "port %u", config.local.port);
	assert_non_null(strstr(tp_error_detail(), wanted));
	assert_non_null(strstr(tp_error_detail(), "is taken"));
	close_it(&first);
	/* The neighbour alone is enough. */
	config.local.port++;
	config.mux = true;
	first = open_with(&config);
	config.local.port--;
	config.mux = false;
	assert_int_equal(tp_udp_open(&second, &config), TP_ERR_NETWORK);
	assert_non_null(strstr(tp_error_detail(), "RTCP"));
	close_it(&first);
	/* Nothing stayed open on the way. */
	first = open_with(&config);
	close_it(&first);
}

static void bad_configs_are_explained(void **state)
{
	struct tp_transport t;
	struct tp_udp_config config;

	(void)state;
	tp_udp_config_init(&config);
	config.local.port = 5005;
	assert_int_equal(tp_udp_open(&t, &config), TP_ERR_ARGUMENT);
	assert_non_null(strstr(tp_error_detail(), "odd"));
	tp_udp_config_init(&config);
	config.port_min = config.port_max = 20001;
	assert_int_equal(tp_udp_open(&t, &config), TP_ERR_ARGUMENT);
	assert_non_null(strstr(tp_error_detail(), "no even port"));
	config.port_max = 20002; /* even, but RTCP's would be outside */
	assert_int_equal(tp_udp_open(&t, &config), TP_ERR_ARGUMENT);
	tp_udp_config_init(&config);
	config.local.family = 7;
	assert_int_equal(tp_udp_open(&t, &config), TP_ERR_ARGUMENT);
	assert_non_null(strstr(tp_error_detail(), "family 7"));
	tp_udp_config_init(&config);
	config.dscp = 64;
	assert_int_equal(tp_udp_open(&t, &config), TP_ERR_ARGUMENT);
	tp_udp_config_init(&config);
	config.port_min = 20000;
	config.port_max = 10000;
	assert_int_equal(tp_udp_open(&t, &config), TP_ERR_ARGUMENT);
	config.port_min = 0;
	assert_int_equal(tp_udp_open(&t, &config), TP_ERR_ARGUMENT);
	memset(&config, 0, sizeof(config));
	assert_int_equal(tp_udp_open(&t, &config), TP_ERR_ARGUMENT);
	tp_udp_config_init(&config);
	assert_int_equal(tp_address_parse(&config.local, "192.0.2.1:0"), 0); /* RFC 5737 */
	assert_int_equal(tp_udp_open(&t, &config), TP_ERR_NETWORK);
	assert_non_null(strstr(tp_error_detail(), "not an address of this machine"));
}

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void packets_are_marked(void **state)
{
	struct tp_transport t = open_on("127.0.0.1:0", false);
	int fd[2];

	(void)state;
	assert_int_equal(t.ops->descriptors(t.state, fd), 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(option(fd[i], IPPROTO_IP, IP_TOS), 46 << 2);
		assert_int_equal(option(fd[i], SOL_SOCKET, SO_PRIORITY), 6);
		assert_true(fcntl(fd[i], F_GETFL) & O_NONBLOCK);
		assert_true(fcntl(fd[i], F_GETFD) & FD_CLOEXEC);
	}
	close_it(&t);
	t = open_on(":0", true);
	assert_int_equal(t.ops->descriptors(t.state, fd), 1);
	assert_int_equal(option(fd[0], IPPROTO_IP, IP_TOS), 46 << 2);
	if (has_ipv6())
		assert_int_equal(option(fd[0], IPPROTO_IPV6, IPV6_TCLASS), 46 << 2);
	close_it(&t);
}

static void no_mark_is_left_alone(void **state)
{
	struct tp_udp_config config;
	struct tp_transport t;
	int fd[2];

	(void)state;
	tp_udp_config_init(&config);
	config.dscp = -1;
	t = open_with(&config);
	t.ops->descriptors(t.state, fd);
	assert_int_equal(option(fd[0], IPPROTO_IP, IP_TOS), 0);
	close_it(&t);
}

static void stamps_are_monotonic_and_true(void **state)
{
	struct tp_transport a = open_on("127.0.0.1:0", false), b = open_on("127.0.0.1:0", false);
	uint8_t memory[BATCH][TP_DATAGRAM_MAX];
	struct tp_datagram batch[BATCH];
	struct tp_address to = local_of(&b, TP_RTP);
	int64_t last_ns = 0;

	(void)state;
	for (int turn = 0; turn < 20; turn++) {
		int64_t sent_ns[3], after_ns[3];

		for (int i = 0; i < 3; i++) {
			sent_ns[i] = tp_clock_now_ns();
			send_to(&a, TP_RTP, &to, "x", 1);
			after_ns[i] = tp_clock_now_ns();
		}
		assert_int_equal(receive(&b, batch, BATCH, memory), 3);
		for (int i = 0; i < 3; i++) {
			/* The two clocks are read within a few microseconds of each other. */
			assert_in_range(batch[i].stamp_ns, sent_ns[i] - 100000,
					after_ns[i] + 100000);
			assert_true(batch[i].stamp_ns >= last_ns);
			last_ns = batch[i].stamp_ns;
		}
	}
	close_it(&a);
	close_it(&b);
}

static void a_long_datagram_keeps_its_true_length(void **state)
{
	struct tp_transport a = open_on("127.0.0.1:0", false), b = open_on("127.0.0.1:0", false);
	static const uint8_t data[3000];
	uint8_t memory[BATCH][TP_DATAGRAM_MAX];
	struct tp_datagram batch[BATCH];
	struct tp_address to = local_of(&b, TP_RTP);

	(void)state;
	send_to(&a, TP_RTP, &to, data, sizeof(data));
	assert_int_equal(receive(&b, batch, BATCH, memory), 1);
	assert_int_equal(batch[0].len, sizeof(data));
	close_it(&a);
	close_it(&b);
}

/* Neither component's flood hides the other. */
static void floods_leave_room_for_the_other(void **state)
{
	struct tp_transport a = open_on("127.0.0.1:0", false), b = open_on("127.0.0.1:0", false);
	uint8_t memory[BATCH][TP_DATAGRAM_MAX];
	struct tp_datagram batch[BATCH];
	struct tp_address rtp = local_of(&b, TP_RTP), rtcp = local_of(&b, TP_RTCP);
	int count[2] = {0, 0};

	(void)state;
	for (int i = 0; i < 40; i++) {
		send_to(&a, TP_RTP, &rtp, "x", 1);
		send_to(&a, TP_RTCP, &rtcp, "x", 1);
	}
	assert_int_equal(receive(&b, batch, BATCH, memory), BATCH);
	for (int i = 0; i < BATCH; i++)
		count[batch[i].component]++;
	assert_int_equal(count[TP_RTP], 12);
	assert_int_equal(count[TP_RTCP], 4);
	close_it(&a);
	close_it(&b);
}

/* Nobody listens there: the ICMP errors that come back stop neither direction. */
static void an_unreachable_peer_is_no_failure(void **state)
{
	struct tp_transport a = open_on("127.0.0.1:0", false), b = open_on("127.0.0.1:0", false);
	uint8_t memory[BATCH][TP_DATAGRAM_MAX];
	struct tp_datagram batch[BATCH];
	struct tp_address gone = local_of(&b, TP_RTP), to;

	(void)state;
	close_it(&b);
	for (int i = 0; i < 10; i++)
		send_to(&a, TP_RTP, &gone, "x", 1);
	b = open_on("127.0.0.1:0", false);
	to = local_of(&a, TP_RTP);
	send_to(&b, TP_RTP, &to, "y", 1);
	assert_int_equal(receive(&a, batch, BATCH, memory), 1);
	close_it(&a);
	close_it(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_carries_both_components),
		cmocka_unit_test(ipv6_carries_both_components),
		cmocka_unit_test(any_address_takes_and_reaches_both_families),
		cmocka_unit_test(an_ipv4_socket_refuses_ipv6),
		cmocka_unit_test(ports_are_an_even_one_and_the_next),
		cmocka_unit_test(a_range_is_tried_in_order_and_ends),
		cmocka_unit_test(a_taken_port_is_said_to_be),
		cmocka_unit_test(bad_configs_are_explained),
		cmocka_unit_test(packets_are_marked),
		cmocka_unit_test(no_mark_is_left_alone),
		cmocka_unit_test(stamps_are_monotonic_and_true),
		cmocka_unit_test(a_long_datagram_keeps_its_true_length),
		cmocka_unit_test(floods_leave_room_for_the_other),
		cmocka_unit_test(an_unreachable_peer_is_no_failure),
	};

	return cmocka_run_group_tests_name("udp", tests, NULL, NULL);
}
