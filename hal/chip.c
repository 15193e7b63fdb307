/* SPDX-License-Identifier: MIT */
/* Chip backend: puts a codec chip, its control bus and a carrier of sound together to one device.
 *
 *   route, gain                                        the chip, over its bus
 *   start, wait, capture, playback, position, stop     the carrier, as they are */
#include "hal/chip.h"

#include "hal/alsa.h"
#include "hal/i2c_dev.h"
#include "hal/wm8750.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const struct tp_chip_ops *const chips[] = {
	&tp_wm8750_chip,
};

enum {
	CHIPS = sizeof(chips) / sizeof(chips[0]),
	ARGS_MAX = 200,
	MCLK_HZ = 12288000, /* 256 times 48 kHz: the usual crystal of a codec */
};

struct chip {
	const struct tp_chip_ops *ops;
	struct tp_chip_bus bus;
	const struct tp_hal_ops *sound;
	void *carrier; /* the device of `sound` */
	bool powered;
	_Alignas(max_align_t) uint8_t state[];
};

static void chip_close(void *device)
{
	struct chip *chip = device;

	if (chip->powered)
		chip->ops->power_down(chip->state);
	if (chip->carrier)
		chip->sound->close(chip->carrier);
	tp_chip_bus_close(&chip->bus);
	free(chip);
}

/* The chip's own rates come first: the carrier follows, or must grant another that the chip has. */
static int bring_up(struct chip *chip, const struct tp_chip_config *config,
		    const struct tp_hal_want *want, struct tp_hal_got *got)
{
	struct tp_chip_clock clock = {.mclk_hz = config->mclk_hz, .master = config->master};
	struct tp_hal_want wish = *want;
	int err;

	wish.rate_hz = chip->ops->rate(config->mclk_hz, want->rate_hz);
	if (wish.rate_hz < 0)
		return wish.rate_hz;
	err = chip->sound->open(&chip->carrier, config->sound_args, &wish, got);
	if (err < 0)
		return err;
	clock.rate_hz = got->rate_hz;
	if (chip->ops->rate(config->mclk_hz, got->rate_hz) != got->rate_hz)
		return tp_fail(
			TP_ERR_DEVICE,
			"the sound of the chip runs at %d Hz, which a %s cannot make of %d Hz",
			got->rate_hz, chip->ops->name, config->mclk_hz);
	err = chip->ops->power_up(chip->state, &chip->bus, &clock);
	if (err < 0)
		return err;
	chip->powered = true;
	got->one_crystal = true; /* ADC and DAC share the chip's clock */
	return 0;
}

int tp_chip_open(void **device, const struct tp_chip_config *config, const struct tp_hal_want *want,
		 struct tp_hal_got *got)
{
	struct tp_chip_bus bus = config->bus;
	struct chip *chip = calloc(1, sizeof(*chip) + config->chip->state_size);
	int err;

	if (!chip) {
		tp_chip_bus_close(&bus);
		return tp_fail(TP_ERR_MEMORY, "no memory for the chip %s", config->chip->name);
	}
	chip->ops = config->chip;
	chip->bus = bus;
	chip->sound = config->sound;
	err = bring_up(chip, config, want, got);
	if (err < 0)
		goto fail;
	*device = chip;
	return 0;
fail:
	chip_close(chip);
	return err;
}

/* What stands in the args of a chip. */
struct words {
	const char *bus, *pcm;
	long address, mclk_hz, master;
};

static int number(const char *text, long min, long max, long *value)
{
	char *end;

	errno = 0;
	*value = strtol(text, &end, 0);
	if (end == text || *end || errno || *value < min || *value > max)
		return tp_fail(TP_ERR_ARGUMENT, "\"%s\" is not a number from %ld to %ld", text, min,
			       max);
	return 0;
}

static int take_word(struct words *words, const char *word)
{
	if (!strncmp(word, "bus=", 4)) {
		words->bus = word + 4;
		return 0;
	}
	if (!strncmp(word, "addr=", 5)) /* the rest of the 7-bit addresses is reserved */
		return number(word + 5, 0x08, 0x77, &words->address);
	if (!strncmp(word, "mclk=", 5))
		return number(word + 5, 1, 100000000, &words->mclk_hz);
	if (!strncmp(word, "master=", 7))
		return number(word + 7, 0, 1, &words->master);
	return tp_fail(
		TP_ERR_ARGUMENT,
		"a chip knows bus=, addr=, mclk=, master= and at the end pcm=, but not \"%s\"",
		word);
}

