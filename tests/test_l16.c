/* SPDX-License-Identifier: MIT */
/* L16: octets in network order, at three rates. */
#include "codecs/registry.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void the_high_octet_comes_first(void **state)
{
	const int16_t pcm[2] = {0x1234, -2};
	const uint8_t want[4] = {0x12, 0x34, 0xff, 0xfe};
	uint8_t payload[4];
	int16_t heard[2];

	(void)state;
	assert_int_equal(tp_l16.encode(NULL, pcm, 2, payload, sizeof(payload)), 4);
	assert_memory_equal(payload, want, sizeof(want));
	assert_int_equal(tp_l16.decode(NULL, payload, 4, false, heard, 2), 2);
	assert_memory_equal(heard, pcm, sizeof(pcm));
}

static void half_samples_are_malformed(void **state)
{
	const struct tp_codec_config config = {0};
	const uint8_t payload[5] = {0};
	struct tp_codec_shape shape;
	int16_t heard[4];

	(void)state;
	assert_int_equal(tp_l16.describe(&config, &shape), 0);
	assert_true(tp_l16.samples(&shape, payload, 5) < 0);
	assert_true(tp_l16.decode(NULL, payload, 5, false, heard, 4) < 0);
	assert_true(tp_l16.decode(NULL, payload, 1, false, heard, 4) < 0);
}

static void the_clock_is_the_rate(void **state)
{
	static const int rates_hz[] = {8000, 16000, 48000};

	(void)state;
	for (int i = 0; i < 3; i++) {
		const struct tp_codec_config config = {.rate_hz = rates_hz[i]};
		struct tp_codec_shape shape;

		assert_int_equal(tp_l16.describe(&config, &shape), 0);
		assert_int_equal(shape.rate_hz, rates_hz[i]);
		assert_int_equal(shape.clock_hz, rates_hz[i]);
		assert_true(shape.packet_n >= rates_hz[i] / 100);
		assert_true(2 * shape.packet_n <= TP_CODEC_PAYLOAD_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_high_octet_comes_first),
		cmocka_unit_test(half_samples_are_malformed),
		cmocka_unit_test(the_clock_is_the_rate),
	};

	return cmocka_run_group_tests_name("l16", tests, NULL, NULL);
}
