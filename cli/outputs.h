/* SPDX-License-Identifier: MIT */
/* The files of a run, looked at before it begins: what is written
 * must not empty another of them. */
#ifndef CLI_OUTPUTS_H
#define CLI_OUTPUTS_H

#include <talkpath/attributes.h>

enum tp_file_use {
	TP_FILE_READ,
	TP_FILE_WRITTEN, /* opened when the run begins */
	TP_FILE_LEFT, /* written at its end: nobody works for an hour to learn that it cannot be */
};

struct tp_named_file {
	const char *name; /* for people: "OUT.wav", "--report" */
	const char *path; /* NULL or "": not given */
	enum tp_file_use use;
};

/* 0; TP_ERR_ARGUMENT if two names of which one is written are one file; TP_ERR_SYSTEM if what is to
 * be left at the end cannot be written. Each with a sentence. */
TP_MUST_USE int tp_outputs_check(const struct tp_named_file *files, int n);

#endif
