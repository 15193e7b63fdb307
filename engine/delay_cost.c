/* SPDX-License-Identifier: MIT */
/* What a playout delay costs, in R, and the one that costs least. */
#include "engine/delay_cost.h"

#include <stdlib.h>

enum {
	/* Of a call within a country and of one across an ocean: 60 and 130 ms of network, the rest
	 * as in a path whose round trip is known. */
	NEAR_MS = 100,
	FAR_MS = 170,
};

/* A millisecond that was made up costs so many missing ones: part of it is made up in a pause, and
 * part of what is longer by it is cut out of speech again. 0.4 to 0.9 are as good over all
 * networks: less is a delay that is shorter, more is a sound that is better. */
static const float back = 0.7f;

/* And each time costs this much besides: sound is made up in whole
 * blocks, and joined at both ends. */
static const float seam_ms = 10;

/* What a delay that is better by this little or less must save in R, or the present
 * one stays: a move is heard, and the statistics of a few seconds waver by so much.
 * 10 ms of delay are worth it. */
static const float moving = 0.25f;
enum { MOVING_BINS = 10 };

static const double bin_ms = TP_DELAY_BIN_US / 1000.0;

/* What delay costs in R (ITU-T G.107, Id in the usual approximation of Cole and Rosenbluth). */
static float id(float path_ms)
{
	return 0.024f * path_ms + (path_ms > 177.3f ? 0.11f * (path_ms - 177.3f) : 0);
}

/* Of a path that is not known: half of all calls are near, half are far. */
static float delay_cost(const struct tp_delay *delay, float delay_ms)
{
	if (delay->rest_ms > 0)
		return id(delay_ms + delay->rest_ms);
	return (id(delay_ms + NEAR_MS) + id(delay_ms + FAR_MS)) / 2;
}

/* What made-up sound costs in R: the equipment impairment that P.862 hears in G.711
 * with concealment, by the share of sound that is missing (G.113's Ie,eff for random
 * loss begins far too gently). */
static float loss_cost(float share)
{
	float q = 0.63f + 150 * share;

	return 93.2f * q / (q + 16.1f);
}

/* The share of packets that are there `late_ms` before a sound played after bin `at` is due: what
 * is lost before them is not missing as much as it would be without them. */
static float share_before(const struct tp_delay *delay, int at, float late_ms, float *sum,
			  int *from)
{
	int last = at - tp_delay_bin_of((double)late_ms);

	for (; *from > last && *from > 0; (*from)--)
		*sum -= delay->share[*from];
	return last < 0 ? 0 : *sum / delay->total;
}

int tp_delay_cheapest(const struct tp_delay *delay, const struct tp_delay_loss *loss)
{
	float held = 0, held_cost = 0, risen_ms = 0, least = 1e9f, before = delay->total;
	float now_cost = 1e9f;
	int now = (int)(delay->extra_ns / ((int64_t)TP_DELAY_BIN_US * 1000)), best = 0;
	int from = delay->top, top = delay->top + tp_delay_bin_of((double)loss->next_ms);

	if (top >= TP_DELAY_BINS)
		top = TP_DELAY_BINS - 1;
	for (int i = top; i >= 0; i--) {
		float lost = loss->share * (1 - loss->mended * share_before(delay, i, loss->next_ms,
									    &before, &from));
		float here = delay_cost(delay, (float)(i * bin_ms)), cost;

		risen_ms += delay->rise[i] * (float)bin_ms;
		cost = (held_cost + (delay->total - held) * here) / delay->total +
		       loss_cost(lost +
				 (back * risen_ms + seam_ms * delay->rise[i]) / delay->total);
		if (i == now)
			now_cost = cost;
		if (cost < least) {
			least = cost;
			best = i;
		}
		held += delay->level[i];
		held_cost += delay->level[i] * here;
	}
	return abs(best - now) <= MOVING_BINS && now_cost - least < moving ? now : best;
}
