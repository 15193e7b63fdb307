/* SPDX-License-Identifier: MIT */
/* Wall-clock stamps made monotonic, while the wall clock is set by seconds and by years. */
#include "engine/clock.h"
#include "engine/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum {
	US = 1000,
	MS = 1000 * 1000,
};

#define SECOND INT64_C(1000000000)
#define YEAR   (365 * 24 * 3600 * SECOND)

/* A machine: what its wall clock shows, and when packets came. */
struct machine {
	int64_t now_ns; /* monotonic */
	int64_t wall_offset_ns;
	struct tp_stamp_clock stamps;
};

static void start(struct machine *m, int64_t wall_ns)
{
	m->now_ns = 5 * SECOND;
	m->wall_offset_ns = wall_ns - m->now_ns;
	tp_clock_stamps_init(&m->stamps);
}

static int64_t wall(const struct machine *m)
{
	return m->now_ns + m->wall_offset_ns;
}

/* Reads the queue `read_ns` after it woke. */
static void read_batch(struct machine *m, int64_t read_ns)
{
	int64_t began_ns = m->now_ns;

	m->now_ns += read_ns;
	tp_clock_batch(&m->stamps, began_ns, wall(m), m->now_ns);
}

static void a_steady_clock_gives_exact_stamps(void **state)
{
	struct machine m;
	struct tp_random random;

	(void)state;
	tp_random_init(&random, 8, 0);
	start(&m, 56 * YEAR);
	for (int i = 0; i < 1000; i++) {
		int64_t arrived_ns = m.now_ns += 20 * MS, stamp_ns = wall(&m);

		m.now_ns += tp_random_u32(&random) % (10 * MS);
		read_batch(&m, 3 * US);
		assert_int_equal(tp_clock_stamp(&m.stamps, stamp_ns), arrived_ns);
		tp_clock_drained(&m.stamps);
	}
}

/* Set between the arrival of two packets and the reading of both: each is told by the clock that it
 * was stamped with. */
static void check_jump(int64_t jump_ns)
{
	struct machine m;
	int64_t first_ns, first_stamp, second_ns, second_stamp;

	start(&m, 56 * YEAR);
	for (int i = 0; i < 10; i++) {
		m.now_ns += 20 * MS;
		read_batch(&m, 3 * US);
		tp_clock_drained(&m.stamps);
	}
	first_ns = m.now_ns += 5 * MS;
	first_stamp = wall(&m);
	m.wall_offset_ns += jump_ns;
	second_ns = m.now_ns += 5 * MS;
	second_stamp = wall(&m);
	m.now_ns += 5 * MS;
	read_batch(&m, 3 * US);
	assert_int_equal(tp_clock_stamp(&m.stamps, second_stamp), second_ns);
	assert_int_equal(tp_clock_stamp(&m.stamps, first_stamp), first_ns);
	tp_clock_drained(&m.stamps);
	/* And all is well afterwards. */
	first_ns = m.now_ns += 20 * MS;
	first_stamp = wall(&m);
	m.now_ns += 2 * MS;
	read_batch(&m, 3 * US);
	assert_int_equal(tp_clock_stamp(&m.stamps, first_stamp), first_ns);
}

static void jumps_of_any_size_are_survived(void **state)
{
	static const int64_t jumps[] = {SECOND / 10, SECOND,    3 * SECOND, 3600 * SECOND,
					YEAR,        30 * YEAR, 150 * YEAR};

	(void)state;
	for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		check_jump(jumps[i]);
		check_jump(-jumps[i]);
	}
	check_jump(-56 *
		   YEAR); /* no battery: the phone was in 1970 and learned better, or forgot */
}

static void the_impossible_becomes_the_time_of_the_batch(void **state)
{
	struct machine m;
	static const int64_t off[] = {-YEAR, -3 * SECOND, -30 * MS, 2 * MS, SECOND, YEAR};
	static const int64_t absurd[] = {INT64_MIN, INT64_MIN + 1, -1, 0, INT64_MAX};

	(void)state;
	start(&m, 56 * YEAR);
	read_batch(&m, 3 * US);
	tp_clock_drained(&m.stamps);
	m.now_ns += 20 * MS;
	read_batch(&m, 3 * US);
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		assert_int_equal(tp_clock_stamp(&m.stamps, wall(&m) + off[i]), m.now_ns);
	for (size_t i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++)
		assert_int_equal(tp_clock_stamp(&m.stamps, absurd[i]), m.now_ns);
}

/* A full batch leaves packets behind that came before it was read. */
static void what_waited_in_a_long_queue_keeps_its_time(void **state)
{
	struct machine m;
	int64_t arrived_ns, stamp_ns;

	(void)state;
	start(&m, 56 * YEAR);
	read_batch(&m, 3 * US);
	tp_clock_drained(&m.stamps);
	arrived_ns = m.now_ns += 10 * MS;
	stamp_ns = wall(&m);
	m.now_ns += 500 * MS;
	read_batch(&m, 3 * US);
	m.now_ns += 10 * MS;
	read_batch(&m, 3 * US);
	assert_int_equal(tp_clock_stamp(&m.stamps, stamp_ns), arrived_ns);
}

/* NTP slews the wall clock by up to 500 ppm: stamps come from the offset of their own batch. */
static void slewing_is_no_jump(void **state)
{
	struct machine m;

	(void)state;
	start(&m, 56 * YEAR);
	for (int i = 0; i < 100000; i++) {
		int64_t arrived_ns, stamp_ns;

		m.now_ns += 20 * MS;
		m.wall_offset_ns += 10 * US;
		arrived_ns = m.now_ns;
		stamp_ns = wall(&m);
		m.now_ns += 5 * MS;
		m.wall_offset_ns += 2500;
		read_batch(&m, 3 * US);
		assert_in_range(tp_clock_stamp(&m.stamps, stamp_ns) + 2500 - arrived_ns, 0, 2500);
		tp_clock_drained(&m.stamps);
	}
}

static void the_real_clocks_are_read_together(void **state)
{
	int64_t wall_ns, now_ns, before_ns = tp_clock_now_ns();

	(void)state;
	tp_clock_pair_ns(&wall_ns, &now_ns);
	assert_true(now_ns >= before_ns);
	assert_true(now_ns <= tp_clock_now_ns());
	assert_true(wall_ns > 40 * YEAR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_steady_clock_gives_exact_stamps),
		cmocka_unit_test(jumps_of_any_size_are_survived),
		cmocka_unit_test(the_impossible_becomes_the_time_of_the_batch),
		cmocka_unit_test(what_waited_in_a_long_queue_keeps_its_time),
		cmocka_unit_test(slewing_is_no_jump),
		cmocka_unit_test(the_real_clocks_are_read_together),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
