/* SPDX-License-Identifier: MIT */
/* Band-limited reading of a signal between its samples. */
#include "sinc.h"

#include <math.h>

/* The modified Bessel function I0 by its series, for the Kaiser window. */
static double bessel_i0(double x)
{
	double term = 1, sum = 1;

	for (int k = 1; term > sum * 1e-17; k++) {
		term *= (x / (2 * k)) * (x / (2 * k));
		sum += term;
	}
	return sum;
}

double tp_sinc_kernel(double t, double half, double beta)
{
	double place = t / half;

	if (fabs(place) >= 1)
		return 0;
	return (t == 0 ? 1 : sin(M_PI * t) / (M_PI * t)) *
	       bessel_i0(beta * sqrt(1 - place * place)) / bessel_i0(beta);
}

void tp_sinc_init(struct tp_sinc *sinc)
{
	for (int phase = 0; phase <= TP_SINC_PHASES; phase++) {
		double sum = 0;

		/* beta 8: 80 dB of stop band, flat to 0.8 of the Nyquist frequency at 24 taps. */
		for (int i = 0; i < TP_SINC_TAPS; i++) {
			double t = i - (TP_SINC_HALF - 1) - (double)phase / TP_SINC_PHASES;

			sinc->row[phase][i] = (float)tp_sinc_kernel(t, TP_SINC_HALF, 8);
			sum += sinc->row[phase][i];
		}
		for (int i = 0; i < TP_SINC_TAPS; i++) /* so that no phase is louder */
			sinc->row[phase][i] /= (float)sum;
	}
}

float tp_sinc_read(const struct tp_sinc *sinc, const float *x, float fraction)
{
	float place = fraction * TP_SINC_PHASES;
	int phase = (int)place;
	float between = place - (float)phase;
	const float *here = sinc->row[phase], *next = sinc->row[phase + 1];
	float sum = 0;

	for (int i = 0; i < TP_SINC_TAPS; i++)
		sum += x[i] * (here[i] + between * (next[i] - here[i]));
	return sum;
}
