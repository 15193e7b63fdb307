/* SPDX-License-Identifier: MIT */
/* Takes the difference of two clocks out of a stream: a windowed sinc in many phases, read at a
 * point that moves continuously. */
#include "drift.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

enum {
	/* Phases of the table. Half way between two of them a straight line errs by (pi / PHASES)^2
	 * / 8 at the highest frequency, that is -94 dB. */
	PHASE_BITS = 8,
	PHASES = 1 << PHASE_BITS,
	TAPS = 2 * TP_DRIFT_HALF_MAX,
	SHORT_HALF_N = 8,
	/* Weights in 2^-14: rounded they err by -80 dB, and a sum of products stays within 32 bits,
	 * because a filter's weights are under 4 in all. */
	WEIGHT_BITS = 14,
	/* Positions in 2^-32 samples: the steps of 10^9 of them add up to
	 * less than one sample of error. */
	POINT_BITS = 32,
	/* Steps between two phases: the nearest of 4096 points errs by -74 dB at 7 kHz of 16 kHz,
	 * and at 100 ppm holds for more than two samples, in which the filter stays as it is. */
	REST_BITS = 4,
	BUFFER_N = sizeof(((struct tp_drift *)0)->buffer) / sizeof(int16_t),
	/* The rate from which 16 samples are no more than 1 ms; under it 8 samples are. */
	LONG_FROM_HZ = 16000,
	/* In which it falls behind by one sample: a pitch 1.2 % flat at 8 kHz, for 80 ms. */
	SLIP_MS = 10,
};

/* Kaiser-windowed sinc, cut off a little under half the rate so that the image of 7/8 of half the
 * rate (7 kHz at 16 kHz) falls where the stop band has begun. 16 a side: images under -75 dB and a
 * droop of 0.2 dB at 7/8; 8 a side: -50 dB and 1.2 dB at 3.4 kHz of 8 kHz. */
struct design {
	int half_n;
	double cutoff, beta;
};
static const struct design designs[] = {{TP_DRIFT_HALF_MAX, 0.975, 7.3}, {SHORT_HALF_N, 0.95, 5.0}};
enum { DESIGNS = sizeof(designs) / sizeof(designs[0]) };

/* table[design][phase][k]: the weight of the sample k - half_n + 1 places from the one at or before
 * the point. Written once, read by all. */
static _Alignas(64) int16_t table[DESIGNS][PHASES + 1][TAPS];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static const int64_t one = INT64_C(1) << POINT_BITS;

/* The modified Bessel function of order 0, by its power series. */
static double bessel_i0(double x)
{
	double term = 1.0, sum = 1.0;

	for (int k = 1; term > 1e-12 * sum; k++) {
		term *= (x / (2 * k)) * (x / (2 * k));
		sum += term;
	}
	return sum;
}

static double kernel(const struct design *design, double t)
{
	const double pi = 3.14159265358979323846;
	double edge = 1.0 - (t / design->half_n) * (t / design->half_n);
	double angle = pi * design->cutoff * t;
	double sinc = fabs(angle) < 1e-9 ? 1.0 : sin(angle) / angle;

	return edge <= 0 ? 0.0 : sinc * bessel_i0(design->beta * sqrt(edge));
}

/* The weights' sum is 1 to the last bit; the largest one takes what rounding left. */
static void fill_phase(const struct design *design, double phase, int16_t *row)
{
	double weight[TAPS], sum = 0;
	int taps = 2 * design->half_n, rest = 1 << WEIGHT_BITS;
	int largest = design->half_n - 1 + (phase > 0.5);

	for (int k = 0; k < taps; k++)
		sum += weight[k] = kernel(design, k - design->half_n + 1 - phase);
	for (int k = 0; k < taps; k++) {
		row[k] = (int16_t)lrint(weight[k] / sum * (1 << WEIGHT_BITS));
		rest -= row[k];
	}
	row[largest] = (int16_t)(row[largest] + rest);
}

static void fill_table(void)
{
	for (int d = 0; d < DESIGNS; d++)
		for (int p = 0; p <= PHASES; p++)
			fill_phase(&designs[d], (double)p / PHASES, table[d][p]);
}

