/* SPDX-License-Identifier: MIT */
/* Backends that run out of memory while they open say so, and leave nothing behind. */
#include "hal/wav.h"
#include "scratch_folder.h"

#include <talkpath/hal.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The Makefile links this test with --wrap for these. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

static int left = -1; /* allocations until one fails; -1: none does */
static int live;

static bool refuse(void)
{
	return left >= 0 && left-- == 0;
}

void *__wrap_malloc(size_t size)
{
	void *memory = refuse() ? NULL : __real_malloc(size);

	live += memory != NULL;
	return memory;
}

void *__wrap_calloc(size_t n, size_t size)
{
	void *memory = refuse() ? NULL : __real_calloc(n, size);

	live += memory != NULL;
	return memory;
}

void *__wrap_realloc(void *memory, size_t size)
{
	void *moved = refuse() ? NULL : __real_realloc(memory, size);

	live += moved && !memory;
	return moved;
}

void __wrap_free(void *memory)
{
	live -= memory != NULL;
	__real_free(memory);
}

static void check(const char *name, int allocations_min)
{
	const struct tp_hal_want want = {8000, 10000, 40000, 1};
	struct tp_hal_got got;
	const char *args;
	const struct tp_hal_ops *ops = tp_hal_find(name, &args);
	int failures = 0, before = live;

	assert_non_null(ops);
	for (;; failures++) {
		void *device = NULL;
		int error;

		left = failures;
		error = ops->open(&device, args, &want, &got);
		if (!error) {
			left = -1;
			ops->close(device);
			assert_int_equal(live, before);
			break;
		}
		assert_int_equal(error, TP_ERR_MEMORY);
		assert_int_equal(live, before);
		assert_null(device);
	}
	left = -1;
	assert_true(failures >= allocations_min);
}

static void test_every_allocation_may_fail(void **state)
{
	char name[1024];

	(void)state;
	check("null", 2);
	check("room", 4);
	snprintf(name, sizeof(name), "room:talker=%s", scratch_folder_path("in.wav"));
	check(name, 8); /* the talker's file is long, and of another rate */
	snprintf(name, sizeof(name), "file:%s,%s", scratch_folder_path("in.wav"),
		 scratch_folder_path("out.wav"));
	check(name, 5);
}

static int make_files(void **state)
{
	static const int16_t pcm[100000];
	struct tp_wav_writer writer;

	return scratch_folder_make(state) ||
	       tp_wav_writer_open(&writer, scratch_folder_path("in.wav"), 16000, 1) ||
	       tp_wav_writer_write(&writer, pcm, 100000) || tp_wav_writer_close(&writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	return cmocka_run_group_tests_name("hal memory", tests, make_files, scratch_folder_remove);
}
