/* SPDX-License-Identifier: MIT */
/* Takes the difference of two clocks out of a stream: a resampler
 * whose ratio is near 1 and moves. */
#ifndef TP_DRIFT_H
#define TP_DRIFT_H

#include <stdbool.h>
#include <stdint.h>

enum {
	TP_DRIFT_HALF_MAX = 16, /* taps on each side of the point that is interpolated */
	TP_DRIFT_CHUNK = 96, /* samples taken at a time, inside */
	TP_DRIFT_BLOCK_MAX = 960, /* longest input of one call, samples */
	TP_DRIFT_PPM_MAX = 1000,
};

/* Caller-owned, under 400 octets; one thread at a time.
 *
 * While the ratio has always been 1 the stream is copied: no delay, no cost. The first other ratio
 * brings the filter in: interpolation wants samples on both sides of a point, so the stream has to
 * fall behind by half_n samples (1 ms, 0.33 ms at 48 kHz). It does so by playing slower by one
 * sample in 10 ms, while the filter grows from two taps to its full length with the delay gained:
 * nothing jumps, nothing is faded, and a pitch 0.6 % flat at 16 kHz lasts 160 ms. From then on the
 * filter stays, whatever the ratio. */
struct tp_drift {
	int64_t step; /* input samples per output sample, in 2^-32 */
	int64_t position; /* of the next output sample, counted from buffer[0], in 2^-32 samples */
	int64_t behind; /* delay gained so far, 0..half_n, in 2^-32 samples */
	int64_t slip; /* by which a sample adds to it, in 2^-32 samples */
	int design; /* which filter, by rate */
	int half_n; /* full delay */
	int fill_n;
	bool bypass;
	int16_t buffer[2 * TP_DRIFT_HALF_MAX + TP_DRIFT_CHUNK];
};

/* Rates 8000..192000 Hz. The first call of a process computes the
 * table that all share. [control] */
void tp_drift_init(struct tp_drift *drift, int rate_hz);

/* Parts per million by which the input's clock is fast (positive: fewer samples come
 * out) or slow, clipped to +-TP_DRIFT_PPM_MAX; may change before any block, without a
 * trace in the sound. [audio] */
void tp_drift_set_ppm(struct tp_drift *drift, double ppm);

/* Takes n <= TP_DRIFT_BLOCK_MAX samples and returns how many were written to `out`, on average
 * n / (1 + ppm / 1e6); `cap` must be at least n + 2. `in` and `out` do not overlap. [audio] */
int tp_drift_process(struct tp_drift *drift, const int16_t *in, int n, int16_t *out, int cap);

/* Samples to take for at least n to be written. [audio] */
int tp_drift_needs_n(const struct tp_drift *drift, int n);

/* The filter alone, for a reader that keeps its own samples: the weights (2 * TP_DRIFT_HALF_MAX
 * at most) of the half_n samples up to a point and of the half_n after it; the point lies
 * `phase`, 0 <= phase < 1, behind the last of the first half. Returns half_n. The first call of a
 * process computes the table. [any] */
int tp_drift_weights(int rate_hz, double phase, float *weights);

/* The delay of this stage now, in samples: 0 while bypassed. [audio] */
double tp_drift_delay_n(const struct tp_drift *drift);

#endif
