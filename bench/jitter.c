/* SPDX-License-Identifier: MIT */
/* The jitter buffer on every network, and how it follows a step of the delay. */
#include "jitter.h"

#include "cli/chart.h"
#include "cli/json.h"
#include "line.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	SECONDS = 60,
	FIRST_SEED = 1,
	STEP_S = 40, /* of the step response: up at a quarter, down at five eighths */
	STEP_UP_MS = 10000,
	STEP_DOWN_MS = 25000,
	STEP_BY_MS = 80,
	RIVALS = 3,
};

/* Mean delay and R of others on two draws of the same kinds of network, by a scorer that
 * compares their sound: NetEQ (2023), speexdsp with spandsp's concealment, 60 ms fixed with
 * repetition. Theirs drift by 200 ppm. */
static const struct {
	const char *name;
	struct {
		int delay_ms;
		double r;
	} rival[RIVALS];
} given[] = {
	{"clean", {{35, 84.6}, {38, 83.0}, {60, 82.8}}},
	{"gauss5", {{51, 83.0}, {60, 80.8}, {72, 81.9}}},
	{"gauss20", {{148, 74.1}, {120, 77.7}, {130, 76.4}}},
	{"gauss50", {{349, 47.1}, {276, 55.4}, {226, 36.8}}},
	{"gauss20-unordered", {{144, 75.3}, {120, 78.1}, {93, 61.2}}},
	{"gamma", {{120, 75.4}, {97, 76.9}, {82, 72.2}}},
	{"pareto", {{235, 55.2}, {176, 59.0}, {62, 45.6}}},
	{"spikes", {{235, 49.4}, {63, 60.0}, {63, 61.3}}},
	{"wifi", {{116, 74.6}, {87, 73.6}, {61, 69.8}}},
	{"lte", {{155, 55.0}, {92, 66.3}, {83, 65.9}}},
	{"bloat", {{365, 17.9}, {355, 27.8}, {62, 10.1}}},
	{"step-up", {{96, 78.1}, {81, 78.1}, {61, 9.1}}},
	{"step-down", {{77, 79.0}, {106, 78.4}, {142, 76.1}}},
	{"drift+50", {{39, 84.4}, {38, 84.5}, {61, 82.8}}},
	{"drift+250", {{32, 85.0}, {34, 84.9}, {56, 83.1}}},
	{"drift-50", {{38, 84.1}, {42, 84.3}, {63, 82.6}}},
	{"drift-250", {{39, 83.9}, {39, 83.6}, {68, 82.2}}},
	{"loss1", {{41, 77.2}, {40, 78.3}, {62, 76.2}}},
	{"loss3", {{42, 63.8}, {41, 66.6}, {62, 61.1}}},
	{"loss5", {{41, 55.8}, {41, 58.4}, {62, 53.9}}},
	{"loss10", {{41, 39.6}, {42, 42.0}, {63, 38.2}}},
	{"loss20", {{41, 23.4}, {47, 24.1}, {66, 22.3}}},
	{"reorder", {{74, 77.0}, {90, 73.1}, {62, 68.8}}},
	{"rxsched", {{79, 79.8}, {43, 77.9}, {70, 81.3}}},
	{"ratechange", {{155, 66.9}, {113, 67.8}, {62, 49.0}}},
	{"mixed", {{132, 49.2}, {87, 57.0}, {66, 52.1}}},
	{"ptime10-gamma", {{136, 75.6}, {99, 74.2}, {69, 61.3}}},
	{"ptime40-lte", {{112, 61.4}, {119, 64.6}, {81, 63.7}}},
};
static const char *const rivals[RIVALS] = {"neteq", "speexdsp", "fixed 60"};

static const struct tp_jitter_config adaptive = {TP_JITTER_ADAPTIVE, 0, 60, 400};

struct work {
	struct tp_weather weather;
	struct tp_line line;
};

