/* SPDX-License-Identifier: MIT */
/* The WM8750's driver against a register file: what is written, in which order, and what it does to
 * the sound. Register numbers and values are the data sheet's, not the driver's names. */
#include "hal/wm8750.h"
#include "tests/fixtures/fake_bus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
	int reg, value;
};

static struct fake_bus fake;
static struct tp_chip_bus bus;
static void *chip;

static const struct tp_chip_clock usual = {.mclk_hz = 12288000, .rate_hz = 16000};

static void plug(void)
{
	bus = fake_bus_plug(&fake);
	chip = calloc(1, tp_wm8750_chip.state_size);
	assert_non_null(chip);
}

static void power_up(const struct tp_chip_clock *clock)
{
	plug();
	assert_int_equal(tp_wm8750_chip.power_up(chip, &bus, clock), 0);
}

static int unplug(void **state)
{
	(void)state;
	free(chip);
	chip = NULL;
	return 0;
}

static void check_log(const struct row *rows, int n)
{
	for (int i = 0; i < n && i < fake.log_n; i++)
		if (fake.log[i].reg != rows[i].reg || fake.log[i].value != rows[i].value)
			fail_msg("transfer %d: R%d = 0x%03x, not R%d = 0x%03x", i, fake.log[i].reg,
				 fake.log[i].value, rows[i].reg, rows[i].value);
	assert_int_equal(fake.log_n, n);
}

#define CHECK_LOG(rows) check_log(rows, (int)(sizeof(rows) / sizeof((rows)[0])))

static void power_up_is_this_sequence(void **state)
{
	static const struct row rows[] = {
		{15, 0x000}, /* reset */
		{7, 0x002}, /* slave, 16 bits, I2S */
		{8, 0x014}, /* SR 01010: 768 fs */
		{2, 0x000},       {3, 0x100},  {40, 0x000}, {41, 0x100}, /* outputs at volume 0 */
		{23, 0x0c5}, /* bias for 3.3 V, left ADC on both channels, zero cross time-out */
		{24, 0x010}, /* ROUT2 inverted: speaker as a bridge */
		{25, 0x1c0}, /* VMID by 5 kOhm, VREF */
		{FAKE_WAIT, 250}, {25, 0x0c0}, /* VMID by 50 kOhm */
		{25, 0x0ea}, /* left input, left ADC, microphone bias */
		{26, 0x100}, /* left DAC */
		{34, 0x150},      {36, 0x150}, /* to both mixers */
		{26, 0x140}, /* LOUT1 */
		{32, 0x020}, /* LINPUT1, 20 dB */
		{2, 0x0f9},       {3, 0x100}, /* LOUT1 0 dB at a zero cross */
		{10, 0x1ff}, /* DAC 0 dB */
		{21, 0x1c3}, /* ADC 0 dB */
		{0, 0x157}, /* PGA 0 dB, not muted */
		{5, 0x000}, /* DAC not muted: the last */
	};

	(void)state;
	power_up(&usual);
	CHECK_LOG(rows);
}

/* The rows of the data sheet's table that a phone uses. */
static void every_clock_has_its_mode(void **state)
{
	static const struct {
		int mclk_hz, rate_hz, r8;
	} rows[] = {
		{12288000, 8000, 0x0c},  {12288000, 16000, 0x14}, {12288000, 48000, 0x00},
		{11289600, 11025, 0x30}, {11289600, 22050, 0x34}, {11289600, 44100, 0x20},
		{12000000, 8000, 0x0d},  {12000000, 16000, 0x15}, {12000000, 48000, 0x01},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tp_chip_clock clock = {rows[i].mclk_hz, rows[i].rate_hz, true};

		power_up(&clock);
		assert_int_equal(fake.held[8], rows[i].r8);
		assert_int_equal(fake.held[7], 0x042); /* master */
		unplug(NULL);
	}
}

