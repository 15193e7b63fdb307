/* SPDX-License-Identifier: MIT */
/* What follows the colon of a simulated device's name: "key=value,key=value". */
#ifndef TP_DEVICE_ARGS_H
#define TP_DEVICE_ARGS_H

#include <talkpath/attributes.h>

#include <stdbool.h>
#include <stddef.h>

enum {
	TP_DEVICE_TEXT_CAP = 512, /* octets of a text value with its end, so of a file name */
};

/* A key that a device understands. A text value has `text`, a number has `number` and its range. */
struct tp_device_key {
	const char *name;
	const char *unit; /* for people: "dB", "" if it has none */
	double min, max;
	bool whole; /* only integers */
	double *number; /* left alone if the key is not given */
	char *text; /* TP_DEVICE_TEXT_CAP octets, left alone likewise */
};

/* Splits off the next item up to a comma or the end: its start is returned, *len its length, *args
 * moves behind the comma. NULL when nothing is left. [control] */
const char *tp_device_args_next(const char **args, size_t *len);

/* Stores the value of one item "key=value". 0, or TP_ERR_ARGUMENT with a sentence that names the
 * device, the key and its range. [control] */
TP_MUST_USE int tp_device_args_set(const char *device, const char *item, size_t len,
				   const struct tp_device_key *keys, int n);

/* The same for all items. [control] */
TP_MUST_USE int tp_device_args_parse(const char *device, const char *args,
				     const struct tp_device_key *keys, int n);

#endif
