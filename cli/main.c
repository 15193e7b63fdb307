/* SPDX-License-Identifier: MIT */
/* The talkpath command: finds the verb and runs it. */
#include "command.h"

#include <talkpath/talkpath.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct tp_command *const commands[] = {
	&tp_command_demo,  &tp_command_call,   &tp_command_replay,  &tp_command_echo,
	&tp_command_bench, &tp_command_codecs, &tp_command_devices,
};

enum {
	COMMANDS_N = sizeof(commands) / sizeof(commands[0]),
};

static void help(FILE *to)
{
	fputs("talkpath: the talk path of an IP phone, from the network to the loudspeaker and "
	      "back\n\n",
	      to);
	for (int i = 0; i < COMMANDS_N; i++)
		fprintf(to, "  talkpath %-8s %s\n", commands[i]->name, commands[i]->about);
	fputs("\n`talkpath VERB --help` explains a verb; `talkpath --version` names this release.\n"
	      "Exit codes: 0 all went well, 1 the run failed, 2 the command line is wrong.\n",
	      to);
}

static const struct tp_command *find(const char *name)
{
	for (int i = 0; i < COMMANDS_N; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	return false;
}

static int dispatch(int argc, char **argv)
{
	const struct tp_command *command;
	const char *name;
	bool helping;

	if (argc < 2) {
		help(stderr);
		return TP_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("talkpath %s\n", tp_version());
		return TP_EXIT_OK;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    (!strcmp(argv[1], "help") && argc == 2)) {
		help(stdout);
		return TP_EXIT_OK;
	}
	/* `talkpath help call` is `talkpath call --help`. */
	helping = !strcmp(argv[1], "help");
	name = helping ? argv[2] : argv[1];
	command = find(name);
	if (!command) {
		fprintf(stderr, "talkpath: no verb \"%s\"; `talkpath --help` lists them\n", name);
		return TP_EXIT_USAGE;
	}
	if (helping || wants_help(argc - 1, argv + 1)) {
		tp_command_help(command);
		return TP_EXIT_OK;
	}
	return command->run(command, argc - 1, argv + 1);
}

/* What was printed must also have got out: a full disk or a closed pipe fails here. */
static int check_output(void)
{
	errno = 0; /* of an earlier write nobody knows the reason any more */
	if (!fflush(stdout) && !ferror(stdout))
		return TP_EXIT_OK;
	fprintf(stderr, "talkpath: cannot write to standard output%s%s\n", errno ? ": " : "",
		errno ? strerror(errno) : "");
	return TP_EXIT_FAILED;
}

int main(int argc, char **argv)
{
	int code;

	/* Whoever closes a pipe that we write to ends no call: the
	 * write fails, and that is told. */
	signal(SIGPIPE, SIG_IGN);
	code = dispatch(argc, argv);
	/* Only the first failure is told. */
	return code ? code : check_output();
}
