/* SPDX-License-Identifier: MIT */
/* Whether a prediction is in the microphone, told within 10 ms. */
#include "residual_fit.h"

#include <math.h>

#define SHARE  0.5f /* of a hop of 5 ms */
#define LEAST  0.1f /* one band counts no more than ten times as much as it should */
#define STRONG 0.45f /* of the microphone's power, in the mean of the bands */

void tp_residual_fit_add(struct tp_residual_fit *fit, float error, float echo, float re)
{
	float mic = fmaxf(error + echo + 2 * re, LEAST * echo);

	fit->hop.both += (re + echo) / mic;
	fit->hop.echo += echo / mic;
	fit->hop.bands++;
}

float tp_residual_fit_end(struct tp_residual_fit *fit)
{
	float bands = fit->hop.bands;

	fit->both += SHARE * (fit->hop.both - fit->both);
	fit->echo += SHARE * (fit->hop.echo - fit->echo);
	fit->hop = (struct tp_residual_fit_sums){0};
	return fit->echo > STRONG * bands ? fit->both / fit->echo : 1;
}
