/* SPDX-License-Identifier: MIT */
/* Drives the WM8750 over its two-wire bus. It cannot be read back: a shadow of its registers says
 * what is in them, and a register is written only if that changes it.
 *
 * The phone's sound is mono. The left ADC and DAC alone are powered; the left DAC feeds both output
 * mixers. Wired as in `wiring`: earpiece, headset and speaker have outputs of their own. */
#include "hal/wm8750.h"

#include "hal/wm8750_registers.h"

#include <string.h>

enum {
	VMID_CHARGE_MS =
		250, /* five time constants of the 5 kOhm divider and the data sheet's 10 uF */
	SOFT_MUTE_MS = 10, /* the DAC fades out over some hundred samples of 8 kHz */
	SILENCE = -9600, /* and below, hundredths of a dB */

	OUT_0_DB = 0x79, /* LOUT1 ...: 1 dB a step, 0x30 is the last one before mute */
	OUT_MAX = 6, /* dB */
	OUT_MIN = -73,
	DAC_0_DB = 0xff, /* 0.5 dB a step */
	ADC_0_DB = 0xc3,
	DIGITAL_STEP = 50,
	PGA_STEP = 75, /* LINVOL: 0.75 dB a step from -17.25 */
	PGA_MIN = -1725,
	PGA_CODES = 64,
};

/* What the chip holds after a reset (register map). */
static const uint16_t defaults[WM8750_REGISTERS] = {
	[WM8750_LINVOL] = 0x097, [WM8750_RINVOL] = 0x097, [WM8750_LOUT1] = 0x079,
	[WM8750_ROUT1] = 0x079,  [WM8750_ADCDAC] = 0x008, [WM8750_IFACE] = 0x00a,
	[WM8750_LDAC] = 0x0ff,   [WM8750_LADC] = 0x0c3,   [WM8750_ADCTL1] = 0x0c0,
	[WM8750_LMIX1] = 0x050,  [WM8750_RMIX1] = 0x050,  [WM8750_LOUT2] = 0x079,
	[WM8750_ROUT2] = 0x079,
};

/* Clocking and sample rates: those of its modes whose rate is exact. 11.2896 MHz could give 8018 Hz
 * for 8000: 0.23 % is no rate for a phone, and 11025 is resampled as well. */
static const struct {
	int mclk_hz, rate_hz;
	uint8_t sr;
	bool usb;
} clocks[] = {
	{12288000, 8000, 0x06, false},  {12288000, 16000, 0x0a, false},
	{12288000, 48000, 0x00, false}, {11289600, 11025, 0x18, false},
	{11289600, 22050, 0x1a, false}, {11289600, 44100, 0x10, false},
	{12000000, 8000, 0x06, true},   {12000000, 16000, 0x0a, true},
	{12000000, 48000, 0x00, true},
};

enum {
	CLOCKS = sizeof(clocks) / sizeof(clocks[0]),
};

/* The board: which outputs sound, at which input the microphone is,
 * and the boost before its PGA. */
static const struct {
	uint16_t outputs; /* bits of PWR2 */
	uint8_t input; /* 0: LINPUT1 ... */
	uint8_t boost; /* 0: none, 13, 20, 29 dB */
} wiring[] = {
	[TP_ROUTE_HANDSET] = {WM8750_LOUT1_ON, 0, 2},
	[TP_ROUTE_HEADSET] = {WM8750_ROUT1_ON, 1, 2},
	[TP_ROUTE_HANDSFREE] = {WM8750_LOUT2_ON | WM8750_ROUT2_ON, 2, 3},
};

struct wm8750 {
	const struct tp_chip_bus *bus;
	uint16_t shadow[WM8750_REGISTERS];
	enum tp_route route;
	/* Codes of the gains that were asked for. */
	uint16_t out, dac, pga, adc;
};

/* One register, one value under a mask, and the time it needs to take effect. */
struct step {
	uint8_t reg;
	uint16_t mask, value;
	int wait_ms;
};

