/* SPDX-License-Identifier: MIT */
/* A page that shows what became of an echo: levels, losses, delay and
 * drift over time, spectrograms. */
#include "echo_report.h"

#include "chart.h"
#include "page.h"
#include "spectrogram.h"

#include "dsp/level.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	SPAN_MS = 100,
	LEVEL_HEIGHT = 150,
	LOSS_HEIGHT = 170,
	SMALL_HEIGHT = 100,
	LEVEL_FLOOR_DB = -90,
};

int tp_echo_report_open(struct tp_echo_report *report, int rate_hz, int64_t frames, int delay_n)
{
	*report = (struct tp_echo_report){
		.rate_hz = rate_hz,
		.delay_n = delay_n,
		.frames = frames,
		.span_n = rate_hz * SPAN_MS / 1000,
	};
	report->out = calloc((size_t)frames + 1, sizeof(*report->out));
	report->span = calloc((size_t)(frames / report->span_n) + 1, sizeof(*report->span));
	return report->out && report->span ? 0 : tp_fail(TP_ERR_MEMORY, "no memory for the report");
}

void tp_echo_report_free(struct tp_echo_report *report)
{
	free(report->out);
	free(report->span);
	*report = (struct tp_echo_report){0};
}

void tp_echo_report_add(struct tp_echo_report *report, const int16_t *mic, const int16_t *out,
			size_t n, const struct tp_voice_stats *stats)
{
	int64_t from = (int64_t)report->spans * report->span_n;
	struct tp_echo_span *span = &report->span[report->spans];

	memcpy(report->out + report->out_n, out, n * sizeof(*out));
	report->out_n += (int64_t)n;
	if (report->out_n < from + report->span_n)
		return;
	span->time_s = ((double)from + report->span_n / 2.0) / report->rate_hz;
	span->before_db = tp_level_db(mic + from, report->span_n);
	span->after_db = tp_level_db(report->out + from, report->span_n);
	span->stats = *stats;
	report->spans++;
}

/* ---- Figures -------------------------------------------------------------------------------- */

static bool far_alone(const struct tp_echo_span *span)
{
	return span->stats.far_talks && !span->stats.near_talks;
}

static int compare(const void *a, const void *b)
{
	double difference = *(const double *)a - *(const double *)b;

	return (difference > 0) - (difference < 0);
}

/* Median over the spans in which only the far end talks of what stands
 * at `offset` in their figures. */
static double median(const struct tp_echo_report *report, size_t offset, double *memory)
{
	int n = 0;

	for (int i = 0; i < report->spans; i++) {
		const struct tp_echo_span *span = &report->span[i];
		double value;

		memcpy(&value, (const char *)&span->stats + offset, sizeof(value));
		if (far_alone(span) && isfinite(value))
			memory[n++] = value;
	}
	qsort(memory, (size_t)n, sizeof(*memory), compare);
	return n ? memory[n / 2] : (double)NAN;
}

static void put_tiles(FILE *file, const struct tp_echo_report *report, double *memory)
{
	const struct tp_voice_stats *last =
		report->spans ? &report->span[report->spans - 1].stats
			      : &(const struct tp_voice_stats){.delay_ms = NAN, .double_talk = NAN};

	fputs("<div class='tiles'>\n", file);
	tp_page_tile(file, median(report, offsetof(struct tp_voice_stats, erl_db), memory), 1,
		     " dB", "echo return loss: the echo under the loudspeaker (median)");
	tp_page_tile(file, median(report, offsetof(struct tp_voice_stats, erle_db), memory), 1,
		     " dB", "less echo by all stages (ERLE, median)");
	tp_page_tile(file, median(report, offsetof(struct tp_voice_stats, linear_erle_db), memory),
		     1, " dB", "of it by the canceller alone");
	tp_page_tile(file, last->delay_ms, 1, " ms", "from the loudspeaker's signal to its echo");
	tp_page_tile(file, last->drift_ppm, 1, " ppm",
		     "by which the loudspeaker's clock is the faster");
	tp_page_tile(file, 100 * last->double_talk, 0, " %",
		     "of the far end's time with a talker here");
	tp_page_tile(file, 1e3 * report->delay_n / report->rate_hz, 1, " ms",
		     "added to the near talker");
	fputs("</div>\n", file);
}

/* ---- Charts --------------------------------------------------------------------------------- */

/* The spans in which only the far end, and those in which somebody here talks. */
static void draw_bands(struct tp_chart *chart, const struct tp_echo_report *report)
{
	double half_s = SPAN_MS * 0.5e-3;

	for (int i = 0; i < report->spans; i++) {
		const struct tp_echo_span *span = &report->span[i];
		bool alone = far_alone(span), near = span->stats.near_talks;
		int k = i;

		while (k + 1 < report->spans && far_alone(&span[k + 1 - i]) == alone &&
		       span[k + 1 - i].stats.near_talks == near)
			k++;
		if (alone || near)
			tp_chart_band(chart, span->time_s - half_s, report->span[k].time_s + half_s,
				      alone ? "far" : "near");
		i = k;
	}
}

static void begin(struct tp_chart *chart, FILE *file, const struct tp_echo_report *report,
		  const char *label, double y_min, double y_max, const char *unit, int height)
{
	tp_chart_begin(chart, file, label, (double)report->frames / report->rate_hz, y_min, y_max,
		       unit, height);
	draw_bands(chart, report);
}

/* x and y of a line through the field at `offset` of every span; `alone`: only where the far end
 * alone talks. Returns the greatest magnitude. */
