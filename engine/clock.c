/* SPDX-License-Identifier: MIT */
/* The monotonic clock, and the kernel's wall-clock stamps made monotonic. */
#include "clock.h"

#include <string.h>
#include <time.h>

enum {
	MS = 1000 * 1000,
	/* A socket's queue of some hundred packets holds less than this. */
	OLDEST_MS = 2000,
	/* Stamps and clocks are read one after the other and slewed against each other: what lies
	 * outside the limits by less is put on the limit. */
	SLACK_NS = 1 * MS,
};

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t tp_clock_now_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void tp_clock_pair_ns(int64_t *wall_ns, int64_t *now_ns)
{
	int64_t best = INT64_MAX;

	/* Preempted between two reads we would be wrong by a time slice: the tightest of a few is
	 * taken, the first if it is tight. */
	for (int i = 0; i < 4 && best > 5000; i++) {
		int64_t before = read_clock(CLOCK_MONOTONIC);
		int64_t wall = read_clock(CLOCK_REALTIME);
		int64_t after = read_clock(CLOCK_MONOTONIC);

		if (after - before < best) {
			best = after - before;
			*wall_ns = wall;
			*now_ns = before + best / 2;
		}
	}
}

void tp_clock_stamps_init(struct tp_stamp_clock *clock)
{
	memset(clock, 0, sizeof(*clock));
	clock->empty_ns = INT64_MIN;
}

/* Wrapping: a wall clock may show anything. */
static int64_t add(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

void tp_clock_batch(struct tp_stamp_clock *clock, int64_t began_ns, int64_t wall_ns, int64_t now_ns)
{
	int64_t offset_ns = (int64_t)((uint64_t)now_ns - (uint64_t)wall_ns);

	clock->began_ns = began_ns;
	clock->now_ns = now_ns;
	clock->floor_ns = now_ns - (int64_t)OLDEST_MS * MS;
	if (clock->floor_ns < clock->empty_ns)
		clock->floor_ns = clock->empty_ns;
	clock->previous_ns = clock->started ? clock->offset_ns : offset_ns;
	clock->offset_ns = offset_ns;
	clock->started = true;
}

/* Brings a time just outside the limits onto them; false if it lies far outside. */
static bool plausible(const struct tp_stamp_clock *clock, int64_t *time_ns)
{
	if (*time_ns > clock->now_ns + SLACK_NS || *time_ns < clock->floor_ns - SLACK_NS)
		return false;
	if (*time_ns > clock->now_ns)
		*time_ns = clock->now_ns;
	if (*time_ns < clock->floor_ns)
		*time_ns = clock->floor_ns;
	return true;
}

int64_t tp_clock_stamp(const struct tp_stamp_clock *clock, int64_t wall_ns)
{
	int64_t now = add(wall_ns, clock->offset_ns);
	int64_t before = add(wall_ns, clock->previous_ns);

	if (plausible(clock, &now))
		return now;
	/* The wall clock was set after this packet came and before the batch was read. */
	if (plausible(clock, &before))
		return before;
	return clock->now_ns;
}

void tp_clock_drained(struct tp_stamp_clock *clock)
{
	clock->empty_ns = clock->began_ns;
}
