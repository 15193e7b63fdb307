/* SPDX-License-Identifier: MIT */
/* Whole I2C transfers through the kernel's i2c-dev. */
#include "hal/i2c_dev.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* The descriptor itself is the state. */
static int descriptor(void *bus)
{
	return (int)(intptr_t)bus;
}

/* Adapters say "no acknowledge" with ENXIO or EREMOTEIO, some with EIO (kernel documentation,
 * i2c/fault-codes). The rest are a bus that is held or an adapter that gave up. */
static int transfer(void *bus, struct i2c_msg *messages, unsigned n)
{
	struct i2c_rdwr_ioctl_data data = {.msgs = messages, .nmsgs = n};

	if (ioctl(descriptor(bus), I2C_RDWR, &data) >= 0)
		return 0;
	switch (errno) {
	case ENXIO:
	case EREMOTEIO:
	case EIO:
	case ENODEV:
		return TP_ERR_DEVICE;
	default:
		return TP_ERR_SYSTEM;
	}
}

/* The kernel's messages are not const, though it only reads those that it sends. */
enum {
	SEND_MAX = 16,
};

static int i2c_write(void *bus, uint8_t address, const uint8_t *data, size_t len)
{
	uint8_t copy[SEND_MAX];
	struct i2c_msg message = {.addr = address, .len = (uint16_t)len, .buf = copy};

	if (len > sizeof(copy))
		return TP_ERR_ARGUMENT;
	memcpy(copy, data, len);
	return transfer(bus, &message, 1);
}

static int i2c_read(void *bus, uint8_t address, const uint8_t *reg, size_t reg_len, uint8_t *data,
		    size_t len)
{
	uint8_t copy[SEND_MAX];
	struct i2c_msg messages[] = {
		{.addr = address, .len = (uint16_t)reg_len, .buf = copy},
		{.addr = address, .flags = I2C_M_RD, .len = (uint16_t)len, .buf = data},
	};

	if (reg_len > sizeof(copy))
		return TP_ERR_ARGUMENT;
	memcpy(copy, reg, reg_len);
	return transfer(bus, messages, 2);
}

static void i2c_wait(void *bus, int ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000L};

	(void)bus;
	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

static void i2c_close(void *bus)
{
	close(descriptor(bus));
}

static const struct tp_chip_bus_ops ops = {
	.write = i2c_write,
	.read = i2c_read,
	.wait = i2c_wait,
	.close = i2c_close,
};

int tp_i2c_dev_open(struct tp_chip_bus *bus, const char *path, uint8_t address)
{
	unsigned long functions = 0;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 && errno == EACCES)
		return tp_fail(TP_ERR_DEVICE,
			       "the control bus \"%s\" may not be opened by this user", path);
	if (fd < 0)
		return tp_fail(
			TP_ERR_DEVICE,
			"there is no control bus \"%s\"; the kernel's i2c-dev makes /dev/i2c-0 "
			"and so on",
			path);
	if (ioctl(fd, I2C_FUNCS, &functions) < 0 || !(functions & I2C_FUNC_I2C)) {
		close(fd);
		return tp_fail(TP_ERR_DEVICE, "\"%s\" is not an I2C bus with plain transfers",
			       path);
	}
	bus->ops = &ops;
	bus->state = (void *)(intptr_t)fd;
	bus->address = address;
	snprintf(bus->name, sizeof(bus->name), "%s", path);
	return 0;
}
