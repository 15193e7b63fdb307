/* SPDX-License-Identifier: MIT */
/* The packets of rtp/packets.json in the shared vectors: octets, and what a parser must find. */
#include "packet_vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_all(void)
{
	const char *shared = getenv("TALKPATH_SHARED");
	char path[512], *text = NULL;
	size_t len = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/vectors/rtp/packets.json", shared ? shared : "../shared");
	file = fopen(path, "r");
	if (!file) {
		fprintf(stderr, "SKIP: %s cannot be read; set TALKPATH_SHARED\n", path);
		return NULL;
	}
	while (!feof(file)) {
		text = realloc(text, len + 65537);
		len += fread(text + len, 1, 65536, file);
	}
	text[len] = '\0';
	fclose(file);
	return text;
}

/* Behind the colon of "key": in the object's text, or NULL. */
static const char *find(const char *text, const char *key)
{
	char quoted[64];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	at = strstr(text, quoted);
	return at ? at + strlen(quoted) + strspn(at + strlen(quoted), " ") : NULL;
}

static void read_hex(struct packet_vector *v)
{
	const char *hex = find(v->text, "hex") + 1;

	while (hex[0] != '"' && v->len < sizeof(v->data)) {
		char pair[3] = {hex[0], hex[1], '\0'};

		v->data[v->len++] = (uint8_t)strtoul(pair, NULL, 16);
		hex += 2;
	}
}

static void read_object(struct packet_vector *v, const char *begin, size_t len)
{
	const char *name, *malformed;

	memset(v, 0, sizeof(*v));
	v->text = calloc(1, len + 1);
	memcpy(v->text, begin, len);
	name = find(v->text, "name") + 1;
	snprintf(v->name, sizeof(v->name), "%.*s", (int)strcspn(name, "\""), name);
	v->rtcp = !strncmp(find(v->text, "kind"), "\"rtcp\"", 6);
	malformed = find(v->text, "malformed");
	v->malformed = malformed && !strncmp(malformed, "true", 4);
	read_hex(v);
}

struct packet_vector *packet_vectors_load(int *n)
{
	static const char head[] = "\"name\":";
	struct packet_vector *vectors = NULL;
	char *text = read_all();

	*n = 0;
	for (char *at = text ? strstr(text, head) : NULL; at;) {
		char *next = strstr(at + 1, head);

		vectors = realloc(vectors, (size_t)(*n + 1) * sizeof(*vectors));
		read_object(&vectors[(*n)++], at, next ? (size_t)(next - at) : strlen(at));
		at = next;
	}
	free(text);
	return vectors;
}

void packet_vectors_free(struct packet_vector *vectors, int n)
{
	for (int i = 0; i < n; i++)
		free(vectors[i].text);
	free(vectors);
}

bool packet_vector_number(const struct packet_vector *v, const char *key, int base, int64_t *value)
{
	const char *expect = find(v->text, "expect");
	const char *at = expect ? find(expect, key) : NULL;

	if (!at)
		return false;
	*value = strtoll(at + (*at == '"'), NULL, base);
	return true;
}
