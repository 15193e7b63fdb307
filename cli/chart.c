/* SPDX-License-Identifier: MIT */
/* Charts over time as SVG, drawn part by part onto a page whose style sheet gives the colours. */
#include "chart.h"

#include <math.h>

static double point_x(const struct tp_chart *chart, double x)
{
	double part = (x - chart->x_min) / (chart->x_max - chart->x_min);

	return TP_CHART_LEFT + fmin(fmax(part, 0), 1) * chart->width;
}

static double point_y(const struct tp_chart *chart, double y)
{
	double part = (y - chart->y_min) / (chart->y_max - chart->y_min);

	return 4 + (1 - fmin(fmax(part, 0), 1)) * chart->height;
}

/* 1, 2 or 5 times a power of ten, for about `lines` lines. */
static double step_of(double range, int lines)
{
	double power = pow(10, floor(log10(range / lines))), ratio = range / lines / power;

	return power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
}

static void draw_x_axis(const struct tp_chart *chart)
{
	double step = step_of(chart->x_max - chart->x_min, 12);

	int n = (int)floor((chart->x_max - chart->x_min) / step + 1e-9);

	for (int i = 0; i <= n; i++) {
		double x = chart->x_min + i * step;

		fprintf(chart->file, "<text x='%.1f' y='%d' class='tx'>%g%s</text>\n",
			point_x(chart, x), chart->height + 18, x, i == n ? " s" : "");
	}
}

static void draw_y_axis(const struct tp_chart *chart, const char *unit)
{
	double step = step_of(chart->y_max - chart->y_min, chart->height > 120 ? 5 : 3);
	int n = (int)(floor(chart->y_max / step + 1e-9) - ceil(chart->y_min / step - 1e-9));

	for (int i = 0; i <= n; i++) {
		double y = (ceil(chart->y_min / step - 1e-9) + i) * step, at = point_y(chart, y);

		fprintf(chart->file,
			"<line x1='%d' x2='%d' y1='%.1f' y2='%.1f' class='grid'/>"
			"<text x='%d' y='%.1f' class='ty'>%g%s</text>\n",
			TP_CHART_LEFT, TP_CHART_LEFT + chart->width, at, at, TP_CHART_LEFT - 6,
			at + 4, y, i == n ? unit : "");
	}
}

void tp_chart_begin(struct tp_chart *chart, FILE *file, const char *label, double x_max,
		    double y_min, double y_max, const char *y_unit, int height)
{
	*chart = (struct tp_chart){file, 0, x_max, y_min, y_max, TP_CHART_WIDTH, height};
	fprintf(file, "<svg viewBox='0 0 %d %d' role='img' aria-label='%s'>\n",
		TP_CHART_LEFT + TP_CHART_WIDTH + 12, height + TP_CHART_BOTTOM + 4, label);
	if (*y_unit)
		draw_y_axis(chart, y_unit);
	draw_x_axis(chart);
}

void tp_chart_end(struct tp_chart *chart)
{
	fputs("</svg>\n", chart->file);
}

void tp_chart_bar(struct tp_chart *chart, double from, double to, double low, double high,
		  const char *style)
{
	double top = point_y(chart, high), left = point_x(chart, from);

	fprintf(chart->file, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' class='%s'/>\n",
		left, top, point_x(chart, to) - left, point_y(chart, low) - top, style);
}

void tp_chart_band(struct tp_chart *chart, double from, double to, const char *style)
{
	tp_chart_bar(chart, from, to, chart->y_min, chart->y_max, style);
}

void tp_chart_line(struct tp_chart *chart, const double *x, const double *y, int n,
		   const char *style)
{
	char command = 'M';

	fprintf(chart->file, "<path class='line %s' d='", style);
	for (int i = 0; i < n; i++) {
		if (!isfinite(y[i])) {
			command = 'M';
			continue;
		}
		fprintf(chart->file, "%c%.1f %.1f", command, point_x(chart, x[i]),
			point_y(chart, y[i]));
		command = 'L';
	}
	fputs("'/>\n", chart->file);
}

void tp_chart_dots(struct tp_chart *chart, const double *x, const double *y, int n,
		   const char *style)
{
	/* A line of no length with round ends is a dot, and far shorter than a circle. */
	fprintf(chart->file, "<path class='dots %s' d='", style);
	for (int i = 0; i < n; i++)
		if (isfinite(y[i]))
			fprintf(chart->file, "M%.1f %.1fh0", point_x(chart, x[i]),
				point_y(chart, y[i]));
	fputs("'/>\n", chart->file);
}

void tp_chart_outline(struct tp_chart *chart, const int16_t *samples, int64_t n, int stride,
		      const char *style)
{
	fprintf(chart->file, "<path class='outline %s' d='", style);
	for (int column = 0; column < chart->width; column++) {
		int64_t from = n * column / chart->width, to = n * (column + 1) / chart->width;
		int least = 0, greatest = 0;

		for (int64_t i = from; i < to; i++) {
			int sample = samples[i * stride];

			least = sample < least ? sample : least;
			greatest = sample > greatest ? sample : greatest;
		}
		fprintf(chart->file, "M%.1f %.1fV%.1f", TP_CHART_LEFT + column + 0.5,
			point_y(chart, greatest / 32768.0) - 0.3,
			point_y(chart, least / 32768.0) + 0.3);
	}
	fputs("'/>\n", chart->file);
}
