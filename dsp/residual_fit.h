/* SPDX-License-Identifier: MIT */
/* Whether a prediction is in the microphone, told within 10 ms. */
#ifndef TP_RESIDUAL_FIT_H
#define TP_RESIDUAL_FIT_H

/* Amplitudes with their sign, and every band alike: what a talker adds is neither for nor against
 * the prediction, and some twenty bands tell soon that he is not what it lacks. Zeroed at first.
 * Caller-owned, one thread at a time; all of it [audio]. */
struct tp_residual_fit {
	float both,
		echo; /* prediction times microphone, times itself; over the microphone's power */
	struct tp_residual_fit_sums {
		float both, echo, bands;
	} hop;
};

/* One band of this hop: powers of error and prediction, which sum up to the microphone, and the
 * real part of the one times the conjugate of the other. */
void tp_residual_fit_add(struct tp_residual_fit *fit, float error, float echo, float re);

/* Ends a hop. 1: all of the prediction is in the microphone, or it is too
 * weak to tell; 0: nothing of it. */
float tp_residual_fit_end(struct tp_residual_fit *fit);

#endif
