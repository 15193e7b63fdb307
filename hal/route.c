/* SPDX-License-Identifier: MIT */
/* The routes of a desk phone by name. */
#include <talkpath/hal.h>

#include <string.h>

static const char *const names[TP_ROUTES] = {
	[TP_ROUTE_HANDSET] = "handset",
	[TP_ROUTE_HEADSET] = "headset",
	[TP_ROUTE_HANDSFREE] = "handsfree",
};

const char *tp_route_name(enum tp_route route)
{
	return (int)route >= 0 && (int)route < TP_ROUTES ? names[route] : NULL;
}

int tp_route_find(const char *name)
{
	for (int i = 0; i < TP_ROUTES; i++)
		if (!strcmp(names[i], name))
			return i;
	return tp_fail(TP_ERR_ARGUMENT,
		       "\"%.40s\" is no route; there are handset, headset and handsfree", name);
}
