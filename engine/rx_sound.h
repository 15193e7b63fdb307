/* SPDX-License-Identifier: MIT */
/* What a receiver plays: decoded sound at the bus's rate, or what takes its place. */
#ifndef TP_RX_SOUND_H
#define TP_RX_SOUND_H

#include "engine/rx.h"

/* One step of concealment, and what libopus's concealment counts in. */
#define TP_RX_SOUND_STEP_NS  INT64_C(10000000)
#define TP_RX_SOUND_GRAIN_NS INT64_C(2500000)

/* Takes the n samples of rx->pcm, at the codec's rate, into the fifo: all but the first `skip_n` at
 * the bus's rate; or puts `gap_n` samples before it that join it to what was played. [audio] */
void tp_rx_sound_add(struct tp_rx *rx, struct tp_coder *decoder, int n, int skip_n, int gap_n);

/* Makes up sound, in place of what is lost, or while what is late is waited for: by the codec's own
 * concealment where it has one, else from what was played. It is due at due_ns; `timestamp` is of
 * the packet behind it, 0 if none is known. [audio] */
void tp_rx_sound_conceal(struct tp_rx *rx, int64_t ns, bool lost, int64_t due_ns,
			 uint32_t timestamp);

/* A decoder with predictors has to be told what its lost packet sounded like before it can say how
 * the next one does, on which what will have been played depends: a guess from one side begins
 * that. The gap is gap_n samples, of which it knows rx->told_n. [audio] */
void tp_rx_sound_guess(struct tp_rx *rx, int gap_n);

/* The last `ns` that were played, as far as they are remembered, were in
 * place of a lost packet. [audio] */
void tp_rx_sound_lost(struct tp_rx *rx, int64_t ns);

/* Counts and traces concealment. While nothing is here it may be a pause that nobody spoke of,
 * which is no loss: what came then decides, by tp_rx_sound_settle(). [audio] */
void tp_rx_sound_count(struct tp_rx *rx, int64_t ns, int64_t due_ns, uint32_t timestamp);
void tp_rx_sound_settle(struct tp_rx *rx, bool pause);

/* Fills a pause of the talker, or of the stream, with the room that was heard before it. [audio] */
void tp_rx_sound_noise(struct tp_rx *rx, int n);

/* The same for so long, with a line in the trace. [audio] */
void tp_rx_sound_pause(struct tp_rx *rx, int64_t ns, int64_t due_ns);

/* Goes over to another decoder. [audio] */
void tp_rx_sound_change(struct tp_rx *rx, struct tp_coder *decoder);

#endif
