/* SPDX-License-Identifier: MIT */
/* The talkpath command in a process of its own, in a folder of its own. */
#include "tests/spawned.h"

#include "hal/wav.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	WORDS_MAX = 32,
	WORD_CAP = 256,
};

static char folder[64];

int spawned_begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/talkpath-test-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

int spawned_end(void **state)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);

	(void)state;
	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	return rmdir(folder);
}

void spawned_path(char path[SPAWNED_PATH_CAP], const char *name)
{
	snprintf(path, SPAWNED_PATH_CAP, "%s/%s", folder, name);
}

void spawned_put(const char *name, const void *data, size_t len)
{
	char path[SPAWNED_PATH_CAP];
	FILE *file;

	spawned_path(path, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	fclose(file);
}

void spawned_put_wav(const char *name, int rate_hz, const int16_t *samples, int n)
{
	char path[SPAWNED_PATH_CAP];
	struct tp_wav_writer writer;
	const int16_t silence = 0;

	spawned_path(path, name);
	assert_int_equal(tp_wav_writer_open(&writer, path, rate_hz, 1), 0);
	if (samples)
		assert_int_equal(tp_wav_writer_write(&writer, samples, (size_t)n), 0);
	for (int i = 0; !samples && i < n; i++)
		assert_int_equal(tp_wav_writer_write(&writer, &silence, 1), 0);
	assert_int_equal(tp_wav_writer_close(&writer), 0);
}

static void read_back(char text[SPAWNED_OUTPUT_CAP], const char *name)
{
	char path[SPAWNED_PATH_CAP];
	FILE *file;

	spawned_path(path, name);
	file = fopen(path, "r");
	assert_non_null(file);
	text[fread(text, 1, SPAWNED_OUTPUT_CAP - 1, file)] = '\0';
	fclose(file);
}

/* Cuts the line into words and puts the folder where DIR/ stands; returns how many. */
static int expand(char words[WORDS_MAX][WORD_CAP], char *argv[WORDS_MAX + 1], const char *line)
{
	const char *program = getenv("TALKPATH");
	char copy[1024], *rest = copy, *word;
	int n = 1;

	snprintf(words[0], WORD_CAP, "%s", program ? program : "build/talkpath");
	snprintf(copy, sizeof(copy), "%s", line);
	while ((word = strsep(&rest, " ")) && n < WORDS_MAX) {
		char *dir = strstr(word, "DIR/");

		if (!*word)
			continue;
		if (dir)
			*dir = '\0';
		snprintf(words[n++], WORD_CAP, "%s%s%s", word, dir ? folder : "",
			 dir ? dir + 3 : "");
	}
	for (int i = 0; i < n; i++)
		argv[i] = words[i];
	argv[n] = NULL;
	return n;
}

/* Standard error goes to a file, the other two where they are told. */
static pid_t start(const char *line, const char *in, const char *out)
{
	char words[WORDS_MAX][WORD_CAP], *argv[WORDS_MAX + 1];
	char err[SPAWNED_PATH_CAP];
	posix_spawn_file_actions_t files;
	pid_t pid;

	expand(words, argv, line);
	spawned_path(err, "stderr");
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, in, O_RDONLY | O_NOCTTY, 0);
	posix_spawn_file_actions_addopen(&files, 1, out, O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY,
					 0600);
	posix_spawn_file_actions_addopen(&files, 2, err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(posix_spawn(&pid, argv[0], &files, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&files);
	return pid;
}

static void finish(struct spawned *spawned, pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	spawned->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	read_back(spawned->err, "stderr");
}

void spawned_run(struct spawned *spawned, const char *line)
{
	char out[SPAWNED_PATH_CAP];

	spawned_path(out, "stdout");
	finish(spawned, start(line, "/dev/null", out));
	read_back(spawned->out, "stdout");
}

void spawned_run_into(struct spawned *spawned, const char *line, const char *out)
{
	spawned->out[0] = '\0';
	finish(spawned, start(line, "/dev/null", out));
}

void spawned_run_unread(struct spawned *spawned, const char *line)
{
	char path[SPAWNED_PATH_CAP], first;
	int reader;
	pid_t pid;

	spawned_path(path, "pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	/* Else it would wait for the writer here. */
	reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0 && fcntl(reader, F_SETPIPE_SZ, 4096) >= 0);
	assert_int_equal(fcntl(reader, F_SETFL, 0), 0);
	pid = start(line, "/dev/null", path);
	assert_int_equal(read(reader, &first, 1), 1);
	close(reader);
	finish(spawned, pid);
	spawned->out[0] = '\0';
	unlink(path);
}

void spawned_type(struct spawned *spawned, const char *line, const char *keys)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got;
	pid_t pid;

	assert_true(terminal >= 0 && !grantpt(terminal) && !unlockpt(terminal));
	pid = start(line, ptsname(terminal), ptsname(terminal));
	assert_int_equal(write(terminal, keys, strlen(keys)), strlen(keys));
	/* What is shown is read on, or the command would wait for it; the end keeps its room. */
	while ((got = read(terminal, spawned->out + len, SPAWNED_OUTPUT_CAP - 1 - len)) > 0)
		len = (len + (size_t)got) % (SPAWNED_OUTPUT_CAP / 2);
	spawned->out[len] = '\0';
	close(terminal);
	finish(spawned, pid);
}
