/* SPDX-License-Identifier: MIT */
/* A folder of a test's own that is gone after it. */
#include "scratch_folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[256];

int scratch_folder_make(void **state)
{
	const char *parent = getenv("TMPDIR");

	(void)state;
	snprintf(folder, sizeof(folder), "%s/talkpath-test-XXXXXX", parent ? parent : "/tmp");
	return mkdtemp(folder) ? 0 : -1;
}

const char *scratch_folder_path(const char *name)
{
	static char path[8][512];
	static int next;

	next = (next + 1) % 8;
	snprintf(path[next], sizeof(path[next]), "%s/%s", folder, name);
	return path[next];
}

int scratch_folder_remove(void **state)
{
	DIR *files = opendir(folder);
	struct dirent *file;

	(void)state;
	while (files && (file = readdir(files)))
		if (file->d_name[0] != '.')
			unlink(scratch_folder_path(file->d_name));
	if (files)
		closedir(files);
	return rmdir(folder);
}
