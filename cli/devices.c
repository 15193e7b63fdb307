/* SPDX-License-Identifier: MIT */
/* The devices verb: what --device takes here. */
#include "command.h"

#include <talkpath/talkpath.h>

#include <stdio.h>

static void print(void *context, const char *name, const char *about)
{
	(void)context;
	printf("%s\n    %s\n", name, about);
}

static int run(const struct tp_command *command, int argc, char **argv)
{
	int error = tp_command_parse(command, NULL, argc, argv);

	if (error >= 0)
		error = tp_device_list(print, NULL);
	return error < 0 ? tp_command_fail(command, error) : TP_EXIT_OK;
}

static const struct tp_option options[] = {{.name = NULL}};

const struct tp_command tp_command_devices = {
	.name = "devices",
	.args = "",
	.about = "lists the sound devices and simulations that --device takes",
	.more = "",
	.options = options,
	.run = run,
};
