/* SPDX-License-Identifier: MIT */
/* Foresees when libspeexdsp's echo canceller would complain on stderr, so that it never does. */
#ifndef TP_ECHO_GUARD_H
#define TP_ECHO_GUARD_H

#include <stdbool.h>
#include <stdint.h>

/* The library resets itself, with a line on stderr, in two cases: at once when the mean square of its
 * emphasised input, prediction or error passes 2e9 (44700 RMS; full scale at half the rate is 62000);
 * and when the error has had more power than the microphone, plus 20000 a sample, for 50 blocks. Against
 * both stand
 * - headroom of 12 dB in what it is given (TP_ECHO_HEADROOM_BITS), which leaves only the prediction;
 * - a forecast: the largest gain that the prediction has lately shown, times the loudest block that the
 *   filter holds. No true path is near the limit, since its microphone would clip by 8 dB;
 * - a count of such blocks, seen through the same notch and emphasis, that is shorter than the library's.
 * Each ends, at worst, in a reset that is ours and silent.
 *
 * Caller-owned; all of it [audio], but for init [any]. */
struct tp_echo_guard {
	double radius, damping; /* of the notch */
	double notch[2];
	double mic_last, out_last, ref_last, prediction_last; /* memories of the emphasis */
	double ref_mean; /* mean square over the tail */
	double ref_loudest, ref_before; /* of this tail's blocks, of the last tail's */
	double gain;
	int tail_blocks, blocks, bad;
};

/* tail_blocks: the filter's length. */
void tp_echo_guard_init(struct tp_echo_guard *guard, int rate_hz, int tail_blocks);

/* Before a block is cancelled: true if the canceller must be reset first. n samples as the library gets
 * them. */
bool tp_echo_guard_before(struct tp_echo_guard *guard, const int16_t *ref, int n);

/* After it: true if the canceller must be reset now. Samples as the library got and gave them. */
bool tp_echo_guard_after(struct tp_echo_guard *guard, const int16_t *mic, const int16_t *out,
			 int n);

/* The canceller was reset. */
void tp_echo_guard_reset(struct tp_echo_guard *guard);

#endif
