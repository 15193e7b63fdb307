/* SPDX-License-Identifier: MIT */
/* Addresses read, written and compared. */
#include <talkpath/transport.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void addresses_read_and_write_alike(void **state)
{
	static const struct {
		const char *text, *written;
		uint8_t family;
		uint16_t port;
	} cases[] = {
		{"127.0.0.1:5004", "127.0.0.1:5004", 4, 5004},
		{"[::1]:5004", "[::1]:5004", 6, 5004},
		{"[2001:db8::1]:65535", "[2001:db8::1]:65535", 6, 65535},
		{"[::ffff:192.0.2.7]:80", "192.0.2.7:80", 4, 80},
		{":4000", ":4000", 0, 4000},
		{":0", ":0", 0, 0},
		{"[fe80::1%lo]:6", "[fe80::1%lo]:6", 6, 6},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tp_address address;
		char text[TP_ADDRESS_TEXT];

		if (tp_address_parse(&address, cases[i].text))
			fail_msg("%s: %s", cases[i].text, tp_error_detail());
		assert_int_equal(address.family, cases[i].family);
		assert_int_equal(address.port, cases[i].port);
		assert_string_equal(tp_address_format(&address, text), cases[i].written);
	}
}

static void bad_addresses_are_explained(void **state)
{
	static const struct {
		const char *text;
		int error;
		const char *said;
	} cases[] = {
		{"", TP_ERR_ARGUMENT, "host:port"},
		{"127.0.0.1", TP_ERR_ARGUMENT, "host:port"},
		{"::1:5004", TP_ERR_ARGUMENT, "[IPv6]:port"},
		{"[::1]", TP_ERR_ARGUMENT, "host:port"},
		{"[::1]5004", TP_ERR_ARGUMENT, "host:port"},
		{"127.0.0.1:", TP_ERR_ARGUMENT, "not a port"},
		{"127.0.0.1:sip", TP_ERR_ARGUMENT, "not a port"},
		{"127.0.0.1:-1", TP_ERR_ARGUMENT, "not a port"},
		{"127.0.0.1:65536", TP_ERR_ARGUMENT, "not a port"},
		/* A label of 64 characters is no host anywhere (RFC 1035 2.3.4): no server is
		 * asked. */
		{"x123456789012345678901234567890123456789012345678901234567890123:1",
		 TP_ERR_NETWORK, "no address for the host \"x123"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tp_address address = {.family = 99};

		if (tp_address_parse(&address, cases[i].text) != cases[i].error)
			fail_msg("\"%s\": not refused as it should", cases[i].text);
		if (!strstr(tp_error_detail(), cases[i].said))
			fail_msg("\"%s\": %s", cases[i].text, tp_error_detail());
		assert_int_equal(address.family, 99);
	}
}

static void addresses_are_equal_by_family_host_and_port(void **state)
{
	struct tp_address a, b;

	(void)state;
	assert_int_equal(tp_address_parse(&a, "192.0.2.1:4000"), 0);
	b = a;
	assert_true(tp_address_equal(&a, &b));
	b.port++;
	assert_false(tp_address_equal(&a, &b));
	b = a;
	b.ip[3]++;
	assert_false(tp_address_equal(&a, &b));
	b = a;
	b.family = 6;
	assert_false(tp_address_equal(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_read_and_write_alike),
		cmocka_unit_test(bad_addresses_are_explained),
		cmocka_unit_test(addresses_are_equal_by_family_host_and_port),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