/* The order is that of the data sheet's power management: references, then
 * converters, then outputs. Nothing sounds meanwhile: the DAC comes muted out of
 * reset, the outputs are at volume 0. */
static const struct step up[] = {
	{WM8750_ADCTL1, WM8750_DATSEL | WM8750_ZERO_CROSS_TIMEOUT,
	 WM8750_DATSEL_LEFT | WM8750_ZERO_CROSS_TIMEOUT, 0},
	{WM8750_ADCTL2, WM8750_ROUT2_INVERT, WM8750_ROUT2_INVERT, 0},
	{WM8750_PWR1, WM8750_VMID | WM8750_VREF, WM8750_VMID_5K | WM8750_VREF, VMID_CHARGE_MS},
	{WM8750_PWR1, WM8750_VMID, WM8750_VMID_50K, 0},
	{WM8750_PWR1, WM8750_AINL | WM8750_ADCL | WM8750_MIC_BIAS,
	 WM8750_AINL | WM8750_ADCL | WM8750_MIC_BIAS, 0},
	{WM8750_PWR2, WM8750_DACL, WM8750_DACL, 0},
	{WM8750_LMIX1, WM8750_LEFT_DAC_TO_MIX, WM8750_LEFT_DAC_TO_MIX, 0},
	{WM8750_RMIX1, WM8750_LEFT_DAC_TO_MIX, WM8750_LEFT_DAC_TO_MIX, 0},
};

static const struct step mute[] = {
	{WM8750_ADCDAC, WM8750_DAC_MUTE, WM8750_DAC_MUTE, SOFT_MUTE_MS},
	{WM8750_LINVOL, 0x1ff, WM8750_UPDATE | WM8750_IN_MUTE, 0},
};

/* Outputs before the DAC that holds them at rest, references last. */
static const struct step down[] = {
	{WM8750_PWR2, WM8750_OUTPUTS, 0, 0},
	{WM8750_PWR2, WM8750_DACL, 0, 0},
	{WM8750_PWR1, WM8750_AINL | WM8750_ADCL | WM8750_MIC_BIAS, 0, 0},
	{WM8750_PWR1, WM8750_VMID | WM8750_VREF, 0, 0},
};

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* Control interface: seven bits of address and nine of data make two octets. */
static int send(struct wm8750 *chip, int reg, int value)
{
	const uint8_t octets[2] = {(uint8_t)(reg << 1 | value >> 8), (uint8_t)value};
	int err = tp_chip_bus_write(chip->bus, octets, sizeof(octets));

	if (err == 0)
		chip->shadow[reg] = (uint16_t)value;
	return err;
}

static int set(struct wm8750 *chip, int reg, int mask, int value)
{
	int next = (chip->shadow[reg] & ~mask) | value;

	return next == chip->shadow[reg] ? 0 : send(chip, reg, next);
}

/* Left and right volume, taken over at once by the update bit of the second; none
 * is written if none changes. */
static int set_pair(struct wm8750 *chip, int left, int left_value, int right_value)
{
	int err;

	right_value |= WM8750_UPDATE;
	if (chip->shadow[left] == left_value && chip->shadow[left + 1] == right_value)
		return 0;
	err = send(chip, left, left_value);
	return err < 0 ? err : send(chip, left + 1, right_value);
}

static int walk(struct wm8750 *chip, const struct step *steps, int n)
{
	for (int i = 0; i < n; i++) {
		int before = chip->shadow[steps[i].reg];
		int err = set(chip, steps[i].reg, steps[i].mask, steps[i].value);

		if (err < 0)
			return err;
		if (chip->shadow[steps[i].reg] != before)
			tp_chip_bus_wait(chip->bus, steps[i].wait_ms);
	}
	return 0;
}

static int silence_outputs(struct wm8750 *chip)
{
	int err = set_pair(chip, WM8750_LOUT1, 0, 0);

	return err < 0 ? err : set_pair(chip, WM8750_LOUT2, 0, 0);
}