void tp_drift_init(struct tp_drift *drift, int rate_hz)
{
	pthread_once(&table_once, fill_table);
	memset(drift, 0, sizeof(*drift));
	drift->design = rate_hz < LONG_FROM_HZ;
	drift->half_n = designs[drift->design].half_n;
	drift->step = one;
	drift->slip = one / (rate_hz / 1000 * SLIP_MS);
	drift->bypass = true;
	drift->fill_n = drift->half_n;
	drift->position = drift->half_n * one;
}

void tp_drift_set_ppm(struct tp_drift *drift, double ppm)
{
	ppm = fmax(-TP_DRIFT_PPM_MAX, fmin(TP_DRIFT_PPM_MAX, ppm));
	drift->step = one + lrint(ppm * 1e-6 * (double)one);
	if (ppm != 0)
		drift->bypass = false;
}

double tp_drift_delay_n(const struct tp_drift *drift)
{
	return (double)drift->behind / (double)one;
}

int tp_drift_weights(int rate_hz, double phase, float *weights)
{
	int design = rate_hz < LONG_FROM_HZ, row = (int)(phase * PHASES);
	float rest = (float)(phase * PHASES - row), scale = 1.0f / (1 << WEIGHT_BITS);
	const int16_t *left, *right;

	pthread_once(&table_once, fill_table);
	left = table[design][row];
	right = table[design][row + 1];
	for (int k = 0; k < 2 * designs[design].half_n; k++)
		weights[k] = scale * ((float)left[k] + rest * (float)(right[k] - left[k]));
	return designs[design].half_n;
}

static int16_t saturate(int y)
{
	return (int16_t)(y > INT16_MAX ? INT16_MAX : y < INT16_MIN ? INT16_MIN : y);
}

/* `x` is the first sample that the filter touches; `taps` is a constant where this is called, so
 * that the compiler may take eight products at a time. */
static inline int16_t interpolate(const int16_t *x, const int16_t *weights, int taps)
{
	const int16_t *row = __builtin_assume_aligned(weights, 16);
	int32_t sum = 0;

	for (int k = 0; k < taps; k++)
		sum += x[k] * row[k];
	return saturate((sum + (1 << (WEIGHT_BITS - 1))) >> WEIGHT_BITS);
}

/* The filter between two rows of the table. */
static inline void mix(const int16_t *row, int rest, int taps, int16_t *weights)
{
	const int16_t *left = __builtin_assume_aligned(row, 16);
	const int16_t *right = __builtin_assume_aligned(row + TAPS, 16);
	int16_t *mixed = __builtin_assume_aligned(weights, 16);

	for (int k = 0; k < taps; k++) {
		int16_t part = (int16_t)((right[k] - left[k]) * rest + (1 << (REST_BITS - 1)));

		mixed[k] = (int16_t)(left[k] + (part >> REST_BITS));
	}
}

/* While the delay is being gained only `half_n` samples lie ahead: a second, shorter window (a
 * parabola, 0 at its ends) over the same table. */
static int16_t interpolate_short(const struct tp_drift *drift, int half_n)
{
	const int16_t *x = drift->buffer + (drift->position >> POINT_BITS);
	double phase = (double)(drift->position & (one - 1)) / (double)one;
	const int16_t *row = table[drift->design][(int)(phase * PHASES + 0.5)];
	double sum = 0, weights = 0;

	for (int k = 1 - half_n; k <= half_n; k++) {
		double t = (k - phase) / half_n;
		double weight = row[k + drift->half_n - 1] * (1.0 - t * t);

		sum += x[k] * weight;
		weights += weight;
	}
	return saturate((int)lrint(sum / weights));
}

