/* SPDX-License-Identifier: MIT */
/* One table per verb is read twice: to set its fields, and to print its help. */
#include "command.h"

#include <talkpath/talkpath.h>

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct tp_option *find(const struct tp_option *options, const char *name, size_t len)
{
	for (; options->name; options++)
		if (strlen(options->name) == len && !memcmp(options->name, name, len))
			return options;
	return NULL;
}

static int read_number(const struct tp_option *option, int *field, const char *value)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(value, &end, 10);
	if (end == value || *end || errno || number < option->min || number > option->max)
		return tp_fail(TP_ERR_ARGUMENT,
			       "--%s wants a whole number from %d to %d, not \"%s\"", option->name,
			       option->min, option->max, value);
	*field = (int)number;
	return 0;
}

static int read_route(enum tp_route *field, const char *value)
{
	int route = tp_route_find(value);

	if (route < 0)
		return route;
	*field = (enum tp_route)route;
	return 0;
}

/* Of an option that takes a value. */
static int set(const struct tp_option *option, void *target, char *value)
{
	void *field = (char *)target + option->offset;

	switch (option->kind) {
	case TP_OPTION_NUMBER:
		return read_number(option, field, value);
	case TP_OPTION_TEXT:
		if (!*value)
			return tp_fail(TP_ERR_ARGUMENT, "--%s wants %s, not an empty word",
				       option->name, option->value);
		*(const char **)field = value;
		return 0;
	case TP_OPTION_ROUTE:
		return read_route(field, value);
	case TP_OPTION_READ:
	case TP_OPTION_SWITCH: /* has none */
	default:
		return option->read(target, value);
	}
}

/* Reads the option at argv[0]; *used says how many words it and its value took. */
static int parse_option(const struct tp_command *command, void *target, int argc, char **argv,
			int *used)
{
	char *name = argv[0] + 2, *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const struct tp_option *option = find(command->options, name, len);
	char *value = equals ? equals + 1 : NULL;

	if (!option)
		return tp_fail(TP_ERR_ARGUMENT, "no option --%.*s; `talkpath %s --help` lists them",
			       (int)len, name, command->name);
	*used = 1;
	if (option->kind == TP_OPTION_SWITCH) {
		if (value)
			return tp_fail(TP_ERR_ARGUMENT, "--%s takes no value", option->name);
		*(bool *)((char *)target + option->offset) = true;
		return 0;
	}
	if (!value) {
		if (argc < 2)
			return tp_fail(TP_ERR_ARGUMENT, "--%s wants a value: %s", option->name,
				       option->value);
		value = argv[1];
		*used = 2;
	}
	return set(option, target, value);
}

int tp_command_parse(const struct tp_command *command, void *target, int argc, char **argv)
{
	bool only_words = false;
	int words = 0, error;

	for (int i = 1; i < argc;) {
		int used = 1;

		if (!only_words && !strcmp(argv[i], "--")) {
			only_words = true;
		} else if (!only_words && !strncmp(argv[i], "--", 2)) {
			error = parse_option(command, target, argc - i, argv + i, &used);
			if (error)
				return error;
		} else if (!only_words && argv[i][0] == '-' && argv[i][1]) {
			return tp_fail(TP_ERR_ARGUMENT,
				       "no option %s; `talkpath %s --help` lists them", argv[i],
				       command->name);
		} else {
			argv[words++] = argv[i];
		}
		i += used;
	}
	if (words < command->args_min)
		return tp_fail(TP_ERR_ARGUMENT, "too few words: `talkpath %s %s` is wanted",
			       command->name, command->args);
	if (words > command->args_max)
		return tp_fail(TP_ERR_ARGUMENT, "\"%s\" is one word too many: `talkpath %s%s%s`",
			       argv[command->args_max], command->name, *command->args ? " " : "",
			       command->args);
	return words;
}

static void help_option(const struct tp_option *option)
{
	const char *help = option->help;
	int column = printf("  --%s%s%s", option->name, option->value ? " " : "",
			    option->value ? option->value : "");

	/* A name that leaves no room has its help on the next line. */
	if (column > 26) {
		putchar('\n');
		column = 0;
	}
	for (;;) {
		size_t len = strcspn(help, "\n");

		printf("%*s%.*s\n", 28 - column, "", (int)len, help);
		if (!help[len])
			return;
		help += len + 1;
		column = 0;
	}
}

void tp_command_help(const struct tp_command *command)
{
	const struct tp_option *option = command->options;

	printf("talkpath %s%s%s%s: %s\n", command->name, *command->args ? " " : "", command->args,
	       option->name ? " [options]" : "", command->about);
	if (option->name)
		printf("\nOptions (--name VALUE or --name=VALUE):\n");
	for (; option->name; option++)
		help_option(option);
	if (*command->more)
		printf("\n%s", command->more);
}

int tp_command_fail(const struct tp_command *command, int error)
{
	const char *detail = *tp_error_detail() ? tp_error_detail() : tp_error_text(error);

	fprintf(stderr, "talkpath %s: ", command->name);
	/* The sentence may quote what a file or a user gave: it stays one line, without escapes. */
	for (; *detail; detail++)
		fputc(iscntrl((unsigned char)*detail) ? '?' : *detail, stderr);
	fputc('\n', stderr);
	return error == TP_ERR_ARGUMENT || error == TP_ERR_UNSUPPORTED || error == TP_ERR_KEY
		       ? TP_EXIT_USAGE
		       : TP_EXIT_FAILED;
}
