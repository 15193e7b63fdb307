/* SPDX-License-Identifier: MIT */
/* How much faster the microphone's clock hears the loudspeaker's: parts per
 * million, from the signals alone. */
#include "echo_skew.h"

#include <math.h>
#include <string.h>

enum {
	SNAPSHOT_HOPS = 8, /* 256 ms of a loudspeaker that is heard */
	LOW_BIN = 13, /* 200 Hz: under it loudspeakers give nothing */
	HIGH_BIN = 218, /* 3400 Hz */
	STRANGE_MAX = 4,
};
#define HOP_S       ((double)TP_ALIGN_HOP_N / TP_ALIGN_RATE_HZ)
#define LOUD_POWER  10737.0f /* -50 dB full scale */
#define POWER_KEEP  0.97f
#define POWER_LEAST 256.0f
/* Samples: a longer way between two snapshots turns the phase of the highest bins (1.3 rad at this)
 * so far that noise takes it around, which draws the slope towards 0. */
#define WIDEST_N 0.5
#define LIKE \
	0.35f /* likeness of two snapshots of the same room under which they are not compared */
/* A tone tells no slope: so many bins must count, in the sense of (sum w)^2 / sum w^2. */
#define BINS_LEAST 20.0
#define DOUBT_PPM  150.0 /* before the first measurement; crystals are within 100 each */
/* ppm squared a second: crystals change by less, but the first measurements of a large drift err
 * by some per cent of it, and must be forgotten within 10 s. */
#define WANDER 0.5
/* What one comparison errs by, in samples: late reverberation, other every time. */
#define ERROR_N 0.06
#define GAP_S   6.0 /* snapshots further apart are not compared */

void tp_echo_skew_init(struct tp_echo_skew *skew)
{
	memset(skew, 0, sizeof(*skew));
	skew->variance = DOUBT_PPM * DOUBT_PPM;
}

void tp_echo_skew_add(struct tp_echo_skew *skew, const float *far, int n, double moved_n)
{
	skew->time_s += (double)n / TP_ALIGN_RATE_HZ;
	skew->moved_n += moved_n;
	/* The hop may end within this block: what is behind it waits at the end. */
	for (int i = 0; i < n && skew->fill_n < TP_ALIGN_HOP_N + 80; i++)
		skew->far[skew->fill_n++ + TP_ALIGN_HOP_N] = far[i];
}

static float bin_power(const float *re, const float *im, int k)
{
	return re[k] * re[k] + im[k] * im[k];
}

static void accumulate(struct tp_echo_skew *skew, const struct tp_align *align, const float *x_re,
		       const float *x_im)
{
	struct tp_echo_skew_snapshot *to = &skew->kept[skew->newest];
	const float *d_re = align->mic_re, *d_im = align->mic_im;

	for (int k = LOW_BIN; k < HIGH_BIN; k++) {
		float x = bin_power(x_re, x_im, k), d = bin_power(d_re, d_im, k), weight;

		skew->far_power[k] = POWER_KEEP * skew->far_power[k] + (1 - POWER_KEEP) * x;
		skew->mic_power[k] = POWER_KEEP * skew->mic_power[k] + (1 - POWER_KEEP) * d;
		weight = 1 / sqrtf((skew->far_power[k] + POWER_LEAST) *
				   (skew->mic_power[k] + POWER_LEAST));
		to->re[k] += weight * (x_re[k] * d_re[k] + x_im[k] * d_im[k]);
		to->im[k] += weight * (x_re[k] * d_im[k] - x_im[k] * d_re[k]);
	}
	/* The middle of a snapshot is the mean of its hops. */
	to->moved_n += skew->moved_n / SNAPSHOT_HOPS;
	to->end_s += skew->time_s / SNAPSHOT_HOPS;
	to->hops++;
}

/* By how many samples the echo came later in b than in a: the slope of the phase between them, by
 * least squares. Returns how alike both are, 0..1. */
