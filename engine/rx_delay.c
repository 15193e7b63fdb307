/* SPDX-License-Identifier: MIT */
/* The playout delay of what a receiver plays: cut, lengthened, or drawn out by a hair. */
#include "engine/rx_delay.h"
#include "dsp/level.h"
#include "dsp/stretch.h"

#include <math.h>
#include <string.h>

/* The playout delay is left alone while it is this near to the target: less than a period of most
 * voices is not worth a seam even in a pause. */
static const int64_t slack_ns = 8000000;

/* Below the target it is left alone only within the grain of the statistics, 2.5 ms: else the
 * packets that the target was chosen for are missed by a hair again and again. */
static const int64_t short_ns = 2000000;

/* In speech it is left alone up to here, a packet, and for so long: most talkers pause
 * within it. A cut in speech is heard as the loss of twice its length; what it saves is less
 * than that for several seconds. */
static const int64_t usual_ns = 20000000, patience_ns = 1500000000;

/* And up to here, a block, for so long. */
static const int64_t small_ns = 8000000, long_patience_ns = 2400000000;

/* From here on it alone is what ITU-T G.114 wants from mouth to ear, and is cut at once. */
static const int64_t hurry_ns = 150000000;

/* What is cut in speech is cut faster while it is more than this, two packets. */
static const int64_t long_ns = 40000000;

/* Time between two cuts in speech, in lengths of the first: the sound is faster by 1/4 or 1/8. */
enum { hurry_rest = 4, usual_rest = 8 };

/* Playout delay that is off by a millisecond is worth 250 ppm: it goes with a time constant of 4 s.
 * At most 500 ppm, less than a cent of pitch, which nobody hears: a block is gone in 20 s. No finer
 * than the ear of any filter. */
static const double steer_ppm_per_ms = 250, steer_max_ppm = 500, steer_step_ppb = 500;

/* Sound this little above the background is a pause. */
static const double quiet_over_background_db = 3;

int64_t tp_rx_delay_ns(const struct tp_rx *rx, int64_t now_ns)
{
	return now_ns - (rx->tail_ns - tp_rx_ns(rx, rx->fifo_n + rx->ready_n));
}

/* How much of the fifo a change of the time scale looks at. */
static int span_n(const struct tp_rx *rx)
{
	int most_n = tp_rx_n(rx, TP_RX_DELAY_SPAN_NS);

	return rx->fifo_n < most_n ? rx->fifo_n : most_n;
}

/* Returns by how much the sound became shorter. */
static int64_t squeeze(struct tp_rx *rx, const struct tp_block_time *time, int64_t most_ns,
		       double quiet_db)
{
	int n = span_n(rx);
	int kept_n = tp_stretch_shorten(rx->fifo, n, rx->rate_hz, tp_rx_n(rx, most_ns), quiet_db);
	int64_t cut_ns = tp_rx_ns(rx, n - kept_n);

	if (kept_n == n)
		return 0;
	memmove(rx->fifo + kept_n, rx->fifo + n, (size_t)(rx->fifo_n - n) * sizeof(*rx->fifo));
	rx->fifo_n -= n - kept_n;
	rx->count.squeezed_ns += cut_ns;
	tp_trace_put(&rx->tracer, TP_TRACE_SQUEEZED, 0, time->now_ns, cut_ns / 1000);
	return cut_ns;
}

/* The sound behind the span steps aside for the longest that it may become. */
static void lengthen(struct tp_rx *rx, const struct tp_block_time *time, int64_t most_ns,
		     double quiet_db)
{
	int n = span_n(rx), rest_n = rx->fifo_n - n, room_n = TP_RX_FIFO_MAX - rx->fifo_n, new_n;
	int16_t *rest = rx->fifo + TP_RX_FIFO_MAX - rest_n;
	int64_t added_ns;

	memmove(rest, rx->fifo + n, (size_t)rest_n * sizeof(*rest));
	new_n = tp_stretch_lengthen(rx->fifo, n, n + room_n, rx->rate_hz, tp_rx_n(rx, most_ns),
				    quiet_db);
	memmove(rx->fifo + new_n, rest, (size_t)rest_n * sizeof(*rest));
	rx->fifo_n = new_n + rest_n;
	added_ns = tp_rx_ns(rx, new_n - n);
	if (added_ns == 0)
		return;
	rx->count.stretched_ns += added_ns;
	tp_trace_put(&rx->tracer, TP_TRACE_WAITED, 0, time->now_ns, added_ns / 1000);
}

