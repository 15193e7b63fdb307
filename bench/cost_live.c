/* SPDX-License-Identifier: MIT */
/* Calls in real time: processor time and wake-ups of an engine with one thread and with two. */
#include "bench_call.h"
#include "cost.h"

#include "cli/json.h"

#include <sys/resource.h>

enum {
	LIVE_S = 10, /* of each call */
	ENGINES = 2, /* both in this process, and alike */
};

static const struct {
	const char *codec;
	int threads;
} calls[] = {
	{"PCMU", 1}, {"PCMU", 2}, {"G722", 1}, {"G722", 2}, {"opus", 1}, {"opus", 2},
};

struct use {
	double cpu_s, wakeups;
};

/* Of the engines' threads: this one only sleeps and is not counted. */
static struct use used(void)
{
	struct rusage all, own;
	struct use use;

	getrusage(RUSAGE_SELF, &all);
	getrusage(RUSAGE_THREAD, &own);
	use.cpu_s = (double)(all.ru_utime.tv_sec + all.ru_stime.tv_sec - own.ru_utime.tv_sec -
			     own.ru_stime.tv_sec) +
		    (double)(all.ru_utime.tv_usec + all.ru_stime.tv_usec - own.ru_utime.tv_usec -
			     own.ru_stime.tv_usec) /
			    1e6;
	use.wakeups = (double)(all.ru_nvcsw - own.ru_nvcsw);
	return use;
}

static int measure(struct use *use, const char *codec, int threads)
{
	struct tp_bench_setting setting = {.codec = codec,
					   .period_ms = 10,
					   .ptime_ms = TP_COST_FRAME_MS,
					   .suite = TP_SRTP_AES_CM_128_HMAC_SHA1_80,
					   .threads = threads,
					   .talk = true};
	struct tp_bench_call call;
	struct use before = {0}, after = {0};
	int error = tp_bench_call_begin(&call, &setting, 0);

	if (!error)
		error = tp_bench_call_run(&call, 1000);
	if (!error) {
		before = used();
		error = tp_bench_call_run(&call, LIVE_S * 1000);
		after = used();
	}
	tp_bench_call_end(&call);
	use->cpu_s = (after.cpu_s - before.cpu_s) * 60 / LIVE_S / ENGINES;
	use->wakeups = (after.wakeups - before.wakeups) / LIVE_S / ENGINES;
	return error;
}

static void write_row(struct tp_json *json, const char *codec, int threads, const struct use *use)
{
	tp_json_open(json, NULL, '{');
	tp_json_text(json, "codec", codec);
	tp_json_count(json, "threads", (uint64_t)threads);
	tp_json_number(json, "cpu_s_per_min", use->cpu_s);
	tp_json_number(json, "wakeups_per_s", use->wakeups);
	tp_json_close(json, '}');
}

int tp_cost_live_report(FILE *to, bool json)
{
	struct tp_json writer;
	int error = 0;

	if (json) {
		tp_json_begin(&writer, to);
		tp_json_open(&writer, NULL, '[');
	} else {
		fprintf(to,
			"One engine, one call both ways with SRTP, periods of 10 ms, no voice "
			"processing.\n\n%-6s %7s %11s %11s\n",
			"codec", "threads", "cpu s/min", "wake-ups/s");
	}
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls) && !error; i++) {
		struct use use;

		error = measure(&use, calls[i].codec, calls[i].threads);
		if (!error && json)
			write_row(&writer, calls[i].codec, calls[i].threads, &use);
		else if (!error)
			fprintf(to, "%-6s %7d %11.2f %11.0f\n", calls[i].codec, calls[i].threads,
				use.cpu_s, use.wakeups);
		fflush(to);
	}
	if (json)
		tp_json_close(&writer, ']');
	return error;
}
