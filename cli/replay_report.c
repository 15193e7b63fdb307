/* SPDX-License-Identifier: MIT */
/* A page that shows what a receive path made of a recorded stream. */
#include "replay_report.h"

#include "chart.h"
#include "page.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_CAP = 4096,
	DELAY_HEIGHT = 320,
	MADE_UP_HEIGHT = 110,
	BIN_MS = 500, /* of what was made up and moved */
};

static const char style[] =
	"body{font:15px/1.5 system-ui,sans-serif;max-width:1010px;margin:2em auto;padding:0 1em;"
	"color:#222;background:#fff}h1{font-size:20px}svg{width:100%;height:auto}"
	"svg text{font-size:11px;fill:#666}.tx{text-anchor:middle}.ty{text-anchor:end}"
	".grid{stroke:#ddd}.line{fill:none;stroke-width:1.5;stroke-linejoin:round}"
	".dots{fill:none;stroke-width:2.4;stroke-linecap:round}path.packet{stroke:#999}"
	"path.target{stroke:#d80}path.delay{stroke:#06c}"
	".concealed{fill:#c33}.waited{fill:#d80}.squeezed{fill:#06c}"
	"b.p{color:#777}b.t{color:#d80}b.d{color:#06c}b.c{color:#c33}table{border-spacing:1em 0}"
	"th{font-weight:500;color:#777}";

void tp_replay_report_take(void *context, const struct tp_trace *record)
{
	struct tp_replay_report *report = context;

	if (report->n == report->cap) {
		size_t cap = report->cap ? 2 * report->cap : FIRST_CAP;
		struct tp_trace *records = realloc(report->records, cap * sizeof(*records));

		if (!records) {
			report->error = tp_fail(TP_ERR_MEMORY, "no memory for the report");
			return;
		}
		report->records = records;
		report->cap = cap;
	}
	report->records[report->n++] = *record;
}

static double seconds(const struct tp_replay_report *report, int64_t ns)
{
	return (double)(ns - report->zero_ns) * 1e-9;
}

/* Values of one kind over time; returns how many. */
static int values(const struct tp_replay_report *report, enum tp_trace_kind kind, double *x,
		  double *y)
{
	int n = 0;

	for (size_t i = 0; i < report->n; i++)
		if (report->records[i].kind == kind) {
			x[n] = seconds(report, report->records[i].time_ns);
			y[n++] = report->records[i].value * 1e-3;
		}
	return n;
}

/* How much later than the fastest each packet came, by its timestamp. */
static int arrivals(const struct tp_replay_report *report, double *x, double *y)
{
	double least = INFINITY;
	uint32_t first = 0;
	int n = 0;

	for (size_t i = 0; i < report->n; i++) {
		const struct tp_trace *record = &report->records[i];

		if (record->kind != TP_TRACE_ARRIVED)
			continue;
		first = n ? first : record->timestamp;
		x[n] = seconds(report, record->time_ns);
		y[n] = 1e3 *
		       (x[n] - (double)(int32_t)(record->timestamp - first) / report->clock_hz);
		least = fmin(least, y[n++]);
	}
	for (int i = 0; i < n; i++)
		y[i] -= least;
	return n;
}

static double top_of(double top, const double *y, int n)
{
	for (int i = 0; i < n; i++)
		top = fmax(top, y[i]);
	return top;
}

static void draw_delays(FILE *file, const struct tp_replay_report *report, double end_s,
			double *memory)
{
	double *x[3], *y[3], top = 60;
	struct tp_chart chart;
	int n[3];

	for (int i = 0; i < 3; i++) {
		x[i] = memory + (size_t)(2 * i) * report->n;
		y[i] = x[i] + report->n;
	}
	n[0] = arrivals(report, x[0], y[0]);
	n[1] = values(report, TP_TRACE_TARGET, x[1], y[1]);
	n[2] = values(report, TP_TRACE_DELAY, x[2], y[2]);
	for (int i = 0; i < 3; i++)
		top = top_of(top, y[i], n[i]);
	/* One stray timestamp must not flatten everything else. */
	top = fmin(top, 1000);
	for (int i = 0; i < n[0]; i++)
		y[0][i] = fmin(y[0][i], top);
	tp_chart_begin(&chart, file, "arrivals, target and playout delay", end_s, 0, top, " ms",
		       DELAY_HEIGHT);
	tp_chart_dots(&chart, x[0], y[0], n[0], "packet");
	tp_chart_line(&chart, x[1], y[1], n[1], "target");
	tp_chart_line(&chart, x[2], y[2], n[2], "delay");
	tp_chart_end(&chart);
}

