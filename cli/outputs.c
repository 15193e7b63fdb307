/* SPDX-License-Identifier: MIT */
/* The files of a run, looked at before it begins: what is written must not empty another of them. */
#include "outputs.h"

#include "hal/same_file.h"

#include <talkpath/error.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool clash(const struct tp_named_file *a, const struct tp_named_file *b)
{
	if (!a->path || !b->path || (a->use == TP_FILE_READ && b->use == TP_FILE_READ))
		return false;
	/* Neither is there yet, or one of them goes nowhere: /dev/null may be named twice. */
	return tp_same_file(a->path, b->path) ||
	       (!strcmp(a->path, b->path) && access(a->path, F_OK));
}

/* Leaves what it holds, and nothing where nothing was. */
static int try_to_write(const struct tp_named_file *file)
{
	bool there = !access(file->path, F_OK);
	FILE *tried = fopen(file->path, "ab");

	if (!tried)
		return tp_fail(TP_ERR_SYSTEM, "cannot write %s to %.150s: %s", file->name,
			       file->path, strerror(errno));
	fclose(tried);
	if (!there)
		unlink(file->path);
	return 0;
}

int tp_outputs_check(const struct tp_named_file *files, int n)
{
	int error = 0;

	for (int i = 0; i < n; i++)
		for (int k = 0; k < i; k++)
			if (clash(&files[k], &files[i]))
				return tp_fail(TP_ERR_ARGUMENT,
					       "\"%.120s\" should not be both %s and %s",
					       files[i].path, files[k].name, files[i].name);
	for (int i = 0; !error && i < n; i++)
		if (files[i].path && files[i].use == TP_FILE_LEFT)
			error = try_to_write(&files[i]);
	return error;
}
