/* SPDX-License-Identifier: MIT */
/* Feeds a fuzz target its corpus, then seeded mutations of it: what `make check` can afford. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	INPUTS_MAX = 4096,
	INPUT_CAP = 1 << 20, /* octets; as libFuzzer's default for a corpus of large files */
	MUTATIONS = 2000, /* for the whole corpus */
	GROWTH = 64, /* octets that mutations may add to an input */
};

struct input {
	char *name;
	uint8_t *data;
	size_t len;
};

static struct input inputs[INPUTS_MAX];
static int inputs_n;
static char doing[512]; /* for the handler of a crash */

/* xorshift32 (Marsaglia 2003): any generator will do, if it is the same everywhere. */
static uint32_t state = 2463534242u;

static uint32_t draw(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % below;
}

static void on_crash(int signal)
{
	(void)!write(STDERR_FILENO, doing, strlen(doing));
	raise(signal); /* reset by SA_RESETHAND */
}

static void run(const char *what, const char *name, int number, const uint8_t *data, size_t len)
{
	/* A copy of its own size, so that a sanitizer sees a read past the end. */
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	memcpy(copy, data, len);
	snprintf(doing, sizeof(doing), "crashed on %s %d of %s\n", what, number, name);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static int load(const char *folder, const char *name)
{
	char path[1024];
	struct input *input = &inputs[inputs_n];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	input->data = malloc(INPUT_CAP);
	input->name = strdup(name);
	if (!file || !input->data || !input->name)
		return -1;
	input->len = fread(input->data, 1, INPUT_CAP, file);
	fclose(file);
	input->data = realloc(input->data, input->len + GROWTH + 1);
	inputs_n++;
	return input->data ? 0 : -1;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Sorted, so that the mutations are the same on every file system. */
static int load_all(const char *folder)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, visible, alphasort), failed = n < 0;

	for (int i = 0; i < n; i++) {
		failed |= i >= INPUTS_MAX || load(folder, entries[i]->d_name) < 0;
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return failed ? -1 : 0;
}

/* One small change, as a bad link or a bad mind makes them; returns the new length. */
static size_t mutate(uint8_t *data, size_t len, size_t cap)
{
	size_t at = len ? draw((uint32_t)len) : 0;
	static const uint8_t edges[] = {0, 1, 0x7f, 0x80, 0xfe, 0xff};

	switch (draw(6)) {
	case 0:
		if (len)
			data[at] ^= (uint8_t)(1u << draw(8));
		return len;
	case 1:
		if (len)
			data[at] = edges[draw(sizeof(edges))];
		return len;
	case 2:
		return at; /* cut */
	case 3: /* leave an octet out */
		if (!len)
			return 0;
		memmove(data + at, data + at + 1, len - at - 1);
		return len - 1;
	case 4: /* put one in */
		if (len == cap)
			return len;
		memmove(data + at + 1, data + at, len - at);
		data[at] = (uint8_t)draw(256);
		return len + 1;
	default: /* copy a piece of it elsewhere */
		if (len < 2)
			return len;
		memmove(data + at, data + draw((uint32_t)(len - at)), len - at > 8 ? 8 : len - at);
		return len;
	}
}

static void run_mutation(const struct input *input, int number, uint8_t *work)
{
	size_t len = input->len;
	unsigned changes = 1 + draw(8);

	memcpy(work, input->data, len);
	for (unsigned i = 0; i < changes; i++)
		len = mutate(work, len, input->len + GROWTH);
	run("mutation", input->name, number, work, len);
}

static void forget_all(void)
{
	for (int i = 0; i < inputs_n; i++) {
		free(inputs[i].data);
		free(inputs[i].name);
	}
}

static void replay_corpus(void)
{
	for (int i = 0; i < inputs_n; i++)
		run("input", inputs[i].name, i, inputs[i].data, inputs[i].len);
	printf("ok 1 - fuzz corpus replayed (%d inputs)\n", inputs_n);
	fflush(stdout);
}

static void replay_mutations(void)
{
	uint8_t *work = malloc(INPUT_CAP + GROWTH + 1);

	if (!work)
		abort();
	for (int i = 0; i < MUTATIONS; i++)
		run_mutation(&inputs[i % inputs_n], i, work);
	printf("ok 2 - fuzz mutations replayed (%d)\n", MUTATIONS);
	free(work);
}

int main(int argc, char **argv)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND};
	char folder[512];
	const char *name = strrchr(argv[0], '/');

	/* build/tests/fuzz/replay_NAME reads tests/fuzz/corpus/NAME,
	 * or the folder that is given. */
	name = name ? name + 1 : argv[0];
	snprintf(folder, sizeof(folder), "tests/fuzz/corpus/%s", name + strlen("replay_"));
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
	printf("1..2\n");
	if (load_all(argc > 1 ? argv[1] : folder) < 0 || !inputs_n) {
		printf("not ok 1 - fuzz corpus: cannot read %s, or it is empty\n", folder);
		return 1;
	}
	replay_corpus();
	replay_mutations();
	forget_all();
	return 0;
}
