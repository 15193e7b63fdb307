/* SPDX-License-Identifier: MIT */
/* The delay that a stream begins with: how much its sender sends at once.
 *
 * A sender whose audio comes in frames of 40 ms sends two packets of 20 ms at once. The first
 * of them is late by the others, by up to a packet more if frames are no whole number of
 * packets, and by what the sender's timer makes of it. A bunch that a queue made on the way
 * is not followed by another. */
#include "engine/opening.h"

/* A block, for the usual jitter of a good network and of a sender's timer. */
static const int64_t timer_ns = 10000000;

/* What comes at once is a sender's habit up to here: four packets. More was held up on its way. */
static const int64_t bunch_max_ns = 80000000;

/* Packets that come one by one are late by their sender's timer alone, which half
 * of their time is enough for. */
static void send_evenly(struct tp_opening *opening, int64_t packet_ns)
{
	opening->delay_ns = packet_ns / 2 > timer_ns ? packet_ns / 2 : timer_ns;
}

static void grow(struct tp_opening *opening, int64_t duration_ns)
{
	if (duration_ns > opening->packet_ns)
		opening->packet_ns = duration_ns;
	if (!opening->begun)
		opening->delay_ns = opening->run_ns + opening->packet_ns + timer_ns;
	opening->run_ns += duration_ns;
	opening->run_n++;
	if (opening->run_ns > bunch_max_ns) {
		opening->done = true;
		send_evenly(opening, duration_ns);
	}
}

static void begin(struct tp_opening *opening, int64_t duration_ns, int64_t after_ns)
{
	/* Two alone, or one that follows sooner than who sends such a bunch would have another. */
	opening->done = opening->run_n == 1 ||
			(!opening->begun && after_ns >= 0 && after_ns < opening->run_ns * 3 / 4);
	opening->begun = opening->run_n > 0;
	if (opening->done || !opening->begun)
		send_evenly(opening, duration_ns);
	opening->run_ns = opening->packet_ns = duration_ns;
	opening->run_n = 1;
}

int64_t tp_opening_hear(struct tp_opening *opening, const struct tp_opening_packet *packet)
{
	bool at_once = opening->run_n > 0 && packet->after_ns >= 0 &&
		       packet->after_ns < packet->duration_ns / 2;

	if (opening->done)
		return opening->delay_ns;
	if (at_once)
		grow(opening, packet->duration_ns);
	else
		begin(opening, packet->duration_ns, packet->after_ns);
	/* The last of a later bunch may be faster than the first
	 * bunch's, the first of one is not. */
	if (!opening->done && opening->begun)
		opening->delay_ns += packet->faster_ns;
	return opening->delay_ns;
}
