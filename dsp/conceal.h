/* SPDX-License-Identifier: MIT */
/* Sound for packets that did not come, made from what was played before (class of ITU-T G.711
 * Appendix I, without its delay). */
#ifndef TP_CONCEAL_H
#define TP_CONCEAL_H

#include "noise.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	TP_CONCEAL_RATE_MAX_HZ = 48000,
	TP_CONCEAL_HISTORY_MS = 50, /* three periods of 15 ms and an overlap of a quarter more */
	TP_CONCEAL_RING_MS = 3,
	TP_CONCEAL_ORDER = 16, /* of the linear prediction */
	TP_CONCEAL_HISTORY_MAX_N = TP_CONCEAL_RATE_MAX_HZ / 1000 * TP_CONCEAL_HISTORY_MS,
	TP_CONCEAL_RING_MAX_N = TP_CONCEAL_RATE_MAX_HZ / 1000 * TP_CONCEAL_RING_MS,
};

/* Caller-owned, about 11 KiB; one thread at a time. Every sample that is played passes here once, in
 * order: through good() if it was decoded, out of make() if it was not.
 *
 * A loss: the last pitch period goes on being repeated, then the last two, then three, joined to what
 * was played by the ringing of its own linear prediction; from 10 ms on it fades by 20 % in 10 ms into
 * noise of the background's level and colour. The return: the made sound bends into the phase of what
 * comes, and is cross-faded into it. */
struct tp_conceal {
	int rate_hz;
	int history_n; /* samples in use of history and cycle */
	int16_t history[TP_CONCEAL_HISTORY_MAX_N]; /* what was played, newest last */

	/* The loss that goes on, or that is being merged. */
	int64_t lost_n; /* samples made since its start; 0: none */
	bool spliced; /* nothing was lost, but what comes does not follow */
	int merge_n, merged_n, bend_n; /* merge: length, done so far, phase shift */
	int period_n;
	float voiced; /* normalised correlation of the period */
	int16_t cycle[TP_CONCEAL_HISTORY_MAX_N]; /* history when the loss began */
	float ring[TP_CONCEAL_RING_MAX_N];

	/* The background, learnt from the quietest good frames. */
	struct tp_noise noise;
	float correlation[TP_CONCEAL_ORDER + 1]; /* mean, per sample */
	float least, least_before; /* smallest energies of this and the last window */
	int fresh_n, window_n; /* good samples since the last look; looks done */
	float shape[TP_CONCEAL_ORDER + 1]; /* predictor of the background; [0]: excitation */
	float memory[TP_CONCEAL_ORDER];
};

/* Rates 8000..TP_CONCEAL_RATE_MAX_HZ. [any] */
void tp_conceal_init(struct tp_conceal *conceal, int rate_hz);

/* n decoded samples, n >= 0, on their way out. Not delayed and, but for the first 8 ms at most after
 * a loss, not changed. [audio] */
void tp_conceal_good(struct tp_conceal *conceal, int16_t *pcm, int n);

/* Writes n samples, n >= 0, in place of lost ones. [audio] */
void tp_conceal_make(struct tp_conceal *conceal, int16_t *pcm, int n);

/* What comes next does not follow what was played (another decoder, another delay): joins it like the
 * end of a loss of no length. [audio] */
void tp_conceal_splice(struct tp_conceal *conceal);

/* Mean level of the background, dB full scale; TP_LEVEL_SILENT_DB before it is known. [audio] */
double tp_conceal_background_db(const struct tp_conceal *conceal);

#endif