/* Bars of one kind, in the i-th third of each half second. */
static void draw_bars(struct tp_chart *chart, const struct tp_replay_report *report,
		      enum tp_trace_kind kind, const char *bar, int i, double *sum, int bins)
{
	memset(sum, 0, (size_t)bins * sizeof(*sum));
	for (size_t k = 0; k < report->n; k++) {
		int bin = (int)(seconds(report, report->records[k].time_ns) * 1000 / BIN_MS);

		if (report->records[k].kind == kind && bin >= 0 && bin < bins)
			sum[bin] += report->records[k].value * 1e-3;
	}
	for (int bin = 0; bin < bins; bin++) {
		double width = BIN_MS * 1e-3 / 3, at = bin * BIN_MS * 1e-3 + i * width;

		if (sum[bin] > 0)
			tp_chart_bar(chart, at, at + 0.9 * width, 0, fmin(sum[bin], BIN_MS), bar);
	}
}

static int draw_made_up(FILE *file, const struct tp_replay_report *report, double end_s)
{
	int bins = (int)(end_s * 1000 / BIN_MS) + 1;
	double *sum = malloc((size_t)bins * sizeof(*sum));
	struct tp_chart chart;

	if (!sum)
		return tp_fail(TP_ERR_MEMORY, "no memory for the report");
	tp_chart_begin(&chart, file, "sound made up, waited and cut", end_s, 0, BIN_MS, " ms",
		       MADE_UP_HEIGHT);
	draw_bars(&chart, report, TP_TRACE_CONCEALED, "concealed", 0, sum, bins);
	draw_bars(&chart, report, TP_TRACE_WAITED, "waited", 1, sum, bins);
	draw_bars(&chart, report, TP_TRACE_SQUEEZED, "squeezed", 2, sum, bins);
	tp_chart_end(&chart);
	free(sum);
	return 0;
}

static void write_figures(FILE *file, const struct tp_session_stats *s)
{
	fprintf(file,
		"<table><tr><th>packets<th>lost<th>late<th>discarded<th>concealed<th>FEC"
		"<th>noise<th>stretched<th>squeezed<th>resyncs<th>clock</tr>\n"
		"<tr><td>%" PRIu64 "<td>%" PRIu32 "<td>%" PRIu32 "<td>%" PRIu32 "<td>%" PRIu32
		" ms<td>%" PRIu32 " ms<td>%" PRIu32 " ms<td>%" PRIu32 " ms<td>%" PRIu32
		" ms<td>%" PRIu32,
		s->receive.packets, s->receive.lost, s->jitter.late, s->jitter.discarded,
		s->jitter.concealed_ms, s->jitter.fec_ms, s->jitter.noise_ms,
		s->jitter.stretched_ms, s->jitter.squeezed_ms, s->jitter.resyncs);
	if (isfinite(s->jitter.drift_ppm))
		fprintf(file, "<td>%+.1f ppm</tr></table>\n", s->jitter.drift_ppm);
	else
		fputs("<td>like ours</tr></table>\n", file);
}

static int write_page(FILE *file, const struct tp_replay_report *report,
		      const struct tp_session_stats *stats)
{
	double *memory = calloc(6 * report->n + 1, sizeof(*memory)), end_s = 1;
	int error;

	if (!memory)
		return tp_fail(TP_ERR_MEMORY, "no memory for the report");
	for (size_t i = 0; i < report->n; i++)
		end_s = fmax(end_s, seconds(report, report->records[i].time_ns));
	fprintf(file,
		"<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><title>talkpath "
		"replay</title><style>%s</style></head><body><h1>",
		style);
	tp_page_text(file, report->recording);
	fputs("</h1>\n<p><b class='p'>packets</b> by how much later than the fastest they came, "
	      "the <b class='t'>delay wanted</b> and the <b class='d'>delay played</b></p>\n",
	      file);
	draw_delays(file, report, end_s, memory);
	fputs("<p>in each half second: sound <b class='c'>made up</b>, <b class='t'>waited</b>, "
	      "<b class='d'>cut out</b></p>\n",
	      file);
	error = draw_made_up(file, report, end_s);
	write_figures(file, stats);
	fputs("</body></html>\n", file);
	free(memory);
	return error;
}

int tp_replay_report_write(struct tp_replay_report *report, const struct tp_session_stats *stats)
{
	FILE *file = report->path && !report->error ? fopen(report->path, "w") : NULL;
	int error = report->error;
	bool bad = report->path && !file;

	if (file) {
		error = write_page(file, report, stats);
		bad = ferror(file);
		bad |= fclose(file) != 0;
	}
	if (!error && bad)
		error = tp_fail(TP_ERR_SYSTEM, "cannot write the report to %.150s: %s",
				report->path, strerror(errno));
	free(report->records);
	report->records = NULL;
	report->n = report->cap = 0;
	return error;
}
