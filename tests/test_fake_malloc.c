/* SPDX-License-Identifier: MIT */
/* The tests' allocator: the right allocation fails, libraries
 * included, and nothing is miscounted. */
#include "tests/fixtures/fake_malloc.h"

#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int nothing_fails(void **state)
{
	(void)state;
	fake_malloc_fail_at(-1);
	return 0;
}

#define NEEDS_INTERPOSER() \
	do { \
		if (!fake_malloc_works()) \
			skip(); \
	} while (0)

/* Volatile, or the compiler drops a pair of malloc and free. */
static void *volatile block;

static void the_nth_allocation_fails(void **state)
{
	(void)state;
	NEEDS_INTERPOSER();
	fake_malloc_fail_at(2);
	for (int i = 0; i < 4; i++) {
		errno = 0;
		block = malloc(10);
		assert_int_equal(block == NULL, i == 2);
		assert_int_equal(errno, i == 2 ? ENOMEM : 0);
		assert_int_equal(fake_malloc_failed(), i >= 2);
		free(block);
	}
}

static void each_kind_fails(void **state)
{
	void *old = malloc(10), *aligned = &old;

	(void)state;
	NEEDS_INTERPOSER();
	fake_malloc_fail_at(0);
	assert_null(block = calloc(3, 5));
	fake_malloc_fail_at(0);
	assert_null(block = realloc(old, 2000));
	fake_malloc_fail_at(0);
	assert_null(block = aligned_alloc(64, 128));
	fake_malloc_fail_at(0);
	assert_int_equal(posix_memalign(&aligned, 64, 128), ENOMEM);
	assert_ptr_equal(aligned, &old);
	free(old);
}

static void allocations_inside_libraries_fail(void **state)
{
	(void)state;
	NEEDS_INTERPOSER();
	fake_malloc_fail_at(0);
	assert_null(fopen("/dev/null", "r"));
	assert_true(fake_malloc_failed());
}

static void live_blocks_are_counted(void **state)
{
	int before = fake_malloc_live();
	void *a, *b = NULL;

	(void)state;
	NEEDS_INTERPOSER();
	block = a = malloc(1);
	assert_int_equal(fake_malloc_live(), before + 1);
	a = realloc(a, 5000);
	assert_int_equal(fake_malloc_live(), before + 1);
	assert_int_equal(posix_memalign(&b, 64, 64), 0);
	assert_int_equal((uintptr_t)b % 64, 0);
	assert_int_equal(fake_malloc_live(), before + 2);
	fake_malloc_fail_at(0);
	assert_null(block = malloc(1));
	assert_int_equal(fake_malloc_live(), before + 2);
	free(a);
	free(b);
	free(NULL);
	assert_int_equal(fake_malloc_live(), before);
}

static void calloc_gives_zeros_and_refuses_what_overflows(void **state)
{
	static const char zeros[4096];
	const char *sanitize = getenv("TALKPATH_SANITIZE");
	volatile size_t huge = SIZE_MAX / 2;

	(void)state;
	block = calloc(64, 64);
	assert_memory_equal(block, zeros, sizeof(zeros));
	free(block);
	NEEDS_INTERPOSER();
	/* AddressSanitizer aborts here instead of returning NULL. */
	if (!sanitize || !*sanitize)
		assert_null(block = calloc(huge, 3));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, nothing_fails, nothing_fails)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_nth_allocation_fails),
		TEST(each_kind_fails),
		TEST(allocations_inside_libraries_fail),
		TEST(live_blocks_are_counted),
		TEST(calloc_gives_zeros_and_refuses_what_overflows),
	};

	return cmocka_run_group_tests_name("fake_malloc", tests, NULL, NULL);
}
