/* SPDX-License-Identifier: MIT */
/* Reads conformance vectors from the shared folder, if there is one. */
#include "shared_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static FILE *open_vector(const char *path)
{
	const char *shared = getenv("TALKPATH_SHARED");
	char name[512];

	snprintf(name, sizeof(name), "%s/vectors/%s", shared ? shared : "../shared", path);
	return fopen(name, "rb");
}

void shared_vectors_read(const char *path, uint8_t **data, size_t *len)
{
	FILE *file = open_vector(path);
	long size;

	*data = NULL;
	*len = 0;
	if (!file) {
		print_message("SKIP: vectors/%s is neither in $TALKPATH_SHARED nor in ../shared\n",
			      path);
		skip();
		return;
	}
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size = ftell(file);
	assert_true(size > 0);
	rewind(file);
	*data = malloc((size_t)size);
	assert_non_null(*data);
	*len = fread(*data, 1, (size_t)size, file);
	assert_int_equal(*len, size);
	fclose(file);
}

void shared_vectors_words(const char *path, int16_t **words, int *n)
{
	uint8_t *data;
	size_t len;

	shared_vectors_read(path, &data, &len);
	*n = (int)(len / 2);
	*words = malloc(len);
	assert_non_null(*words);
	for (int i = 0; i < *n; i++)
		(*words)[i] = (int16_t)(data[2 * i] | data[2 * i + 1] << 8);
	free(data);
}
