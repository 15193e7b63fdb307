/* SPDX-License-Identifier: MIT */
/* The chip backend: its arguments, what it asks of chip and carrier, and its failures. */
#include "hal/chip.h"
#include "hal/i2c_dev.h"
#include "hal/wm8750.h"
#include "tests/fixtures/fake_bus.h"

#include <talkpath/talkpath.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A carrier that remembers what it was asked and grants what the test says. */
static struct {
	char calls[64]; /* one letter each */
	struct tp_hal_want want;
	char args[32];
	int grant_hz; /* 0: as asked */
	int refuse;
	int64_t now_ns;
} carrier;

static void called(char letter)
{
	size_t n = strlen(carrier.calls);

	if (n + 1 < sizeof(carrier.calls))
		carrier.calls[n] = letter;
}

static int carrier_open(void **device, const char *args, const struct tp_hal_want *want,
			struct tp_hal_got *got)
{
	called('o');
	snprintf(carrier.args, sizeof(carrier.args), "%s", args);
	carrier.want = *want;
	if (carrier.refuse)
		return tp_fail(TP_ERR_DEVICE, "the carrier is out");
	*device = &carrier;
	got->rate_hz = carrier.grant_hz ? carrier.grant_hz : want->rate_hz;
	got->period_n = 160;
	got->buffer_n = 640;
	got->one_crystal = false;
	return 0;
}

static int carrier_start(void *device, int64_t now_ns)
{
	called('s');
	carrier.now_ns = now_ns;
	return device == &carrier ? 0 : TP_ERR_STATE;
}

static int carrier_wait(void *device, int timeout_ms)
{
	called('w');
	return device == &carrier ? timeout_ms : TP_ERR_STATE;
}

static int carrier_capture(void *device, int64_t now_ns, int16_t *pcm, int n)
{
	called('c');
	carrier.now_ns = now_ns;
	pcm[0] = 7;
	return device == &carrier ? n - 1 : TP_ERR_STATE;
}

static int carrier_playback(void *device, int64_t now_ns, const int16_t *pcm, int n)
{
	called('p');
	carrier.now_ns = now_ns;
	return device == &carrier && pcm[0] == 9 ? n - 2 : TP_ERR_STATE;
}

static int carrier_position(void *device, enum tp_direction direction, int64_t now_ns,
			    struct tp_hal_position *position)
{
	called(direction == TP_PLAYBACK ? 'P' : 'C');
	position->time_ns = now_ns;
	return device == &carrier ? 0 : TP_ERR_STATE;
}

static void carrier_stop(void *device)
{
	(void)device;
	called('x');
}

static void carrier_close(void *device)
{
	(void)device;
	called('q');
}

static const struct tp_hal_ops carrier_ops = {
	.abi = TP_HAL_ABI,
	.name = "carrier",
	.open = carrier_open,
	.start = carrier_start,
	.wait = carrier_wait,
	.capture = carrier_capture,
	.playback = carrier_playback,
	.position = carrier_position,
	.stop = carrier_stop,
	.close = carrier_close,
};

static struct fake_bus fake;
static const struct tp_hal_want want = {.rate_hz = 16000, .period_us = 10000, .buffer_us = 40000};

static int open_chip(void **device, struct tp_hal_got *got, int mclk_hz)
{
	struct tp_chip_config config = {
		.chip = &tp_wm8750_chip,
		.bus = fake_bus_plug(&fake),
		.mclk_hz = mclk_hz,
		.sound = &carrier_ops,
		.sound_args = "i2s",
	};

	return tp_chip_open(device, &config, &want, got);
}

static int forget(void **state)
{
	(void)state;
	memset(&carrier, 0, sizeof(carrier));
	return 0;
}

