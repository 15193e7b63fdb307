/* SPDX-License-Identifier: MIT */
/* Whether one sound rises and falls with another, band by band, over a third of a second. */
#ifndef TP_RESIDUAL_LIKE_H
#define TP_RESIDUAL_LIKE_H

#include "spectrum.h"

/* Zeroed at first. Caller-owned, one thread at a time; all of it [audio]. */
struct tp_residual_like {
	float one_db[TP_SPECTRUM_BANDS_MAX], other_db[TP_SPECTRUM_BANDS_MAX]; /* means */
	float both, one, other; /* (co)variances */
	struct tp_residual_like_sums {
		float both, one, other;
	} hop;
};

/* Levels of both in one band, this hop. */
void tp_residual_like_add(struct tp_residual_like *like, int band, float one_db, float other_db);

/* Ends a hop. -1..1: 1 is that every rise of the one is one of the other. */
float tp_residual_like_end(struct tp_residual_like *like);

#endif