/* All that the samples in the buffer allow, with the whole filter of `taps`. */
static inline int produce_whole(struct tp_drift *drift, int16_t *out, int cap, int taps)
{
	const int16_t *rows = table[drift->design][0];
	int64_t position = drift->position, end = (drift->fill_n - taps / 2) * one;
	_Alignas(16) int16_t weights[TAPS] = {0};
	int n = 0, mixed = -1;

	for (; n < cap && position < end; position += drift->step) {
		int phase = (int)((uint32_t)position >> (POINT_BITS - PHASE_BITS - REST_BITS));

		if (phase != mixed) {
			mix(rows + (phase >> REST_BITS) * TAPS, phase & ((1 << REST_BITS) - 1),
			    taps, weights);
			mixed = phase;
		}
		out[n++] = interpolate(drift->buffer + (position >> POINT_BITS) - taps / 2 + 1,
				       weights, taps);
	}
	drift->position = position;
	return n;
}

/* Falls behind for one sample more. Returns whether that was still to be done; then *newest is the
 * last sample in the buffer that the short filter touches. */
static bool fall_behind(int64_t *behind, int64_t *position, const struct tp_drift *drift,
			int *newest)
{
	int64_t whole = drift->half_n * one, slip = drift->slip;

	if (*behind >= whole)
		return false;
	if (slip > whole - *behind)
		slip = whole - *behind;
	*behind += slip;
	*position -= slip;
	*newest = (int)((*position >> POINT_BITS) + ((*behind - 1) >> POINT_BITS)) + 1;
	return true;
}

/* Everything that the samples in the buffer allow. Returns how many were written. */
static int produce(struct tp_drift *drift, int16_t *out, int cap)
{
	int64_t behind = drift->behind, position = drift->position;
	int n = 0, newest;

	while (n < cap && fall_behind(&behind, &position, drift, &newest)) {
		if (newest >= drift->fill_n)
			return n;
		drift->behind = behind;
		drift->position = position;
		out[n++] = interpolate_short(drift, newest - (int)(position >> POINT_BITS));
		drift->position = position += drift->step;
	}
	if (drift->half_n == TP_DRIFT_HALF_MAX)
		return n + produce_whole(drift, out + n, cap - n, TAPS);
	return n + produce_whole(drift, out + n, cap - n, 2 * SHORT_HALF_N);
}

/* Only as many samples as the next point needs behind it stay. */
static void forget(struct tp_drift *drift)
{
	int drop = (int)(drift->position >> POINT_BITS) - drift->half_n + 1;

	drift->fill_n -= drop;
	drift->position -= drop * one;
	memmove(drift->buffer, drift->buffer + drop,
		(size_t)drift->fill_n * sizeof(*drift->buffer));
}

/* Copies, and keeps the last samples for the moment when the ratio moves. */
static int copy(struct tp_drift *drift, const int16_t *in, int n, int16_t *out)
{
	int half_n = drift->half_n, keep = n < half_n ? n : half_n;

	memcpy(out, in, (size_t)n * sizeof(*out));
	memmove(drift->buffer, drift->buffer + keep,
		(size_t)(half_n - keep) * sizeof(*drift->buffer));
	memcpy(drift->buffer + half_n - keep, in + n - keep, (size_t)keep * sizeof(*in));
	return n;
}

int tp_drift_needs_n(const struct tp_drift *drift, int n)
{
	int64_t behind = drift->behind, position = drift->position;
	int newest = drift->fill_n - 1;

	if (drift->bypass)
		return n;
	for (; n > 0 && fall_behind(&behind, &position, drift, &newest); n--)
		position += drift->step;
	if (n > 0)
		newest = (int)((position + (n - 1) * drift->step) >> POINT_BITS) + drift->half_n;
	return newest < drift->fill_n ? 0 : newest - drift->fill_n + 1;
}

int tp_drift_process(struct tp_drift *drift, const int16_t *in, int n, int16_t *out, int cap)
{
	int out_n = 0;

	if (drift->bypass)
		return copy(drift, in, n, out);
	while (n > 0 && out_n < cap) {
		int chunk = BUFFER_N - drift->fill_n;

		chunk = n < chunk ? n : chunk;
		memcpy(drift->buffer + drift->fill_n, in, (size_t)chunk * sizeof(*in));
		drift->fill_n += chunk;
		out_n += produce(drift, out + out_n, cap - out_n);
		forget(drift);
		in += chunk;
		n -= chunk;
	}
	return out_n;
}
