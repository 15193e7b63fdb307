/* SPDX-License-Identifier: MIT */
/* The playout delay worth waiting: statistics of how late packets come, and a target of least cost. */
#include "engine/delay.h"

#include <string.h>

enum {
	MEMORY_PACKETS = 500, /* forgetting: ten seconds of 20 ms packets */
	CALM_PACKETS = 250, /* until then the start delay is not fully given up */
	START_MS = 15, /* of an adaptive buffer: the usual jitter of a good network, and a block */
	REST_MS = 75, /* the path outside this buffer: packetisation, network, devices */
};

static const int64_t bin_ns = (int64_t)TP_DELAY_BIN_US * 1000;
static const int64_t window_ns = 1000000000;

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static int64_t floor_bin(int64_t ns)
{
	return (ns >= 0 ? ns / bin_ns : -((bin_ns - 1 - ns) / bin_ns)) * bin_ns;
}

void tp_delay_configure(struct tp_delay *delay, const struct tp_jitter_config *config)
{
	int start_ms = config->mode == TP_JITTER_FIXED ? config->nominal_ms : START_MS;

	delay->config = *config;
	delay->start_ns = clamp(start_ms, config->min_ms, config->max_ms) * 1000000;
	if (config->mode == TP_JITTER_FIXED || delay->packets == 0)
		delay->extra_ns = delay->start_ns;
}

void tp_delay_init(struct tp_delay *delay, const struct tp_jitter_config *config)
{
	*delay = (struct tp_delay){.config = *config};
	tp_delay_configure(delay, config);
}

void tp_delay_reset(struct tp_delay *delay)
{
	struct tp_jitter_config config = delay->config;

	tp_delay_init(delay, &config);
}

/* The fastest packet of the last seconds; older ones no longer count, so the base follows a route
 * that became longer, or a sender's slow clock. */
static int64_t fastest(struct tp_delay *delay, int64_t delay_ns, int64_t now_ns)
{
	int64_t best = delay_ns;
	int i;

	if (delay->packets == 0) {
		for (i = 0; i < TP_DELAY_WINDOWS; i++)
			delay->fastest_ns[i] = delay_ns;
		delay->window_end_ns = now_ns + window_ns;
	}
	for (i = 0; now_ns >= delay->window_end_ns && i < TP_DELAY_WINDOWS; i++) {
		delay->window = (delay->window + 1) % TP_DELAY_WINDOWS;
		delay->fastest_ns[delay->window] = delay_ns;
		delay->window_end_ns += window_ns;
	}
	if (now_ns >= delay->window_end_ns)
		delay->window_end_ns = now_ns + window_ns;
	if (delay_ns < delay->fastest_ns[delay->window])
		delay->fastest_ns[delay->window] = delay_ns;
	for (i = 0; i < TP_DELAY_WINDOWS; i++)
		if (delay->fastest_ns[i] < best)
			best = delay->fastest_ns[i];
	return best;
}

/* Moves the histogram's zero; what falls off an end stays in its last bin. */
static void rebase(struct tp_delay *delay, int64_t base_ns)
{
	int64_t bins = clamp((base_ns - delay->base_ns) / bin_ns, -TP_DELAY_BINS, TP_DELAY_BINS);
	float moved[TP_DELAY_BINS] = {0};
	int i;

	delay->base_ns = base_ns;
	if (bins == 0)
		return;
	for (i = 0; i < TP_DELAY_BINS; i++)
		moved[clamp(i - bins, 0, TP_DELAY_BINS - 1)] += delay->share[i];
	memcpy(delay->share, moved, sizeof(moved));
}

static void count(struct tp_delay *delay, int64_t beyond_ns)
{
	float weight = 1.0f / (float)(delay->packets + 1);
	int i;

	for (i = 0; i < TP_DELAY_BINS; i++)
		delay->share[i] *= 1 - weight;
	delay->share[clamp(beyond_ns / bin_ns, 0, TP_DELAY_BINS - 1)] += weight;
	if (delay->packets < MEMORY_PACKETS)
		delay->packets++;
}

/* What a delay and a share of lost packets cost in R (ITU-T G.107): Id of the whole path in the usual
 * approximation, Ie of G.711 with concealment (Bpl 25.1, G.113 Appendix I). */
static float cost(float delay_ms, float lost)
{
	float path_ms = delay_ms + REST_MS, percent = 100 * lost;
	float late_ms = path_ms - 177.3f;

	return 0.024f * path_ms + (late_ms > 0 ? 0.11f * late_ms : 0) +
	       95 * percent / (percent + 25.1f);
}

static int64_t cheapest(const struct tp_delay *delay)
{
	float later = 1, least = 1e9f;
	int i, best = 0;

	for (i = 0; i < TP_DELAY_BINS; i++) {
		later -= delay->share[i];
		float here = cost((float)(i + 1) * TP_DELAY_BIN_US / 1000, later > 0 ? later : 0);
		if (here < least) {
			least = here;
			best = i;
		}
	}
	return (best + 1) * bin_ns;
}

void tp_delay_learn(struct tp_delay *delay, int64_t delay_ns, int64_t now_ns)
{
	int64_t start_ns = delay->start_ns;

	rebase(delay, floor_bin(fastest(delay, delay_ns, now_ns)));
	count(delay, delay_ns - delay->base_ns);
	if (delay->config.mode == TP_JITTER_FIXED)
		return;
	delay->extra_ns = cheapest(delay);
	if (delay->packets < CALM_PACKETS) {
		start_ns = start_ns * (CALM_PACKETS - delay->packets) / CALM_PACKETS;
		if (delay->extra_ns < start_ns)
			delay->extra_ns = start_ns;
	}
	delay->extra_ns = clamp(delay->extra_ns, (int64_t)delay->config.min_ms * 1000000,
				(int64_t)delay->config.max_ms * 1000000);
}

int64_t tp_delay_target_ns(const struct tp_delay *delay)
{
	return delay->base_ns + delay->extra_ns;
}

double tp_delay_share_later(const struct tp_delay *delay, int64_t delay_ns)
{
	int64_t first = (delay_ns - delay->base_ns) / bin_ns + 1;
	double share = 0;

	for (int64_t i = first < 0 ? 0 : first; i < TP_DELAY_BINS; i++)
		share += (double)delay->share[i];
	return share;
}
