/* SPDX-License-Identifier: MIT */
/* The monotonic clock, and the kernel's wall-clock stamps made monotonic. */
#ifndef TP_CLOCK_H
#define TP_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* CLOCK_MONOTONIC. Called by the two loops and nobody below them. [wire] [audio] */
int64_t tp_clock_now_ns(void);

/* Both clocks at one moment, as near as the scheduler lets them be read: for whoever turns stamps
 * of one into the other, which is only the UDP transport. [wire] */
void tp_clock_pair_ns(int64_t *wall_ns, int64_t *now_ns);

/* Turns the wall-clock stamps of one queue's packets into monotonic ones. A pure function of what
 * it is told. */
struct tp_stamp_clock {
	int64_t began_ns; /* monotonic time before this batch was read, and after */
	int64_t now_ns;
	int64_t empty_ns; /* the queue was seen empty after this */
	int64_t floor_ns; /* no stamp of this batch is earlier */
	int64_t offset_ns; /* monotonic minus wall at this batch ... */
	int64_t previous_ns; /* ... and at the one before */
	bool started;
};

void tp_clock_stamps_init(struct tp_stamp_clock *clock); /* [any] */

/* A batch was read from the queue: the monotonic time from before, both clocks from after.
 * [wire] */
void tp_clock_batch(struct tp_stamp_clock *clock, int64_t began_ns, int64_t wall_ns,
		    int64_t now_ns);

/* The monotonic time of a stamp of this batch. A stamp that cannot be true (after the batch, before
 * the queue was last empty, older than 2 s: the wall clock was set in between, by seconds or by
 * years) becomes the batch's time. [wire] */
int64_t tp_clock_stamp(const struct tp_stamp_clock *clock, int64_t wall_ns);

/* The batch emptied the queue. [wire] */
void tp_clock_drained(struct tp_stamp_clock *clock);

#endif
