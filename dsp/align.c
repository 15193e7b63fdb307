/* SPDX-License-Identifier: MIT */
/* How much later than the loudspeaker's signal its echo comes, 0 to 500
 * ms, from the signals alone. */
#include "align.h"

#include <math.h>
#include <string.h>

enum {
	SCANS_PER_HOP = 4, /* while there is no answer, or another is in sight: */
	SCANS_STEADY = 1, /* pieces looked at beside the one that holds the answer */
	AGREE_HOPS = 4, /* hops (128 ms) in which the same new delay must win */
	SAME_N = 3, /* samples by which one delay may wander */
	NEIGHBOUR_N = 64, /* 8 ms: where the reflections of one echo lie */
	STRANGE_MAX_HOPS =
		16, /* so many are forgotten again within a quarter of a second of echo */
};
#define LOUD_POWER   10737.0f /* -50 dB full scale: the loudspeaker is heard */
#define POWER_KEEP   0.97f /* spectra for whitening: 1 s */
#define KEEP         0.92f /* correlation: 0.4 s */
#define KEEP_HURRIED 0.80f /* 0.15 s */
#define SURE         5.5f /* times the RMS of the correlation: noise alone reaches 4.4 in 4352 places */
/* A delay that stands gives way to one that is surer and twice as good: reflections
 * and a talker win for moments. */
#define SURE_TO_MOVE 9.0f
#define RIVAL        0.75f /* of the best's height */
#define BETTER       2.0f
/* Under it a bin holds nothing but rounding: one step of 16 bits, over the 256 samples. */
#define POWER_LEAST 256.0f
#define PULL        0.25f /* of a correction, per hop */
#define QUIET_RISE  1.01f /* 1.3 dB a second */
#define MIC_LOUD    10.0f /* times that: 10 dB, so that an echo in it could be recognised */
#define MIC_LEAST   1000.0f /* mean square: -60 dB full scale */

void tp_align_init(struct tp_align *align)
{
	memset(align, 0, sizeof(*align));
	tp_fft_init(&align->fft, 2 * TP_ALIGN_HOP_N);
	for (int i = 0; i < TP_ALIGN_HOP_N / 2; i++)
		align->taper[i] = align->taper[TP_ALIGN_HOP_N - 1 - i] =
			1 - align->fft.cosine[2 * i];
	align->lag_n = align->candidate_n = -1;
	align->quiet = LOUD_POWER;
}

/* Spectrum of the last two hops of far, of the last one of mic. */
static void transform(struct tp_align *align)
{
	float padded[2 * TP_ALIGN_HOP_N] = {0}, power = 0;
	int at = align->newest = (align->newest + 1) % TP_ALIGN_HOPS;

	for (int i = TP_ALIGN_HOP_N; i < 2 * TP_ALIGN_HOP_N; i++)
		power += align->far[i] * align->far[i];
	align->loudness[at] = power / TP_ALIGN_HOP_N;
	tp_fft_forward(&align->fft, align->far, align->far_re[at], align->far_im[at]);
	for (int i = 0; i < TP_ALIGN_HOP_N; i++)
		padded[TP_ALIGN_HOP_N + i] = align->taper[i] * align->mic[TP_ALIGN_HOP_N + i];
	tp_fft_forward(&align->fft, padded, align->mic_re, align->mic_im);
	memmove(align->far, align->far + TP_ALIGN_HOP_N, TP_ALIGN_HOP_N * sizeof(*align->far));
}

static bool heard(const struct tp_align *align)
{
	float loudest = 0;

	for (int i = 0; i < TP_ALIGN_HOPS; i++)
		loudest = fmaxf(loudest, align->loudness[i]);
	return loudest > LOUD_POWER;
}

