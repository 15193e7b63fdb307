/* SPDX-License-Identifier: MIT */
/* Decides which allocation of a test program fails, and counts those alive. */
#include "tests/fake_malloc.h"

#include <stdatomic.h>
#include <stdlib.h>

static _Thread_local int countdown = -1;
/* Volatile: compilers take for granted that malloc changes nothing that they can see. */
static _Thread_local volatile unsigned calls;
static _Thread_local volatile bool failed;
static _Atomic int live;
static void (*_Atomic watcher)(const char *function);

bool fake_malloc_works(void)
{
	unsigned before = calls;
	void *volatile probe = malloc(1);

	free(probe);
	return calls != before;
}

void fake_malloc_fail_at(int n)
{
	countdown = n;
	failed = false;
}

bool fake_malloc_failed(void)
{
	return failed;
}

int fake_malloc_live(void)
{
	return atomic_load(&live);
}

void fake_malloc_watch(void (*watch)(const char *function))
{
	atomic_store(&watcher, watch);
}

void fake_malloc_notice(const char *function)
{
	void (*watch)(const char *) = atomic_load(&watcher);

	calls++;
	if (watch)
		watch(function);
}

bool fake_malloc_allow(const char *function)
{
	fake_malloc_notice(function);
	if (countdown < 0 || countdown-- > 0)
		return true;
	failed = true;
	return false;
}

void fake_malloc_account(int change)
{
	atomic_fetch_add(&live, change);
}
