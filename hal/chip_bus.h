/* SPDX-License-Identifier: MIT */
/* The control bus of a codec chip: registers are written and waited for through it. */
#ifndef TP_CHIP_BUS_H
#define TP_CHIP_BUS_H

#include <talkpath/error.h>

#include <stddef.h>
#include <stdint.h>

/* A bus knows nothing of chips. Transfers return 0, TP_ERR_DEVICE if nobody acknowledged, or
 * TP_ERR_SYSTEM if the bus did not move at all; they make no sentence. All [control]. */
struct tp_chip_bus_ops {
	/* One transfer of len octets to the chip at a 7-bit address. */
	int (*write)(void *bus, uint8_t address, const uint8_t *data, size_t len);

	/* Writes reg_len octets, then reads len, without giving the bus up in between. */
	int (*read)(void *bus, uint8_t address, const uint8_t *reg, size_t reg_len, uint8_t *data,
		    size_t len);

	/* Lets time pass: real time on a real bus. */
	void (*wait)(void *bus, int ms);

	void (*close)(void *bus);
};

/* A bus, and the one chip on it that is meant. */
struct tp_chip_bus {
	const struct tp_chip_bus_ops *ops;
	void *state;
	uint8_t address; /* 7 bits */
	char name[40]; /* for sentences */
};

/* Writes to the chip. A transfer that is not acknowledged is tried once more: a chip that is busy
 * resetting may miss one. 0, or an error with its sentence. [control] */
TP_MUST_USE int tp_chip_bus_write(const struct tp_chip_bus *bus, const uint8_t *data, size_t len);

/* Reads from the chip, in the same way. [control] */
TP_MUST_USE int tp_chip_bus_read(const struct tp_chip_bus *bus, const uint8_t *reg, size_t reg_len,
				 uint8_t *data, size_t len);

/* Lets `ms` milliseconds pass. [control] */
void tp_chip_bus_wait(const struct tp_chip_bus *bus, int ms);

/* A bus without ops is allowed. [control] */
void tp_chip_bus_close(struct tp_chip_bus *bus);

#endif
