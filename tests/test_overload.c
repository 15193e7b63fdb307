/* SPDX-License-Identifier: MIT */
/* A machine that is too slow for its blocks is told of. Real time, since time is what is too
 * short: a device that sleeps longer than any block lasts is late on every machine. */
#include <talkpath/talkpath.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

enum {
	SLEEP_MS =
		40, /* three blocks have gathered by the next turn, and it is too long for them too */
	PATIENCE = 10000, /* of looks, a millisecond apart: far more than any machine takes */
};

static struct tp_hal_ops slow;

static void sleep_ms(int ms)
{
	nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

static int play_slowly(void *device, int64_t now_ns, const int16_t *pcm, int n)
{
	const char *args;

	sleep_ms(SLEEP_MS);
	return tp_hal_find("null", &args)->playback(device, now_ns, pcm, n);
}

static int open_null(void **device, const char *args, const struct tp_hal_want *want,
		     struct tp_hal_got *got)
{
	return tp_hal_find(args, &args)->open(device, "", want, got);
}

static void late_blocks_are_told(int threads)
{
	struct tp_engine_config config;
	struct tp_engine *engine;
	struct tp_engine_stats stats;
	struct tp_event event = {.kind = TP_EVENT_APPLIED};
	const char *args;

	slow = *tp_hal_find("null", &args);
	slow.open = open_null;
	slow.playback = play_slowly;
	tp_engine_config_init(&config);
	config.hal = &slow;
	config.threads = threads;
	assert_int_equal(tp_engine_create(&engine, &config), 0);
	assert_int_equal(tp_engine_start(engine), 0);
	for (int i = 0; i < PATIENCE && event.kind != TP_EVENT_OVERLOAD; i++)
		if (!tp_engine_next_event(engine, &event))
			sleep_ms(1);
	assert_int_equal(event.kind, TP_EVENT_OVERLOAD);
	assert_null(event.session);
	assert_true(event.value >= 1);
	for (int i = 0; i < 5; i++) /* a block more, and the snapshot knows */
		sleep_ms(SLEEP_MS);
	assert_int_equal(tp_engine_stats(engine, &stats), 0);
	assert_true(stats.late_blocks >= event.value);
	tp_engine_destroy(engine);
}

static void late_blocks_are_told_with_two_threads(void **state)
{
	(void)state;
	late_blocks_are_told(2);
}

static void late_blocks_are_told_with_one_thread(void **state)
{
	(void)state;
	late_blocks_are_told(1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(late_blocks_are_told_with_two_threads),
		cmocka_unit_test(late_blocks_are_told_with_one_thread),
	};

	return cmocka_run_group_tests_name("overload", tests, NULL, NULL);
}
