/* SPDX-License-Identifier: MIT */
/* The playout delay worth waiting: statistics of how late packets come,
 * and a target of least cost. */
#include "engine/delay_cost.h"

#include <math.h>
#include <string.h>

enum {
	/* While delays may creep, the target does not fall below what it began with; but if that
	 * does not show in so long, they do less than jitter does. */
	CREEP_MS = 16000,
	END_MS = 40, /* of the path that no round trip shows: a packet's time, and both devices */
	CHOOSE_MS = 100, /* between two looks for the target while nothing new happens */
	/* A level that packets should have passed so often by now, and did not, belongs to the
	 * past: by chance that happens one time in 3000. */
	OVERDUE = 8,
	OVERDUE_MS = 1000, /* but not before: one talk spurt of calm is no change yet */
	TYPICAL_MS = 20, /* packet */
	SHORTER_BINS = 16, /* 40 ms: more than jitter makes of one packet */
	STALL_MAX_MS = 500, /* of media time that comes late after a stall */
	PEAK_MS = 300, /* half of the time in which a queue that fills and drains is full again */
};

/* Forgetting: what was seen this long ago counts 1/e. */
static const float memory_ms = 40000;

/* An even network for this long is taken for granted at the start, so that the first event is not
 * taken for the rule. */
static const float prior_ms = 8000;

/* How fast `hold` falls: what the cuts in speech and pauses come to. */
static const double release = 0.15;

static const double same_ms = TP_DELAY_SAME_US / 1000.0;

static const double bin_ms = TP_DELAY_BIN_US / 1000.0;
static const int64_t bin_ns = (int64_t)TP_DELAY_BIN_US * 1000;
static const int64_t window_ns = 1000000000;

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static void start_with(struct tp_delay *delay, int64_t start_ns)
{
	delay->start_ns = clamp(start_ns, (int64_t)delay->config.min_ms * 1000000,
				(int64_t)delay->config.max_ms * 1000000);
}

void tp_delay_configure(struct tp_delay *delay, const struct tp_jitter_config *config)
{
	delay->config = *config;
	start_with(delay, config->mode == TP_JITTER_FIXED ? (int64_t)config->nominal_ms * 1000000
							  : delay->opening.delay_ns);
	if (config->mode == TP_JITTER_FIXED || !delay->started)
		delay->extra_ns = delay->start_ns;
}

void tp_delay_init(struct tp_delay *delay, const struct tp_jitter_config *config)
{
	*delay = (struct tp_delay){.config = *config, .gain = 1, .total = prior_ms};
	delay->level[0] = delay->share[0] = prior_ms;
	tp_delay_configure(delay, config);
}

void tp_delay_reset(struct tp_delay *delay)
{
	struct tp_jitter_config config = delay->config;
	float rest_ms = delay->rest_ms;

	tp_delay_init(delay, &config);
	delay->rest_ms = rest_ms;
}

/* The fastest packet of the last seconds; older ones no longer count, so the base follows a route
 * that became longer, or a sender's slow clock. */
