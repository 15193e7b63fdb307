/* SPDX-License-Identifier: MIT */
/* The playout delay of what a receiver plays: cut, lengthened, or drawn out by a hair. */
#ifndef TP_RX_DELAY_H
#define TP_RX_DELAY_H

#include "dsp/stretch.h"
#include "engine/rx.h"

/* Sound in the fifo from which a change of the time scale chooses: two
 * of the longest pitch periods. */
#define TP_RX_DELAY_SPAN_NS ((int64_t)TP_STRETCH_MAX_MS * 1000000)

/* From the time at which a sample could first be played to its media
 * time, for the next one. [audio] */
int64_t tp_rx_delay_ns(const struct tp_rx *rx, int64_t now_ns);

/* By how much the delay is off its target; 0 while that is not worth a
 * change. Once a block. [audio] */
int64_t tp_rx_delay_excess_ns(struct tp_rx *rx, const struct tp_block_time *time);

/* Brings the delay nearer to its target by what is in the fifo. In a pause of the talker it goes
 * there at once, up or down. In speech only what is too long is cut, a pitch period at a time; what
 * is too short mends itself, because sound that waits for a late packet lengthens it. [audio] */
void tp_rx_delay_change(struct tp_rx *rx, const struct tp_block_time *time, int64_t excess_ns);

/* Sets the speed at which the fifo is played, by the sender's clock. Once a block. [audio] */
void tp_rx_delay_steer(struct tp_rx *rx, const struct tp_block_time *time);

/* Samples that tp_rx_delay_take() wants in the fifo, and the block that
 * it takes out of it. [audio] */
int tp_rx_delay_need_n(const struct tp_rx *rx);
void tp_rx_delay_take(struct tp_rx *rx, int16_t *pcm);

#endif
