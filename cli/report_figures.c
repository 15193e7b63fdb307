/* SPDX-License-Identifier: MIT */
/* The figures of the demo's page, from the run's sound and stamps. */
#include "report_figures.h"

#include "formats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	SPAN_MS = 100, /* of one level: a syllable */
	ECHO_DB = -50, /* less at the microphone is its noise */
	REVERB_MS = 300, /* the room still sounds so long after a talker has stopped */
	SETTLE_FROM_MS = 1500, /* the call's own beginning says nothing about its latency */
};

static int64_t second_ns(const struct tp_report *report, double s)
{
	return report->start_ns + (int64_t)(s * 1e9);
}

static int make_way(struct tp_report_way *way, const struct tp_report *report, int from)
{
	const struct tp_demo_end *sender = &report->ends[from], *receiver = &report->ends[!from];
	const struct tp_demo_script *script = report->script;
	int64_t start = second_ns(report, SETTLE_FROM_MS * 1e-3);
	int64_t bad_from = second_ns(report, script->bad_from_s);
	int64_t bad_to = second_ns(report, script->bad_to_s);
	struct tp_format format = {.codec = "opus", .options = {.rate_hz = TP_DEMO_RATE_HZ}};
	struct tp_codec_shape shape;

	way->n = tp_journey_collect(&way->journeys, sender->traces, sender->traces_n,
				    receiver->traces, receiver->traces_n);
	if (way->n < 0)
		return way->n;
	for (int stage = 0; stage <= TP_JOURNEY_STAGES; stage++) {
		way->clean_ms[stage] =
			tp_journey_median_ms(way->journeys, way->n, stage, start, bad_from);
		way->bad_ms[stage] =
			tp_journey_median_ms(way->journeys, way->n, stage, bad_from, bad_to);
	}
	for (int i = 0; i < way->n; i++) {
		const int64_t *at_ns = way->journeys[i].at_ns;

		if (at_ns[TP_TRACE_SENT] < bad_from || at_ns[TP_TRACE_SENT] >= bad_to)
			continue;
		way->sent++;
		way->lost += !at_ns[TP_TRACE_ARRIVED];
	}
	if (!tp_formats_shape(&format, &shape))
		way->lookahead_ms = shape.lookahead_n * 1e3 / shape.rate_hz;
	return 0;
}

static double level_db(const int16_t *frames, int64_t n, int channel)
{
	double sum = 0;

	for (int64_t i = 0; i < n; i++) {
		double sample = frames[i * TP_TAP_CHANNELS + channel] / 32768.0;

		sum += sample * sample;
	}
	/* An int16 of 0 for all of a span is below what it can say. */
	return 10 * log10(sum / (double)n + 1e-10);
}

static void fill_span(struct tp_report_echo *echo, const struct tp_report *report, int end, int i)
{
	const struct tp_demo_end *e = &report->ends[end];
	const struct tp_demo_script *script = report->script;
	int64_t n = TP_DEMO_RATE_HZ * SPAN_MS / 1000;
	const int16_t *frames = e->frames + i * n * TP_TAP_CHANNELS;
	double from = (double)(e->first_frame_ns - report->start_ns) * 1e-9 + i * SPAN_MS * 1e-3;
	double to = from + SPAN_MS * 1e-3;

	echo->time_s[i] = (from + to) / 2;
	echo->before_db[i] = level_db(frames, n, TP_DEMO_MICROPHONE);
	echo->after_db[i] = level_db(frames, n, TP_DEMO_NEAR);
	echo->far_only[i] = tp_demo_script_talks(script, !end, from - REVERB_MS * 1e-3, from) &&
			    !tp_demo_script_talks(script, end, from - REVERB_MS * 1e-3, to);
}

static int compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return (difference > 0) - (difference < 0);
}

static int make_echo(struct tp_report_echo *echo, const struct tp_report *report, int end)
{
	double *reductions;
	int n = 0;

	echo->n = (int)(report->ends[end].frames_n * 1000 / SPAN_MS / TP_DEMO_RATE_HZ);
	echo->time_s = calloc((size_t)echo->n + 1, sizeof(double));
	echo->before_db = calloc((size_t)echo->n + 1, sizeof(double));
	echo->after_db = calloc((size_t)echo->n + 1, sizeof(double));
	echo->far_only = calloc((size_t)echo->n + 1, sizeof(bool));
	if (!echo->time_s || !echo->before_db || !echo->after_db || !echo->far_only)
		return tp_fail(TP_ERR_MEMORY, "no memory for the figures of the demo");
	reductions = calloc((size_t)echo->n + 1, sizeof(double));
	if (!reductions)
		return tp_fail(TP_ERR_MEMORY, "no memory for the figures of the demo");
	for (int i = 0; i < echo->n; i++) {
		fill_span(echo, report, end, i);
		if (echo->far_only[i] && echo->before_db[i] > ECHO_DB)
			reductions[n++] = echo->before_db[i] - echo->after_db[i];
	}
	qsort(reductions, (size_t)n, sizeof(double), compare);
	echo->reduction_db = n ? reductions[n / 2] : NAN;
	free(reductions);
	return 0;
}

int tp_report_figures_make(struct tp_report_figures *figures, const struct tp_report *report)
{
	int error = 0;

	memset(figures, 0, sizeof(*figures));
	for (int end = 0; !error && end < TP_DEMO_ENDS; end++) {
		error = make_way(&figures->way[end], report, end);
		if (!error)
			error = make_echo(&figures->echo[end], report, end);
	}
	return error;
}

void tp_report_figures_free(struct tp_report_figures *figures)
{
	for (int end = 0; end < TP_DEMO_ENDS; end++) {
		free(figures->way[end].journeys);
		free(figures->echo[end].time_s);
		free(figures->echo[end].before_db);
		free(figures->echo[end].after_db);
		free(figures->echo[end].far_only);
	}
	memset(figures, 0, sizeof(*figures));
}
