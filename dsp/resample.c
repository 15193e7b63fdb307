/* SPDX-License-Identifier: MIT */
/* Converts one stream between two fixed sample rates: the Speex resampler. */
#include "resample.h"

#include <talkpath/error.h>

#include <speex/speex_resampler.h>
#include <stdlib.h>
#include <string.h>

enum {
	RATE_MIN_HZ = 4000,
	RATE_MAX_HZ = 192000,
	/* Quality 3, the library's choice for telephony: a Kaiser window of 48 taps at the
	 * lower rate, stop band under -70 dB. Every step more costs 8 samples of delay at
	 * least; step 2 has aliases at -50 dB. */
	QUALITY = SPEEX_RESAMPLER_QUALITY_VOIP,
};

struct tp_resample {
	SpeexResamplerState *speex; /* NULL: equal rates */
	int in_hz;
};

struct tp_resample *tp_resample_create(int in_hz, int out_hz)
{
	struct tp_resample *resample = NULL;
	int error = RESAMPLER_ERR_SUCCESS;

	if (in_hz < RATE_MIN_HZ || in_hz > RATE_MAX_HZ || out_hz < RATE_MIN_HZ ||
	    out_hz > RATE_MAX_HZ) {
		(void)tp_fail(TP_ERR_ARGUMENT,
			      "cannot resample %d Hz to %d Hz: both must be within %d..%d Hz",
			      in_hz, out_hz, RATE_MIN_HZ, RATE_MAX_HZ);
		return NULL;
	}
	resample = calloc(1, sizeof(*resample));
	if (!resample)
		goto fail;
	resample->in_hz = in_hz;
	if (in_hz == out_hz)
		return resample;
	resample->speex =
		speex_resampler_init(1, (spx_uint32_t)in_hz, (spx_uint32_t)out_hz, QUALITY, &error);
	if (!resample->speex)
		goto fail;
	return resample;
fail:
	free(resample);
	(void)tp_fail(TP_ERR_MEMORY, "out of memory for a resampler of %d Hz to %d Hz", in_hz,
		      out_hz);
	return NULL;
}

int tp_resample_process(struct tp_resample *resample, const int16_t *in, int n, int16_t *out,
			int cap)
{
	spx_uint32_t in_n = (spx_uint32_t)n, out_n = (spx_uint32_t)cap;

	if (!resample->speex) {
		memcpy(out, in, (size_t)n * sizeof(*out));
		return n;
	}
	speex_resampler_process_int(resample->speex, 0, in, &in_n, out, &out_n);
	return (int)out_n;
}

double tp_resample_delay_ms(const struct tp_resample *resample)
{
	if (!resample->speex)
		return 0.0;
	return speex_resampler_get_input_latency(resample->speex) * 1000.0 / resample->in_hz;
}

void tp_resample_destroy(struct tp_resample *resample)
{
	if (!resample)
		return;
	if (resample->speex)
		speex_resampler_destroy(resample->speex);
	free(resample);
}
