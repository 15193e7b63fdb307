/* SPDX-License-Identifier: MIT */
/* What the pages of reports have in common: the frame with its style
 * sheet, figures, keys of colours. */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include <stdio.h>

/* Everything before and after the sections; the title is plain text without markup. [any] */
void tp_page_begin(FILE *file, const char *title);
void tp_page_end(FILE *file);

/* Text of unknown origin. [any] */
void tp_page_text(FILE *file, const char *text);

/* A figure, or a dash for what was never measured. [any] */
void tp_page_figure(FILE *file, double value, int digits, const char *unit);

/* A large figure with what it says below, in a row of such. [any] */
void tp_page_tile(FILE *file, double value, int digits, const char *unit, const char *what);

/* Says what a colour stands for. [any] */
void tp_page_key(FILE *file, const char *colour, const char *text);

#endif
