/* SPDX-License-Identifier: MIT */
/* Converts a whole recording to another rate. */
#include "sinc.h"
#include "wav.h"

#include <talkpath/error.h>

#include <math.h>
#include <stdlib.h>

enum {
	HALF = 24, /* zero crossings of the kernel on each side */
	STEPS = 512, /* table entries between two of them: linear interpolation is good to 100 dB */
	TABLE = HALF * STEPS + 2,
};

/* The kernel's transition is 0.24 of the Nyquist frequency wide (Kaiser, beta 9: 90 dB); its middle
 * lies where half of it is beyond. */
static const double cutoff = 0.94;

static float *make_table(void)
{
	float *table = malloc(TABLE * sizeof(*table));

	for (int i = 0; table && i < TABLE; i++)
		table[i] = (float)tp_sinc_kernel((double)i / STEPS, HALF, 9);
	return table;
}

/* `squeeze` below 1 lowers the pass band by widening the kernel. */
static double sample_at(const struct tp_wav *wav, double place, double squeeze, const float *table)
{
	double reach = HALF / squeeze, sum = 0;
	int64_t from = (int64_t)ceil(place - reach), to = (int64_t)floor(place + reach);

	if (from < 0)
		from = 0;
	if (to >= wav->frames)
		to = wav->frames - 1;
	for (int64_t i = from; i <= to; i++) {
		double t = fabs((double)i - place) * squeeze * STEPS;
		int step = (int)t;

		sum += wav->samples[i] *
		       (table[step] + (t - step) * (table[step + 1] - table[step]));
	}
	return sum * squeeze;
}

int tp_wav_convert(struct tp_wav *wav, int rate_hz)
{
	double ratio = (double)wav->rate_hz / rate_hz;
	double squeeze = cutoff * (ratio > 1 ? 1 / ratio : 1);
	int64_t frames = (int64_t)ceil((double)wav->frames / ratio);
	float *table;
	int16_t *samples;

	if (rate_hz == wav->rate_hz)
		return 0;
	table = make_table();
	samples = malloc((size_t)frames * sizeof(*samples));
	if (!table || !samples) {
		free(table);
		free(samples);
		return tp_fail(TP_ERR_MEMORY, "no memory to convert a recording to %d Hz", rate_hz);
	}
	for (int64_t i = 0; i < frames; i++) {
		double sample = sample_at(wav, (double)i * ratio, squeeze, table);

		samples[i] = (int16_t)lrint(fmin(fmax(sample, INT16_MIN), INT16_MAX));
	}
	free(table);
	free(wav->samples);
	wav->samples = samples;
	wav->frames = frames;
	wav->rate_hz = rate_hz;
	return 0;
}
