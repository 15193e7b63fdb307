/* SPDX-License-Identifier: MIT */
/* Measures a tone in a recording, and what else is there: one bin of a Fourier sum, made orthogonal. */
#include "spectrum.h"

#include <math.h>

struct tone measure_tone(const int16_t *pcm, int n, double hz, int rate_hz)
{
	const double w = 2.0 * 3.14159265358979323846 * hz / rate_hz;
	double cc = 0, ss = 0, cs = 0, xc = 0, xs = 0, xx = 0;

	for (int i = 0; i < n; i++) {
		double c = cos(w * i), s = sin(w * i);

		cc += c * c;
		ss += s * s;
		cs += c * s;
		xc += c * pcm[i];
		xs += s * pcm[i];
		xx += (double)pcm[i] * pcm[i];
	}
	double det = cc * ss - cs * cs;
	double a = (xc * ss - xs * cs) / det, b = (xs * cc - xc * cs) / det;
	double fitted = a * xc + b * xs;

	return (struct tone){sqrt(a * a + b * b), 10 * log10(fmax(xx - fitted, 1e-9) / fitted)};
}