/* What makes both spectra flat (Roth and SCOT in one): 1 / (|X| |D|), over a second. */
static void whiten(struct tp_align *align, float *weight)
{
	const float *x_re = align->far_re[align->newest], *x_im = align->far_im[align->newest];

	for (int k = 0; k < TP_ALIGN_BINS; k++) {
		float x = x_re[k] * x_re[k] + x_im[k] * x_im[k];
		float d = align->mic_re[k] * align->mic_re[k] + align->mic_im[k] * align->mic_im[k];

		align->far_power[k] = POWER_KEEP * align->far_power[k] + (1 - POWER_KEEP) * x;
		align->mic_power[k] = POWER_KEEP * align->mic_power[k] + (1 - POWER_KEEP) * d;
		weight[k] = 1 / sqrtf((align->far_power[k] + POWER_LEAST) *
				      (align->mic_power[k] + POWER_LEAST));
	}
}

static void correlate(struct tp_align *align)
{
	float keep = align->hurry ? KEEP_HURRIED : KEEP, weight[TP_ALIGN_BINS];
	float d_re[TP_ALIGN_BINS], d_im[TP_ALIGN_BINS];

	whiten(align, weight);
	for (int k = 0; k < TP_ALIGN_BINS; k++) {
		d_re[k] = weight[k] * align->mic_re[k];
		d_im[k] = weight[k] * align->mic_im[k];
	}
	for (int p = 0; p < TP_ALIGN_HOPS; p++) {
		int row = (align->newest - p + TP_ALIGN_HOPS) % TP_ALIGN_HOPS;
		const float *x_re = align->far_re[row], *x_im = align->far_im[row];
		float *re = align->cross_re[p], *im = align->cross_im[p];

		for (int k = 0; k < TP_ALIGN_BINS; k++) {
			re[k] = keep * re[k] + x_re[k] * d_re[k] + x_im[k] * d_im[k];
			im[k] = keep * im[k] + x_re[k] * d_im[k] - x_im[k] * d_re[k];
		}
	}
}

/* Place of the top of the parabola through three points, -0.5..0.5. */
static float vertex(float before, float top, float after)
{
	float bend = before - 2 * top + after;

	return bend < 0 ? 0.5f * (before - after) / bend : 0;
}

static int piece_of(float lag_n)
{
	int p = (int)lag_n / TP_ALIGN_HOP_N;

	return p < TP_ALIGN_HOPS ? p : TP_ALIGN_HOPS - 1;
}

/* How well the delay that stands still does. */
static void look_at_standing(struct tp_align *align, const float *r, int p)
{
	int at = (int)lrintf(align->lag_n) - p * TP_ALIGN_HOP_N;

	align->standing = 0;
	for (int i = at - SAME_N; i <= at + SAME_N; i++)
		align->standing = fmaxf(align->standing, fabsf(r[i & (2 * TP_ALIGN_HOP_N - 1)]));
}

static void look_at(struct tp_align *align, int p)
{
	float r[2 * TP_ALIGN_HOP_N], best = 0, energy = 0;
	int at = 0;

	tp_fft_inverse(&align->fft, align->cross_re[p], align->cross_im[p], r);
	for (int i = 0; i < TP_ALIGN_HOP_N; i++) {
		float height = fabsf(r[i]);

		energy += height * height;
		if (height > best) {
			best = height;
			at = i;
		}
	}
	if (align->lag_n >= 0 && p == piece_of(align->lag_n))
		look_at_standing(align, r, p);
	float before = fabsf(r[(at - 1) & (2 * TP_ALIGN_HOP_N - 1)]), after = fabsf(r[at + 1]);

	align->peak[p] = (struct tp_align_peak){
		.height = best,
		.energy = energy / TP_ALIGN_HOP_N,
		.lag_n = (float)(p * TP_ALIGN_HOP_N + at) + vertex(before, best, after),
	};
}

/* Looks at the piece that holds the answer, that of the candidate, and at some others in turn. */
static void scan(struct tp_align *align)
{
	if (align->lag_n >= 0)
		look_at(align, piece_of(align->lag_n));
	if (align->candidate_n >= 0 && align->candidate_n != align->lag_n)
		look_at(align, piece_of(align->candidate_n));
	bool steady = align->lag_n >= 0 && align->candidate_n == align->lag_n && !align->hurry;

	for (int i = 0; i < (steady ? SCANS_STEADY : SCANS_PER_HOP); i++) {
		look_at(align, align->scan);
		align->scan = (align->scan + 1) % TP_ALIGN_HOPS;
	}
}

