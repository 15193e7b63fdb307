/* SPDX-License-Identifier: MIT */
/* A WM8750's register file: 9 bits each, write only, volumes latched in pairs. */
#include "tests/fake_bus.h"

#include <stdio.h>
#include <string.h>

static const uint16_t at_reset[FAKE_REGISTERS] = {
	0x097, 0x097, 0x079, 0x079, 0x000, 0x008, 0x000, 0x00a, 0x000, 0x000, 0x0ff,
	0x0ff, 0x00f, 0x00f, 0x000, 0x000, 0x000, 0x07b, 0x000, 0x032, 0x000, 0x0c3,
	0x0c3, 0x0c0, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000,
	0x000, 0x050, 0x050, 0x050, 0x050, 0x050, 0x050, 0x079, 0x079, 0x079,
};

/* The left ones of the pairs that share an update bit. */
static const uint8_t pairs[] = {0x00, 0x02, 0x0a, 0x15, 0x28};

static void take(struct fake_bus *fake, int reg, uint16_t value)
{
	fake->held[reg] = value;
	for (size_t i = 0; i < sizeof(pairs); i++) {
		if (reg != pairs[i] && reg != pairs[i] + 1)
			continue;
		if (value & 0x100) {
			fake->acting[pairs[i]] = fake->held[pairs[i]] & 0xff;
			fake->acting[pairs[i] + 1] = fake->held[pairs[i] + 1] & 0xff;
		}
		return;
	}
	fake->acting[reg] = value;
}

static void reset(struct fake_bus *fake)
{
	memcpy(fake->held, at_reset, sizeof(at_reset));
	memcpy(fake->acting, at_reset, sizeof(at_reset));
}

static void write_down(struct fake_bus *fake, uint8_t reg, int value)
{
	if (fake->log_n == FAKE_LOG)
		return;
	fake->log[fake->log_n].reg = reg;
	fake->log[fake->log_n++].value = (uint16_t)value;
}

static int answer(struct fake_bus *fake, uint8_t address)
{
	int i = fake->transfers++;

	if (fake->stuck)
		return TP_ERR_SYSTEM;
	if (address != fake->address ||
	    (i >= fake->deaf_from && i < fake->deaf_from + fake->deaf_n))
		return TP_ERR_DEVICE;
	return 0;
}

static int bus_write(void *bus, uint8_t address, const uint8_t *data, size_t len)
{
	struct fake_bus *fake = bus;
	uint16_t value;
	int err = answer(fake, address);

	if (err < 0)
		return err;
	if (len != 2 || data[0] >> 1 >= FAKE_REGISTERS)
		return TP_ERR_DEVICE;
	value = (uint16_t)((data[0] & 1) << 8 | data[1]);
	write_down(fake, data[0] >> 1, value);
	if (data[0] >> 1 == 0x0f)
		reset(fake);
	else
		take(fake, data[0] >> 1, value);
	return 0;
}

/* The chip does not acknowledge a read. */
static int bus_read(void *bus, uint8_t address, const uint8_t *reg, size_t reg_len, uint8_t *data,
		    size_t len)
{
	int err = answer(bus, address);

	(void)reg, (void)reg_len, (void)data, (void)len;
	return err < 0 ? err : TP_ERR_DEVICE;
}

static void bus_wait(void *bus, int ms)
{
	write_down(bus, FAKE_WAIT, ms);
}

static void bus_close(void *bus)
{
	((struct fake_bus *)bus)->closed++;
}

static const struct tp_chip_bus_ops ops = {
	.write = bus_write,
	.read = bus_read,
	.wait = bus_wait,
	.close = bus_close,
};

struct tp_chip_bus fake_bus_plug(struct fake_bus *fake)
{
	struct tp_chip_bus bus = {.ops = &ops, .state = fake, .address = 0x1a};

	memset(fake, 0, sizeof(*fake));
	fake->address = 0x1a;
	reset(fake);
	snprintf(bus.name, sizeof(bus.name), "fake-0");
	return bus;
}

void fake_bus_forget(struct fake_bus *fake)
{
	fake->log_n = 0;
	fake->transfers = 0;
}
