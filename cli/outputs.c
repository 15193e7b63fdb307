/* SPDX-License-Identifier: MIT */
/* The files of a run, looked at before it begins: what is written must not empty another one. */
#include "outputs.h"

#include "hal/same_file.h"

#include <talkpath/error.h>

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LINKS_MAX = 40, /* as many as Linux follows (path_resolution(7)) */
};

static bool is_named(const struct tp_named_file *file)
{
	return file->path && *file->path;
}

/* The folder of a path; the path's last word is left where it stands. */
static const char *split(const char *path, char folder[PATH_MAX + 1])
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) + 1 : 0;

	if (len >= PATH_MAX)
		return NULL;
	memcpy(folder, path, len);
	memcpy(folder + len, ".", 2);
	return path + len;
}

/* Two spellings of a file that is not there yet: the same name in the same folder. */
static bool will_be_same(const char *a, const char *b)
{
	char folder_a[PATH_MAX + 1], folder_b[PATH_MAX + 1];
	const char *name_a = split(a, folder_a), *name_b = split(b, folder_b);
	struct stat of_a, of_b;

	return name_a && name_b && !strcmp(name_a, name_b) && !stat(folder_a, &of_a) &&
	       !stat(folder_b, &of_b) && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

/* Where a file will be that is opened under this name. The system follows a link only to what is
 * there. */
static void follow(const char *path, char end[PATH_MAX])
{
	char link[PATH_MAX];
	ssize_t len;

	snprintf(end, PATH_MAX, "%s", path);
	for (int i = 0; i < LINKS_MAX && (len = readlink(end, link, sizeof(link) - 1)) > 0; i++) {
		char *slash = strrchr(end, '/'), *name = link[0] != '/' && slash ? slash + 1 : end;

		link[len] = '\0';
		snprintf(name, (size_t)(end + PATH_MAX - name), "%s", link);
	}
}

static bool clash_later(const char *a, const char *b)
{
	char end_a[PATH_MAX], end_b[PATH_MAX];

	follow(a, end_a);
	follow(b, end_b);
	return will_be_same(end_a, end_b);
}

static bool clash(const struct tp_named_file *a, const struct tp_named_file *b)
{
	if (!is_named(a) || !is_named(b) || (a->use == TP_FILE_READ && b->use == TP_FILE_READ))
		return false;
	/* Neither is there yet, or one of them goes nowhere: /dev/null may be named twice. */
	return tp_same_file(a->path, b->path) ||
	       (access(a->path, F_OK) && clash_later(a->path, b->path));
}

/* Leaves what it holds, and nothing where nothing was. */
static int try_to_write(const struct tp_named_file *file)
{
	bool there = !access(file->path, F_OK);
	FILE *tried = fopen(file->path, "ab");
	char end[PATH_MAX];

	if (!tried)
		return tp_fail(TP_ERR_SYSTEM, "cannot write %s to %.150s: %s", file->name,
			       file->path, strerror(errno));
	fclose(tried);
	if (!there) {
		follow(file->path, end);
		unlink(end);
	}
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
		if (is_named(&files[i]) && files[i].use == TP_FILE_LEFT)
			error = try_to_write(&files[i]);
	return error;
}
