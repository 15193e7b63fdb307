/* SPDX-License-Identifier: MIT */
/* The run-time guard of the block function: no allocation, lock, clock or system call inside it,
 * libraries included.
 *
 * A test in tests/guard/ is linked with it. The guarded stretch is what runs between enter and
 * leave; the linker's --wrap=tp_block_run puts them around the engine's block function, so that a
 * test has nothing to do but
 *
 *	tp_guard_begin();
 *	... a call, with any number of threads ...
 *	assert_int_equal(tp_guard_violations(TP_GUARD_ANY), 0);
 *
 * Each violation is told on stderr with its stack, the first few of them; the call is then carried
 * out, so the program goes on. With TP_GUARD_ABORT in the environment it aborts instead, for a
 * debugger. Such tests are not built with a sanitizer. */
#ifndef TP_GUARD_H
#define TP_GUARD_H

#include <stdbool.h>

enum tp_guard_kind {
	TP_GUARD_MEMORY, /* malloc, calloc, realloc, free and their kin */
	TP_GUARD_LOCK, /* a mutex, condition, read-write lock or semaphore that may wait */
	TP_GUARD_CLOCK, /* the time of day, which the vDSO tells without a system call */
	TP_GUARD_SYSTEM, /* a system call */
	TP_GUARD_KINDS,
	TP_GUARD_ANY = TP_GUARD_KINDS,
};

/* Forgets old violations and watches from now on. */
void tp_guard_begin(void);

/* Watches no more. */
void tp_guard_end(void);

/* The calling thread's guarded stretch. Not nested. */
void tp_guard_enter(void);
void tp_guard_leave(void);

/* Violations since begin, of one kind or of any. Of system calls only the first of each stretch is
 * counted. */
int tp_guard_violations(enum tp_guard_kind kind);

/* Guarded stretches since begin: a test that counts none has guarded nothing. */
int tp_guard_stretches(void);

/* Whether this kernel can watch system calls (Linux 5.11, x86-64). If not, the other kinds still
 * are watched. */
bool tp_guard_watches_system_calls(void);

/* For interpose_lock.c: something of this kind is about to be done. */
void tp_guard_notice(enum tp_guard_kind kind, const char *what);

#endif
