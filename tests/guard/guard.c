/* SPDX-License-Identifier: MIT */
/* Watches the block function: who allocates, locks, reads a clock or
 * calls the system is reported. */
#include "tests/guard/guard.h"
#include "tests/fixtures/fake_malloc.h"

#include <execinfo.h>
#include <linux/prctl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <ucontext.h>
#include <unistd.h>

enum {
	STACKS_TOLD = 4, /* violations that are told in full; the rest are counted */
	FRAMES_MAX = 24,
};

static _Atomic int violations[TP_GUARD_KINDS];
static _Atomic int stretches;
static _Atomic bool watching;
static _Atomic unsigned beginnings;

static _Thread_local bool inside;
/* The kernel reads this octet at every system call of the thread (Syscall User Dispatch). */
static _Thread_local volatile char selector;
static _Thread_local enum { UNASKED, WATCHED, UNWATCHED } dispatch;
static _Thread_local unsigned entered_of; /* the beginning that this thread knows of */

static int total(void)
{
	int sum = 0;

	for (int i = 0; i < TP_GUARD_KINDS; i++)
		sum += atomic_load(&violations[i]);
	return sum;
}

static void report(enum tp_guard_kind kind, const char *what)
{
	void *frames[FRAMES_MAX];
	char line[128];
	int len;

	atomic_fetch_add(&violations[kind], 1);
	if (total() > STACKS_TOLD)
		return;
	len = snprintf(line, sizeof(line), "guard: %s inside the block function\n", what);
	if (write(STDERR_FILENO, line, len) == len)
		backtrace_symbols_fd(frames, backtrace(frames, FRAMES_MAX), STDERR_FILENO);
	if (getenv("TP_GUARD_ABORT"))
		abort();
}

void tp_guard_notice(enum tp_guard_kind kind, const char *what)
{
	char watched = selector;

	if (!inside)
		return;
	/* The report itself may do all that is forbidden. */
	inside = false;
	selector = SYSCALL_DISPATCH_FILTER_ALLOW;
	report(kind, what);
	selector = watched;
	inside = true;
}

static void on_memory(const char *function)
{
	tp_guard_notice(TP_GUARD_MEMORY, function);
}

/* The kernel refused a system call. The rest of the stretch goes unwatched, because this handler's
 * own return is a system call; the refused one is made again. */
static void on_system_call(int signal, siginfo_t *info, void *context)
{
	char what[32];

	(void)signal;
	selector = SYSCALL_DISPATCH_FILTER_ALLOW;
	snprintf(what, sizeof(what), "system call %d", info->si_syscall);
	tp_guard_notice(TP_GUARD_SYSTEM, what);
#ifdef __x86_64__
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] -= 2; /* `syscall` is two octets */
#else
	(void)context; /* never called: no other architecture has the dispatch */
#endif
}

static bool ask_kernel(void)
{
	return prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &selector) == 0;
}

bool tp_guard_watches_system_calls(void)
{
	if (dispatch == UNASKED)
		dispatch = ask_kernel() ? WATCHED : UNWATCHED;
	return dispatch == WATCHED;
}

void tp_guard_begin(void)
{
	void *frame;

	for (int i = 0; i < TP_GUARD_KINDS; i++)
		atomic_store(&violations[i], 0);
	atomic_store(&stretches, 0);
	backtrace(&frame, 1); /* loads the unwinder now, not in the first report */
	fake_malloc_watch(on_memory);
	atomic_fetch_add(&beginnings, 1);
	atomic_store(&watching, true);
}

void tp_guard_end(void)
{
	atomic_store(&watching, false);
	fake_malloc_watch(NULL);
}

/* Not before a test's body: cmocka catches SIGSYS itself, from the end of a test's setup on. */
static void catch_system_calls(void)
{
	struct sigaction action = {.sa_sigaction = on_system_call, .sa_flags = SA_SIGINFO};

	if (entered_of == atomic_load(&beginnings))
		return;
	entered_of = atomic_load(&beginnings);
	sigaction(SIGSYS, &action, NULL);
}

void tp_guard_enter(void)
{
	if (!atomic_load(&watching))
		return;
	catch_system_calls();
	atomic_fetch_add(&stretches, 1);
	inside = true;
	if (tp_guard_watches_system_calls())
		selector = SYSCALL_DISPATCH_FILTER_BLOCK;
}

void tp_guard_leave(void)
{
	selector = SYSCALL_DISPATCH_FILTER_ALLOW;
	inside = false;
}

int tp_guard_violations(enum tp_guard_kind kind)
{
	return kind == TP_GUARD_ANY ? total() : atomic_load(&violations[kind]);
}

int tp_guard_stretches(void)
{
	return atomic_load(&stretches);
}

struct tp_engine;
int __real_tp_block_run(struct tp_engine *engine);
int __wrap_tp_block_run(struct tp_engine *engine);

int __wrap_tp_block_run(struct tp_engine *engine)
{
	int sent;

	tp_guard_enter();
	sent = __real_tp_block_run(engine);
	tp_guard_leave();
	return sent;
}