static int mean_of_seeds(struct work *work, int i, int seeds, struct tp_line_figures *mean)
{
	int error = 0;

	*mean = (struct tp_line_figures){.r = 0};
	for (int seed = 0; !error && seed < seeds; seed++) {
		struct tp_line_figures one;

		tp_weather_make(&work->weather, i, SECONDS, (uint64_t)(FIRST_SEED + seed));
		error = tp_line_run(&work->line, &work->weather, &adaptive);
		tp_line_figures(&one, &work->line, &work->weather);
		mean->delay_ms += one.delay_ms / seeds;
		mean->delay_95_ms += one.delay_95_ms / seeds;
		mean->fixed_ms += one.fixed_ms / seeds;
		mean->lost += one.lost / seeds;
		mean->concealed += one.concealed / seeds;
		mean->moved += one.moved / seeds;
		mean->r += one.r / seeds;
	}
	return error;
}

static void write_row(FILE *file, const char *name, const struct tp_line_figures *f)
{
	fprintf(file, "%-18s %5.0f %5.0f %7.0f %6.2f %6.2f %6.2f %6.1f ", name, f->delay_ms,
		f->delay_95_ms, f->fixed_ms, 100 * f->lost, 100 * f->concealed, 100 * f->moved,
		f->r);
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		for (int k = 0; !strcmp(given[i].name, name) && k < RIVALS; k++)
			fprintf(file, " %4d %5.1f", given[i].rival[k].delay_ms,
				given[i].rival[k].r);
	fputc('\n', file);
}

static void write_json(struct tp_json *json, const char *name, const struct tp_line_figures *f)
{
	tp_json_open(json, name, '{');
	tp_json_number(json, "delay_ms", f->delay_ms);
	tp_json_number(json, "delay_95_ms", f->delay_95_ms);
	tp_json_number(json, "fixed_delay_at_1_percent_late_ms", f->fixed_ms);
	tp_json_number(json, "lost_percent", 100 * f->lost);
	tp_json_number(json, "concealed_percent", 100 * f->concealed);
	tp_json_number(json, "moved_percent", 100 * f->moved);
	tp_json_number(json, "r", f->r);
	tp_json_close(json, '}');
}

/* ---- Step response -------------------------------------------------------------------------- */

static int run_step(struct work *work)
{
	struct tp_weather *weather = &work->weather;

	memset(weather, 0, sizeof(*weather));
	weather->ptime_ms = 20;
	weather->n = STEP_S * 1000 / weather->ptime_ms;
	for (int k = 0; k < weather->n; k++) {
		int ms = k * weather->ptime_ms;

		weather->delay_ms[k] = ms >= STEP_UP_MS && ms < STEP_DOWN_MS ? STEP_BY_MS : 0;
	}
	tp_weather_settle(weather);
	return tp_line_run(&work->line, weather, &adaptive);
}

/* Milliseconds from the step until the delay stays on the right side of half of it, or
 * within 10 ms of the end of it. */
static int settled_ms(const struct tp_line *line, int from_ms, int to_ms, double limit_ms,
		      bool down)
{
	int last_ms = from_ms;

	for (int ms = from_ms; ms < to_ms; ms += TP_LINE_BLOCK_MS) {
		double delay_ms = (double)line->block[ms / TP_LINE_BLOCK_MS].delay_ms;

		if (down ? delay_ms > limit_ms : !(delay_ms >= limit_ms))
			last_ms = ms;
	}
	return last_ms - from_ms;
}

static int fail_plot(const char *path)
{
	return tp_fail(TP_ERR_SYSTEM, "cannot write the plot to %.150s: %s", path, strerror(errno));
}

