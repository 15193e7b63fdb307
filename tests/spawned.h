/* SPDX-License-Identifier: MIT */
/* The talkpath command in a process of its own, in a folder of its own. */
#ifndef SPAWNED_H
#define SPAWNED_H

#include <stddef.h>
#include <stdint.h>

enum {
	SPAWNED_OUTPUT_CAP = 65536,
	SPAWNED_PATH_CAP = 128,
};

struct spawned {
	int code; /* of exit; -1: it was killed */
	char out[SPAWNED_OUTPUT_CAP], err[SPAWNED_OUTPUT_CAP];
};

/* A new empty folder for a group of tests; 0, or -1. Takes it away again with all in it. Both have the
 * form of cmocka's fixtures. */
int spawned_begin(void **state);
int spawned_end(void **state);

/* Writes the path of a file in that folder. */
void spawned_path(char path[SPAWNED_PATH_CAP], const char *name);

/* Writes a file there. */
void spawned_put(const char *name, const void *data, size_t len);

/* Writes a mono WAV file of n samples; NULL: silent ones. */
void spawned_put_wav(const char *name, int rate_hz, const int16_t *samples, int n);

/* Runs the command with the words of a line, in which DIR/ stands for that folder, and waits for its
 * end. TALKPATH in the environment says where the command is. */
void spawned_run(struct spawned *spawned, const char *line);

/* The same with its standard output going elsewhere: /dev/full. */
void spawned_run_into(struct spawned *spawned, const char *line, const char *out);

/* The same into a pipe that is closed after the first octet, and holds no more than 4 KiB of others. */
void spawned_run_unread(struct spawned *spawned, const char *line);

/* The same on a terminal, with keys that somebody typed at once; what is shown is in `out`. */
void spawned_type(struct spawned *spawned, const char *line, const char *keys);

#endif
