/* SPDX-License-Identifier: MIT */
/* Writes the configuration through which alsa-lib finds the test sound card. */
#include "tests/fake_card.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void must(int true_now, const char *what)
{
	if (true_now)
		return;
	perror(what);
	abort();
}

/* The plugin lies beside the test program. */
static void find_plugin(char path[PATH_MAX + 64])
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	must(len > 0, "/proc/self/exe");
	self[len] = '\0';
	snprintf(path, PATH_MAX + 64, "%s/libasound_module_pcm_testcard.so", dirname(self));
	must(access(path, R_OK) == 0, path);
}

static void path_of(const struct fake_card *card, char path[128], const char *file)
{
	snprintf(path, 128, "%s/%s", card->dir, file);
}

static void write_config(const struct fake_card *card, const char *fields, const char *more)
{
	char path[128], shared[128], plugin[PATH_MAX + 64];
	FILE *file;

	find_plugin(plugin);
	path_of(card, path, "asound.conf");
	path_of(card, shared, "shared");
	file = fopen(path, "w");
	must(file != NULL, path);
	fprintf(file, "pcm_type.testcard { lib \"%s\" }\n", plugin);
	fprintf(file,
		"pcm.card { type testcard shm \"%s\" %s hint { show on description \"a card\" } "
		"}\n",
		shared, fields);
	for (const char *here; (here = strstr(more, "%s")); more = here + 2)
		fprintf(file, "%.*s%s", (int)(here - more), more, shared);
	fputs(more, file);
	fclose(file);
	setenv("ALSA_CONFIG_PATH", path, 1);
}

void fake_card_plug(struct fake_card *card, const char *fields, const char *more)
{
	char path[128];
	int fd;

	snprintf(card->dir, sizeof(card->dir), "%s", "/tmp/talkpath-card-XXXXXX");
	must(mkdtemp(card->dir) != NULL, card->dir);
	write_config(card, fields, more);
	path_of(card, path, "shared");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	must(fd >= 0, path);
	must(ftruncate(fd, sizeof(*card->shared)) == 0, path);
	card->shared = mmap(NULL, sizeof(*card->shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(card->shared != MAP_FAILED, path);
	close(fd);
}

void fake_card_remove(struct fake_card *card)
{
	char path[128];

	munmap(card->shared, sizeof(*card->shared));
	path_of(card, path, "shared");
	unlink(path);
	path_of(card, path, "asound.conf");
	unlink(path);
	rmdir(card->dir);
}