static int draw(const struct work *work, const char *path)
{
	static double x[TP_LINE_BLOCKS_MAX], y[TP_LINE_BLOCKS_MAX];
	FILE *file = fopen(path, "w");
	struct tp_chart chart;
	bool bad;

	if (!file)
		return fail_plot(path);
	fputs("<!doctype html><meta charset=utf-8><title>step response</title>\n"
	      "<style>body{font:14px sans-serif;max-width:1010px}.grid{stroke:#ddd}"
	      ".line{fill:none;stroke-width:1.5}path.network{stroke:#999}path.delay{stroke:#06c}"
	      "svg text{font-size:11px}.tx{text-anchor:middle}.ty{text-anchor:end}</style>\n"
	      "<p>Playout delay (blue) when the network\u2019s delay (grey) steps by 80 ms</p>\n",
	      file);
	tp_chart_begin(&chart, file, "delay after a step", STEP_S, 0, 200, "ms", 260);
	for (int k = 0; k < work->weather.n; k++) {
		x[k] = k * work->weather.ptime_ms * 1e-3;
		y[k] = work->weather.delay_ms[k];
	}
	tp_chart_line(&chart, x, y, work->weather.n, "network");
	for (int i = 0; i < work->line.blocks; i++) {
		x[i] = i * TP_LINE_BLOCK_MS * 1e-3;
		y[i] = (double)work->line.block[i].delay_ms;
	}
	tp_chart_line(&chart, x, y, work->line.blocks, "delay");
	tp_chart_end(&chart);
	bad = ferror(file);
	return fclose(file) || bad ? fail_plot(path) : 0;
}

static int step_response(struct work *work, FILE *file, struct tp_json *json, const char *plot)
{
	const struct tp_line *line = &work->line;
	double before_ms, up_ms;
	int error = run_step(work), half_ms, all_ms, up_after_ms;

	if (error)
		return error;
	before_ms = (double)line->block[STEP_UP_MS / TP_LINE_BLOCK_MS - 1].delay_ms;
	up_ms = (double)line->block[STEP_DOWN_MS / TP_LINE_BLOCK_MS - 1].delay_ms;
	up_after_ms = settled_ms(line, STEP_UP_MS, STEP_DOWN_MS, STEP_BY_MS - 10, false);
	half_ms = settled_ms(line, STEP_DOWN_MS, STEP_S * 1000, (before_ms + up_ms) / 2, true);
	all_ms = settled_ms(line, STEP_DOWN_MS, STEP_S * 1000, before_ms + 10, true);
	if (json) {
		tp_json_open(json, "step", '{');
		tp_json_number(json, "up_ms", up_after_ms);
		tp_json_number(json, "half_down_ms", half_ms);
		tp_json_number(json, "down_ms", all_ms);
		tp_json_close(json, '}');
	} else {
		fprintf(file,
			"\nstep of %d ms: %.0f ms before, %.0f ms with it; up in %.2f s, half way "
			"down "
			"in %.2f s, all of it in %.2f s\n",
			STEP_BY_MS, before_ms, up_ms, up_after_ms * 1e-3, half_ms * 1e-3,
			all_ms * 1e-3);
	}
	return plot ? draw(work, plot) : 0;
}

/* ---- All of it ------------------------------------------------------------------------------ */

static void write_head(FILE *file, int seeds)
{
	fprintf(file,
		"%d s of each network, mean of %d seeds; delays beyond the fastest packet, ms\n",
		SECONDS, seeds);
	fprintf(file, "%-18s %5s %5s %7s %6s %6s %6s %6s ", "", "delay", "95 %", "1% late", "lost%",
		"conc.%", "moved%", "R");
	for (int k = 0; k < RIVALS; k++)
		fprintf(file, " %10s", rivals[k]);
	fputc('\n', file);
}

int tp_jitter_report(FILE *file, int seeds, bool as_json, const char *plot)
{
	struct work *work = malloc(sizeof(*work));
	struct tp_json json;
	double r = 0;
	int error = work ? 0 : tp_fail(TP_ERR_MEMORY, "no memory for the networks"), i;

	if (as_json) {
		tp_json_begin(&json, file);
		tp_json_open(&json, NULL, '{');
	} else {
		write_head(file, seeds);
	}
	for (i = 0; !error && tp_weather_name(i); i++) {
		struct tp_line_figures figures;

		error = mean_of_seeds(work, i, seeds, &figures);
		if (error)
			break;
		r += figures.r;
		if (as_json)
			write_json(&json, tp_weather_name(i), &figures);
		else
			write_row(file, tp_weather_name(i), &figures);
	}
	if (!error && !as_json)
		fprintf(file, "%-18s %46s %6.1f\n", "mean", "", r / i);
	if (!error)
		error = step_response(work, file, as_json ? &json : NULL, plot);
	if (as_json)
		tp_json_close(&json, '}');
	free(work);
	return error;
}
