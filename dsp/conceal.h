/* SPDX-License-Identifier: MIT */
/* Sound for packets that did not come, made from what was played before and, where it is known,
 * from what comes after (class of ITU-T G.711 Appendix I, without its delay). */
#ifndef TP_CONCEAL_H
#define TP_CONCEAL_H

#include "background.h"
#include "extend.h"

#include <stdbool.h>
#include <stdint.h>

/* Caller-owned, about 14 KiB; one thread at a time. Every sample that is played passes here once,
 * in order: through good() if it was decoded, out of make() or bridge() if it was not.
 *
 * A loss: the last pitch period goes on being repeated, then the last two, joined to what was
 * played by the ringing of its own linear prediction; within 40 ms it goes down by 4 dB,
 * stays there up to 100 ms, and at 200 ms has become noise of the background's level and
 * colour; at 30 ms already if it began in the background. The return: if what comes is there
 * before the gap is filled, both sides go on into it, at one pitch that glides from one to
 * the other, one fading into the other. If it is not, the made sound bends into the phase of
 * what comes, and is cross-faded into it. */
struct tp_conceal {
	int rate_hz;
	int sure_n, unsure_n, speech_n; /* of a loss: where its level goes down, see conceal.c */
	int history_n; /* samples in use of history */
	int16_t history[TP_EXTEND_SOUND_MAX_N]; /* what was played, newest last */

	/* The loss that goes on, or that is being merged. */
	bool room; /* it began where nobody spoke */
	int gone_n; /* where nothing is left of it */
	int lost_n; /* samples made since its start, no further than its fade; 0: none */
	bool spliced; /* nothing was lost, but what comes does not follow */
	int merge_n, merged_n, bend_n; /* merge: length, done so far, phase shift */
	struct tp_extend before, after;

	struct tp_background background;
	int fresh_n; /* good samples since the last look at it */
};

/* Rates 8000..TP_EXTEND_RATE_MAX_HZ. [any] */
void tp_conceal_init(struct tp_conceal *conceal, int rate_hz);

/* n decoded samples, n >= 0, on their way out. Not delayed and, but for the first 8 ms at most
 * after a loss, not changed. [audio] */
void tp_conceal_good(struct tp_conceal *conceal, int16_t *pcm, int n);

/* Writes n samples, n >= 0, in place of lost ones. [audio] */
void tp_conceal_make(struct tp_conceal *conceal, int16_t *pcm, int n);

/* The same, n > 0, if the after_n samples that follow them are known: they stand behind
 * pcm[n - 1], and go to good() next, which then changes nothing. With less than 10 ms
 * of them it is make(). [audio] */
void tp_conceal_bridge(struct tp_conceal *conceal, int16_t *pcm, int n, int after_n);

/* What make() would write, for who must know the first n samples of a loss before the rest is
 * decided. The loss begins by it, but nothing moves on. [audio] */
void tp_conceal_guess(struct tp_conceal *conceal, int16_t *pcm, int n);

/* What comes next does not follow what was played (another decoder, another delay): joins it like
 * the end of a loss of no length. [audio] */
void tp_conceal_splice(struct tp_conceal *conceal);

/* So long after its beginning the latest loss has become noise. [audio] */
int tp_conceal_gone_ms(const struct tp_conceal *conceal);

/* Mean level of the background, dB full scale; TP_LEVEL_SILENT_DB before it is known. [audio] */
double tp_conceal_background_db(const struct tp_conceal *conceal);

#endif
