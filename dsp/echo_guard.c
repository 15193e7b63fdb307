/* SPDX-License-Identifier: MIT */
/* Foresees when libspeexdsp's echo canceller would complain on stderr, so that it never does. */
#include "echo_guard.h"

#include <math.h>
#include <stdlib.h>

enum {
	BAD_BLOCKS_MAX = 20, /* of the library's 50 */
	CLIPPED = 32767,
};
#define EMPHASIS           0.9
#define BAD_FLOOR          10000.0 /* half of what the library allows */
#define PREDICTION_MAX_RMS 13000.0
#define RUNAWAY            4.0
#define RUNAWAY_FLOOR      250000.0
#define GAIN_KEEP          0.995 /* a gain that was shown is half forgotten after 140 blocks */
#define REF_LEAST          1.0 /* mean square under which a gain means nothing */
#define GAIN_MAX           1e4

void tp_echo_guard_init(struct tp_echo_guard *guard, int rate_hz, int tail_blocks)
{
	double r = rate_hz < 12000 ? 0.9 : rate_hz < 24000 ? 0.982 : 0.992;

	*guard = (struct tp_echo_guard){.radius = r,
					.damping = r * r + 0.7 * (1 - r) * (1 - r),
					.tail_blocks = tail_blocks};
}

void tp_echo_guard_reset(struct tp_echo_guard *guard)
{
	double radius = guard->radius, damping = guard->damping;

	*guard = (struct tp_echo_guard){
		.radius = radius, .damping = damping, .tail_blocks = guard->tail_blocks};
}

static double emphasise(double x, double *last)
{
	double y = x - EMPHASIS * *last;

	*last = x;
	return y;
}

bool tp_echo_guard_before(struct tp_echo_guard *guard, const int16_t *ref, int n)
{
	double power = 0, loudest;

	for (int i = 0; i < n; i++) {
		double x = emphasise(ref[i], &guard->ref_last);

		power += x * x / n;
	}
	if (++guard->blocks > guard->tail_blocks) {
		guard->blocks = 0;
		guard->ref_before = guard->ref_loudest;
		guard->ref_loudest = 0;
	}
	guard->ref_mean += (power - guard->ref_mean) / guard->tail_blocks;
	guard->ref_loudest = fmax(guard->ref_loudest, power);
	loudest = fmax(guard->ref_loudest, guard->ref_before);
	return guard->gain * sqrt(loudest) > PREDICTION_MAX_RMS;
}

static double notch(struct tp_echo_guard *guard, double x)
{
	double y = guard->notch[0] + x;

	guard->notch[0] = guard->notch[1] + 2 * (guard->radius * y - x);
	guard->notch[1] = x - guard->damping * y;
	return guard->radius * y;
}

bool tp_echo_guard_after(struct tp_echo_guard *guard, const int16_t *mic, const int16_t *out, int n)
{
	double of_mic = 0, of_out = 0, of_start = 0, of_prediction = 0;
	bool clipped = false;

	for (int i = 0; i < n; i++) {
		double d = emphasise(notch(guard, mic[i]), &guard->mic_last);
		double e = emphasise(out[i], &guard->out_last);
		double y = emphasise(mic[i] - out[i], &guard->prediction_last);

		of_mic += d * d;
		of_out += e * e;
		of_prediction += y * y;
		if (i < n / 4)
			of_start += e * e;
		clipped |= abs(out[i]) >= CLIPPED;
	}
	guard->gain *= GAIN_KEEP;
	if (guard->ref_mean > REF_LEAST)
		guard->gain = fmax(guard->gain, sqrt(of_prediction / n / guard->ref_mean));
	guard->gain = fmin(guard->gain, GAIN_MAX);
	/* Where the library changes to its other filter, the block fades from one error to the other; its
	 * first quarter tells what the whole would have been, which is what the library judges. */
	bool bad = clipped || fmax(of_out, 4 * of_start) > of_mic + BAD_FLOOR * n;

	guard->bad = bad ? guard->bad + 1 : 0;
	return guard->bad >= BAD_BLOCKS_MAX ||
	       fmax(of_out, 4 * of_start) > fmax(RUNAWAY * of_mic, RUNAWAY_FLOOR * n);
}
