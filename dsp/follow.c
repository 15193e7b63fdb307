/* SPDX-License-Identifier: MIT */
/* Keeps the canceller's reference on its echo: delay, jumps of the delay, drift of the clocks. */
#include "follow.h"

#include <math.h>
#include <string.h>

enum { LOW_MAX = 80 };
/* Samples at 8 kHz. A jump is more than the estimate wanders between near reflections. */
#define JUMP_N 20.0f
/* Where the loudest of the echo may stand in the filter, from its start. */
#define EARLIEST_N 8
#define LATEST_N   160
#define NEAR_N     8 /* this near to it is good enough to begin with */
#define SAME_N \
	3 /* the estimate errs by so much: better the delay that the filter was learnt with */
#define CORRECTED_PPM 5.0 /* what counters of a few seconds err by */
#define WORTH_PPM     3.0 /* less is not worth resampling for */

/* All but the delay line. */
static void begin(struct tp_follow *follow)
{
	follow->last_lag_n = -1;
	follow->drifting = follow->begun = false;
	follow->lead_n = follow->rate_hz / 1000.0 * TP_FOLLOW_LEAD_MS;
	tp_decimate_init(&follow->far_decimate, follow->rate_hz);
	tp_decimate_init(&follow->mic_decimate, follow->rate_hz);
	tp_decimate_init(&follow->line_decimate, follow->rate_hz);
	tp_align_init(&follow->align);
	tp_echo_skew_init(&follow->skew);
}

int tp_follow_init(struct tp_follow *follow, int rate_hz, int block_n)
{
	memset(follow, 0, sizeof(*follow));
	follow->rate_hz = rate_hz;
	follow->factor = rate_hz / TP_ALIGN_RATE_HZ;
	begin(follow);
	return tp_farline_init(&follow->line, rate_hz, block_n,
			       rate_hz / 1000 * TP_FOLLOW_DELAY_MAX_MS);
}

void tp_follow_free(struct tp_follow *follow)
{
	tp_farline_free(&follow->line);
}

void tp_follow_hurry(struct tp_follow *follow, bool hurry)
{
	follow->align.hurry = hurry;
}

void tp_follow_reset(struct tp_follow *follow)
{
	tp_farline_reset(&follow->line);
	begin(follow);
}

void tp_follow_begin(struct tp_follow *follow, double delay_n, int64_t lead_us)
{
	if (lead_us < 0)
		return;
	tp_farline_set_delay(&follow->line, delay_n);
	follow->lead_n = (double)lead_us * follow->rate_hz / 1e6;
	follow->begun = true;
}

void tp_follow_corrected(struct tp_follow *follow)
{
	follow->drifting = false;
	follow->skew.ppm = 0;
	follow->skew.variance = CORRECTED_PPM * CORRECTED_PPM;
	tp_echo_skew_moved(&follow->skew);
	tp_farline_set_ppm(&follow->line, 0);
}

int64_t tp_follow_lead_us(const struct tp_follow *follow)
{
	if (follow->last_lag_n < 0)
		return -1;
	return llround(((double)follow->last_lag_n * follow->factor - follow->line.delay_n) * 1e6 /
		       follow->rate_hz);
}

static void move_to(struct tp_follow *follow, double delay_n)
{
	tp_farline_set_delay(&follow->line, fmax(0, delay_n));
	tp_echo_skew_moved(&follow->skew);
}

static enum tp_follow_event follow_delay(struct tp_follow *follow)
{
	float lag_n = tp_align_lag_n(&follow->align), last_n = follow->last_lag_n;
	double place_n = lag_n - follow->line.delay_n / follow->factor;
	double lead_n = follow->lead_n;

	follow->last_lag_n = lag_n;
	if (lag_n < 0)
		return TP_FOLLOW_STEADY;
	if (last_n >= 0 && fabsf(lag_n - last_n) > JUMP_N) {
		move_to(follow, follow->line.delay_n + (lag_n - last_n) * (float)follow->factor);
		return TP_FOLLOW_JUMPED;
	}
	if (last_n < 0 && follow->begun) {
		if (fabs(place_n - lead_n / follow->factor) < SAME_N)
			return TP_FOLLOW_STEADY;
		move_to(follow, lag_n * (float)follow->factor - lead_n);
		return TP_FOLLOW_JUMPED;
	}
	if (last_n < 0 ? fabs(place_n - lead_n / follow->factor) > NEAR_N
		       : place_n > LATEST_N ||
				 (place_n < EARLIEST_N && follow->line.delay_n > lead_n)) {
		move_to(follow, lag_n * (float)follow->factor - lead_n);
		return TP_FOLLOW_FOUND;
	}
	return TP_FOLLOW_STEADY;
}

static void follow_drift(struct tp_follow *follow)
{
	double ppm = follow->skew.ppm, doubt = tp_echo_skew_doubt_ppm(&follow->skew);

	if (follow->last_lag_n < 0)
		return;
	if (!follow->drifting && fabs(ppm) < WORTH_PPM + 2 * doubt)
		return;
	follow->drifting = true;
	tp_farline_set_ppm(&follow->line, ppm);
}

enum tp_follow_event tp_follow_process(struct tp_follow *follow, const int16_t *far,
				       const float *mic, int n, float *reference)
{
	float *wide = follow->wide, at_mic[LOW_MAX], at_far[LOW_MAX];
	double delay_n = follow->line.delay_n, moved_n;
	int low_n;

	tp_farline_process(&follow->line, far, n, reference);
	moved_n = (delay_n - follow->line.delay_n) / follow->factor;
	low_n = tp_decimate_process(&follow->line_decimate, reference, n, at_far);
	tp_echo_skew_add(&follow->skew, at_far, low_n, moved_n);
	for (int i = 0; i < n; i++)
		wide[i] = far[i];
	tp_decimate_process(&follow->far_decimate, wide, n, at_far);
	tp_decimate_process(&follow->mic_decimate, mic, n, at_mic);
	if (!tp_align_add(&follow->align, at_far, at_mic, low_n))
		return TP_FOLLOW_STEADY;
	if (follow->align.ambiguous || follow->last_lag_n < 0)
		tp_echo_skew_skip(&follow->skew);
	else if (tp_echo_skew_hop(&follow->skew, &follow->align))
		follow_drift(follow);
	return follow_delay(follow);
}

double tp_follow_delay_ms(const struct tp_follow *follow)
{
	return follow->last_lag_n < 0 ? (double)NAN
				      : follow->last_lag_n * 1000.0 / TP_ALIGN_RATE_HZ;
}

double tp_follow_drift_ppm(const struct tp_follow *follow)
{
	return follow->skew.ppm;
}
