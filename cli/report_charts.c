/* SPDX-License-Identifier: MIT */
/* The pictures of the demo's page. */
#include "report_charts.h"

#include "chart.h"
#include "spectrogram.h"

#include <math.h>
#include <stdlib.h>

enum {
	OUTLINE_HEIGHT = 64,
	LEVEL_HEIGHT = 130,
	DELAY_HEIGHT = 150,
	LOSS_HEIGHT = 90,
	LEVEL_FLOOR_DB = -90,
	BIN_MS = 500, /* of losses */
	BUDGET_ROW = 34,
	BUDGET_LEFT = 150,
};

static double seconds(const struct tp_report *report, int64_t ns)
{
	return (double)(ns - report->start_ns) * 1e-9;
}

static void begin(struct tp_chart *chart, FILE *file, const struct tp_report *report,
		  const char *label, double y_min, double y_max, const char *unit, int height)
{
	tp_chart_begin(chart, file, label, report->script->seconds, y_min, y_max, unit, height);
	tp_chart_band(chart, report->script->bad_from_s, report->script->bad_to_s, "trouble");
}

/* ---- Sound ---------------------------------------------------------------------------------- */

/* The frames of an end from second 0 of the charts on; what it had not
 * yet taken then is left out. */
static const int16_t *frames_from_zero(const struct tp_report *report, int end, int64_t *n)
{
	const struct tp_demo_end *e = &report->ends[end];
	int64_t skip = (int64_t)(-seconds(report, e->first_frame_ns) * TP_DEMO_RATE_HZ);
	int64_t all = (int64_t)report->script->seconds * TP_DEMO_RATE_HZ;

	skip = skip < 0 ? 0 : skip < e->frames_n ? skip : e->frames_n;
	*n = e->frames_n - skip < all ? e->frames_n - skip : all;
	return e->frames + skip * TP_TAP_CHANNELS;
}

void tp_report_draw_heard(FILE *file, const struct tp_report *report, int from)
{
	const char *styles[] = {"a", "b"};
	const int16_t *frames;
	struct tp_chart chart;
	int64_t n;

	begin(&chart, file, report, "what was said", -1, 1, "", OUTLINE_HEIGHT);
	tp_chart_outline(&chart, report->script->says[from], report->script->n, 1, styles[from]);
	tp_chart_end(&chart);
	frames = frames_from_zero(report, !from, &n);
	begin(&chart, file, report, "what was heard", -1, 1, "", OUTLINE_HEIGHT);
	/* A run that was ended early has less sound than the axis has seconds. */
	chart.width = (int)(TP_CHART_WIDTH * n / report->script->n);
	if (chart.width > 0)
		tp_chart_outline(&chart, frames + TP_DEMO_EAR, n, TP_TAP_CHANNELS, styles[from]);
	tp_chart_end(&chart);
}

int tp_report_draw_spectrum(FILE *file, const struct tp_report *report, int end,
			    enum tp_demo_channel channel)
{
	int64_t n, all = report->script->n;
	const int16_t *frames = frames_from_zero(report, end, &n);
	int16_t *mono = calloc((size_t)all, sizeof(*mono));
	int error;

	if (!mono)
		return tp_fail(TP_ERR_MEMORY, "no memory for a spectrogram");
	for (int64_t i = 0; i < n; i++)
		mono[i] = frames[i * TP_TAP_CHANNELS + (int)channel];
	error = tp_spectrogram_chart(file, mono, all, TP_DEMO_RATE_HZ);
	free(mono);
	return error;
}

void tp_report_draw_echo(FILE *file, const struct tp_report *report,
			 const struct tp_report_figures *figures, int end)
{
	const struct tp_report_echo *echo = &figures->echo[end];
	struct tp_chart chart;

	tp_chart_begin(&chart, file, "level before and after echo cancellation",
		       report->script->seconds, LEVEL_FLOOR_DB, 0, " dBFS", LEVEL_HEIGHT);
	for (int i = 0; i < echo->n; i++) {
		int k = i;

		while (k < echo->n && echo->far_only[k])
			k++;
		if (k > i)
			tp_chart_band(&chart, echo->time_s[i] - 0.05, echo->time_s[k - 1] + 0.05,
				      "far");
		i = k;
	}
	tp_chart_line(&chart, echo->time_s, echo->before_db, echo->n, "before");
	tp_chart_line(&chart, echo->time_s, echo->after_db, echo->n, "after");
	tp_chart_end(&chart);
}

