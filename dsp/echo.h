/* SPDX-License-Identifier: MIT */
/* Linear echo canceller: takes out of the microphone what it can predict from the loudspeaker. */
#ifndef TP_ECHO_H
#define TP_ECHO_H

#include <talkpath/attributes.h>

#include <stdbool.h>
#include <stdint.h>

enum {
	TP_ECHO_TAIL_MIN_MS = 32,
	TP_ECHO_TAIL_MAX_MS = 512,
};

struct tp_echo;
struct SpeexEchoState_;

/* rate_hz 8000..48000; block_n samples per call, 5 or 10 ms; tail_ms is how much later than the
 * reference an echo may come, TP_ECHO_TAIL_MIN_MS..TP_ECHO_TAIL_MAX_MS, rounded up to blocks. NULL
 * with a sentence in tp_error_detail() on failure. Gives what tp_echo_destroy() takes. [control] */
struct tp_echo *tp_echo_create(int rate_hz, int block_n, int tail_ms);

/* One block. `ref` is what the loudspeaker played, on the microphone's clock and never later than
 * its echo: aligning it is the caller's work. `out` may be `mic`. No delay. Whatever the samples
 * are, the library under it is kept from its diagnostics on stderr. [audio] */
void tp_echo_process(struct tp_echo *echo, const int16_t *mic, const int16_t *ref, int16_t *out);

/* From the next block on echo comes louder by this factor, because an amplifier was turned up or
 * down: what was learnt stays right. [audio] */
void tp_echo_louder(struct tp_echo *echo, double factor);

/* Whether the next blocks are cancelled with the filter as it is, and nothing is learnt from them:
 * what a talker here teaches it is wrong. [audio] */
void tp_echo_hold(struct tp_echo *echo, bool hold);

/* What a block's echo was taken for: microphone, behind the library's notch, less what came out.
 * Once after every tp_echo_process(), with its blocks. [audio] */
void tp_echo_taken_out(struct tp_echo *echo, const int16_t *mic, const int16_t *out, float *taken);

/* Echo return loss enhancement of the last second in which the loudspeaker was heard, in dB: level
 * of `mic` over that of `out`. A near talker counts as if he were echo, so it is a lower bound. NAN
 * before 0.3 s of such sound. [audio] */
double tp_echo_erle_db(const struct tp_echo *echo);

/* Whether it has learnt something of the echo: 12 dB of it, or after 1.5 s of sound from the
 * loudspeaker as much as it will. False again after a reset of its own. [audio] */
bool tp_echo_settled(const struct tp_echo *echo);

/* Length of the filter in blocks. [any] */
int tp_echo_blocks(const struct tp_echo *echo);

/* The echo path as the canceller has learnt it: length in samples, and its taps times `factor` in
 * 1 / 32767. [control], while nothing is processed. */
int tp_echo_taps_n(const struct tp_echo *echo);
void tp_echo_taps(const struct tp_echo *echo, double factor, int32_t *taps);

/* Learns a path (tp_echo_taps_n() taps in 1 / 32767) by hearing it: the canceller runs on noise
 * from `seed` and on that noise through the path, until it has converged. Takes some 0.1 s of
 * computing. 0 or TP_ERR_MEMORY. [control], while nothing is processed. */
TP_MUST_USE int tp_echo_teach(struct tp_echo *echo, const int32_t *taps, uint32_t seed);

/* Forgets everything. [audio] */
void tp_echo_reset(struct tp_echo *echo);

/* The library's state, for its post-filter. Stays the canceller's. [control] */
struct SpeexEchoState_ *tp_echo_speex(struct tp_echo *echo);

/* NULL is allowed. [control] */
void tp_echo_destroy(struct tp_echo *echo);

#endif
