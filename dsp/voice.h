/* SPDX-License-Identifier: MIT */
/* The microphone's way: high-pass, echo canceller, residual echo, noise, level. */
#ifndef TP_VOICE_H
#define TP_VOICE_H

#include <talkpath/talkpath.h>

#include <stddef.h>
#include <stdint.h>

enum {
	/* The shell of a handset is over in 20 ms; the rest is for the room behind it, and for
	 * positions that err. */
	TP_VOICE_NEAR_TAIL_MS = 96,
};

struct tp_voice;

/* What was never measured reads as NAN. Levels are means of about 0.3 s. */
struct tp_voice_stats {
	double near_db; /* what goes out */
	double microphone_db; /* what came in */
	double far_db; /* the loudspeaker's signal */
	double delay_ms; /* from the loudspeaker's signal to the loudest of its echo */
	double drift_ppm; /* loudspeaker's clock against the microphone's, from the signals; 0:
			   * not known yet */
	/* While only the far end talks, lower bounds; see echo_meter.h. */
	double erl_db; /* echo return loss: the loudspeaker's signal over its echo */
	double linear_erle_db; /* echo return loss enhancement: by the canceller */
	double erle_db; /* by all stages before gain control */
	bool far_talks, near_talks; /* now: the loudspeaker's echo may come, somebody talks here */
	double double_talk; /* share of the far end's time in which somebody talks here, 0..1 */
};

/* For hands-free. rate_hz 8000, 16000 or 48000; blocks of block_n samples, 5 or 10 ms. Every stage
 * is built here, switched on or not. NULL with a sentence in tp_error_detail() on failure. Gives
 * what tp_voice_destroy() takes. [control] */
struct tp_voice *tp_voice_create(int rate_hz, int block_n, const struct tp_voice_config *config);

/* For any route. What is held to the ear has a soft echo that is soon over: a tail of no more than
 * TP_VOICE_NEAR_TAIL_MS is cancelled, and what it leaves suppressed by coarse gains, which delay by
 * 0.75 ms instead of 4 ms. As above. [control] */
struct tp_voice *tp_voice_create_route(enum tp_route route, int rate_hz, int block_n,
				       const struct tp_voice_config *config);

/* The references to come are aligned by the device's positions: echo comes within the tail, so what
 * is said later than that after the loudspeaker cannot be one. Without this it may come 0.6 s late.
 * [control] */
void tp_voice_aligned(struct tp_voice *voice);

/* Switches stages, from the next block on and without a click; tail_ms stays what it was at create.
 * Echo cancellation that is switched on begins anew. [audio] */
void tp_voice_set(struct tp_voice *voice, const struct tp_voice_config *config);

/* By how many ppm the loudspeaker's clock was found to be the faster by the device's counters,
 * which take it out of the sound behind the reference; every block. [audio] */
void tp_voice_clocks(struct tp_voice *voice, double ppm);

/* One block: microphone and the loudspeaker's reference (aligned, see tp_echo_process()) to what is
 * sent. `out` may be `mic`. [audio] */
void tp_voice_process(struct tp_voice *voice, const int16_t *mic, const int16_t *ref, int16_t *out);

/* What amplifiers of loudspeaker and microphone, behind what tp_voice_process() gets as reference,
 * stand at, in dB, 0 at first: where that changes what was learnt is scaled, not learnt anew. Steps
 * beyond +-40 dB are not followed. Saved paths are those of 0 dB, and so is what was loaded, until
 * this says more. [audio] */
void tp_voice_set_gain(struct tp_voice *voice, double db);

/* After a time in which nothing was processed: forgets the sound from before it, and keeps what was
 * learnt. [control], while nothing is processed. */
void tp_voice_rest(struct tp_voice *voice);

/* Samples by which a near talker leaves later than he comes: 4 ms hands-free, 0.75 ms else, while
 * any stage is on; 0 if none is. [audio] */
int tp_voice_delay_n(const struct tp_voice *voice);

/* [audio] */
void tp_voice_stats(const struct tp_voice *voice, struct tp_voice_stats *stats);

/* The learnt echo path, for tp_voice_load() in a later call over the same device. Returns its size
 * in octets; it is written if `cap` is that at least. Returns 0 if there is no memory for it.
 * [control], while nothing is processed. */
size_t tp_voice_save(const struct tp_voice *voice, void *buf, size_t cap);

/* Begins with a saved echo path: the canceller is taught it, which takes some 0.1 s of computing.
 * One that had not converged (10 dB) when it was saved is accepted and not used. The path may come
 * from another block size or tail. 0, TP_ERR_FORMAT (damaged, of another rate or route) or
 * TP_ERR_MEMORY. [control], while nothing is processed. */
TP_MUST_USE int tp_voice_load(struct tp_voice *voice, const void *buf, size_t len);

/* NULL is allowed. [control] */
void tp_voice_destroy(struct tp_voice *voice);

#endif