static void rates_are_the_wished_or_the_next_above(void **state)
{
	static const struct {
		int mclk_hz, want_hz, rate_hz;
	} rows[] = {
		{12288000, 8000, 8000},
		{12288000, 16000, 16000},
		{12288000, 44100, 48000},
		{12288000, 96000, 48000},
		{11289600, 8000, 11025},
		{11289600, 16000, 22050},
		{11289600, 48000, 44100},
		{12000000, 48000, 48000},
		{13000000, 8000, TP_ERR_UNSUPPORTED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(tp_wm8750_chip.rate(rows[i].mclk_hz, rows[i].want_hz),
				 rows[i].rate_hz);
	assert_non_null(strstr(tp_error_detail(), "cannot run from 13000000 Hz"));
}

static void a_clock_that_cannot_be_is_refused(void **state)
{
	const struct tp_chip_clock clock = {.mclk_hz = 12288000, .rate_hz = 44100};

	(void)state;
	plug();
	assert_int_equal(tp_wm8750_chip.power_up(chip, &bus, &clock), TP_ERR_UNSUPPORTED);
	assert_string_equal(tp_error_detail(), "the WM8750 cannot make 44100 Hz of 12288000 Hz");
}

static void each_route_sounds_alone(void **state)
{
	static const struct {
		enum tp_route route;
		int power, input; /* R26, R32 */
		int volume[4]; /* R2, R3, R40, R41, zero cross bit left out */
	} rows[] = {
		{TP_ROUTE_HEADSET, 0x120, 0x060, {0, 0x79, 0, 0}},
		{TP_ROUTE_HANDSFREE, 0x118, 0x0b0, {0, 0, 0x79, 0x79}},
		{TP_ROUTE_HANDSET, 0x140, 0x020, {0x79, 0, 0, 0}},
	};
	static const int outputs[4] = {2, 3, 40, 41};

	(void)state;
	power_up(&usual);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(tp_wm8750_chip.route(chip, rows[i].route), 0);
		assert_int_equal(fake.held[26], rows[i].power);
		assert_int_equal(fake.held[32], rows[i].input);
		for (int k = 0; k < 4; k++)
			assert_int_equal(fake.acting[outputs[k]] & 0x7f, rows[i].volume[k]);
		assert_int_equal(fake.acting[0], 0x57); /* PGA 0 dB, not muted, zero cross */
		assert_int_equal(fake.held[5], 0);
	}
	assert_int_equal(tp_wm8750_chip.route(chip, (enum tp_route)3), TP_ERR_UNSUPPORTED);
}

/* First silence, then switches, then sound. */
static void a_change_of_route_does_not_click(void **state)
{
	static const struct row rows[] = {
		{5, 0x008},  {FAKE_WAIT, 10}, /* DAC fades out */
		{0, 0x180}, /* microphone off */
		{2, 0x000},  {3, 0x100},      {26, 0x118}, /* LOUT1 off, LOUT2 and ROUT2 on */
		{32, 0x0b0}, /* LINPUT3, 29 dB */
		{40, 0x0f9}, {41, 0x1f9},     {0, 0x157},  {5, 0x000},
	};

	(void)state;
	power_up(&usual);
	fake_bus_forget(&fake);
	assert_int_equal(tp_wm8750_chip.route(chip, TP_ROUTE_HANDSFREE), 0);
	CHECK_LOG(rows);
}

static void power_down_is_this_sequence(void **state)
{
	static const struct row rows[] = {
		{5, 0x008},  {FAKE_WAIT, 10}, {0, 0x180},
		{2, 0x000},  {3, 0x100},      {26, 0x100}, /* outputs off */
		{26, 0x000}, /* DAC off */
		{25, 0x0c0}, /* ADC, input, microphone bias off */
		{25, 0x000}, /* references off */
	};

	(void)state;
	power_up(&usual);
	fake_bus_forget(&fake);
	tp_wm8750_chip.power_down(chip);
	CHECK_LOG(rows);
}

static void nothing_is_written_when_nothing_changes(void **state)
{
	int granted;

	(void)state;
	power_up(&usual);
	fake_bus_forget(&fake);
	assert_int_equal(tp_wm8750_chip.route(chip, TP_ROUTE_HANDSET), 0);
	assert_int_equal(tp_wm8750_chip.gain(chip, TP_PLAYBACK, 10, &granted), 0);
	assert_int_equal(tp_wm8750_chip.gain(chip, TP_CAPTURE, -10, &granted), 0);
	assert_int_equal(fake.transfers, 0);
	assert_int_equal(tp_wm8750_chip.gain(chip, TP_CAPTURE, 75, &granted), 0);
	assert_int_equal(fake.transfers, 1);
	assert_int_equal(tp_wm8750_chip.gain(chip, TP_PLAYBACK, -50, &granted), 0);
	assert_int_equal(fake.transfers, 2); /* the DAC alone */
}

/* What the registers that act amount to, in hundredths of a dB: for the ear of the
 * handset, and from the microphone. */
static int ear_gain(void)
{
	int out = fake.acting[2] & 0x7f;

	return out < 0x30 ? -9600 : (out - 0x79) * 100 + (fake.acting[10] - 255) * 50;
}

static int microphone_gain(void)
{
	if (fake.acting[0] & 0x80)
		return -9600;
	return (fake.acting[0] & 0x3f) * 75 - 1725 + (fake.acting[21] - 195) * 50;
}

static void playback_gain_is_rounded_to_half_a_db(void **state)
{
	static const struct {
		int wanted, granted;
	} rows[] = {
		{0, 0},         {24, 0},        {25, 50},       {-24, 0},       {-26, -50},
		{600, 600},     {601, 600},     {2400, 600},    {-1234, -1250}, {-7300, -7300},
		{-7350, -7350}, {-9550, -9550}, {-9599, -9600}, {-9600, -9600}, {-20000, -9600},
	};
	int granted;

	(void)state;
	power_up(&usual);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(tp_wm8750_chip.gain(chip, TP_PLAYBACK, rows[i].wanted, &granted),
				 0);
		assert_int_equal(granted, rows[i].granted);
		assert_int_equal(ear_gain(), granted);
	}
}

