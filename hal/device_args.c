/* SPDX-License-Identifier: MIT */
/* What follows the colon of a simulated device's name: "key=value,key=value". */
#include "device_args.h"

#include <talkpath/error.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *tp_device_args_next(const char **args, size_t *len)
{
	const char *item = *args;

	if (!*item)
		return NULL;
	*len = strcspn(item, ",");
	*args = item + *len + (item[*len] == ',');
	return item;
}

/* Not strtod: that reads "0.5" in half of the world's locales only. */
static bool parse_decimal(const char *text, size_t len, double *value)
{
	const char *end = text + len;
	double sign = *text == '-' ? -1 : 1;
	double digits = 0, scale = 1;
	bool any = false;

	text += *text == '-' || *text == '+';
	for (bool point = false; text < end; text++) {
		if (*text == '.' && !point) {
			point = true;
			continue;
		}
		if (*text < '0' || *text > '9')
			return false;
		digits = digits * 10 + (*text - '0');
		scale *= point ? 10 : 1;
		any = true;
	}
	*value = sign * digits / scale;
	return any;
}

static int set_number(const char *device, const struct tp_device_key *key, const char *text,
		      size_t len)
{
	double value;

	if (!parse_decimal(text, len, &value) || (key->whole && floor(value) != value) ||
	    value < key->min || value > key->max)
		return tp_fail(TP_ERR_ARGUMENT, "%s: %s=%.*s should be %s from %.10g to %.10g%s%s",
			       device, key->name, len > 40 ? 40 : (int)len, text,
			       key->whole ? "a whole number" : "a number", key->min, key->max,
			       *key->unit ? " " : "", key->unit);
	*key->number = value;
	return 0;
}

static int set_text(const char *device, const struct tp_device_key *key, const char *text,
		    size_t len)
{
	if (!len || len >= TP_DEVICE_TEXT_CAP)
		return tp_fail(TP_ERR_ARGUMENT, "%s: %s= should be followed by 1 to %d octets",
			       device, key->name, TP_DEVICE_TEXT_CAP - 1);
	memcpy(key->text, text, len);
	key->text[len] = '\0';
	return 0;
}

static int fail_unknown(const char *device, const char *item, size_t len,
			const struct tp_device_key *keys, int n)
{
	char known[160] = "";
	size_t used = 0;

	for (int i = 0; i < n && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "",
					 keys[i].name);
	return tp_fail(TP_ERR_ARGUMENT, "%s: \"%.*s\" should be key=value with one of the keys %s",
		       device, len > 40 ? 40 : (int)len, item, known);
}

int tp_device_args_set(const char *device, const char *item, size_t len,
		       const struct tp_device_key *keys, int n)
{
	const char *equals = memchr(item, '=', len);
	size_t name_len = equals ? (size_t)(equals - item) : 0;

	for (int i = 0; equals && i < n; i++) {
		if (strlen(keys[i].name) != name_len || memcmp(keys[i].name, item, name_len) != 0)
			continue;
		if (keys[i].text)
			return set_text(device, &keys[i], equals + 1, len - name_len - 1);
		return set_number(device, &keys[i], equals + 1, len - name_len - 1);
	}
	return fail_unknown(device, item, len, keys, n);
}

int tp_device_args_parse(const char *device, const char *args, const struct tp_device_key *keys,
			 int n)
{
	const char *item;
	size_t len;
	int error = 0;

	while (!error && (item = tp_device_args_next(&args, &len)))
		error = tp_device_args_set(device, item, len, keys, n);
	return error;
}
