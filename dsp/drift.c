/* SPDX-License-Identifier: MIT */
/* Takes the difference of two clocks out of a stream: a windowed sinc in many phases, read at a point
 * that moves continuously. */
#include "drift.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

enum {
	/* Linear interpolation between neighbouring phases errs by (pi / PHASES)^2 / 8 at the highest
	 * frequency, that is -94 dB. */
	PHASES = 256,
	TAPS = 2 * TP_DRIFT_HALF_MAX,
	BUFFER_N = sizeof(((struct tp_drift *)0)->buffer) / sizeof(float),
	/* The rate from which 16 samples are no more than 1 ms; under it 8 samples are. */
	LONG_FROM_HZ = 16000,
	/* Falling behind is never faster than this share of the speed, however short the blocks. */
	SLIP_MIN_N = 64,
};

/* Kaiser-windowed sinc, cut off a little under half the rate so that the image of 7/8 of half the
 * rate (7 kHz at 16 kHz) falls where the stop band has begun. 16 a side: images under -75 dB and a
 * droop of 0.2 dB at 7/8; 8 a side: -50 dB and 1.2 dB at 3.4 kHz of 8 kHz. */
struct design {
	int half_n;
	double cutoff, beta;
};
static const struct design designs[] = {{TP_DRIFT_HALF_MAX, 0.975, 7.3}, {8, 0.95, 5.0}};
enum { DESIGNS = sizeof(designs) / sizeof(designs[0]) };

/* table[design][phase][k]: the weight of the sample k - half_n + 1 places from the one at or before
 * the point. Written once, read by all. */
static _Alignas(64) float table[DESIGNS][PHASES + 1][TAPS];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

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

static void fill_phase(const struct design *design, double phase, float *row)
{
	double weight[TAPS], sum = 0;
	int taps = 2 * design->half_n;

	for (int k = 0; k < taps; k++)
		sum += weight[k] = kernel(design, k - design->half_n + 1 - phase);
	for (int k = 0; k < taps; k++)
		row[k] = (float)(weight[k] / sum);
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
	drift->step = 1.0;
	drift->bypass = true;
	drift->fill_n = drift->half_n;
	drift->position = drift->half_n;
}

void tp_drift_set_ppm(struct tp_drift *drift, double ppm)
{
	ppm = fmax(-TP_DRIFT_PPM_MAX, fmin(TP_DRIFT_PPM_MAX, ppm));
	drift->step = 1.0 + ppm * 1e-6;
	if (ppm != 0)
		drift->bypass = false;
}

double tp_drift_delay_n(const struct tp_drift *drift)
{
	return drift->behind;
}

int tp_drift_weights(int rate_hz, double phase, float *weights)
{
	int design = rate_hz < LONG_FROM_HZ, row = (int)(phase * PHASES);
	float rest = (float)(phase * PHASES - row);
	const float *left, *right;

	pthread_once(&table_once, fill_table);
	left = table[design][row];
	right = table[design][row + 1];
	for (int k = 0; k < 2 * designs[design].half_n; k++)
		weights[k] = left[k] + rest * (right[k] - left[k]);
	return designs[design].half_n;
}

/* Four products at a time: what every processor of a phone has, by the compiler's own vectors. */
typedef float lanes __attribute__((vector_size(16)));
enum { LANES = sizeof(lanes) / sizeof(float) };

static inline lanes load(const float *from)
{
	lanes to;

	memcpy(&to, from, sizeof(to));
	return to;
}

/* Rows of the table begin at whole lanes. */
static inline lanes load_row(const float *from)
{
	return load(__builtin_assume_aligned(from, sizeof(lanes)));
}

/* Full length: x is the sample at or before the point, `phase` the rest. */
static float interpolate(const struct tp_drift *drift, const float *x, double phase)
{
	int row = (int)(phase * PHASES);
	float rest = (float)(phase * PHASES - row);
	const float *left = table[drift->design][row], *right = table[drift->design][row + 1];
	lanes a = {0}, b = {0}, c = {0}, d = {0};

	x -= drift->half_n - 1;
	for (int k = 0; k < 2 * drift->half_n; k += 2 * LANES) {
		lanes first = load(x + k), second = load(x + k + LANES);

		a += first * load_row(left + k);
		b += first * load_row(right + k);
		c += second * load_row(left + k + LANES);
		d += second * load_row(right + k + LANES);
	}
	a += c;
	b += d;
	a += rest * (b - a);
	return (a[0] + a[1]) + (a[2] + a[3]);
}