static void capture_gain_is_rounded_to_the_steps_of_the_amplifier(void **state)
{
	static const struct {
		int wanted, granted;
	} rows[] = {
		{0, 0},         {37, 0},         {38, 75},       {-37, 0},       {-38, -75},
		{2400, 2400},   {2430, 2400},    {3000, 3000},   {9000, 3000},   {-1725, -1725},
		{-1760, -1725}, {-1770, -1775},  {-1800, -1775}, {-5000, -4975}, {-9599, -9575},
		{-9600, -9600}, {-12000, -9600},
	};
	int granted;

	(void)state;
	power_up(&usual);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(tp_wm8750_chip.gain(chip, TP_CAPTURE, rows[i].wanted, &granted),
				 0);
		assert_int_equal(granted, rows[i].granted);
		assert_int_equal(microphone_gain(), granted);
	}
}

/* No wish is more than half a step away from what the chip does, and a
 * louder wish is never quieter. */
static void every_gain_is_granted_as_told(void **state)
{
	int before[2] = {-9600, -9600};

	(void)state;
	power_up(&usual);
	for (int wanted = -9700; wanted <= 2500; wanted += 7) {
		for (int direction = TP_CAPTURE; direction <= TP_PLAYBACK; direction++) {
			int highest = direction == TP_PLAYBACK ? 600 : 3000, granted;

			assert_int_equal(tp_wm8750_chip.gain(chip, (enum tp_direction)direction,
							     wanted, &granted),
					 0);
			assert_int_equal(direction == TP_PLAYBACK ? ear_gain() : microphone_gain(),
					 granted);
			assert_true(granted >= before[direction]);
			if (wanted > -9600 && wanted <= highest)
				assert_in_range(granted - wanted + 100, 62, 138);
			before[direction] = granted;
		}
	}
}

static void gains_stay_over_a_change_of_route(void **state)
{
	int granted;

	(void)state;
	power_up(&usual);
	assert_int_equal(tp_wm8750_chip.gain(chip, TP_PLAYBACK, -1050, &granted), 0);
	assert_int_equal(tp_wm8750_chip.gain(chip, TP_CAPTURE, 600, &granted), 0);
	assert_int_equal(tp_wm8750_chip.route(chip, TP_ROUTE_HANDSFREE), 0);
	assert_int_equal(fake.acting[40] & 0x7f, 0x79 - 10);
	assert_int_equal(fake.acting[41] & 0x7f, 0x79 - 10);
	assert_int_equal(fake.acting[10], 0xfe);
	assert_int_equal(fake.acting[0] & 0x3f, 0x17 + 8);
	/* A gain on the speaker leaves the handset silent. */
	assert_int_equal(tp_wm8750_chip.gain(chip, TP_PLAYBACK, 0, &granted), 0);
	assert_int_equal(fake.acting[2], 0);
	assert_int_equal(fake.acting[3], 0);
}

/* Wherever one transfer is missed, the second try makes it good: the registers end the same. */
static void a_transfer_that_is_missed_once_is_repeated(void **state)
{
	uint16_t expected[FAKE_REGISTERS];
	int transfers;

	(void)state;
	power_up(&usual);
	transfers = fake.transfers;
	memcpy(expected, fake.held, sizeof(expected));
	for (int i = 0; i < transfers; i++) {
		unplug(NULL);
		plug();
		fake.deaf_from = i;
		fake.deaf_n = 1;
		assert_int_equal(tp_wm8750_chip.power_up(chip, &bus, &usual), 0);
		assert_int_equal(fake.transfers, transfers + 1);
		assert_memory_equal(fake.held, expected, sizeof(expected));
	}
}

