/* SPDX-License-Identifier: MIT */
/* A control bus of the kernel: /dev/i2c-N. */
#ifndef TP_I2C_DEV_H
#define TP_I2C_DEV_H

#include "hal/chip_bus.h"

/* Opens the bus device `path` for the chip at `address`; no transfer is made. Gives *bus, which
 * tp_chip_bus_close takes back. An error has its sentence. [control] */
TP_MUST_USE int tp_i2c_dev_open(struct tp_chip_bus *bus, const char *path, uint8_t address);

#endif
