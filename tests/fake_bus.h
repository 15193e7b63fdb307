/* SPDX-License-Identifier: MIT */
/* A control bus with one WM8750 on it, as its data sheet describes it from outside. */
#ifndef TP_FAKE_BUS_H
#define TP_FAKE_BUS_H

#include "hal/chip_bus.h"

#include <stdbool.h>

enum {
	FAKE_REGISTERS = 43, /* R0..R42 */
	FAKE_LOG = 256,
	FAKE_WAIT = 0xff, /* in the log: not a register, but time that was let pass */
};

struct fake_bus {
	uint8_t address; /* where the chip is */
	uint16_t held[FAKE_REGISTERS]; /* what was written last; after a reset the defaults */
	uint16_t acting[FAKE_REGISTERS]; /* volumes act only once an update bit took them over */
	struct {
		uint8_t reg;
		uint16_t value; /* or milliseconds */
	} log[FAKE_LOG]; /* what the chip acknowledged, in order */
	int log_n, transfers, closed;
	/* Faults. */
	int deaf_from, deaf_n; /* transfers that are not acknowledged: the first, and how many */
	bool stuck;
};

/* Makes the chip as it is after its supply comes up, and gives a bus that reaches it. */
struct tp_chip_bus fake_bus_plug(struct fake_bus *fake);

/* Forgets the log. */
void fake_bus_forget(struct fake_bus *fake);

#endif