/* Silence in both directions, while everything keeps its power. */
static int hush(struct wm8750 *chip)
{
	int err = walk(chip, mute, COUNT(mute));

	return err < 0 ? err : silence_outputs(chip);
}

/* The volume of the outputs that the route uses; the others stay silent. */
static int set_outputs(struct wm8750 *chip)
{
	int on = wiring[chip->route].outputs, loud = chip->out | WM8750_OUT_ZERO_CROSS;
	int err = set_pair(chip, WM8750_LOUT1, on & WM8750_LOUT1_ON ? loud : 0,
			   on & WM8750_ROUT1_ON ? loud : 0);

	if (err < 0)
		return err;
	err = set_pair(chip, WM8750_LOUT2, on & WM8750_LOUT2_ON ? loud : 0,
		       on & WM8750_ROUT2_ON ? loud : 0);
	if (err < 0)
		return err;
	return set(chip, WM8750_LDAC, 0x1ff, WM8750_UPDATE | chip->dac);
}

static int set_input(struct wm8750 *chip)
{
	int err = set(chip, WM8750_LADC, 0x1ff, WM8750_UPDATE | chip->adc);

	if (err < 0)
		return err;
	return set(chip, WM8750_LINVOL, 0x1ff, WM8750_UPDATE | WM8750_IN_ZERO_CROSS | chip->pga);
}

/* From silence to sound on the route. */
static int open_route(struct wm8750 *chip)
{
	const struct step steps[] = {
		{WM8750_PWR2, WM8750_OUTPUTS, wiring[chip->route].outputs, 0},
		{WM8750_LADCIN, WM8750_INPUT | WM8750_BOOST,
		 (uint16_t)(wiring[chip->route].input << WM8750_INPUT_SHIFT |
			    wiring[chip->route].boost << WM8750_BOOST_SHIFT),
		 0},
	};
	int err = walk(chip, steps, COUNT(steps));

	if (err == 0)
		err = set_outputs(chip);
	if (err == 0)
		err = set_input(chip);
	return err < 0 ? err : set(chip, WM8750_ADCDAC, WM8750_DAC_MUTE, 0);
}

static int wm8750_rate(int mclk_hz, int rate_hz)
{
	int above = 0, highest = 0;

	for (int i = 0; i < CLOCKS; i++) {
		int rate = clocks[i].rate_hz;

		if (clocks[i].mclk_hz != mclk_hz)
			continue;
		if (rate >= rate_hz && (!above || rate < above))
			above = rate;
		if (rate > highest)
			highest = rate;
	}
	if (!highest)
		return tp_fail(
			TP_ERR_UNSUPPORTED,
			"the WM8750 cannot run from %d Hz; its MCLK must be 12288000, 12000000 "
			"or 11289600 Hz",
			mclk_hz);
	return above ? above : highest;
}

static int set_clock(struct wm8750 *chip, const struct tp_chip_clock *clock)
{
	int format = WM8750_I2S | WM8750_16_BITS | (clock->master ? WM8750_MASTER : 0);
	int err = set(chip, WM8750_IFACE, 0x1ff, format);

	if (err < 0)
		return err;
	for (int i = 0; i < CLOCKS; i++)
		if (clocks[i].mclk_hz == clock->mclk_hz && clocks[i].rate_hz == clock->rate_hz)
			return set(chip, WM8750_SRATE, 0x1ff,
				   clocks[i].sr << WM8750_SR_SHIFT |
					   (clocks[i].usb ? WM8750_USB : 0));
	return tp_fail(TP_ERR_UNSUPPORTED, "the WM8750 cannot make %d Hz of %d Hz", clock->rate_hz,
		       clock->mclk_hz);
}

