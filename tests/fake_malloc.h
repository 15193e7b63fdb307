/* SPDX-License-Identifier: MIT */
/* The allocator of test programs: any allocation can be made to fail, live ones are counted.
 *
 *	for (int n = 0; failed; n++) {
 *		fake_malloc_fail_at(n);
 *		error = tp_thing_create(&thing);
 *		failed = fake_malloc_failed(); // not: there are no more than n, done
 *		fake_malloc_fail_at(-1);
 *		if (!error)
 *			tp_thing_destroy(thing);
 *		assert_true(!error || failed);
 *		assert_int_equal(fake_malloc_live(), before);
 *	}
 *
 * Libraries are included. Some of them keep what they allocate at their first use, so run the
 * tested call once before `before` is read. */
#ifndef FAKE_MALLOC_H
#define FAKE_MALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* False where the interposer is not linked (ThreadSanitizer): skip() such a test. */
bool fake_malloc_works(void);

/* From now on the calling thread's n-th allocation fails, counted from 0, and no other one; -1: none.
 * Forgets an earlier failure. */
void fake_malloc_fail_at(int n);

/* Whether that allocation came and was refused. */
bool fake_malloc_failed(void);

/* Allocated and not yet freed blocks of the whole process. */
int fake_malloc_live(void);

/* Calls `watch` with the name of each function of the malloc family, before it does its work and in
 * the thread that called it; NULL: nobody. */
void fake_malloc_watch(void (*watch)(const char *function));

/* ---- For interpose_malloc.c ---- */

/* Tells the watcher. */
void fake_malloc_notice(const char *function);

/* Tells the watcher; false: this allocation is to fail. */
bool fake_malloc_allow(const char *function);

/* `change` blocks more are alive. */
void fake_malloc_account(int change);

#endif