/* While the delay is being gained only `half_n` samples lie ahead: a second, shorter window (a
 * parabola, 0 at its ends) over the same table. */
static float interpolate_short(const struct tp_drift *drift, const float *x, double phase,
			       int half_n)
{
	const float *row = table[drift->design][(int)(phase * PHASES + 0.5)];
	float sum = 0, weights = 0;

	for (int k = 1 - half_n; k <= half_n; k++) {
		float t = ((float)k - (float)phase) / (float)half_n;
		float weight = row[k + drift->half_n - 1] * (1.0f - t * t);

		sum += x[k] * weight;
		weights += weight;
	}
	return sum / weights;
}

/* To the nearest; the shift keeps what is cut off positive. */
static int16_t saturate(float y)
{
	if (y >= 32767.0f)
		return INT16_MAX;
	return y <= -32768.0f ? INT16_MIN : (int16_t)((int)(y + 32768.5f) - 32768);
}

/* All that the samples in the buffer allow, with the whole filter. */
static int produce_whole(struct tp_drift *drift, int16_t *out, int cap)
{
	double position = drift->position, step = drift->step;
	int n = 0, end = drift->fill_n - drift->half_n, at;

	while (n < cap && (at = (int)position) < end) {
		out[n++] = saturate(interpolate(drift, drift->buffer + at, position - at));
		position += step;
	}
	drift->position = position;
	return n;
}

/* Everything that the samples in the buffer allow. Returns how many were written. */
static int produce(struct tp_drift *drift, double slip, int16_t *out, int cap)
{
	int n = 0;

	while (n < cap && drift->behind < drift->half_n) {
		int half_n = (int)drift->behind + 1, at = (int)drift->position;
		double phase = drift->position - at;

		if (at + half_n >= drift->fill_n)
			return n;
		out[n++] = saturate(interpolate_short(drift, drift->buffer + at, phase, half_n));
		slip = fmin(slip, drift->half_n - drift->behind);
		drift->behind += slip;
		drift->position += drift->step - slip;
	}
	return n + produce_whole(drift, out + n, cap - n);
}

/* Only as many samples as the next point needs behind it stay. */
static void forget(struct tp_drift *drift)
{
	int drop = (int)drift->position - drift->half_n + 1;

	drift->fill_n -= drop;
	drift->position -= drop;
	memmove(drift->buffer, drift->buffer + drop, (size_t)drift->fill_n * sizeof(float));
}

/* Copies, and keeps the last samples for the moment when the ratio moves. */
static int copy(struct tp_drift *drift, const int16_t *in, int n, int16_t *out)
{
	int half_n = drift->half_n, keep = n < half_n ? n : half_n;

	memcpy(out, in, (size_t)n * sizeof(*out));
	memmove(drift->buffer, drift->buffer + keep, (size_t)(half_n - keep) * sizeof(float));
	for (int i = 0; i < keep; i++)
		drift->buffer[half_n - keep + i] = in[n - keep + i];
	return n;
}

int tp_drift_process(struct tp_drift *drift, const int16_t *in, int n, int16_t *out, int cap)
{
	double slip = 1.0 / (n > SLIP_MIN_N ? n : SLIP_MIN_N);
	int out_n = 0;

	if (drift->bypass)
		return copy(drift, in, n, out);
	while (n > 0 && out_n < cap) {
		int chunk = BUFFER_N - drift->fill_n;

		chunk = n < chunk ? n : chunk;
		for (int i = 0; i < chunk; i++)
			drift->buffer[drift->fill_n++] = in[i];
		out_n += produce(drift, slip, out + out_n, cap - out_n);
		forget(drift);
		in += chunk;
		n -= chunk;
	}
	return out_n;
}
