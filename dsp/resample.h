/* SPDX-License-Identifier: MIT */
/* Converts one stream between two fixed sample rates. */
#ifndef TP_RESAMPLE_H
#define TP_RESAMPLE_H

#include <talkpath/attributes.h>

#include <stdint.h>

struct tp_resample;

/* Rates 4000..192000 Hz, fixed for life; equal rates copy, at no delay. NULL with a sentence
 * in tp_error_detail() on failure. Gives a resampler that tp_resample_destroy() takes. [control] */
struct tp_resample *tp_resample_create(int in_hz, int out_hz);

/* Takes all n samples of `in` and returns how many were written to `out`; they do not overlap.
 * `cap` must be at least n * out_hz / in_hz + 1. When that quotient is whole on every call (whole
 * blocks of 5 or 10 ms between 8, 16 and 48 kHz), exactly n * out_hz / in_hz come out of every call
 * from the first on; else the fraction is carried on, so that no call is more than one sample off
 * and the sum never is. [audio] */
int tp_resample_process(struct tp_resample *resample, const int16_t *in, int n, int16_t *out,
			int cap);

/* How much later sound leaves than it enters: 24 samples of the lower rate, that is 3 ms if it is
 * 8 kHz, 1.5 ms if it is 16 kHz; 0 for equal rates. [any] */
double tp_resample_delay_ms(const struct tp_resample *resample);

/* NULL is allowed. [control] */
void tp_resample_destroy(struct tp_resample *resample);

#endif
