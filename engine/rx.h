/* SPDX-License-Identifier: MIT */
/* The receiving half of a session on the audio side: packets become blocks of the bus. */
#ifndef TP_RX_H
#define TP_RX_H

#include "dsp/conceal.h"
#include "dsp/drift.h"
#include "dsp/level.h"
#include "engine/block.h"
#include "engine/format.h"
#include "engine/jitter.h"
#include "engine/ring.h"
#include "engine/trace.h"

enum {
	TP_RX_PCM_MAX = 48 * TP_CODEC_PACKET_MAX_MS, /* samples of the longest packet */
	TP_BLOCK_READY_MAX = 48 * 10 + 8, /* a block, and what the drift stage gives too much */
	/* Decoded sound that waits for its block: a packet behind a stretch of the longest kind. */
	TP_RX_FIFO_MAX = TP_RX_PCM_MAX + 48 * 60,
};

/* Timestamps and durations round to less than this; nobody hears a step so small. */
#define TP_RX_SAME_NS INT64_C(500000)

struct tp_rx {
	struct tp_receive_map *map; /* NULL: nothing is received */
	const _Atomic uint32_t *round_trip; /* see struct tp_wire_setup; NULL: never known */
	struct tp_ring *in, *back; /* from the wire side; empty slots to it */
	int rate_hz, block_n; /* of the bus */
	bool receiving;

	struct tp_jitter jitter;
	uint32_t ssrc; /* of the stream that is played */
	bool playing; /* its first packet had its turn */
	int64_t tail_ns; /* media time of the next sample to be decoded */
	int64_t end_ns; /* media time behind the packet decoded last */
	struct tp_coder *decoder; /* of the packet decoded last */
	int pt; /* of that packet; -1: there was none */
	float redundant; /* share of lost packets that the next one carried again, recent */
	float burst; /* mean length of a run of lost packets, recent */
	int told_n; /* samples of the gap before the next packet that the decoder knows of */
	int64_t gone_ns; /* for how long nothing has come */
	int64_t waited_ns; /* of it for what might be late */
	int64_t unsure_ns; /* of it concealed: a loss, or a pause, as the next packet will say */
	int64_t again_until_ns; /* until then another late packet is no exception */
	bool comfort; /* the talker pauses, as comfort noise has said */
	struct tp_gain pauses; /* of what is heard then: all or nothing */
	int64_t rest_ns; /* until the next change of the time scale */
	int64_t over_ns; /* for how long the delay has been above its target */

	struct tp_conceal conceal;
	struct tp_level level;
	struct tp_tracer tracer;
	struct {
		int64_t concealed_ns, fec_ns, noise_ns, stretched_ns, squeezed_ns;
		uint32_t resyncs, malformed;
		double delay_ms;
	} count;

	struct tp_drift drift; /* from the sender's clock to ours */
	int drift_ppb; /* that it takes out */
	int ready_n; /* samples in our time that wait for the next block */
	int16_t ready[TP_BLOCK_READY_MAX];

	int fifo_n;
	int16_t fifo[TP_RX_FIFO_MAX]; /* decoded, at the bus's rate */
	int16_t pcm[TP_RX_PCM_MAX]; /* one packet, at the codec's rate */
};

/* Rings and entries are borrowed; round_trip may be set after it. [control] */
void tp_rx_init(struct tp_rx *rx, struct tp_ring *in, struct tp_ring *back,
		struct tp_jitter_entry *entries, int cap, const struct tp_jitter_config *jitter,
		int rate_hz, int block_n);

/* Takes a map (the old one's states may live on in it) and whether to receive; gives the
 * map that it replaces. [audio] */
struct tp_receive_map *tp_rx_set(struct tp_rx *rx, struct tp_receive_map *map, bool receiving,
				 const struct tp_jitter_config *jitter);

/* Whether pauses that the peer describes are heard as noise, which they are at
 * first, or as silence. [audio] */
void tp_rx_set_cng(struct tp_rx *rx, bool cng);

/* Gives every waiting packet back and forgets the stream. [audio] */
void tp_rx_flush(struct tp_rx *rx);

/* Writes the block that is played at time->played_ns. [audio] */
void tp_rx_block(struct tp_rx *rx, const struct tp_block_time *time, int16_t *pcm);

/* Time and samples at the bus's rate. [any] */
int64_t tp_rx_ns(const struct tp_rx *rx, int n);
int tp_rx_n(const struct tp_rx *rx, int64_t ns);

/* Fills the jitter part and what the audio side knows of the receive part. [audio] */
void tp_rx_stats(const struct tp_rx *rx, struct tp_session_stats *stats);

#endif
