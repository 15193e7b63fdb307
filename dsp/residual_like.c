/* SPDX-License-Identifier: MIT */
/* Whether one sound rises and falls with another, band by band, over a third of a second. */
#include "residual_like.h"

#include <math.h>

#define SHARE 0.015f /* of a hop: 0.3 s */

void tp_residual_like_add(struct tp_residual_like *like, int band, float one_db, float other_db)
{
	float one, other;

	like->one_db[band] += SHARE * (one_db - like->one_db[band]);
	like->other_db[band] += SHARE * (other_db - like->other_db[band]);
	one = one_db - like->one_db[band];
	other = other_db - like->other_db[band];
	like->hop.both += one * other;
	like->hop.one += one * one;
	like->hop.other += other * other;
}

float tp_residual_like_end(struct tp_residual_like *like)
{
	like->both += SHARE * (like->hop.both - like->both);
	like->one += SHARE * (like->hop.one - like->one);
	like->other += SHARE * (like->hop.other - like->other);
	like->hop = (struct tp_residual_like_sums){0};
	return like->both / sqrtf(like->one * like->other + 1);
}
