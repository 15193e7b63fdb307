/* SPDX-License-Identifier: MIT */
/* The chip backend: a codec chip that we drive ourselves, its sound over another backend. */
#ifndef TP_CHIP_H
#define TP_CHIP_H

#include "hal/chip_bus.h"

#include <talkpath/hal.h>

#include <stdbool.h>

/* "chip:wm8750,bus=/dev/i2c-1,addr=0x1a,mclk=12288000,master=0,pcm=hw:0": the names that are left
 * out have these values; pcm is the last, because what follows it belongs to the ALSA device. */
extern const struct tp_hal_ops tp_hal_chip;

/* How the chip is clocked: sound crosses I2S with 16 bits and two channels. */
struct tp_chip_clock {
	int mclk_hz; /* of the crystal, or what the processor gives */
	int rate_hz; /* one of those that rate() named */
	bool master; /* the chip makes bit and frame clock, not the processor */
};

/* A kind of chip is one struct. All [control]; errors have their sentence; transfers go over the
 * bus, which outlives the state. */
struct tp_chip_ops {
	const char *name;
	uint8_t address; /* on the bus, if nothing else is said */
	size_t state_size; /* zeroed memory that the caller owns */

	/* The rate, of those that the chip makes of mclk_hz, that serves rate_hz best: the same,
	 * else the next above, else the highest. TP_ERR_UNSUPPORTED: this clock serves none. */
	int (*rate)(int mclk_hz, int rate_hz);

	/* Resets the chip and brings it up to sound on the handset at 0 dB. Waits for as
	 * long as its references need. */
	int (*power_up)(void *state, const struct tp_chip_bus *bus,
			const struct tp_chip_clock *clock);

	/* As route and gain of struct tp_hal_ops. 0 dB is the route's own level; the gains stay
	 * over a change of route. -9600 and less is silence. */
	int (*route)(void *state, enum tp_route route);
	int (*gain)(void *state, enum tp_direction direction, int centibel, int *granted);

	/* Takes it down without a pop; gives up at the first transfer that fails. */
	void (*power_down)(void *state);
};

struct tp_chip_config {
	const struct tp_chip_ops *chip;
	struct tp_chip_bus bus; /* taken: closed with the device, or when open fails */
	int mclk_hz;
	bool master;
	const struct tp_hal_ops *sound; /* what carries the samples, ... */
	const char *sound_args; /* ... opened with these; borrowed for the call */
};

/* Opens the chip of this config as a device of tp_hal_chip: what its open does after it has read
 * its args, for a board whose bus or sound has no name. [control] */
TP_MUST_USE int tp_chip_open(void **device, const struct tp_chip_config *config,
			     const struct tp_hal_want *want, struct tp_hal_got *got);

#endif
