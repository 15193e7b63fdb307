/* SPDX-License-Identifier: MIT */
/* Takes rumble and hum out of a microphone: one biquad by the bilinear transform. */
#include "highpass.h"

#include <math.h>

void tp_highpass_init(struct tp_highpass *highpass, int rate_hz)
{
	const double pi = 3.14159265358979323846;
	double k = tan(pi * TP_HIGHPASS_HZ / rate_hz);
	double norm = 1.0 / (1.0 + sqrt(2.0) * k + k * k);

	*highpass = (struct tp_highpass){
		.b = norm,
		.a1 = -2.0 * (k * k - 1.0) * norm,
		.a2 = -(1.0 - sqrt(2.0) * k + k * k) * norm,
	};
}

void tp_highpass_process(struct tp_highpass *highpass, const int16_t *in, int16_t *out, int n)
{
	for (int i = 0; i < n; i++) {
		double x = in[i];
		double y = highpass->b * x + highpass->s1;

		highpass->s1 = -2.0 * highpass->b * x + highpass->a1 * y + highpass->s2;
		highpass->s2 = highpass->b * x + highpass->a2 * y;
		out[i] = (int16_t)lrint(fmax(-32768.0, fmin(32767.0, y)));
	}
	/* Far under one step: without this the tail of a sound becomes denormal numbers, which are
	 * slow. */
	if (fabs(highpass->s1) < 1e-9 && fabs(highpass->s2) < 1e-9)
		highpass->s1 = highpass->s2 = 0;
}
