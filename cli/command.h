/* SPDX-License-Identifier: MIT */
/* A verb of the command: its option table, which is parser and help text in one, and its run. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <talkpath/attributes.h>

#include <stddef.h>

enum {
	TP_EXIT_OK = 0,
	TP_EXIT_FAILED = 1, /* the command line was right, the world was not */
	TP_EXIT_USAGE = 2, /* the command line was wrong */
};

enum tp_option_kind {
	TP_OPTION_SWITCH, /* bool at offset becomes true; takes no value */
	TP_OPTION_NUMBER, /* int at offset, min..max */
	TP_OPTION_TEXT, /* const char * at offset, borrowed from argv */
	TP_OPTION_ROUTE, /* enum tp_route at offset, by its name */
	TP_OPTION_READ, /* read(target, value): 0, or an error with its sentence */
};

struct tp_option {
	const char *name; /* after the two dashes; NULL ends a table */
	enum tp_option_kind kind;
	const char *value; /* what the help calls its value */
	const char *help; /* a new line in it is a new line of the help */
	size_t offset; /* of the field in the verb's own struct */
	int min, max;
	int (*read)(void *target, char *value); /* may wipe a secret from the command line */
};

struct tp_command {
	const char *name;
	const char *args; /* of the synopsis, "" for none */
	const char *about; /* one line */
	const char *more; /* paragraphs of the verb's own help, "" for none */
	const struct tp_option *options;
	int args_min, args_max; /* how many words that are no options */
	int (*run)(const struct tp_command *command, int argc,
		   char **argv); /* gives the exit code */
};

extern const struct tp_command tp_command_bench, tp_command_call, tp_command_codecs,
	tp_command_demo, tp_command_devices, tp_command_echo, tp_command_replay;

/* Sets the fields of `target` by argv[1..argc-1] and moves the words that are no options to argv[0]
 * and on: returns how many, or TP_ERR_ARGUMENT (or what a read gave) with a sentence. */
TP_MUST_USE int tp_command_parse(const struct tp_command *command, void *target, int argc,
				 char **argv);

/* The verb's synopsis, options and paragraphs on stdout. */
void tp_command_help(const struct tp_command *command);

/* Says on stderr, in one line, why the verb failed (tp_error_detail) and gives the exit code that
 * `error` deserves: TP_EXIT_USAGE for what the command line can mend. */
int tp_command_fail(const struct tp_command *command, int error);

#endif