static void two_in_a_row_are_an_error_with_a_sentence(void **state)
{
	(void)state;
	plug();
	fake.deaf_from = 5;
	fake.deaf_n = 2;
	assert_int_equal(tp_wm8750_chip.power_up(chip, &bus, &usual), TP_ERR_DEVICE);
	assert_int_equal(fake.transfers, 7);
	assert_string_equal(
		tp_error_detail(),
		"no chip answers at address 0x1a of the bus fake-0; check address, supply "
		"and the chip's mode pin");
}

/* A stuck bus costs its driver's time-out each time: it is not asked twice. */
static void a_stuck_bus_is_an_error_at_once(void **state)
{
	int granted;

	(void)state;
	power_up(&usual);
	fake_bus_forget(&fake);
	fake.stuck = true;
	assert_int_equal(tp_wm8750_chip.route(chip, TP_ROUTE_HANDSFREE), TP_ERR_SYSTEM);
	assert_int_equal(fake.transfers, 1);
	assert_string_equal(tp_error_detail(),
			    "the bus fake-0 is stuck, a line is held low; switch the "
			    "chip's supply off and on");
	assert_int_equal(tp_wm8750_chip.gain(chip, TP_CAPTURE, 600, &granted), TP_ERR_SYSTEM);
	fake_bus_forget(&fake);
	tp_wm8750_chip.power_down(chip);
	assert_int_equal(fake.transfers, 1);
	/* Once it moves again, what was not written is written. */
	fake.stuck = false;
	assert_int_equal(tp_wm8750_chip.gain(chip, TP_CAPTURE, 600, &granted), 0);
	assert_int_equal(microphone_gain(), 600);
}

/* A route that failed half-way is silent; asking for it again, the old
 * one too, brings sound back. */
static void a_route_that_failed_can_be_asked_for_again(void **state)
{
	(void)state;
	for (int i = 0; i < 11; i++) {
		power_up(&usual);
		fake_bus_forget(&fake);
		fake.deaf_from = i;
		fake.deaf_n = 2;
		(void)tp_wm8750_chip.route(chip, TP_ROUTE_HANDSFREE);
		fake.deaf_n = 0;
		assert_int_equal(tp_wm8750_chip.route(chip, TP_ROUTE_HANDSET), 0);
		assert_int_equal(fake.held[26], 0x140);
		assert_int_equal(fake.held[5], 0);
		assert_int_equal(ear_gain(), 0);
		assert_int_equal(microphone_gain(), 0);
		assert_int_equal(fake.acting[40] & 0x7f, 0);
		unplug(NULL);
	}
}

static void the_chip_cannot_be_read(void **state)
{
	const uint8_t reg = 0x19 << 1;
	uint8_t data[2];

	(void)state;
	plug();
	assert_int_equal(tp_chip_bus_read(&bus, &reg, 1, data, sizeof(data)), TP_ERR_DEVICE);
	assert_int_equal(fake.transfers, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(power_up_is_this_sequence, unplug),
		cmocka_unit_test_teardown(every_clock_has_its_mode, unplug),
		cmocka_unit_test(rates_are_the_wished_or_the_next_above),
		cmocka_unit_test_teardown(a_clock_that_cannot_be_is_refused, unplug),
		cmocka_unit_test_teardown(each_route_sounds_alone, unplug),
		cmocka_unit_test_teardown(a_change_of_route_does_not_click, unplug),
		cmocka_unit_test_teardown(power_down_is_this_sequence, unplug),
		cmocka_unit_test_teardown(nothing_is_written_when_nothing_changes, unplug),
		cmocka_unit_test_teardown(playback_gain_is_rounded_to_half_a_db, unplug),
		cmocka_unit_test_teardown(capture_gain_is_rounded_to_the_steps_of_the_amplifier,
					  unplug),
		cmocka_unit_test_teardown(every_gain_is_granted_as_told, unplug),
		cmocka_unit_test_teardown(gains_stay_over_a_change_of_route, unplug),
		cmocka_unit_test_teardown(a_transfer_that_is_missed_once_is_repeated, unplug),
		cmocka_unit_test_teardown(two_in_a_row_are_an_error_with_a_sentence, unplug),
		cmocka_unit_test_teardown(a_stuck_bus_is_an_error_at_once, unplug),
		cmocka_unit_test_teardown(a_route_that_failed_can_be_asked_for_again, unplug),
		cmocka_unit_test_teardown(the_chip_cannot_be_read, unplug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