static float compare(const struct tp_echo_skew_snapshot *a, const struct tp_echo_skew_snapshot *b,
		     double *late_n)
{
	const float turn = 3.14159265f / TP_ALIGN_HOP_N;
	double along = 0, across = 0, sum = 0, squares = 0, like = 0;

	for (int k = LOW_BIN; k < HIGH_BIN; k++) {
		float re = a->re[k] * b->re[k] + a->im[k] * b->im[k];
		float im = a->re[k] * b->im[k] - a->im[k] * b->re[k];
		float weight = sqrtf(re * re + im * im), omega = turn * (float)k;

		along += weight * omega * atan2f(im, re);
		across += weight * omega * omega;
		sum += weight;
		squares += weight * weight;
	}
	*late_n = across > 0 ? -along / across : 0;
	for (int k = LOW_BIN; k < HIGH_BIN; k++) {
		float re = a->re[k] * b->re[k] + a->im[k] * b->im[k];
		float im = a->re[k] * b->im[k] - a->im[k] * b->re[k];
		float angle = turn * (float)k * (float)*late_n;

		like += re * cosf(angle) - im * sinf(angle);
	}
	return sum * sum > BINS_LEAST * squares && sum > 0 ? (float)(like / sum) : 0;
}

/* A measurement of the clocks over `span_s`, in ppm. */
static void take(struct tp_echo_skew *skew, double ppm, double span_s, int back)
{
	double error = ERROR_N / TP_ALIGN_RATE_HZ / span_s * 1e6;
	/* Measurements that overlap tell the same again. */
	double doubt = error * error * back;
	double off = fabs(ppm - skew->ppm);

	if (off > 4 * sqrt(skew->variance + doubt) + 2) {
		if (++skew->strange < STRANGE_MAX)
			return;
		skew->variance = DOUBT_PPM * DOUBT_PPM;
	}
	skew->strange = 0;
	double gain = skew->variance / (skew->variance + doubt);

	skew->ppm += gain * (ppm - skew->ppm);
	skew->variance *= 1 - gain;
}

/* Compares the snapshot that is complete with the oldest that is like it. */
static bool measure(struct tp_echo_skew *skew)
{
	const struct tp_echo_skew_snapshot *now = &skew->kept[skew->newest];

	for (int back = TP_ECHO_SKEW_KEPT - 1; back >= 1; back /= 2) {
		const struct tp_echo_skew_snapshot *then =
			&skew->kept[(skew->newest - back + TP_ECHO_SKEW_KEPT) % TP_ECHO_SKEW_KEPT];
		double late_n, span_s = now->end_s - then->end_s;

		if (back > skew->whole || span_s > GAP_S ||
		    2 * sqrt(skew->variance) * span_s * TP_ALIGN_RATE_HZ * 1e-6 > WIDEST_N * 4)
			continue;
		if (compare(then, now, &late_n) < LIKE || fabs(late_n) > WIDEST_N)
			continue;
		take(skew,
		     (now->moved_n - then->moved_n - late_n) / (span_s * TP_ALIGN_RATE_HZ) * 1e6,
		     span_s, back);
		return true;
	}
	return false;
}

static bool complete(struct tp_echo_skew *skew)
{
	bool measured = measure(skew);

	if (skew->whole < TP_ECHO_SKEW_KEPT - 1)
		skew->whole++;
	skew->newest = (skew->newest + 1) % TP_ECHO_SKEW_KEPT;
	memset(&skew->kept[skew->newest], 0, sizeof(skew->kept[0]));
	return measured;
}

void tp_echo_skew_skip(struct tp_echo_skew *skew)
{
	skew->fill_n -= TP_ALIGN_HOP_N;
	memmove(skew->far, skew->far + TP_ALIGN_HOP_N,
		(size_t)(TP_ALIGN_HOP_N + skew->fill_n) * sizeof(*skew->far));
	skew->variance += WANDER * HOP_S;
}

bool tp_echo_skew_hop(struct tp_echo_skew *skew, const struct tp_align *align)
{
	float re[TP_ALIGN_BINS], im[TP_ALIGN_BINS], power = 0;

	for (int i = TP_ALIGN_HOP_N; i < 2 * TP_ALIGN_HOP_N; i++)
		power += skew->far[i] * skew->far[i];
	if (power > LOUD_POWER * TP_ALIGN_HOP_N) {
		tp_fft_forward(&align->fft, skew->far, re, im);
		accumulate(skew, align, re, im);
	}
	tp_echo_skew_skip(skew);
	return skew->kept[skew->newest].hops == SNAPSHOT_HOPS && complete(skew);
}

void tp_echo_skew_moved(struct tp_echo_skew *skew)
{
	skew->whole = 0;
	memset(&skew->kept[skew->newest], 0, sizeof(skew->kept[0]));
}

double tp_echo_skew_doubt_ppm(const struct tp_echo_skew *skew)
{
	return sqrt(skew->variance);
}
