/* SPDX-License-Identifier: MIT */
/* Measures one part: batches between two readings of the clock and of the instruction counter. */
#include "cost.h"

#include "engine/clock.h"

#include <linux/perf_event.h>
#include <math.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	BATCHES_MAX = 2000,
	BATCHES_MIN = 11,
	WARM_UP = 3, /* batches: caches, branch predictor, the fast start of adaptive parts */
};

static const int64_t span_ns = 300000000;

/* Processor time of this thread: what others do on the machine meanwhile is not counted. */
static int64_t spent_ns(void)
{
	struct timespec spent;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
	return (int64_t)spent.tv_sec * 1000000000 + spent.tv_nsec;
}

/* Instructions of this thread, in user mode; -1 where kernel or hypervisor does not let us. */
static int open_counter(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_HW_INSTRUCTIONS,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};

	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static double read_counter(int fd)
{
	uint64_t count;

	return fd >= 0 && read(fd, &count, sizeof(count)) == sizeof(count) ? (double)count
									   : (double)NAN;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, int n)
{
	if (isnan(values[0]))
		return NAN;
	qsort(values, (size_t)n, sizeof(*values), compare);
	return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

__attribute__((noinline)) void tp_cost_batch(const struct tp_cost_part *part, void *state, int n)
{
	part->run(state, n);
}

struct series {
	double ns[BATCHES_MAX], instructions[BATCHES_MAX];
	int n;
};

static void measure_batch(struct series *series, const struct tp_cost_part *part, void *state,
			  int counter, int n)
{
	double counted;
	int64_t begun_ns;

	if (part->prepare)
		part->prepare(state, n);
	counted = read_counter(counter);
	begun_ns = spent_ns();
	tp_cost_batch(part, state, n);
	series->ns[series->n] = (double)(spent_ns() - begun_ns) / n;
	series->instructions[series->n++] = (read_counter(counter) - counted) / n;
}

/* `times` operations in whole batches and a rest. */
static int measure_times(struct series *series, const struct tp_cost_part *part, void *state,
			 int counter, int times)
{
	int done = 0;

	while (done < times) {
		int n = times - done < part->batch ? times - done : part->batch;

		if (series->n == BATCHES_MAX)
			series->n = 0;
		measure_batch(series, part, state, counter, n);
		done += n;
	}
	return done;
}

static int measure_span(struct series *series, const struct tp_cost_part *part, void *state,
			int counter)
{
	int64_t end_ns = tp_clock_now_ns() + span_ns;

	for (int i = 0; i < WARM_UP; i++)
		measure_batch(series, part, state, counter, part->batch);
	series->n = 0;
	while (series->n < BATCHES_MIN || (series->n < BATCHES_MAX && tp_clock_now_ns() < end_ns))
		measure_batch(series, part, state, counter, part->batch);
	return series->n * part->batch;
}

static void measure(struct tp_cost *cost, struct series *series, const struct tp_cost_part *part,
		    void *state, int times)
{
	int counter = open_counter();

	cost->operations = times ? measure_times(series, part, state, counter, times)
				 : measure_span(series, part, state, counter);
	cost->ns = median(series->ns, series->n);
	cost->instructions = median(series->instructions, series->n);
	if (counter >= 0)
		close(counter);
}

int tp_cost_measure(struct tp_cost *cost, const struct tp_cost_part *part, int times)
{
	struct series *series = calloc(1, sizeof(*series));
	void *state = NULL;
	int error;

	if (!series)
		return tp_fail(TP_ERR_MEMORY, "no memory for the measurements");
	error = part->open(&state, part);
	if (!error)
		measure(cost, series, part, state, times);
	if (state)
		part->close(state);
	free(series);
	return error;
}
