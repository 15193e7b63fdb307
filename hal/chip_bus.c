/* SPDX-License-Identifier: MIT */
/* Transfers with one retry, and what a failure of a control bus means to a person. */
#include "hal/chip_bus.h"

static int explain(const struct tp_chip_bus *bus, int err)
{
	if (err == TP_ERR_DEVICE)
		return tp_fail(err,
			       "no chip answers at address 0x%02x of the bus %s; check address, "
			       "supply and the chip's mode pin",
			       bus->address, bus->name);
	if (err < 0)
		return tp_fail(
			err,
			"the bus %s is stuck, a line is held low; switch the chip's supply off "
			"and on",
			bus->name);
	return err;
}

int tp_chip_bus_write(const struct tp_chip_bus *bus, const uint8_t *data, size_t len)
{
	int err = bus->ops->write(bus->state, bus->address, data, len);

	if (err == TP_ERR_DEVICE)
		err = bus->ops->write(bus->state, bus->address, data, len);
	return explain(bus, err);
}

int tp_chip_bus_read(const struct tp_chip_bus *bus, const uint8_t *reg, size_t reg_len,
		     uint8_t *data, size_t len)
{
	int err = bus->ops->read(bus->state, bus->address, reg, reg_len, data, len);

	if (err == TP_ERR_DEVICE)
		err = bus->ops->read(bus->state, bus->address, reg, reg_len, data, len);
	return explain(bus, err);
}

void tp_chip_bus_wait(const struct tp_chip_bus *bus, int ms)
{
	if (ms > 0)
		bus->ops->wait(bus->state, ms);
}

void tp_chip_bus_close(struct tp_chip_bus *bus)
{
	if (bus->ops)
		bus->ops->close(bus->state);
	bus->ops = NULL;
}
