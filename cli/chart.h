/* SPDX-License-Identifier: MIT */
/* Charts over time as SVG, drawn part by part onto a page whose style sheet gives the colours. */
#ifndef CLI_CHART_H
#define CLI_CHART_H

#include <stdint.h>
#include <stdio.h>

/* Units of both axes to points of the picture. */
struct tp_chart {
	FILE *file; /* borrowed */
	double x_min, x_max, y_min, y_max;
	int width, height; /* of the plot, without the room of its labels */
};

enum {
	TP_CHART_WIDTH = 900, /* of every plot, so that they stand below each other in time */
	TP_CHART_LEFT = 52, /* room of the labels */
	TP_CHART_BOTTOM = 22,
};

/* A chart from x 0 to x_max with grid and labels; `y_unit` "" leaves the y axis without them.
 * `label` says in words what is shown. [any] */
void tp_chart_begin(struct tp_chart *chart, FILE *file, const char *label, double x_max,
		    double y_min, double y_max, const char *y_unit, int height);
void tp_chart_end(struct tp_chart *chart);

/* A span of time over the whole height, in the colour `style`. */
void tp_chart_band(struct tp_chart *chart, double from, double to, const char *style);

/* A line through n points; a gap where y is NAN. */
void tp_chart_line(struct tp_chart *chart, const double *x, const double *y, int n,
		   const char *style);

/* n dots. */
void tp_chart_dots(struct tp_chart *chart, const double *x, const double *y, int n,
		   const char *style);

/* A bar from `from` to `to`, between two heights. */
void tp_chart_bar(struct tp_chart *chart, double from, double to, double low, double high,
		  const char *style);

/* A sound's outline: the least and the greatest of its samples in each column. y is -1..1. */
void tp_chart_outline(struct tp_chart *chart, const int16_t *samples, int64_t n, int stride,
		      const char *style);

#endif
