/* SPDX-License-Identifier: MIT */
/* Every decision of a receive path, one line each, into a file. */
#include "decisions.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
	CHUNK = 256,
};

static const char *const names[TP_TRACE_KINDS] = {
	[TP_TRACE_ARRIVED] = "arrived",     [TP_TRACE_PLAYED] = "played",
	[TP_TRACE_CONCEALED] = "concealed", [TP_TRACE_DELAY] = "delay",
	[TP_TRACE_TARGET] = "target",       [TP_TRACE_WAITED] = "waited",
	[TP_TRACE_SQUEEZED] = "squeezed",   [TP_TRACE_LATE] = "late",
	[TP_TRACE_NOISE] = "noise",         [TP_TRACE_RECOVERED] = "recovered",
	[TP_TRACE_RESYNC] = "resync",       [TP_TRACE_DRIFT] = "drift",
};

static int fail(const char *path)
{
	return tp_fail(TP_ERR_SYSTEM, "cannot write the trace to %.150s: %s", path,
		       strerror(errno));
}

int tp_decisions_open(struct tp_decisions *decisions, const char *path, int64_t zero_ns)
{
	decisions->file = NULL;
	decisions->path = path;
	decisions->zero_ns = zero_ns;
	decisions->delay_ms = decisions->target_ms = NAN;
	if (!path)
		return 0;
	decisions->file = fopen(path, "w");
	if (!decisions->file)
		return fail(path);
	fputs("time_s,event,rtp_timestamp,value_ms,delay_ms,target_ms\n", decisions->file);
	return 0;
}

/* Delay and target are told once a block; only their changes are decisions. */
static bool is_news(struct tp_decisions *decisions, const struct tp_trace *record)
{
	double *last = record->kind == TP_TRACE_DELAY    ? &decisions->delay_ms
		       : record->kind == TP_TRACE_TARGET ? &decisions->target_ms
							 : NULL;
	double value = record->value * 1e-3;

	if (!last)
		return true;
	if (value == *last)
		return false;
	*last = value;
	return true;
}

static void write_one(struct tp_decisions *decisions, const struct tp_trace *record)
{
	if (!names[record->kind] || !is_news(decisions, record) || !decisions->file)
		return;
	fprintf(decisions->file, "%.6f,%s,%" PRIu32 ",%.3f,%.3f,%.3f\n",
		(double)(record->time_ns - decisions->zero_ns) * 1e-9, names[record->kind],
		record->timestamp, record->value * 1e-3, decisions->delay_ms, decisions->target_ms);
}

void tp_decisions_drain(struct tp_decisions *decisions, struct tp_engine *engine)
{
	struct tp_trace records[CHUNK];
	int n;

	if (!decisions->file && !decisions->each)
		return;
	while ((n = tp_engine_trace(engine, records, CHUNK)) > 0)
		for (int i = 0; i < n; i++) {
			write_one(decisions, &records[i]);
			if (decisions->each)
				decisions->each(decisions->context, &records[i]);
		}
}

int tp_decisions_close(struct tp_decisions *decisions)
{
	FILE *file = decisions->file;
	bool bad;

	if (!file)
		return 0;
	decisions->file = NULL;
	bad = ferror(file);
	return fclose(file) || bad ? fail(decisions->path) : 0;
}
