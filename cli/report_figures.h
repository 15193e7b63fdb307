/* SPDX-License-Identifier: MIT */
/* The figures of the demo's page, from the run's sound and stamps. */
#ifndef CLI_REPORT_FIGURES_H
#define CLI_REPORT_FIGURES_H

#include "journey.h"
#include "report.h"

/* One direction: from an end to the other. */
struct tp_report_way {
	struct tp_journey *journeys; /* owned */
	int n;
	double clean_ms[TP_JOURNEY_STAGES +
			1]; /* medians: each stage, and the whole; NAN: unknown */
	double bad_ms[TP_JOURNEY_STAGES + 1];
	int sent, lost; /* packets while the network was bad */
	double lookahead_ms; /* of the codec: no stamp can show it */
};

/* The echo at one end: the level of the microphone before and after, in spans of time. */
struct tp_report_echo {
	double *time_s, *before_db, *after_db; /* owned; n each */
	bool *far_only; /* the other end talks, and nobody here */
	int n;
	double reduction_db; /* median over spans of echo in which only the far end talks; NAN: none */
};

struct tp_report_figures {
	struct tp_report_way way[TP_DEMO_ENDS]; /* from end i */
	struct tp_report_echo echo[TP_DEMO_ENDS]; /* at end i */
};

/* 0 or TP_ERR_MEMORY; whatever it returns, tp_report_figures_free() takes back what it gives. */
TP_MUST_USE int tp_report_figures_make(struct tp_report_figures *figures,
				       const struct tp_report *report);
void tp_report_figures_free(struct tp_report_figures *figures);

#endif
