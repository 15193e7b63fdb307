/* SPDX-License-Identifier: MIT */
/* When RTCP reports are due, and what the peer's say (RFC 3550 6.2, 6.4). */
#include "reports.h"

#include <math.h>
#include <string.h>

enum {
	MS = 1000 * 1000,
	/* A round trip above this is a peer's mistake, not a network's. */
	ROUND_TRIP_MAX_S = 30,
};

void tp_reports_init(struct tp_reports *reports)
{
	memset(reports, 0, sizeof(*reports));
	reports->due_ns = INT64_MAX;
	reports->round_trip_ms = reports->remote_loss_percent = reports->remote_jitter_ms = NAN;
	reports->remote_lost = -1;
}

/* A time of this mean, 0.5 to 1.5 of it. RFC 3550's division by e - 1.5 belongs to its timer
 * reconsideration, which two parties do not need. */
static int64_t spread(struct tp_random *random, double mean_ns)
{
	return (int64_t)(mean_ns * (0.5 + tp_random_unit(random)));
}

void tp_reports_interval(struct tp_reports *reports, struct tp_random *random, int64_t now_ns,
			 int mean_ms)
{
	int64_t mean_ns = (int64_t)mean_ms * MS;

	if (mean_ns == reports->mean_ns)
		return;
	reports->mean_ns = mean_ns;
	reports->due_ns = INT64_MAX;
	if (mean_ns)
		reports->due_ns = now_ns + spread(random, (double)mean_ns / 10);
}

void tp_reports_sent(struct tp_reports *reports, struct tp_random *random, int64_t now_ns)
{
	reports->due_ns = INT64_MAX;
	if (reports->mean_ns)
		reports->due_ns = now_ns + spread(random, (double)reports->mean_ns);
}

static void learn_round_trip(struct tp_reports *reports, const struct tp_rtcp_block *block,
			     int64_t arrival_ns)
{
	uint32_t now = tp_rtcp_ntp_middle(tp_rtcp_ntp(arrival_ns));
	int32_t trip = (int32_t)(now - block->lsr - block->dlsr);

	/* Rounding, and clocks of two rates, can make a short one negative. */
	if (!block->lsr || trip < -65536 / 100 || trip > ROUND_TRIP_MAX_S * 65536)
		return;
	reports->round_trip_ms = trip > 0 ? trip * 1000.0 / 65536 : 0;
}

void tp_reports_heard(struct tp_reports *reports, const struct tp_rtcp *rtcp, int64_t arrival_ns,
		      uint32_t clock_hz)
{
	reports->received++;
	if (rtcp->has_sender) {
		reports->lsr = tp_rtcp_ntp_middle(rtcp->sender.ntp);
		reports->lsr_ns = arrival_ns;
	}
	if (!rtcp->has_block)
		return;
	learn_round_trip(reports, &rtcp->block, arrival_ns);
	reports->remote_loss_percent = rtcp->block.fraction_lost * 100.0 / 256;
	reports->remote_lost = rtcp->block.lost > 0 ? rtcp->block.lost : 0;
	if (clock_hz)
		reports->remote_jitter_ms = rtcp->block.jitter * 1000.0 / clock_hz;
}

void tp_reports_forget(struct tp_reports *reports)
{
	reports->lsr = 0;
}

void tp_reports_reference(const struct tp_reports *reports, struct tp_rtcp_block *block,
			  int64_t now_ns)
{
	int64_t delay_ns = now_ns - reports->lsr_ns;

	block->lsr = reports->lsr;
	block->dlsr = 0;
	if (reports->lsr && delay_ns > 0)
		block->dlsr = (uint32_t)(tp_rtcp_ntp(delay_ns) >> 16);
}
