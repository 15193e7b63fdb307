/* SPDX-License-Identifier: MIT */
/* What a playout delay costs, in R, and the one that costs least. */
#ifndef TP_DELAY_COST_H
#define TP_DELAY_COST_H

#include "engine/delay.h"

/* The bin of the playout delay that is worth most in a call, or the present one where a better one is
 * hardly better. [audio] */
int tp_delay_cheapest(const struct tp_delay *delay, const struct tp_delay_loss *loss);

#endif