static int wm8750_power_up(void *state, const struct tp_chip_bus *bus,
			   const struct tp_chip_clock *clock)
{
	struct wm8750 *chip = state;
	int err;

	chip->bus = bus;
	chip->route = TP_ROUTE_HANDSET;
	chip->out = OUT_0_DB;
	chip->dac = DAC_0_DB;
	chip->pga = (0 - PGA_MIN) / PGA_STEP;
	chip->adc = ADC_0_DB;
	err = send(chip, WM8750_RESET, 0);
	if (err < 0)
		return err;
	memcpy(chip->shadow, defaults, sizeof(defaults));
	err = set_clock(chip, clock);
	if (err == 0)
		err = silence_outputs(chip);
	if (err == 0)
		err = walk(chip, up, COUNT(up));
	return err < 0 ? err : open_route(chip);
}

static int wm8750_route(void *state, enum tp_route route)
{
	struct wm8750 *chip = state;
	int err;

	if ((int)route < 0 || (int)route >= COUNT(wiring))
		return tp_fail(TP_ERR_UNSUPPORTED, "route %d is not one of the %d of this board",
			       route, COUNT(wiring));
	if (route == chip->route && !(chip->shadow[WM8750_ADCDAC] & WM8750_DAC_MUTE))
		return 0;
	err = hush(chip);
	if (err < 0)
		return err;
	chip->route = route;
	return open_route(chip);
}

/* To the nearest multiple of `step`, halves upwards. */
static int round_to(int value, int step)
{
	int above = value + step / 2;

	return (above >= 0 ? above / step : -((step - 1 - above) / step)) * step;
}

/* Whole decibels by the output's amplifier, the half by the DAC, and what is left below the
 * amplifier's range too. */
static int set_playback_gain(struct wm8750 *chip, int wanted, int *granted)
{
	int sum = round_to(wanted < OUT_MAX * 100 ? wanted : OUT_MAX * 100, DIGITAL_STEP);
	int out_db = sum >= 0 ? (sum + 99) / 100 : sum / 100;

	if (out_db < OUT_MIN)
		out_db = OUT_MIN;
	chip->out = (uint16_t)(wanted > SILENCE ? OUT_0_DB + out_db : 0);
	chip->dac = (uint16_t)(wanted > SILENCE ? DAC_0_DB + (sum - out_db * 100) / DIGITAL_STEP
						: DAC_0_DB);
	*granted = wanted > SILENCE ? sum : SILENCE;
	return set_outputs(chip);
}

/* The amplifier before the ADC as far as it goes; below, the ADC. */
static int set_capture_gain(struct wm8750 *chip, int wanted, int *granted)
{
	int code = round_to(wanted - PGA_MIN, PGA_STEP) / PGA_STEP, digital = 0;

	if (code < 0) {
		code = 0;
		digital = round_to(wanted - PGA_MIN, DIGITAL_STEP);
	}
	if (code >= PGA_CODES)
		code = PGA_CODES - 1;
	chip->pga = (uint16_t)(wanted > SILENCE ? code : WM8750_IN_MUTE);
	chip->adc = (uint16_t)(wanted > SILENCE ? ADC_0_DB + digital / DIGITAL_STEP : ADC_0_DB);
	*granted = wanted > SILENCE ? PGA_MIN + code * PGA_STEP + digital : SILENCE;
	return set_input(chip);
}

static int wm8750_gain(void *state, enum tp_direction direction, int centibel, int *granted)
{
	return direction == TP_PLAYBACK ? set_playback_gain(state, centibel, granted)
					: set_capture_gain(state, centibel, granted);
}

static void wm8750_power_down(void *state)
{
	struct wm8750 *chip = state;

	if (hush(chip) == 0)
		(void)walk(chip, down, COUNT(down));
}

const struct tp_chip_ops tp_wm8750_chip = {
	.name = "wm8750",
	.address = 0x1a, /* CSB low; 0x1b if it is high */
	.state_size = sizeof(struct wm8750),
	.rate = wm8750_rate,
	.power_up = wm8750_power_up,
	.route = wm8750_route,
	.gain = wm8750_gain,
	.power_down = wm8750_power_down,
};