static const struct tp_chip_ops *find(const char *name)
{
	for (int i = 0; i < CHIPS; i++)
		if (!strcmp(chips[i]->name, name))
			return chips[i];
	return NULL;
}

/* Cuts the args, a copy of them, at their commas: the first word is the chip's name, and the ALSA
 * device at the end keeps its own commas. */
static int read_words(char *args, const struct tp_chip_ops **ops, struct words *words)
{
	char *word = strsep(&args, ",");

	*ops = find(word);
	if (!*ops)
		return tp_fail(TP_ERR_UNSUPPORTED, "there is no chip \"%s\"; those known are: %s",
			       word, chips[0]->name);
	words->address = (*ops)->address;
	while (args && *args) {
		int err;

		if (!strncmp(args, "pcm=", 4)) {
			words->pcm = args + 4;
			return 0;
		}
		word = strsep(&args, ",");
		err = take_word(words, word);
		if (err < 0)
			return err;
	}
	return 0;
}

static int chip_open(void **device, const char *args, const struct tp_hal_want *want,
		     struct tp_hal_got *got)
{
	struct words words = {.bus = "/dev/i2c-0", .pcm = "hw:0", .mclk_hz = MCLK_HZ};
	struct tp_chip_config config = {.sound = &tp_hal_alsa};
	char copy[ARGS_MAX];
	int err;

	if (strlen(args) >= sizeof(copy))
		return tp_fail(TP_ERR_ARGUMENT, "what follows \"chip:\" is longer than %d letters",
			       ARGS_MAX - 1);
	memcpy(copy, args, strlen(args) + 1);
	err = read_words(copy, &config.chip, &words);
	if (err == 0)
		err = tp_i2c_dev_open(&config.bus, words.bus, (uint8_t)words.address);
	if (err < 0)
		return err;
	config.mclk_hz = (int)words.mclk_hz;
	config.master = words.master;
	config.sound_args = words.pcm;
	return tp_chip_open(device, &config, want, got);
}

static int chip_start(void *device, int64_t now_ns)
{
	struct chip *chip = device;

	return chip->sound->start(chip->carrier, now_ns);
}

static int chip_wait(void *device, int timeout_ms)
{
	struct chip *chip = device;

	return chip->sound->wait(chip->carrier, timeout_ms);
}

static int chip_capture(void *device, int64_t now_ns, int16_t *pcm, int n)
{
	struct chip *chip = device;

	return chip->sound->capture(chip->carrier, now_ns, pcm, n);
}

static int chip_playback(void *device, int64_t now_ns, const int16_t *pcm, int n)
{
	struct chip *chip = device;

	return chip->sound->playback(chip->carrier, now_ns, pcm, n);
}

static int chip_position(void *device, enum tp_direction direction, int64_t now_ns,
			 struct tp_hal_position *position)
{
	struct chip *chip = device;

	return chip->sound->position(chip->carrier, direction, now_ns, position);
}

static void chip_stop(void *device)
{
	struct chip *chip = device;

	chip->sound->stop(chip->carrier);
}

static int chip_route(void *device, enum tp_route route)
{
	struct chip *chip = device;

	return chip->ops->route(chip->state, route);
}

static int chip_gain(void *device, enum tp_direction direction, int centibel, int *granted)
{
	struct chip *chip = device;

	return chip->ops->gain(chip->state, direction, centibel, granted);
}

const struct tp_hal_ops tp_hal_chip = {
	.abi = TP_HAL_ABI,
	.name = "chip",
	.args = "wm8750[,bus=/dev/i2c-N][,addr=A][,mclk=HZ][,master=1][,pcm=NAME]",
	.about = "codec chip on an I2C bus, driven from here; its sound over an ALSA device",
	.open = chip_open,
	.start = chip_start,
	.wait = chip_wait,
	.capture = chip_capture,
	.playback = chip_playback,
	.position = chip_position,
	.stop = chip_stop,
	.route = chip_route,
	.gain = chip_gain,
	.close = chip_close,
};