/* Whether a delay that is too long by so much for so long is worth a
 * seam in the middle of speech. */
static bool is_burden(const struct tp_rx *rx, int64_t excess_ns)
{
	return excess_ns > hurry_ns || (excess_ns > usual_ns && rx->over_ns > patience_ns) ||
	       (excess_ns > small_ns && rx->over_ns > long_patience_ns);
}

int64_t tp_rx_delay_excess_ns(struct tp_rx *rx, const struct tp_block_time *time)
{
	int64_t now_ns = tp_rx_delay_ns(rx, time->now_ns), block_ns = tp_rx_ns(rx, rx->block_n);
	int64_t excess_ns = now_ns - tp_jitter_target_ns(&rx->jitter);
	int64_t free_ns = now_ns - tp_delay_needed_ns(&rx->jitter.delay);

	if (excess_ns > free_ns)
		excess_ns = free_ns > 0 ? free_ns : 0;
	rx->rest_ns -= rx->rest_ns > 0 ? block_ns : 0;
	rx->over_ns = excess_ns > slack_ns ? rx->over_ns + block_ns : 0;
	if (excess_ns < slack_ns && excess_ns > -short_ns)
		return 0;
	return excess_ns;
}

void tp_rx_delay_change(struct tp_rx *rx, const struct tp_block_time *time, int64_t excess_ns)
{
	double quiet_db = tp_conceal_background_db(&rx->conceal) + quiet_over_background_db;

	if (tp_level_db(rx->fifo, span_n(rx)) < quiet_db) {
		if (excess_ns > 0)
			(void)squeeze(rx, time, excess_ns, quiet_db);
		else
			lengthen(rx, time, -excess_ns, quiet_db);
	} else if (rx->rest_ns <= 0 && is_burden(rx, excess_ns)) {
		rx->rest_ns = squeeze(rx, time, excess_ns, -INFINITY) *
			      (excess_ns > long_ns ? hurry_rest : usual_rest);
	}
}

/* ---- Out of the fifo ---------------------------------------------------------------------- */

static void take(struct tp_rx *rx, int n)
{
	rx->fifo_n -= n;
	memmove(rx->fifo, rx->fifo + n, (size_t)rx->fifo_n * sizeof(*rx->fifo));
}

int tp_rx_delay_need_n(const struct tp_rx *rx)
{
	return tp_drift_needs_n(&rx->drift, rx->block_n - rx->ready_n);
}

/* The clocks' difference is known: the sound is played by so much slower, and by a hair more or
 * less until the delay is where it should be. That is done without any seam. */
void tp_rx_delay_steer(struct tp_rx *rx, const struct tp_block_time *time)
{
	int64_t excess_ns;
	double ppm;

	if (!rx->jitter.skew.known || !rx->playing || rx->gone_ns > 0)
		return;
	excess_ns = tp_rx_delay_ns(rx, time->now_ns) - tp_jitter_target_ns(&rx->jitter);
	ppm = (double)excess_ns * 1e-6 * steer_ppm_per_ms;
	ppm = fmax(-steer_max_ppm, fmin(steer_max_ppm, ppm)) - rx->jitter.skew.ppm;
	if (fabs(ppm * 1e3 - rx->drift_ppb) < steer_step_ppb)
		return;
	rx->drift_ppb = (int)(ppm * 1e3);
	tp_drift_set_ppm(&rx->drift, ppm);
	tp_trace_put(&rx->tracer, TP_TRACE_DRIFT, 0, time->now_ns, rx->drift_ppb);
}

void tp_rx_delay_take(struct tp_rx *rx, int16_t *pcm)
{
	int n;

	if (rx->drift.bypass) {
		tp_drift_process(&rx->drift, rx->fifo, rx->block_n, pcm, rx->block_n + 2);
		take(rx, rx->block_n);
	} else {
		n = tp_rx_delay_need_n(rx);
		rx->ready_n +=
			tp_drift_process(&rx->drift, rx->fifo, n, rx->ready + rx->ready_n, n + 2);
		take(rx, n);
		rx->ready_n -= rx->block_n;
		memcpy(pcm, rx->ready, (size_t)rx->block_n * sizeof(*pcm));
		memmove(rx->ready, rx->ready + rx->block_n,
			(size_t)rx->ready_n * sizeof(*rx->ready));
	}
	tp_level_add(&rx->level, pcm, rx->block_n);
}
