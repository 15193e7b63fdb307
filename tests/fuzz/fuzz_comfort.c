/* SPDX-License-Identifier: MIT */
/* Fuzz target: comfort noise of any content is a stable noise of the level that it says. */
#include "dsp/background.h"
#include "engine/comfort.h"

#include <math.h>
#include <stdlib.h>

enum { N = 400 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct tp_background background;
	uint8_t written[TP_COMFORT_MAX];
	struct tp_comfort comfort, again;
	float sum = 0;

	if (tp_comfort_parse(&comfort, data, len) < 0)
		return 0;
	int n = tp_comfort_write(&comfort, written);
	if (n > TP_COMFORT_MAX || tp_comfort_parse(&again, written, (size_t)n) < 0 ||
	    again.order != comfort.order || fabsf(again.power / comfort.power - 1) > 0.01f)
		abort();
	tp_background_init(&background, 8000);
	tp_background_tell(&background, comfort.power, comfort.reflection, comfort.order);
	tp_background_begin(&background);
	for (int i = 0; i < N; i++) {
		float y = tp_background_next(&background);
		sum += y * y;
	}
	if (!isfinite(sum) || sum / N > 100 * fmaxf(100, comfort.power))
		abort();
	return 0;
}