/* A tone fits as well a period earlier or later; so do its periods in other pieces. */
static bool is_ambiguous(const struct tp_align *align, const struct tp_align_peak *best)
{
	for (int p = 0; p < TP_ALIGN_HOPS; p++)
		if (fabsf(align->peak[p].lag_n - best->lag_n) > TP_ALIGN_HOP_N / 2 &&
		    align->peak[p].height > RIVAL * best->height)
			return true;
	return false;
}

static void decide(struct tp_align *align)
{
	const struct tp_align_peak *best = align->peak;
	float energy = 0, rms;

	for (int p = 0; p < TP_ALIGN_HOPS; p++) {
		energy += align->peak[p].energy / TP_ALIGN_HOPS;
		if (align->peak[p].height > best->height)
			best = &align->peak[p];
	}
	rms = sqrtf(energy) + 1e-20f;
	align->sureness = best->height / rms;
	align->best_n = best->lag_n;
	align->ambiguous = is_ambiguous(align, best);
	if (align->sureness < SURE || align->ambiguous)
		return;
	if (align->lag_n >= 0 && fabsf(best->lag_n - align->lag_n) <= SAME_N) {
		align->lag_n += PULL * (best->lag_n - align->lag_n);
		align->candidate_n = align->lag_n;
		align->agreed = 0;
		return;
	}
	align->agreed = fabsf(best->lag_n - align->candidate_n) <= SAME_N ? align->agreed + 1 : 0;
	align->candidate_n = best->lag_n;
	if (align->agreed >= (align->hurry ? AGREE_HOPS / 2 : AGREE_HOPS) &&
	    (align->lag_n < 0 ||
	     (align->sureness > SURE_TO_MOVE && best->height > BETTER * align->standing))) {
		align->lag_n = align->candidate_n;
		align->strange_hops /= 2;
	}
}

/* Whether somebody or something is heard in this hop of the microphone. */
static bool microphone_loud(struct tp_align *align)
{
	float power = 0;

	for (int i = 0; i < TP_ALIGN_HOP_N; i++) {
		float x = align->mic[TP_ALIGN_HOP_N + i];

		power += x * x / TP_ALIGN_HOP_N;
	}
	align->quiet = fminf(QUIET_RISE * align->quiet, power + 1);
	return power > fmaxf(MIC_LEAST, MIC_LOUD * align->quiet);
}

/* An echo that is loud is sure within a hop or three, whatever its delay. What stays unlike
 * everything that was played is none. */
static void judge_stranger(struct tp_align *align)
{
	bool elsewhere = align->lag_n >= 0 && fabsf(align->best_n - align->lag_n) > NEIGHBOUR_N;
	int step = align->sureness > 2 * SURE ? -2 : align->sureness > SURE_TO_MOVE ? -1 : 0;

	/* Surely elsewhere, and there again: it may be a jump. */
	if (elsewhere)
		step = align->sureness > SURE_TO_MOVE && align->agreed > 0 ? 0 : 1;
	if (align->sureness < SURE || align->ambiguous)
		step = 1;
	align->strange_hops += step;
	if (align->strange_hops < 0)
		align->strange_hops = 0;
	if (align->strange_hops > STRANGE_MAX_HOPS)
		align->strange_hops = STRANGE_MAX_HOPS;
}

static bool complete_hop(struct tp_align *align)
{
	bool loud = microphone_loud(align);

	align->fill_n = 0;
	transform(align);
	if (heard(align)) {
		correlate(align);
		scan(align);
		decide(align);
		if (loud)
			judge_stranger(align);
	}
	return true;
}

int tp_align_strange_hops(const struct tp_align *align)
{
	return align->strange_hops;
}

bool tp_align_add(struct tp_align *align, const float *far, const float *mic, int n)
{
	bool complete = false;

	for (int i = 0; i < n; i++) {
		align->far[TP_ALIGN_HOP_N + align->fill_n] = far[i];
		align->mic[TP_ALIGN_HOP_N + align->fill_n] = mic[i];
		if (++align->fill_n == TP_ALIGN_HOP_N)
			complete = complete_hop(align);
	}
	return complete;
}

float tp_align_lag_n(const struct tp_align *align)
{
	return align->lag_n;
}
