/* SPDX-License-Identifier: MIT */
/* What a receiver plays where no packet is next: the loss, the pause, the
 * comfort noise, or nothing at all. */
#ifndef TP_RX_GAP_H
#define TP_RX_GAP_H

#include "engine/rx.h"

/* What these add to the fifo is due at due_ns. */

/* Nothing is here for the time before the next packet, and it will not come: plays what redundancy
 * gives of it, or makes up a step. Returns false if the next packet's own sound had better say how
 * it is filled: then nothing was done. [audio] */
bool tp_rx_gap_loss(struct tp_rx *rx, const struct tp_jitter_entry *next, int64_t due_ns);

/* Nothing was lost before the next packet, and yet its time is later. [audio] */
bool tp_rx_gap_is_pause(const struct tp_rx *rx, const struct tp_jitter_entry *next);

/* The talker paused: the next packet may begin when the target says. [audio] */
void tp_rx_gap_pause(struct tp_rx *rx, const struct tp_jitter_entry *next, int64_t due_ns);

/* Takes a comfort noise packet, which is next: the talker pauses, and that is to
 * be heard meanwhile. [audio] */
void tp_rx_gap_comfort(struct tp_rx *rx);

/* That pause goes on until something comes, and then until the target says. [audio] */
void tp_rx_gap_pass_comfort(struct tp_rx *rx, const struct tp_jitter_entry *next, int64_t due_ns);

/* Nothing is here at all: made-up sound either replaces what is lost, or
 * waits for what is late. [audio] */
void tp_rx_gap_silence(struct tp_rx *rx, int64_t due_ns);

/* Something is there again after such a wait: now it is known what the wait was. [audio] */
void tp_rx_gap_end(struct tp_rx *rx, const struct tp_jitter_entry *next,
		   const struct tp_block_time *time, int64_t due_ns);

#endif
