/* SPDX-License-Identifier: MIT */
/* Foresees when libspeexdsp's echo canceller would complain on stderr, so that it never does. */
#ifndef TP_ECHO_GUARD_H
#define TP_ECHO_GUARD_H

#include "echo_notch.h"

#include <stdbool.h>
#include <stdint.h>

/* The library resets itself, with a line on stderr, in two cases: at once when the mean square of its
 * emphasised input, prediction or error passes 2e9 (44700 RMS; full scale at half the rate is 62000);
 * and when the error has had more power than the microphone, plus 20000 a sample, for 50 blocks. Against
 * both stand
 * - a limit: blocks of more than 10000 RMS after emphasis, far over the loudest speech, are scaled down;
 * - a forecast: the prediction grows with the loudspeaker; what has lately been predicted, times how much
 *   louder the loudest block has become, must stay within a third of the library's limit;
 * - the start of a runaway: an error both loud and far louder than the microphone;
 * - a count of such blocks, seen through the same notch and emphasis, that is shorter than the library's.
 * The last three end in a reset that is ours and silent. They are deaf to speech, see test_echo.c.
 *
 * Caller-owned; all of it [audio], but for init [any]. */
struct tp_echo_guard {
	struct tp_echo_notch notch;
	double mic_last, out_last, ref_last; /* memories of the emphasis */
	double ref_loudest,
		ref_before; /* mean square of the loudest block of this tail, of the last */
	double scale; /* what blocks are multiplied with, 1 but in extremes */
	double gain; /* prediction over loudest block */
	int rate_hz, tail_blocks, blocks, bad;
};

/* tail_blocks: the filter's length. */
void tp_echo_guard_init(struct tp_echo_guard *guard, int rate_hz, int tail_blocks);

/* Before a block of n samples: the factor, 0..1, that microphone and
 * loudspeaker are to be multiplied with. */
double tp_echo_guard_limit(struct tp_echo_guard *guard, const int16_t *mic, const int16_t *ref,
			   int n);

/* Then, with the scaled samples: true if the canceller must be reset before it gets them. */
bool tp_echo_guard_before(struct tp_echo_guard *guard, const int16_t *ref, int n);

/* After it: true if the canceller must be reset now. Samples as the library got and gave them. */
bool tp_echo_guard_after(struct tp_echo_guard *guard, const int16_t *mic, const int16_t *out,
			 int n);

/* The canceller was reset. */
void tp_echo_guard_reset(struct tp_echo_guard *guard);

#endif
