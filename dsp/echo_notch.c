/* SPDX-License-Identifier: MIT */
/* The notch at 0 Hz that libspeexdsp puts between the microphone and its
 * canceller, and the way back. */
#include "echo_notch.h"

/* The exact way back would be an integrator of second order, which drifts for ever. */
#define UNDO_FROM_HZ 40.0

void tp_echo_notch_init(struct tp_echo_notch *notch, int rate_hz)
{
	double r = rate_hz < 12000 ? 0.9 : rate_hz < 24000 ? 0.982 : 0.992;

	*notch = (struct tp_echo_notch){
		.radius = r,
		.damping = r * r + 0.7 * (1 - r) * (1 - r),
		.leak = 1.0 - 2.0 * 3.14159265358979323846 * UNDO_FROM_HZ / rate_hz,
	};
}

double tp_echo_notch_next(struct tp_echo_notch *notch, double x)
{
	double y = notch->s1 + x;

	notch->s1 = notch->s2 + 2 * (notch->radius * y - x);
	notch->s2 = x - notch->damping * y;
	return notch->radius * y;
}

double tp_echo_notch_undo(struct tp_echo_notch *notch, double y)
{
	double x = notch->s1 + y;

	notch->s1 = notch->s2 - 2 * notch->radius * y + 2 * notch->leak * x;
	notch->s2 = notch->damping * y - notch->leak * notch->leak * x;
	return x / notch->radius;
}