static double points(const struct tp_echo_report *report, size_t offset, bool alone, double *x,
		     double *y)
{
	double most = 0;

	for (int i = 0; i < report->spans; i++) {
		const struct tp_echo_span *span = &report->span[i];

		x[i] = span->time_s;
		memcpy(&y[i], (const char *)span + offset, sizeof(y[i]));
		if (alone && !far_alone(span))
			y[i] = NAN;
		if (isfinite(y[i]))
			most = fmax(most, fabs(y[i]));
	}
	return most;
}

#define SPAN(name)  offsetof(struct tp_echo_span, name)
#define STATS(name) (SPAN(stats) + offsetof(struct tp_voice_stats, name))

static void draw_levels(FILE *file, const struct tp_echo_report *report, double *x, double *y)
{
	struct tp_chart chart;

	fputs("<section><h2>Level</h2><p>", file);
	tp_page_key(file, "var(--grey)", "the microphone");
	tp_page_key(file, "var(--b)", "what is sent");
	tp_page_key(file, "var(--far)", "only the far end talks");
	tp_page_key(file, "var(--near)", "somebody talks here");
	fputs("</p>\n", file);
	begin(&chart, file, report, "level before and after", LEVEL_FLOOR_DB, 0, " dBFS",
	      LEVEL_HEIGHT);
	points(report, SPAN(before_db), false, x, y);
	tp_chart_line(&chart, x, y, report->spans, "before");
	points(report, SPAN(after_db), false, x, y);
	tp_chart_line(&chart, x, y, report->spans, "after");
	tp_chart_end(&chart);
	fputs("</section>\n", file);
}

static void draw_losses(FILE *file, const struct tp_echo_report *report, double *x, double *y)
{
	struct tp_chart chart;
	double top = 40;

	fputs("<section><h2>Echo return loss</h2><p>While only the far end talks: ", file);
	tp_page_key(file, "var(--grey)", "on the way from loudspeaker to microphone (ERL)");
	tp_page_key(file, "var(--a)", "by the canceller (ERLE)");
	tp_page_key(file, "var(--b)", "by all stages (ERLE)");
	fputs("</p>\n", file);
	top = fmax(top, points(report, STATS(erle_db), true, x, y));
	begin(&chart, file, report, "echo return loss over time", -10, top, " dB", LOSS_HEIGHT);
	tp_chart_line(&chart, x, y, report->spans, "b");
	points(report, STATS(linear_erle_db), true, x, y);
	tp_chart_line(&chart, x, y, report->spans, "a");
	points(report, STATS(erl_db), true, x, y);
	tp_chart_line(&chart, x, y, report->spans, "before");
	tp_chart_end(&chart);
	fputs("</section>\n", file);
}

static void draw_clocks(FILE *file, const struct tp_echo_report *report, double *x, double *y)
{
	struct tp_chart chart;
	double most = points(report, STATS(delay_ms), false, x, y);

	fputs("<section><h2>Delay and drift</h2>\n<h3>From the loudspeaker's signal to the loudest "
	      "of its echo</h3>\n",
	      file);
	begin(&chart, file, report, "delay over time", 0, fmax(20, 1.2 * most), " ms",
	      SMALL_HEIGHT);
	tp_chart_line(&chart, x, y, report->spans, "a");
	tp_chart_end(&chart);
	fputs("<h3>By how much the loudspeaker's clock is faster than the microphone's</h3>\n",
	      file);
	most = fmax(10, 1.2 * points(report, STATS(drift_ppm), false, x, y));
	begin(&chart, file, report, "drift over time", -most, most, " ppm", SMALL_HEIGHT);
	tp_chart_line(&chart, x, y, report->spans, "b");
	tp_chart_end(&chart);
	fputs("</section>\n", file);
}

static int draw_spectrum(FILE *file, const struct tp_echo_report *report, const char *title,
			 const int16_t *samples)
{
	fprintf(file, "<h3>%s</h3>\n", title);
	return tp_spectrogram_chart(file, samples, report->frames, report->rate_hz);
}

/* ---- The page ------------------------------------------------------------------------------- */

static int put_page(FILE *file, const struct tp_echo_report *report, const char *name,
		    const int16_t *far, const int16_t *mic)
{
	size_t n = (size_t)report->spans + 1;
	double *x = calloc(2 * n, sizeof(*x)), *y;
	int error;

	if (!x)
		return tp_fail(TP_ERR_MEMORY, "no memory for the report");
	y = x + n;
	tp_page_begin(file, "talkpath echo");
	fputs("<h1>Echo of ", file);
	tp_page_text(file, name);
	fprintf(file,
		"</h1>\n<p>%.1f s at %d Hz, every figure from these sounds by talkpath %s. The "
		"room's noise counts as echo: losses are the least that they can be.</p>\n",
		(double)report->frames / report->rate_hz, report->rate_hz, tp_version());
	put_tiles(file, report, x);
	draw_losses(file, report, x, y);
	draw_levels(file, report, x, y);
	draw_clocks(file, report, x, y);
	fputs("<section><h2>Spectrograms</h2>\n", file);
	error = draw_spectrum(file, report, "The loudspeaker's signal", far);
	if (!error)
		error = draw_spectrum(file, report, "The microphone", mic);
	if (!error)
		error = draw_spectrum(file, report, "What is sent", report->out);
	fputs("</section>\n", file);
	tp_page_end(file);
	free(x);
	return error;
}

int tp_echo_report_write(const struct tp_echo_report *report, const char *path, const char *name,
			 const int16_t *far, const int16_t *mic)
{
	FILE *file = fopen(path, "w");
	int error = file ? put_page(file, report, name, far, mic) : 0;
	bool bad = !file || ferror(file);

	if (file && fclose(file))
		bad = true;
	return error || !bad ? error
			     : tp_fail(TP_ERR_SYSTEM, "cannot write the report to %.150s: %s", path,
				       strerror(errno));
}
