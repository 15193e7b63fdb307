/* SPDX-License-Identifier: MIT */
/* What voice processing made of a scene, by the parts that the scene was made of. */
#ifndef BENCH_ECHO_SCORE_H
#define BENCH_ECHO_SCORE_H

#include "echo_scene.h"

/* dB unless the name says otherwise; NAN: the scene has nothing to
 * measure it by. A frame is 20 ms. */
struct tp_echo_score {
	double first; /* ERLE in the first 2 s of the far end alone */
	double steady; /* ERLE of the far end alone, last 40 % */
	double over_noise; /* what is sent over the room's noise, the same frames */
	double after_jump; /* ERLE in the 1.5 s after the delay jumped */
	double near_loss; /* of frames that are 15 dB over all else, mean */
	double both_echo; /* echo over what is sent, where it is 15 dB over a talker, mean */
	double delay_error_ms, drift_error_ppm; /* what was found at the end, less the truth */
	double added_ms; /* delay of the near talker */
};

/* Runs the default stages of a call over the scene, in blocks of 10 ms, and judges what is
 * sent. 0 or TP_ERR_*. [control] */
TP_MUST_USE int tp_echo_score_scene(struct tp_echo_score *score, const struct tp_echo_scene *scene);

#endif
