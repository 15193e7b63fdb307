/* SPDX-License-Identifier: MIT */
/* The sending half of a session on the audio side: bus blocks become RTP packets. */
#ifndef TP_TX_H
#define TP_TX_H

#include "dsp/activity.h"
#include "engine/again.h"
#include "engine/block.h"
#include "engine/bus.h"
#include "engine/format.h"
#include "engine/packet.h"
#include "engine/ring.h"
#include "engine/trace.h"

enum {
	/* Samples: the longest packet that is sent, a block, and what
	 * a resampler gives too much. */
	TP_TX_FRAME_MAX = 48 * (TP_PTIME_MAX_MS + 20),
};

struct tp_tx {
	struct tp_coder *encoder; /* NULL: nothing is sent */
	struct tp_ring *out, *pool; /* to the wire side; empty slots from it */
	int rate_hz, block_n; /* of the bus */
	bool sending;
	bool vad; /* silences are left out if the format has a way for it */
	uint32_t ssrc;
	uint32_t timestamp; /* of the first sample in frame: goes on over hold, codec change */
	struct tp_packet *kept; /* an empty slot that the encoder had nothing for */
	bool marker; /* the next packet begins a talkspurt (RFC 3551 4.1) */
	int frame_n; /* samples collected, at the codec's rate */
	int64_t captured_ns; /* when the frame's first sample crossed the converter */
	struct tp_tracer tracer;
	uint32_t starved; /* packets not sent because no slot was free */

	/* What the peer's reports say: percent lost, and a count of reports above it. Written by
	 * the wire side; NULL: there are none. */
	const _Atomic uint32_t *peer_loss;
	uint32_t peer_loss_seen;
	int loss_percent; /* told to the encoder */

	/* Silences, if they are not sent. */
	struct tp_activity activity;
	int64_t told_ns; /* since the room was described; < 0: it was not */
	float told_power;
	int64_t silent_ns; /* all of it */

	struct tp_again again;
	float burst; /* mean run of lost packets, from rx: the network's two ways are alike */
	int red_distance;
	int16_t frame[TP_TX_FRAME_MAX];
	int16_t last[TP_BUS_BLOCK_MAX]; /* the block before: a new resampler begins with it */
};

/* Rings are borrowed. peer_loss may be set after it. [control] */
void tp_tx_init(struct tp_tx *tx, struct tp_ring *out, struct tp_ring *pool, int rate_hz,
		int block_n, uint32_t ssrc, uint32_t timestamp);

/* Takes an encoder (NULL: none) and whether to send; gives the one it replaces. What the old one
 * had collected goes out as a short packet; timestamps go on at the new codec's clock. [audio] */
struct tp_coder *tp_tx_set(struct tp_tx *tx, struct tp_coder *encoder, bool sending,
			   int64_t now_ns);

/* Whether silences may be left out; at first they are sent. [audio] */
void tp_tx_set_vad(struct tp_tx *tx, bool vad);

/* Collects a block of the bus; the block that completes a packet sends it. `time` is the block's;
 * returns the packets handed to the wire side. [audio] */
int tp_tx_block(struct tp_tx *tx, const int16_t *pcm, const struct tp_block_time *time);

/* Fills what the audio side knows of the send part. [audio] */
void tp_tx_stats(const struct tp_tx *tx, struct tp_session_stats *stats);

#endif
