/* SPDX-License-Identifier: MIT */
/* The pictures of the demo's page. */
#ifndef CLI_REPORT_CHARTS_H
#define CLI_REPORT_CHARTS_H

#include "report_figures.h"

#include <stdio.h>

/* All draw onto `file`; `end` is the one that hears, `from` the one that talks. */

/* What `from` said above, what the other end heard of it below. */
void tp_report_draw_heard(FILE *file, const struct tp_report *report, int from);

/* The microphone's spectrum over time, before or after echo cancellation. 0 or TP_ERR_MEMORY. */
TP_MUST_USE int tp_report_draw_spectrum(FILE *file, const struct tp_report *report, int end,
					enum tp_demo_channel channel);

/* The microphone's level over time, before and after echo cancellation. */
void tp_report_draw_echo(FILE *file, const struct tp_report *report,
			 const struct tp_report_figures *figures, int end);

/* How late each packet was, and how long the jitter buffer waited. 0 or TP_ERR_MEMORY. */
TP_MUST_USE int tp_report_draw_buffer(FILE *file, const struct tp_report *report,
				      const struct tp_report_figures *figures, int from);

/* What the network lost and what was made up, half second by half second. 0 or TP_ERR_MEMORY. */
TP_MUST_USE int tp_report_draw_loss(FILE *file, const struct tp_report *report,
				    const struct tp_report_figures *figures, int from);

/* From mouth to ear, stage by stage, for both directions on a good and on a bad network. */
void tp_report_draw_budget(FILE *file, const struct tp_report_figures *figures);

#endif