/* ---- Time ----------------------------------------------------------------------------------- */

/* Records of one kind of an end, as points in seconds and ms; returns how many. */
static int points(double *x, double *y, const struct tp_report *report, int end,
		  enum tp_trace_kind kind)
{
	const struct tp_demo_end *e = &report->ends[end];
	int n = 0;

	for (size_t i = 0; i < e->traces_n; i++) {
		if (e->traces[i].kind != kind)
			continue;
		x[n] = seconds(report, e->traces[i].time_ns);
		y[n++] = e->traces[i].value * 1e-3;
	}
	return n;
}

/* Arrivals as points: when a packet was sent, and how much later than the fastest it came. */
static int arrivals(double *x, double *y, const struct tp_report *report,
		    const struct tp_report_way *way)
{
	int64_t fastest = INT64_MAX;
	int n = 0;

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < way->n; i++) {
			const int64_t *at_ns = way->journeys[i].at_ns;
			int64_t transit = at_ns[TP_TRACE_ARRIVED] - at_ns[TP_TRACE_SENT];

			if (!at_ns[TP_TRACE_ARRIVED] || !at_ns[TP_TRACE_SENT])
				continue;
			if (round == 0) {
				fastest = transit < fastest ? transit : fastest;
				continue;
			}
			x[n] = seconds(report, at_ns[TP_TRACE_ARRIVED]);
			y[n++] = (double)(transit - fastest) * 1e-6;
		}
	return n;
}

static double top_of(double top, const double *y, int n)
{
	for (int i = 0; i < n; i++)
		top = fmax(top, y[i]);
	return top;
}

int tp_report_draw_buffer(FILE *file, const struct tp_report *report,
			  const struct tp_report_figures *figures, int from)
{
	const struct tp_report_way *way = &figures->way[from];
	size_t most = report->ends[!from].traces_n + (size_t)way->n + 1;
	/* Dots, the true delay, the wanted delay. */
	double *memory = calloc(6 * most, sizeof(double)), *x[3], *y[3], top = 60;
	struct tp_chart chart;
	int n[3];

	if (!memory)
		return tp_fail(TP_ERR_MEMORY, "no memory for a chart of delays");
	for (int i = 0; i < 3; i++) {
		x[i] = memory + (size_t)(2 * i) * most;
		y[i] = x[i] + most;
	}
	n[0] = arrivals(x[0], y[0], report, way);
	n[1] = points(x[1], y[1], report, !from, TP_TRACE_DELAY);
	n[2] = points(x[2], y[2], report, !from, TP_TRACE_TARGET);
	for (int i = 0; i < 3; i++)
		top = top_of(top, y[i], n[i]);
	begin(&chart, file, report, "jitter and playout delay", 0, top, " ms", DELAY_HEIGHT);
	tp_chart_dots(&chart, x[0], y[0], n[0], "packet");
	tp_chart_line(&chart, x[2], y[2], n[2], "target");
	tp_chart_line(&chart, x[1], y[1], n[1], from ? "b" : "a");
	tp_chart_end(&chart);
	free(memory);
	return 0;
}

