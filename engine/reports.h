/* SPDX-License-Identifier: MIT */
/* When RTCP reports are due, and what the peer's say (RFC 3550 6.2, 6.4). */
#ifndef TP_REPORTS_H
#define TP_REPORTS_H

#include "random.h"
#include "rtcp.h"

#include <stdbool.h>
#include <stdint.h>

struct tp_reports {
	int64_t due_ns; /* of our next report; INT64_MAX: none */
	int64_t mean_ns; /* between reports; 0: none are sent */

	/* The peer's last SR, to be sent back. */
	uint32_t lsr;
	int64_t lsr_ns;

	/* What the peer says of our stream; -1 and NAN: nothing yet. */
	double round_trip_ms, remote_loss_percent, remote_jitter_ms;
	int remote_lost;

	uint32_t received, malformed, sent;
};

void tp_reports_init(struct tp_reports *reports); /* [any] */

/* Sets the mean interval. The first report comes after a tenth of it, since a call of two needs no
 * slow start (RFC 3550 6.2: unicast) and wants its round trip known; a new mean begins at once.
 * [wire] */
void tp_reports_interval(struct tp_reports *reports, struct tp_random *random, int64_t now_ns,
			 int mean_ms);

/* A report is being sent: sets the next time, 0.5 to 1.5 intervals from now, so that those of many
 * phones do not fall together. [wire] */
void tp_reports_sent(struct tp_reports *reports, struct tp_random *random, int64_t now_ns);

/* What the peer's compound packet says, that came at arrival_ns; `clock_hz` is that of the stream
 * that we send. [wire] */
void tp_reports_heard(struct tp_reports *reports, const struct tp_rtcp *rtcp, int64_t arrival_ns,
		      uint32_t clock_hz);

/* The peer's SRs are of another stream from now on. [wire] */
void tp_reports_forget(struct tp_reports *reports);

/* Fills lsr and dlsr. [wire] */
void tp_reports_reference(const struct tp_reports *reports, struct tp_rtcp_block *block,
			  int64_t now_ns);

#endif
