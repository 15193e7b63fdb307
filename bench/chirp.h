/* SPDX-License-Identifier: MIT */
/* Chirps: sounds that are found again to a fraction of a sample, whatever a codec does to them. */
#ifndef BENCH_CHIRP_H
#define BENCH_CHIRP_H

#include <stdint.h>

enum {
	TP_CHIRP_MS = 60,
	TP_CHIRP_SEARCH_MS = 280, /* a chirp is looked for so long after it began */
	TP_CHIRP_PLACE_MS = 360, /* each has a place of this length for itself */
};

/* When the k-th chirp begins, ms after the microphone's first sample. Their distances differ, so
 * that they meet every phase of packets, blocks and periods. [any] */
double tp_chirp_start_ms(int k);

/* The microphone's sample at a frame number. [any] */
int16_t tp_chirp_sample(int64_t frame, int rate_hz);

/* Where in `heard` (n frames at rate_hz, 8000 or a multiple up to 48000) a chirp begins, in frames,
 * looked for in the TP_CHIRP_SEARCH_MS after `from`; *likeness gets the normalised correlation
 * there, 0 if all is silent or `heard` too short. [any] */
double tp_chirp_find(const int16_t *heard, int64_t n, int rate_hz, int64_t from, double *likeness);

#endif
