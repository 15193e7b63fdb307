/* SPDX-License-Identifier: MIT */
/* Which files the name of a device speaks of, before any of them is opened. */
#include "device_files.h"

#include <string.h>

static const char *after(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) ? NULL : text + len;
}

static void copy(char to[TP_DEVICE_TEXT_CAP], const char *from, size_t len)
{
	if (len >= TP_DEVICE_TEXT_CAP)
		return;
	memcpy(to, from, len);
	to[len] = '\0';
}

/* "file:IN.wav,OUT.wav": words without '=' in their order, of which the first may be empty. */
static void find_names(struct tp_device_files *files, const char *args)
{
	char *to = files->read;
	const char *item;
	size_t len;

	while (to && (item = tp_device_args_next(&args, &len))) {
		if (memchr(item, '=', len))
			continue;
		copy(to, item, len);
		to = to == files->read ? files->written : NULL;
	}
}

/* "room:talker=FILE.wav" */
static void find_talker(struct tp_device_files *files, const char *args)
{
	const char *item, *name;
	size_t len;

	while ((item = tp_device_args_next(&args, &len)))
		if ((name = after(item, "talker=")))
			copy(files->read, name, len - (size_t)(name - item));
}

void tp_device_files_find(struct tp_device_files *files, const char *device)
{
	const char *args;

	memset(files, 0, sizeof(*files));
	if ((args = after(device, "file:")))
		find_names(files, args);
	else if ((args = after(device, "room:")))
		find_talker(files, args);
}