static void chip_and_carrier_make_one_device(void **state)
{
	struct tp_hal_position position;
	struct tp_hal_got got;
	int16_t pcm[8] = {0};
	void *device;

	(void)state;
	assert_int_equal(open_chip(&device, &got, 12288000), 0);
	assert_string_equal(carrier.args, "i2s");
	assert_int_equal(carrier.want.rate_hz, 16000);
	assert_int_equal(carrier.want.period_us, 10000);
	assert_int_equal(got.rate_hz, 16000);
	assert_int_equal(got.period_n, 160);
	assert_true(got.one_crystal); /* whatever the carrier believes */
	assert_int_equal(fake.held[8], 0x014); /* 16 kHz of 12.288 MHz */
	assert_int_equal(fake.held[5], 0); /* and sounding */

	assert_int_equal(tp_hal_chip.start(device, 5), 0);
	assert_int_equal(carrier.now_ns, 5);
	assert_int_equal(tp_hal_chip.wait(device, 3), 3);
	assert_int_equal(tp_hal_chip.capture(device, 6, pcm, 8), 7);
	assert_int_equal(pcm[0], 7);
	pcm[0] = 9;
	assert_int_equal(tp_hal_chip.playback(device, 7, pcm, 8), 6);
	assert_int_equal(carrier.now_ns, 7);
	assert_int_equal(tp_hal_chip.position(device, TP_PLAYBACK, 8, &position), 0);
	assert_int_equal(tp_hal_chip.position(device, TP_CAPTURE, 9, &position), 0);
	assert_int_equal(position.time_ns, 9);
	tp_hal_chip.stop(device);
	tp_hal_chip.close(device);
	assert_string_equal(carrier.calls, "oswcpPCxq");
	assert_int_equal(fake.closed, 1);
	assert_int_equal(fake.held[25], 0); /* powered down */
	assert_int_equal(fake.held[26], 0);
}

static void route_and_gain_reach_the_chip(void **state)
{
	struct tp_hal_got got;
	void *device;
	int granted;

	(void)state;
	assert_int_equal(open_chip(&device, &got, 12288000), 0);
	assert_int_equal(tp_hal_chip.route(device, TP_ROUTE_HANDSFREE), 0);
	assert_int_equal(fake.held[26], 0x118);
	assert_int_equal(tp_hal_chip.gain(device, TP_PLAYBACK, -333, &granted), 0);
	assert_int_equal(granted, -350);
	assert_int_equal(fake.acting[40] & 0x7f, 0x79 - 3);
	assert_int_equal(tp_hal_chip.route(device, (enum tp_route)9), TP_ERR_UNSUPPORTED);
	tp_hal_chip.close(device);
}

/* The chip above on a card that really moves. */
static int open_on_null(void **device, const char *args, const struct tp_hal_want *wanted,
			struct tp_hal_got *got)
{
	struct tp_chip_config config = {
		.chip = &tp_wm8750_chip,
		.bus = fake_bus_plug(&fake),
		.mclk_hz = 12288000,
		.sound = tp_hal_find("null:", &args),
		.sound_args = "",
	};

	return tp_chip_open(device, &config, wanted, got);
}

/* The engine's route is the chip's: at the start, and in a call. */
static void an_engine_chooses_the_chips_route(void **state)
{
	struct tp_hal_ops ops = tp_hal_chip;
	struct tp_engine_config config;
	struct tp_engine *engine;

	(void)state;
	ops.open = open_on_null;
	tp_engine_config_init(&config);
	config.hal = &ops;
	config.threads = 0;
	assert_int_equal(tp_engine_create(&engine, &config), 0);
	assert_int_equal(tp_engine_start(engine), 0);
	assert_int_equal(fake.held[26], 0x118); /* the DAC and the loudspeaker */
	assert_int_equal(tp_engine_step(engine, 1000000000), 0);
	assert_int_equal(tp_engine_route(engine, TP_ROUTE_HANDSET), 0);
	assert_true(fake.held[26] != 0x118);
	assert_int_equal(tp_engine_route(engine, TP_ROUTE_HANDSFREE), 0);
	assert_int_equal(fake.held[26], 0x118);
	tp_engine_destroy(engine);
}

/* The carrier is asked for the chip's rate; if it grants another,
 * that must be one of the chip's. */
