/* SPDX-License-Identifier: MIT */
/* One of the two phones of the demo: an engine in its room, and all that it did. */
#ifndef CLI_DEMO_END_H
#define CLI_DEMO_END_H

#include "network.h"

#include <talkpath/talkpath.h>

#include <stddef.h>

/* The channels of the engine's tap. */
enum tp_demo_channel {
	TP_DEMO_NEAR, /* the microphone after echo cancellation: what is sent */
	TP_DEMO_EAR, /* what is heard */
	TP_DEMO_MICROPHONE, /* what the microphone picked up */
};

struct tp_demo_end {
	struct tp_engine *engine;
	struct tp_session *session;
	int16_t *frames; /* TP_TAP_CHANNELS channels; owned */
	int64_t frames_n, frames_cap;
	int64_t first_frame_ns; /* when the first was taken: within a block of when it was made */
	struct tp_trace *traces; /* owned */
	size_t traces_n, traces_cap;
	struct tp_engine_stats engine_stats;
	struct tp_session_stats session_stats;
	char device[4608];
};

/* Opens an engine on a simulated room whose talker says the sound file, and a session on a port of
 * the loopback behind a bad network. Whatever it returns, tp_demo_end_close() takes it back. */
TP_MUST_USE int tp_demo_end_open(struct tp_demo_end *end, const char *room, const char *says,
				 const struct tp_network_config *network);

/* Joins it to the other end: Opus at 16 kHz under SRTP, a key of its own for each direction. */
TP_MUST_USE int tp_demo_end_connect(struct tp_demo_end *end, const struct tp_demo_end *other,
				    const struct tp_srtp_key *send_key,
				    const struct tp_srtp_key *receive_key);

/* Takes sound, traces and statistics that have come since the last time, at `now_ns`. */
TP_MUST_USE int tp_demo_end_take(struct tp_demo_end *end, int64_t now_ns);

/* Writes one channel of its sound to a mono file. */
TP_MUST_USE int tp_demo_end_write(const struct tp_demo_end *end, enum tp_demo_channel channel,
				  const char *path);

void tp_demo_end_close(struct tp_demo_end *end);

#endif
