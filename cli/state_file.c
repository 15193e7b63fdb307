/* SPDX-License-Identifier: MIT */
/* What a route has learnt of its echo, as a file. */
#include "state_file.h"

#include <talkpath/error.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	STATE_MAX = 1 << 20, /* octets: far more than any tail takes */
};

int tp_state_file_read(const char *path, uint8_t **octets, size_t *len)
{
	FILE *file = fopen(path, "rb");
	int error = 0;

	*octets = malloc(STATE_MAX);
	*len = file && *octets ? fread(*octets, 1, STATE_MAX, file) : 0;
	if (!file || !*octets || ferror(file))
		error = tp_fail(TP_ERR_SYSTEM, "cannot read the state %.150s: %s", path,
				strerror(errno));
	if (file)
		fclose(file);
	if (error) {
		free(*octets);
		*octets = NULL;
	}
	return error;
}

int tp_state_file_write(const char *path, const uint8_t *octets, size_t len)
{
	FILE *file = fopen(path, "wb");
	bool written = file && fwrite(octets, 1, len, file) == len;

	if (file && fclose(file))
		written = false;
	return written ? 0
		       : tp_fail(TP_ERR_SYSTEM, "cannot write the state %.150s: %s", path,
				 strerror(errno));
}

const char *tp_state_file_only_read(const char *load, const char *save)
{
	return load && save && !strcmp(load, save) ? NULL : load;
}

int tp_state_file_refuse(const char *path, int error)
{
	char why[200];

	snprintf(why, sizeof(why), "%s", tp_error_detail());
	return tp_fail(error, "%.100s: %s", path, why);
}
