/* SPDX-License-Identifier: MIT */
/* Which hardware backends are built in, and how a device name finds one. */
#include "backends.h"

#include <stdio.h>
#include <string.h>

static const struct tp_hal_ops *const backends[] = {
	&tp_hal_alsa, &tp_hal_chip, &tp_hal_room, &tp_hal_file, &tp_hal_null,
};

enum {
	BACKENDS = sizeof(backends) / sizeof(backends[0]),
};

const struct tp_hal_ops *tp_hal_builtin(int i)
{
	return i >= 0 && i < BACKENDS ? backends[i] : NULL;
}

static void fail_unknown(const char *name)
{
	char known[128] = "";
	size_t len = 0;

	for (int i = 0; i < BACKENDS && len < sizeof(known); i++)
		len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s", i ? ", " : "",
					backends[i]->name);
	(void)tp_fail(
		TP_ERR_UNSUPPORTED,
		"unknown device \"%.60s\"; a device is BACKEND[:ARGS] and the backends are %s",
		name, known);
}

const struct tp_hal_ops *tp_hal_find(const char *name, const char **args)
{
	size_t len = strcspn(name, ":");

	for (int i = 0; i < BACKENDS; i++) {
		if (strlen(backends[i]->name) == len && !memcmp(backends[i]->name, name, len)) {
			*args = name + len + (name[len] == ':');
			return backends[i];
		}
	}
	fail_unknown(name);
	return NULL;
}
