/* SPDX-License-Identifier: MIT */
/* What a route has learnt of its echo, as a file. */
#include "state_file.h"

#include "hal/same_file.h"

#include <talkpath/error.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	STATE_MAX = 1 << 20, /* octets: far more than any tail takes */
};

static int read_octets(const char *path, uint8_t **octets, size_t *len)
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

static int write_octets(const char *path, const uint8_t *octets, size_t len)
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
	bool same = load && save && (!strcmp(load, save) || tp_same_file(load, save));

	return same ? NULL : load;
}

static int refuse(const char *path, int error)
{
	char why[200];

	snprintf(why, sizeof(why), "%s", tp_error_detail());
	return tp_fail(error, "%.100s: %s", path, why);
}

int tp_state_file_load(const char *path, const struct tp_state_owner *owner)
{
	uint8_t *octets;
	size_t len;
	int error = read_octets(path, &octets, &len);

	if (error)
		return error;
	error = owner->load(owner->context, octets, len);
	free(octets);
	return error ? refuse(path, error) : 0;
}

int tp_state_file_save(const char *path, const struct tp_state_owner *owner)
{
	int len = owner->save(owner->context, NULL, 0);
	uint8_t *octets;

	if (len < 0)
		return len;
	octets = malloc((size_t)len + 1);
	if (!octets)
		return tp_fail(TP_ERR_MEMORY, "no memory for the state");
	len = owner->save(owner->context, octets, (size_t)len);
	if (len >= 0)
		len = write_octets(path, octets, (size_t)len);
	free(octets);
	return len;
}
