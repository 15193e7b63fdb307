/* SPDX-License-Identifier: MIT */
/* The demo's page: one HTML file with its pictures inside, computed from
 * the run's sound and stamps. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "demo_end.h"
#include "demo_script.h"

struct tp_report {
	const struct tp_demo_script *script;
	const struct tp_demo_end *ends; /* TP_DEMO_ENDS of them */
	const char *network; /* the trouble in words, for people */
	const char *suite; /* of SRTP */
	int64_t start_ns; /* second 0 of all charts */
};

/* Writes the page: 0, TP_ERR_SYSTEM or TP_ERR_MEMORY. */
TP_MUST_USE int tp_report_write(const struct tp_report *report, const char *path);

#endif
