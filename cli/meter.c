/* SPDX-License-Identifier: MIT */
/* The live meter of a call: levels both ways as bars, and how the call fares. */
#include "meter.h"

#include "terminal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	BAR_CELLS = 24,
	BAR_FLOOR_DB = -60, /* where the bar is empty; full at 0 dB */
	LINE_CAP = 512,
};

/* A line under construction: `columns` counts what the eye sees, for the edge of the terminal. */
struct line {
	char text[LINE_CAP];
	size_t len;
	int columns, columns_max;
};

static void add_bytes(struct line *line, const char *bytes)
{
	size_t n = strlen(bytes);

	if (line->len + n >= sizeof(line->text))
		return;
	memcpy(line->text + line->len, bytes, n + 1);
	line->len += n;
}

/* Text of one column a letter, cut at the edge. */
static void add(struct line *line, const char *format, ...) TP_PRINTF(2, 3);

static void add(struct line *line, const char *format, ...)
{
	char text[160];
	va_list args;
	int n;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	n = (int)strlen(text);
	if (n > line->columns_max - line->columns)
		n = line->columns_max - line->columns;
	text[n] = '\0';
	add_bytes(line, text);
	line->columns += n;
}

static void colour(const struct tp_meter *meter, struct line *line, const char *sgr)
{
	if (meter->colour)
		add_bytes(line, sgr);
}

/* Eighths of a cell where the terminal has them. */
static void add_bar(const struct tp_meter *meter, struct line *line, double db)
{
	static const char *const eighths[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
	double share = isfinite(db) ? 1 - fmin(0, fmax(db, BAR_FLOOR_DB)) / BAR_FLOOR_DB : 0;
	int filled = (int)lround(share * BAR_CELLS * 8);

	if (line->columns + BAR_CELLS > line->columns_max)
		return;
	colour(meter, line, db > -3 ? "\033[31m" : db > -9 ? "\033[33m" : "\033[32m");
	for (int i = 0; i < BAR_CELLS; i++) {
		int here = filled - 8 * i;

		here = here < 0 ? 0 : here > 8 ? 8 : here;
		add_bytes(line, meter->utf8 ? eighths[here] : here >= 4 ? "#" : ".");
	}
	colour(meter, line, "\033[0m");
	line->columns += BAR_CELLS;
}

static void add_level(const struct tp_meter *meter, struct line *line, const char *name, double db)
{
	add(line, " %-5s", name);
	add_bar(meter, line, db);
	if (isfinite(db))
		add(line, "%4.0f dB  ", fmax(db, -99));
	else
		add(line, "   - dB  ");
}

/* "loss 1.2 %", or "loss -" for what was never measured. */
static void add_figure(struct line *line, const char *name, double value, int digits,
		       const char *unit)
{
	if (isfinite(value))
		add(line, " %s %.*f %s  ", name, digits, value, unit);
	else
		add(line, " %s -  ", name);
}

static void print_line(struct tp_meter *meter, const struct line *line)
{
	printf("\r%s\033[K\n", line->text);
	meter->lines++;
}

static double loss_percent(const struct tp_session_stats *s)
{
	double expected = (double)s->receive.packets + s->receive.lost;

	return expected > 0 ? 100 * s->receive.lost / expected : NAN;
}

static void draw_echo(struct tp_meter *meter, const struct tp_engine_stats *e, int columns)
{
	struct line echo = {.columns_max = columns};

	add_figure(&echo, "echo lost", e->echo_loss_db, 0, "dB");
	add_figure(&echo, "reduced", e->echo_reduction_db, 0, "dB");
	add_figure(&echo, "delay", e->echo_delay_ms, 0, "ms");
	add_figure(&echo, "clocks", e->device_drift_ppm + e->echo_drift_ppm, 0, "ppm");
	add_figure(&echo, "both talk", e->double_talk_percent, 0, "%");
	print_line(meter, &echo);
}

static void draw_end(struct tp_meter *meter, const struct tp_meter_end *end, int columns)
{
	const struct tp_session_stats *s = &end->session;
	struct line near = {.columns_max = columns}, far = near, figures = near;

	if (*end->title) {
		struct line title = {.columns_max = columns};

		add(&title, " %s", end->title);
		print_line(meter, &title);
	}
	add_level(meter, &near, "near", end->engine.near_db);
	add(&near, "sends %s%s%s", s->send_codec[0] ? s->send_codec : "-",
	    end->secure ? ", SRTP" : "", *end->note ? ", " : "");
	add(&near, "%s", end->note);
	print_line(meter, &near);
	add_level(meter, &far, "far", s->level_db);
	add(&far, "hears %s", s->receive_codec[0] ? s->receive_codec : "-");
	print_line(meter, &far);
	add_figure(&figures, "loss", loss_percent(s), 1, "%");
	add_figure(&figures, "jitter", s->receive.jitter_ms, 1, "ms");
	add_figure(&figures, "buffer", s->jitter.delay_ms, 0, "ms");
	print_line(meter, &figures);
	draw_echo(meter, &end->engine, columns);
}

void tp_meter_open(struct tp_meter *meter)
{
	memset(meter, 0, sizeof(*meter));
	meter->shown = tp_terminal_open();
	if (!meter->shown)
		return;
	meter->utf8 = tp_terminal_is_utf8();
	meter->colour = tp_terminal_has_colour();
}

void tp_meter_draw(struct tp_meter *meter, const struct tp_meter_end *ends, int n, const char *foot)
{
	/* The last column stays free: writing into it makes some terminals begin a new line. */
	struct line last = {.columns_max = tp_terminal_columns() - 1};

	if (!meter->shown)
		return;
	if (meter->lines)
		printf("\033[%dA", meter->lines);
	meter->lines = 0;
	for (int i = 0; i < n; i++)
		draw_end(meter, &ends[i], last.columns_max);
	add(&last, " %s", foot);
	print_line(meter, &last);
	fflush(stdout);
}

void tp_meter_close(struct tp_meter *meter)
{
	if (meter->shown)
		tp_terminal_close();
	meter->shown = false;
}
