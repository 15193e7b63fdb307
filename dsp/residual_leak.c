/* SPDX-License-Identifier: MIT */
/* What a filter leaves of one band's echo, by how loud the echo is. */
#include "residual_leak.h"

#include <math.h>

#define MIN_DB    (-40.0f)
#define MAX_DB    6.0f
#define BEGIN_DB  (-10.0f)
#define FAR_SHARE 0.1f /* of what one loudness learns, to the others */

void tp_residual_leak_init(struct tp_residual_leak *leak)
{
	for (int i = 0; i < TP_RESIDUAL_LEAK_LOUDNESSES; i++)
		leak->db[i] = BEGIN_DB;
}

float tp_residual_leak_get_db(const struct tp_residual_leak *leak, float loudness)
{
	int low = (int)fminf(loudness, TP_RESIDUAL_LEAK_LOUDNESSES - 2);
	float above = loudness - (float)low;

	return leak->db[low] + above * (leak->db[low + 1] - leak->db[low]);
}

/* The two loudnesses that a frame lies between learn by how near they are. */
void tp_residual_leak_move(struct tp_residual_leak *leak, float loudness, float by_db)
{
	for (int i = 0; i < TP_RESIDUAL_LEAK_LOUDNESSES; i++) {
		float share = fmaxf(FAR_SHARE, 1 - fabsf(loudness - (float)i));

		leak->db[i] = fmaxf(MIN_DB, fminf(MAX_DB, leak->db[i] + share * by_db));
	}
}