static void chip_and_carrier_agree_on_a_rate(void **state)
{
	struct tp_hal_got got;
	void *device;

	(void)state;
	assert_int_equal(open_chip(&device, &got, 11289600), 0);
	assert_int_equal(carrier.want.rate_hz, 22050);
	assert_int_equal(got.rate_hz, 22050);
	tp_hal_chip.close(device);

	carrier.grant_hz = 48000;
	assert_int_equal(open_chip(&device, &got, 12288000), 0);
	assert_int_equal(got.rate_hz, 48000);
	assert_int_equal(fake.held[8], 0x000);
	tp_hal_chip.close(device);

	forget(NULL);
	carrier.grant_hz = 44100;
	assert_int_equal(open_chip(&device, &got, 12288000), TP_ERR_DEVICE);
	assert_string_equal(tp_error_detail(),
			    "the sound of the chip runs at 44100 Hz, which a wm8750 "
			    "cannot make of 12288000 Hz");
	assert_string_equal(carrier.calls, "oq");
	assert_int_equal(fake.transfers, 0);
	assert_int_equal(fake.closed, 1);
}

/* Whatever fails, everything that was opened is closed again. */
static void a_failed_open_leaves_nothing_open(void **state)
{
	struct tp_hal_got got;
	struct tp_chip_config config = {.chip = &tp_wm8750_chip,
					.mclk_hz = 12288000,
					.sound = &carrier_ops,
					.sound_args = ""};
	void *device;

	(void)state;
	carrier.refuse = 1;
	assert_int_equal(open_chip(&device, &got, 12288000), TP_ERR_DEVICE);
	assert_string_equal(tp_error_detail(), "the carrier is out");
	assert_string_equal(carrier.calls, "o");
	assert_int_equal(fake.transfers, 0);
	assert_int_equal(fake.closed, 1);

	forget(NULL);
	assert_int_equal(open_chip(&device, &got, 4000000), TP_ERR_UNSUPPORTED);
	assert_string_equal(carrier.calls, "");
	assert_int_equal(fake.closed, 1);

	forget(NULL);
	config.bus = fake_bus_plug(&fake);
	config.bus.address = 0x1b; /* nobody is there */
	assert_int_equal(tp_chip_open(&device, &config, &want, &got), TP_ERR_DEVICE);
	assert_non_null(
		strstr(tp_error_detail(), "no chip answers at address 0x1b of the bus fake-0"));
	assert_int_equal(fake.transfers, 2);
	assert_string_equal(carrier.calls, "oq");
	assert_int_equal(fake.closed, 1);
}

static void bad_arguments_are_one_sentence(void **state)
{
	static const struct {
		const char *args;
		int error;
		const char *sentence;
	} rows[] = {
		{"", TP_ERR_UNSUPPORTED, "there is no chip \"\""},
		{"wm8751", TP_ERR_UNSUPPORTED,
		 "there is no chip \"wm8751\"; those known are: wm8750"},
		{"wm8750,speed=3", TP_ERR_ARGUMENT, "but not \"speed=3\""},
		{"wm8750,addr=0x80", TP_ERR_ARGUMENT, "\"0x80\" is not a number from 8 to 119"},
		{"wm8750,addr=", TP_ERR_ARGUMENT, "\"\" is not a number"},
		{"wm8750,mclk=12M", TP_ERR_ARGUMENT, "\"12M\" is not a number"},
		{"wm8750,master=2", TP_ERR_ARGUMENT, "\"2\" is not a number from 0 to 1"},
		{"wm8750,bus=/dev/none,pcm=hw:0,0", TP_ERR_DEVICE,
		 "there is no control bus \"/dev/none\""},
		{"wm8750,bus=/dev/null,addr=0x1a,mclk=12000000,master=1", TP_ERR_DEVICE,
		 "\"/dev/null\" is not an I2C bus with plain transfers"},
	};
	struct tp_hal_got got;
	char longest[300];
	void *device;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int error = tp_hal_chip.open(&device, rows[i].args, &want, &got);

		if (error != rows[i].error || !strstr(tp_error_detail(), rows[i].sentence))
			fail_msg("%s: %d %s", rows[i].args, error, tp_error_detail());
	}
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(tp_hal_chip.open(&device, longest, &want, &got), TP_ERR_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(chip_and_carrier_make_one_device, forget),
		cmocka_unit_test_setup(route_and_gain_reach_the_chip, forget),
		cmocka_unit_test_setup(an_engine_chooses_the_chips_route, forget),
		cmocka_unit_test_setup(chip_and_carrier_agree_on_a_rate, forget),
		cmocka_unit_test_setup(a_failed_open_leaves_nothing_open, forget),
		cmocka_unit_test_setup(bad_arguments_are_one_sentence, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
