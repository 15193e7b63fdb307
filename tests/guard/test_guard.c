/* SPDX-License-Identifier: MIT */
/* The guard itself: it catches each kind, in libraries too, and leaves a clean stretch in peace. */
#include "tests/guard/guard.h"

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void *volatile block;
static int fd;

static int begin(void **state)
{
	(void)state;
	fd = open("/dev/null", O_WRONLY);
	tp_guard_begin();
	return fd < 0;
}

static int end(void **state)
{
	(void)state;
	tp_guard_end();
	return close(fd);
}

/* Expects `count` violations since begin, all of one kind. */
static void expect(enum tp_guard_kind kind, int count)
{
	assert_int_equal(tp_guard_violations(kind), count);
	assert_int_equal(tp_guard_violations(TP_GUARD_ANY), count);
}

static void arithmetic_is_allowed(void **state)
{
	char from[64] = "text", to[64];

	(void)state;
	for (int i = 0; i < 3; i++) {
		tp_guard_enter();
		memcpy(to, from, sizeof(to));
		tp_guard_leave();
	}
	assert_string_equal(to, "text");
	assert_int_equal(tp_guard_stretches(), 3);
	expect(TP_GUARD_ANY, 0);
}

static void what_is_done_outside_is_not_counted(void **state)
{
	(void)state;
	tp_guard_enter();
	tp_guard_leave();
	free(strdup("outside"));
	assert_int_equal(write(fd, "x", 1), 1);
	expect(TP_GUARD_ANY, 0);
}

static void allocation_is_caught(void **state)
{
	(void)state;
	tp_guard_enter();
	block = malloc(10);
	block = realloc(block, 20);
	free(block);
	block = calloc(1, 1);
	tp_guard_leave();
	expect(TP_GUARD_MEMORY, 4);
	free(block);
}

static void allocation_in_a_library_is_caught(void **state)
{
	(void)state;
	tp_guard_enter();
	block = strdup("the C library allocates");
	tp_guard_leave();
	expect(TP_GUARD_MEMORY, 1);
	assert_string_equal(block, "the C library allocates");
	free(block);
}

static void lock_is_caught(void **state)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

	(void)state;
	tp_guard_enter();
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
	tp_guard_leave();
	expect(TP_GUARD_LOCK, 1);
}

static void waiting_is_caught(void **state)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
	struct timespec past = {0};
	sem_t semaphore;

	(void)state;
	sem_init(&semaphore, 0, 1);
	pthread_mutex_lock(&mutex);
	tp_guard_enter();
	pthread_cond_timedwait(&condition, &mutex, &past);
	sem_wait(&semaphore);
	tp_guard_leave();
	pthread_mutex_unlock(&mutex);
	assert_int_equal(tp_guard_violations(TP_GUARD_LOCK), 2);
}

static void clock_is_caught(void **state)
{
	struct timespec now = {0};

	(void)state;
	tp_guard_enter();
	clock_gettime(CLOCK_MONOTONIC, &now);
	tp_guard_leave();
	expect(TP_GUARD_CLOCK, 1);
	assert_true(now.tv_sec > 0 || now.tv_nsec > 0);
}

static void system_call_is_caught_and_carried_out(void **state)
{
	int pipes[2];
	ssize_t written, told;
	char octet = 0;

	(void)state;
	if (!tp_guard_watches_system_calls())
		skip();
	assert_int_equal(pipe(pipes), 0);
	for (int i = 0; i < 2; i++) {
		tp_guard_enter();
		written = write(pipes[1], &"ab"[i], 1);
		tp_guard_leave();
		told = read(pipes[0], &octet, 1);
		assert_int_equal(written, 1);
		assert_int_equal(told, 1);
		assert_int_equal(octet, "ab"[i]);
		expect(TP_GUARD_SYSTEM, i + 1);
	}
	close(pipes[0]);
	close(pipes[1]);
}

static void system_call_past_the_c_library_is_caught(void **state)
{
	long pid;

	(void)state;
	if (!tp_guard_watches_system_calls())
		skip();
	tp_guard_enter();
	pid = syscall(SYS_getpid);
	tp_guard_leave();
	assert_int_equal(pid, getpid());
	expect(TP_GUARD_SYSTEM, 1);
}

static void *allocate_and_write(void *unused)
{
	tp_guard_enter();
	block = malloc(1);
	(void)!write(fd, "x", 1);
	tp_guard_leave();
	free(block);
	return unused;
}

static void another_thread_is_watched_for_itself(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, allocate_and_write, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(tp_guard_violations(TP_GUARD_MEMORY), 1);
	if (tp_guard_watches_system_calls())
		assert_int_equal(tp_guard_violations(TP_GUARD_SYSTEM), 1);
	assert_int_equal(tp_guard_stretches(), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(arithmetic_is_allowed),
		TEST(what_is_done_outside_is_not_counted),
		TEST(allocation_is_caught),
		TEST(allocation_in_a_library_is_caught),
		TEST(lock_is_caught),
		TEST(waiting_is_caught),
		TEST(clock_is_caught),
		TEST(system_call_is_caught_and_carried_out),
		TEST(system_call_past_the_c_library_is_caught),
		TEST(another_thread_is_watched_for_itself),
	};

	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