int tp_report_draw_loss(FILE *file, const struct tp_report *report,
			const struct tp_report_figures *figures, int from)
{
	const struct tp_report_way *way = &figures->way[from];
	const struct tp_demo_end *hears = &report->ends[!from];
	int bins = report->script->seconds * 1000 / BIN_MS + 1;
	double *lost = calloc(2 * (size_t)bins, sizeof(double)), *made_up, top = 100;
	struct tp_chart chart;

	if (!lost)
		return tp_fail(TP_ERR_MEMORY, "no memory for a chart of losses");
	made_up = lost + bins;
	for (int i = 0; i < way->n; i++) {
		const int64_t *at_ns = way->journeys[i].at_ns;
		int bin = (int)(seconds(report, at_ns[TP_TRACE_SENT]) * 1000 / BIN_MS);

		if (at_ns[TP_TRACE_SENT] && !at_ns[TP_TRACE_ARRIVED] && bin >= 0 && bin < bins)
			lost[bin] += 20;
	}
	for (size_t i = 0; i < hears->traces_n; i++) {
		const struct tp_trace *trace = &hears->traces[i];
		int bin = (int)(seconds(report, trace->time_ns) * 1000 / BIN_MS);

		if (trace->kind == TP_TRACE_CONCEALED && bin >= 0 && bin < bins)
			made_up[bin] += trace->value * 1e-3;
	}
	top = top_of(top, lost, 2 * bins);
	begin(&chart, file, report, "losses and concealment", 0, top, " ms", LOSS_HEIGHT);
	for (int i = 0; i < bins; i++) {
		double at = i * BIN_MS * 1e-3, width = BIN_MS * 1e-3;

		if (lost[i] > 0)
			tp_chart_bar(&chart, at + 0.1 * width, at + 0.5 * width, 0, lost[i],
				     "lost");
		if (made_up[i] > 0)
			tp_chart_bar(&chart, at + 0.5 * width, at + 0.9 * width, 0, made_up[i],
				     "concealed");
	}
	tp_chart_end(&chart);
	free(lost);
	return 0;
}

/* ---- The budget ----------------------------------------------------------------------------- */

static void draw_row(FILE *file, int row, const char *name, const double *stage_ms,
		     double lookahead_ms, double scale)
{
	double x = BUDGET_LEFT, y = 4 + row * BUDGET_ROW, total = lookahead_ms;

	fprintf(file, "<text x='%d' y='%.0f' class='ty'>%s</text>\n", BUDGET_LEFT - 8, y + 17,
		name);
	for (int stage = 0; stage <= TP_JOURNEY_STAGES; stage++) {
		double ms = stage < TP_JOURNEY_STAGES ? stage_ms[stage] : lookahead_ms;

		if (!(ms > 0))
			continue;
		fprintf(file, "<rect x='%.1f' y='%.0f' width='%.1f' height='24' class='stage%d'/>",
			x, y, ms * scale, stage);
		if (ms * scale > 26)
			fprintf(file, "<text x='%.1f' y='%.0f' class='in'>%.0f</text>",
				x + ms * scale / 2, y + 17, ms);
		x += ms * scale;
		total += stage < TP_JOURNEY_STAGES ? ms : 0;
	}
	fprintf(file, "<text x='%.1f' y='%.0f' class='sum'>%.0f ms</text>\n", x + 8, y + 17, total);
}

void tp_report_draw_budget(FILE *file, const struct tp_report_figures *figures)
{
	static const char *const names[TP_DEMO_ENDS][2] = {
		{"A to B, good network", "A to B, bad network"},
		{"B to A, good network", "B to A, bad network"},
	};
	double most = 1;

	for (int from = 0; from < TP_DEMO_ENDS; from++) {
		const struct tp_report_way *way = &figures->way[from];

		most = fmax(most, way->lookahead_ms + fmax(way->clean_ms[TP_JOURNEY_STAGES],
							   way->bad_ms[TP_JOURNEY_STAGES]));
	}
	fprintf(file, "<svg viewBox='0 0 %d %d' role='img' aria-label='latency, stage by stage'>\n",
		TP_CHART_LEFT + TP_CHART_WIDTH + 12, 4 * BUDGET_ROW + 4);
	for (int row = 0; row < 4; row++) {
		const struct tp_report_way *way = &figures->way[row / 2];

		draw_row(file, row, names[row / 2][row % 2], row % 2 ? way->bad_ms : way->clean_ms,
			 way->lookahead_ms, (TP_CHART_WIDTH - 180) / most);
	}
	fputs("</svg>\n", file);
}
