/* SPDX-License-Identifier: MIT */
/* A lost packet, out of what a later one carries of it. */
#ifndef TP_RX_AGAIN_H
#define TP_RX_AGAIN_H

#include "engine/rx.h"

/* Whether packets of this codec may carry the one before them again: for
 * some it is a setting. [audio] */
bool tp_rx_again_may(const struct tp_coder *decoder);

/* The packet before the next one, or its last gap_ns, as the next one's codec carries it
 * (Opus); the before_n samples that are missing before it as well are filled from both sides.
 * False: it does not. [audio] */
bool tp_rx_again_next(struct tp_rx *rx, const struct tp_jitter_entry *next, int64_t gap_ns,
		      int before_n, int64_t due_ns);

/* The lost packet whose turn it is, or the end of it, as a later one
 * carries it (RFC 2198). [audio] */
bool tp_rx_again_earlier(struct tp_rx *rx, int64_t due_ns);

#endif
