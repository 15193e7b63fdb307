/* SPDX-License-Identifier: MIT */
/* The bench verb: measures latency and cost on the machine where it runs. */
#include "cli/command.h"
#include "cli/outputs.h"
#include "cost.h"
#include "echo.h"
#include "jitter.h"
#include "latency.h"

#include <stdbool.h>
#include <string.h>

enum {
	SEEDS = 2, /* of each network or scene, unless told */
};

struct options {
	bool live, json;
	const char *only;
	int times, seeds; /* 0: not given */
	const char *plot, *scenes;
};

static const struct tp_option options[] = {
	{.name = "live",
	 .kind = TP_OPTION_SWITCH,
	 .help = "latency, cost: in real time, with one thread and with two;\n"
		 "takes a minute or two",
	 .offset = offsetof(struct options, live)},
	{.name = "json",
	 .kind = TP_OPTION_SWITCH,
	 .help = "figures for programs instead of a table",
	 .offset = offsetof(struct options, json)},
	{.name = "only",
	 .kind = TP_OPTION_TEXT,
	 .value = "TEXT",
	 .help = "cost: parts whose name contains this",
	 .offset = offsetof(struct options, only)},
	{.name = "times",
	 .kind = TP_OPTION_NUMBER,
	 .value = "N",
	 .help = "cost: so many operations of each part; 0.3 s of them unless told",
	 .offset = offsetof(struct options, times),
	 .min = 1,
	 .max = 1000000},
	{.name = "seeds",
	 .kind = TP_OPTION_NUMBER,
	 .value = "N",
	 .help = "jitter, echo: draws of each network, of each scene; default: 2",
	 .offset = offsetof(struct options, seeds),
	 .min = 1,
	 .max = 1000},
	{.name = "plot",
	 .kind = TP_OPTION_TEXT,
	 .value = "FILE.html",
	 .help = "jitter: draws how the delay follows a step",
	 .offset = offsetof(struct options, plot)},
	{.name = "scenes",
	 .kind = TP_OPTION_TEXT,
	 .value = "DIR",
	 .help = "echo: other scenes; each folder CLASS-NAME in DIR has far.wav,\n"
		 "mic.wav, and what that is the sum of: near.wav, echo.wav,\n"
		 "noise.wav",
	 .offset = offsetof(struct options, scenes)},
	{.name = NULL},
};

static const char more[] =
	"latency: mouth to ear between two engines, found by the sound of chirps and beside it "
	"the\n"
	"  stages that each packet's stamps show, ms. In virtual time (exit code 1 if a setting's\n"
	"  stamps and sound differ by more than 1 ms) or --live over UDP on the loopback (by more "
	"than\n"
	"  a period).\n"
	"cost: nanoseconds and instructions of each part of a call; instructions are \"-\" where "
	"the\n"
	"  kernel does not count them. callgrind does: divide what this prints by 100:\n"
	"    valgrind --tool=callgrind --toggle-collect=tp_cost_batch "
	"--callgrind-out-file=/dev/null \\\n"
	"      talkpath bench cost --only \"PCMU encode\" --times 100\n"
	"  --live: processor time and wake-ups of calls.\n"
	"jitter: the receive path on 29 kinds of network, in virtual time: delay beside the fixed "
	"one\n"
	"  that 1 % of packets exceed, sound that was made up or moved, R of the E-model (mean of "
	"a "
	"near\n"
	"  and a far call), and beside it delay and R of others on such networks.\n"
	"echo: the echo canceller of a call in made rooms, in virtual time: one end, both ends, "
	"delays,\n"
	"  jumps, drift; beside it figures of others on other scenes, and what each stage "
	"costs.\n";

static int latency(const struct options *chosen)
{
	return tp_latency_report(stdout, chosen->live, chosen->json);
}

static int cost(const struct options *chosen)
{
	if (chosen->live && (chosen->only || chosen->times))
		return tp_fail(TP_ERR_ARGUMENT, "cost --live measures whole calls: it takes "
						"neither --only nor --times");
	if (chosen->live)
		return tp_cost_live_report(stdout, chosen->json);
	return tp_cost_report(stdout, chosen->only, chosen->times, chosen->json);
}

static int seeds(const struct options *chosen)
{
	return chosen->seeds ? chosen->seeds : SEEDS;
}

static int jitter(const struct options *chosen)
{
	const struct tp_named_file plot = {"--plot", chosen->plot, TP_FILE_LEFT};
	int error = tp_outputs_check(&plot, 1);

	return error ? error : tp_jitter_report(stdout, seeds(chosen), chosen->json, chosen->plot);
}

static int echo(const struct options *chosen)
{
	return tp_echo_report(stdout, seeds(chosen), chosen->scenes, chosen->json);
}

/* Each takes --json, and of the others those that it has a use for. */
static const struct bench {
	const char *name;
	int (*run)(const struct options *chosen);
	bool live, only, times, seeds, plot, scenes;
} benches[] = {
	{.name = "latency", .run = latency, .live = true},
	{.name = "cost", .run = cost, .live = true, .only = true, .times = true},
	{.name = "jitter", .run = jitter, .seeds = true, .plot = true},
	{.name = "echo", .run = echo, .seeds = true, .scenes = true},
};

static int check_options(const struct bench *bench, const struct options *chosen)
{
	const struct {
		const char *name;
		bool given, used;
	} all[] = {
		{"live", chosen->live, bench->live},
		{"only", chosen->only != NULL, bench->only},
		{"times", chosen->times != 0, bench->times},
		{"seeds", chosen->seeds != 0, bench->seeds},
		{"plot", chosen->plot != NULL, bench->plot},
		{"scenes", chosen->scenes != NULL, bench->scenes},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].given && !all[i].used)
			return tp_fail(TP_ERR_ARGUMENT, "%s has no use for --%s", bench->name,
				       all[i].name);
	return 0;
}

static int measure(const char *what, const struct options *chosen)
{
	for (size_t i = 0; i < sizeof(benches) / sizeof(benches[0]); i++) {
		int error;

		if (strcmp(what, benches[i].name) != 0)
			continue;
		error = check_options(&benches[i], chosen);
		return error ? error : benches[i].run(chosen);
	}
	return tp_fail(TP_ERR_ARGUMENT, "\"%s\" should be latency, cost, jitter or echo", what);
}

static int run(const struct tp_command *command, int argc, char **argv)
{
	struct options chosen = {.live = false};
	int error = tp_command_parse(command, &chosen, argc, argv);

	if (error >= 0)
		error = measure(argv[0], &chosen);
	return error < 0 ? tp_command_fail(command, error) : TP_EXIT_OK;
}

const struct tp_command tp_command_bench = {
	.name = "bench",
	.args = "latency|cost|jitter|echo",
	.about = "measures latency, cost, the jitter buffer and echo cancellation",
	.more = more,
	.options = options,
	.args_min = 1,
	.args_max = 1,
	.run = run,
};
