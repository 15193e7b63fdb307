/* SPDX-License-Identifier: MIT */
/* The bench verb: measures latency and cost on the machine where it runs. */
#include "cli/command.h"
#include "latency.h"

#include <stdbool.h>
#include <string.h>

struct options {
	bool live, json;
};

static const struct tp_option options[] = {
	{.name = "live",
	 .kind = TP_OPTION_SWITCH,
	 .help = "in real time: a minute for latency",
	 .offset = offsetof(struct options, live)},
	{.name = "json",
	 .kind = TP_OPTION_SWITCH,
	 .help = "figures for programs instead of a table",
	 .offset = offsetof(struct options, json)},
	{.name = NULL},
};

static int run(const struct tp_command *command, int argc, char **argv)
{
	struct options chosen = {0};
	int error = tp_command_parse(command, &chosen, argc, argv);

	if (error >= 0) {
		if (!strcmp(argv[0], "latency"))
			error = tp_latency_report(stdout, chosen.live, chosen.json);
		else
			error = tp_fail(TP_ERR_ARGUMENT, "\"%s\" is not latency or cost", argv[0]);
	}
	return error < 0 ? tp_command_fail(command, error) : TP_EXIT_OK;
}

const struct tp_command tp_command_bench = {
	.name = "bench",
	.args = "latency|cost",
	.about = "measures latency and cost on this machine",
	.more = "",
	.options = options,
	.args_min = 1,
	.args_max = 1,
	.run = run,
};
