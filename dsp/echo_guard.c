/* SPDX-License-Identifier: MIT */
/* Foresees when libspeexdsp's echo canceller would complain on stderr, so that it never does. */
#include "echo_guard.h"

#include <math.h>
#include <stdlib.h>

enum {
	BAD_BLOCKS_MAX = 45, /* of the library's 50 */
	CLIPPED = 32767,
};
#define EMPHASIS           0.9
#define LOUDEST_RMS        10000.0
#define RELEASE            1.1 /* a block: back up by 0.8 dB */
#define BAD_FLOOR          10000.0 /* half of what the library allows */
#define PREDICTION_MAX_RMS 30000.0 /* 3.5 dB under the library's limit */
#define RUNAWAY            4.0 /* error over microphone, power */
#define RUNAWAY_FLOOR      1e8 /* mean square: 10000 RMS */
#define GAIN_KEEP          0.995 /* a gain that was shown is half forgotten after 140 blocks */
#define REF_LEAST          1.0 /* mean square under which a gain means nothing */
/* The same where samples were cut off, -40 dB full scale: a loud talker beside a soft
 * loudspeaker would pass for one. */
#define REF_LEAST_CUT 1e5
#define GAIN_MAX      1e4

void tp_echo_guard_init(struct tp_echo_guard *guard, int rate_hz, int tail_blocks)
{
	*guard = (struct tp_echo_guard){
		.rate_hz = rate_hz, .tail_blocks = tail_blocks, .scale = 1.0};
	tp_echo_notch_init(&guard->notch, rate_hz);
}

void tp_echo_guard_reset(struct tp_echo_guard *guard)
{
	double scale = guard->scale;

	tp_echo_guard_init(guard, guard->rate_hz, guard->tail_blocks);
	guard->scale = scale;
}

static double emphasise(double x, double *last)
{
	double y = x - EMPHASIS * *last;

	*last = x;
	return y;
}

/* Mean square after emphasis, from a memory of 0. */
static double emphasised(const int16_t *pcm, int n)
{
	double last = 0, sum = 0;

	for (int i = 0; i < n; i++) {
		double x = emphasise(pcm[i], &last);

		sum += x * x;
	}
	return sum / n;
}

double tp_echo_guard_limit(struct tp_echo_guard *guard, const int16_t *mic, const int16_t *ref,
			   int n)
{
	double rms = sqrt(fmax(emphasised(mic, n), emphasised(ref, n)));

	guard->scale = fmin(1.0, guard->scale * RELEASE);
	if (rms * guard->scale > LOUDEST_RMS)
		guard->scale = LOUDEST_RMS / rms;
	return guard->scale;
}

bool tp_echo_guard_before(struct tp_echo_guard *guard, const int16_t *ref, int n)
{
	double power = 0;

	for (int i = 0; i < n; i++) {
		double x = emphasise(ref[i], &guard->ref_last);

		power += x * x / n;
	}
	if (++guard->blocks > guard->tail_blocks) {
		guard->blocks = 0;
		guard->ref_before = guard->ref_loudest;
		guard->ref_loudest = 0;
	}
	guard->ref_loudest = fmax(guard->ref_loudest, power);
	return guard->gain * sqrt(fmax(guard->ref_loudest, guard->ref_before)) > PREDICTION_MAX_RMS;
}

/* Learns how much the filter amplifies. */
static void learn_gain(struct tp_echo_guard *guard, double prediction, bool clipped)
{
	double loudest = fmax(guard->ref_loudest, guard->ref_before);

	guard->gain *= GAIN_KEEP;
	if (loudest > (clipped ? REF_LEAST_CUT : REF_LEAST))
		guard->gain = fmin(GAIN_MAX, fmax(guard->gain, sqrt(prediction / loudest)));
}

/* Energies of a stretch. */
struct energy {
	double mic, out, prediction;
};

static bool is_bad(const struct energy *energy, int n)
{
	return energy->out > energy->mic + BAD_FLOOR * n;
}

bool tp_echo_guard_after(struct tp_echo_guard *guard, const int16_t *mic, const int16_t *out, int n)
{
	struct energy all = {0}, start = {0};
	bool clipped = false;

	for (int i = 0; i < n; i++) {
		double d = emphasise(tp_echo_notch_next(&guard->notch, mic[i]), &guard->mic_last);
		double e = emphasise(out[i], &guard->out_last);

		all.mic += d * d;
		all.out += e * e;
		all.prediction += (d - e) * (d - e);
		clipped |= abs(out[i]) >= CLIPPED;
		if (i == n / 4 - 1)
			start = all;
	}
	learn_gain(guard, all.prediction / n, clipped);
	/* Where the library changes to its other filter, the block fades from one error
	 * to the other; its first quarter tells what the whole would have been, which
	 * is what the library judges. */
	bool bad = clipped || is_bad(&all, n) || is_bad(&start, n / 4);
	double error = fmax(all.out, 4 * start.out), signal = fmax(all.mic, 4 * start.mic);

	guard->bad = bad ? guard->bad + 1 : 0;
	return guard->bad >= BAD_BLOCKS_MAX || error > fmax(RUNAWAY * signal, RUNAWAY_FLOOR * n);
}