static int64_t fastest(struct tp_delay *delay, int64_t delay_ns, int64_t now_ns)
{
	int64_t best = delay_ns;
	int i;

	if (!delay->started) {
		for (i = 0; i < TP_DELAY_WINDOWS; i++)
			delay->fastest_ns[i] = delay_ns;
		delay->window_end_ns = now_ns + window_ns;
		delay->zero_ns = delay_ns;
		delay->started = true;
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

/* Moves the bins of one sum; time that falls off an end stays in its last bin. */
static void move(float *sum, int bins)
{
	float moved[TP_DELAY_BINS] = {0};

	for (int i = 0; i < TP_DELAY_BINS; i++)
		moved[clamp(i - bins, 0, TP_DELAY_BINS - 1)] += sum[i];
	memcpy(sum, moved, sizeof(moved));
}

/* The same of what happened at a level; at those that were below the base, `below`. */
static void move_events(float *sum, int bins, float below)
{
	float moved[TP_DELAY_BINS] = {0};

	for (int i = 0; i < -bins && i < TP_DELAY_BINS; i++)
		moved[i] = below;
	for (int i = 0; i < TP_DELAY_BINS; i++)
		if (i - bins >= 0 && i - bins < TP_DELAY_BINS)
			moved[i - bins] = sum[i];
	memcpy(sum, moved, sizeof(moved));
}

static void move_times(uint32_t *when, int bins)
{
	uint32_t moved[TP_DELAY_BINS];

	for (int i = 0; i < TP_DELAY_BINS; i++)
		moved[i] = when[clamp(i + bins, 0, TP_DELAY_BINS - 1)];
	memcpy(when, moved, sizeof(moved));
}

/* The bins follow the base in whole steps: what is in them is no more
 * exact. Returns whether they did. */
static bool rebase(struct tp_delay *delay, int64_t base_ns)
{
	int64_t off_ns = base_ns - delay->zero_ns;
	int bins;

	delay->base_ns = base_ns;
	if (off_ns < bin_ns && off_ns > -bin_ns)
		return false;
	delay->zero_ns += off_ns / bin_ns * bin_ns;
	bins = (int)clamp(off_ns / bin_ns, -TP_DELAY_BINS, TP_DELAY_BINS);
	move(delay->level, bins);
	move_events(delay->rise, bins, 0);
	move(delay->share, bins);
	/* Every packet was later than a level below the base: a way that became shorter is believed
	 * soon. A small step is only the fastest packet yet. */
	move_events(delay->cross, bins, bins <= -SHORTER_BINS ? delay->total / TYPICAL_MS : 0);
	delay->last_bin = (int)clamp(delay->last_bin - bins, 0, TP_DELAY_BINS - 1);
	move_times(delay->beyond_ms, bins);
	delay->top = (int)clamp(delay->top - bins, 0, TP_DELAY_BINS - 1);
	delay->hold_ms = fmax(0, delay->hold_ms - bins * bin_ms);
	delay->calm_ms = fmax(0, delay->calm_ms - bins * bin_ms);
	delay->peak_ms[0] -= bins * bin_ms;
	delay->peak_ms[1] -= bins * bin_ms;
	return true;
}

int tp_delay_bin_of(double ms)
{
	double bins = (ms - same_ms) / bin_ms;

	return bins <= 0 ? 0 : bins >= TP_DELAY_BINS - 1 ? TP_DELAY_BINS - 1 : (int)bins + 1;
}

/* Keeps the sums within what a float counts exactly. */
static void shrink(struct tp_delay *delay)
{
	float by = 1 / delay->gain;

	for (int i = 0; i <= delay->top; i++) {
		delay->level[i] *= by;
		delay->rise[i] *= by;
		delay->share[i] *= by;
		delay->cross[i] *= by;
	}
	delay->total *= by;
	delay->gain = 1;
}

/* A stall that is given up leaves no delay behind: hold follows the packets that come down from it.
 * What lasts longer than a stall is no stall. */
static void follow_stall(struct tp_delay *delay, double ms, double duration_ms)
{
	if (delay->stall_ms == 0 && ms <= delay->calm_ms + TP_DELAY_STALL_MS) {
		delay->hold_ms = fmax(delay->hold_ms, ms);
		delay->calm_ms = delay->hold_ms;
		return;
	}
	delay->hold_ms = fmax(delay->calm_ms, ms);
	delay->stall_ms += duration_ms;
	if (ms <= delay->calm_ms || delay->stall_ms > STALL_MAX_MS)
		delay->stall_ms = 0;
	if (delay->stall_ms == 0)
		delay->calm_ms = delay->hold_ms;
}

/* The sound behind a late packet waits for it, so hold rises. */
static void raise_hold(struct tp_delay *delay, double ms, double duration_ms)
{
	int from = tp_delay_bin_of(delay->hold_ms), hold;

	follow_stall(delay, ms, duration_ms);
	hold = tp_delay_bin_of(delay->hold_ms);
	for (int i = from; i < hold; i++)
		delay->rise[i] += delay->gain;
}

/* One that was overtaken is not waited for: it costs its own time at
 * any delay that is too short. */
static void miss(struct tp_delay *delay, double ms, double duration_ms)
{
	for (int i = tp_delay_bin_of(fmax(delay->hold_ms, ms - duration_ms));
	     i < tp_delay_bin_of(ms); i++)
		delay->rise[i] += delay->gain;
}

static void note_peak(struct tp_delay *delay, double ms)
{
	if ((int32_t)(delay->media_ms - delay->peak_end_ms) >= 0) {
		delay->peak_ms[1] = delay->peak_ms[0];
		delay->peak_ms[0] = ms;
		delay->peak_end_ms = delay->media_ms + PEAK_MS;
	}
	if (ms > delay->peak_ms[0])
		delay->peak_ms[0] = ms;
}

/* Returns whether the packet was later than what was waited for. */
static bool count(struct tp_delay *delay, double ms, double duration_ms, bool overtaken)
{
	int at = tp_delay_bin_of(ms), hold;

	delay->media_ms += (uint32_t)duration_ms;
	note_peak(delay, ms);
	delay->gain *= 1 + (float)duration_ms / memory_ms;
	if (delay->gain > 1e4f)
		shrink(delay);
	delay->hold_ms = fmax(0, delay->hold_ms - release * duration_ms);
	delay->calm_ms = fmax(0, delay->calm_ms - release * duration_ms);
	if (overtaken)
		miss(delay, ms, duration_ms);
	else
		raise_hold(delay, ms, duration_ms);
	hold = tp_delay_bin_of(delay->hold_ms);
	if (hold > delay->top)
		delay->top = hold;
	if (at > delay->top)
		delay->top = at;
	for (int i = 0; i < at; i++)
		delay->beyond_ms[i] = delay->media_ms;
	for (int i = delay->last_bin; i < at; i++)
		delay->cross[i] += delay->gain;
	delay->last_bin = at;
	delay->level[hold] += delay->gain * (float)duration_ms;
	delay->share[at] += delay->gain * (float)duration_ms;
	delay->total += delay->gain * (float)duration_ms;
	return at * bin_ns > delay->extra_ns;
}

/* A rough patch that is over is forgotten at once, not slowly: above the lowest level that packets
 * would have passed several times by now if all were as before. */
static void forget_overdue(struct tp_delay *delay)
{
	int at = 0;

	while (at < delay->top) {
		float since_ms = (float)(delay->media_ms - delay->beyond_ms[at]);

		if (since_ms > OVERDUE_MS && since_ms * delay->cross[at] > OVERDUE * delay->total)
			break;
		at++;
	}
	for (int i = at; i < delay->top; i++) {
		delay->rise[i] = delay->cross[i] = 0;
		delay->level[at] += delay->level[i + 1];
		delay->share[at] += delay->share[i + 1];
		delay->level[i + 1] = delay->share[i + 1] = 0;
	}
	delay->top = at;
}

static void choose(struct tp_delay *delay, const struct tp_delay_loss *loss)
{
	delay->choose_ms = delay->media_ms + CHOOSE_MS;
	forget_overdue(delay);
	delay->extra_ns = tp_delay_cheapest(delay, loss) * bin_ns;
	if (delay->creeps && delay->media_ms < CREEP_MS && delay->extra_ns < delay->start_ns)
		delay->extra_ns = delay->start_ns;
	delay->extra_ns = clamp(delay->extra_ns, (int64_t)delay->config.min_ms * 1000000,
				(int64_t)delay->config.max_ms * 1000000);
}

/* What the clocks' difference has come to. */
static int64_t grow(struct tp_delay *delay, int64_t now_ns)
{
	if (delay->grown_at_ns != 0)
		delay->grown_ns += (double)(now_ns - delay->grown_at_ns) * delay->ppm * 1e-6;
	delay->grown_at_ns = now_ns;
	return (int64_t)delay->grown_ns;
}

void tp_delay_round_trip(struct tp_delay *delay, int ms)
{
	delay->rest_ms = (float)ms / 2 + END_MS;
}

void tp_delay_follow(struct tp_delay *delay, double ppm)
{
	delay->ppm = ppm;
}

void tp_delay_rescale(struct tp_delay *delay, int64_t base_ns, int64_t grain_ns)
{
	rebase(delay, delay->base_ns + grain_ns);
	base_ns -= (int64_t)delay->grown_ns;
	for (int i = 0; i < TP_DELAY_WINDOWS; i++)
		delay->fastest_ns[i] = base_ns;
	delay->base_ns = delay->zero_ns = base_ns;
}

/* Returns whether the delay to begin with is another now. */
static bool open_with(struct tp_delay *delay, const struct tp_delay_sample *sample,
		      int64_t faster_ns)
{
	struct tp_opening_packet packet = {sample->duration_ns, sample->after_ns, faster_ns};
	int64_t before_ns = delay->start_ns;

	start_with(delay, tp_opening_hear(&delay->opening, &packet));
	return delay->start_ns != before_ns;
}

void tp_delay_learn(struct tp_delay *delay, const struct tp_delay_sample *sample,
		    const struct tp_delay_loss *loss, int64_t now_ns)
{
	int64_t delay_ns = sample->delay_ns - grow(delay, now_ns);
	int64_t faster_ns =
		delay->started && delay_ns < delay->base_ns ? delay->base_ns - delay_ns : 0;
	bool moved = rebase(delay, fastest(delay, delay_ns, now_ns)), late;

	delay->creeps = sample->creeps;
	if (delay->config.mode != TP_JITTER_FIXED)
		moved |= open_with(delay, sample, faster_ns);
	late = count(delay, (double)(delay_ns - delay->base_ns) * 1e-6,
		     (double)sample->duration_ns * 1e-6, sample->overtaken);
	if (delay->config.mode != TP_JITTER_FIXED &&
	    (late || moved || (int32_t)(delay->media_ms - delay->choose_ms) >= 0))
		choose(delay, loss);
}

int64_t tp_delay_base_ns(const struct tp_delay *delay)
{
	return delay->base_ns + (int64_t)delay->grown_ns;
}

int64_t tp_delay_target_ns(const struct tp_delay *delay)
{
	return tp_delay_base_ns(delay) + delay->extra_ns;
}

int64_t tp_delay_held_ns(const struct tp_delay *delay)
{
	return tp_delay_base_ns(delay) + (int64_t)(delay->hold_ms * 1e6);
}

int64_t tp_delay_needed_ns(const struct tp_delay *delay)
{
	return tp_delay_base_ns(delay) +
	       (int64_t)(fmax(delay->peak_ms[0], delay->peak_ms[1]) * 1e6);
}

double tp_delay_share_later(const struct tp_delay *delay, int64_t delay_ns)
{
	float share = 0;

	for (int i = tp_delay_bin_of((double)(delay_ns - tp_delay_base_ns(delay)) * 1e-6) + 1;
	     i <= delay->top; i++)
		share += delay->share[i];
	return (double)(share / delay->total);
}
