/* SPDX-License-Identifier: MIT */
/* The malloc family in front of the C library's, so that fake_malloc.c sees every allocation. */
#include "tests/fake_malloc.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* Beneath us is the C library, or AddressSanitizer where it is linked. */
#define BENEATH(type, name, parameters) \
	extern type __libc_##name parameters; \
	extern type __interceptor_##name parameters __attribute__((weak));
BENEATH(void *, malloc, (size_t size))
BENEATH(void *, calloc, (size_t n, size_t size))
BENEATH(void *, realloc, (void *block, size_t size))
BENEATH(void *, memalign, (size_t alignment, size_t size))
BENEATH(void, free, (void *block))

#define CALL(name, ...) \
	(__interceptor_##name ? __interceptor_##name(__VA_ARGS__) : __libc_##name(__VA_ARGS__))

/* Libraries must find these first. */
#pragma GCC visibility push(default)

/* LeakSanitizer knows what the dynamic linker keeps for good by the caller of malloc, which is us. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:_dl_";
}

static void *counted(void *block)
{
	if (block)
		fake_malloc_account(1);
	else
		errno = ENOMEM;
	return block;
}

void *malloc(size_t size)
{
	return counted(fake_malloc_allow("malloc") ? CALL(malloc, size) : NULL);
}

void *calloc(size_t n, size_t size)
{
	return counted(fake_malloc_allow("calloc") ? CALL(calloc, n, size) : NULL);
}

void *realloc(void *block, size_t size)
{
	void *moved;

	if (!block)
		return malloc(size);
	if (!size) {
		free(block);
		return NULL;
	}
	moved = fake_malloc_allow("realloc") ? CALL(realloc, block, size) : NULL;
	if (!moved)
		errno = ENOMEM;
	return moved;
}

static void *aligned(const char *function, size_t alignment, size_t size)
{
	return counted(fake_malloc_allow(function) ? CALL(memalign, alignment, size) : NULL);
}

void *memalign(size_t alignment, size_t size)
{
	return aligned("memalign", alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return aligned("aligned_alloc", alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
	void *got = aligned("posix_memalign", alignment, size);

	if (!got)
		return ENOMEM;
	*block = got;
	return 0;
}

void free(void *block)
{
	if (!block)
		return;
	fake_malloc_notice("free");
	fake_malloc_account(-1);
	CALL(free, block);
}
