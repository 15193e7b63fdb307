/* SPDX-License-Identifier: MIT */
/* A bad network in front of a transport: loss in bursts, jitter and
 * reordering of what is received. */
#ifndef CLI_NETWORK_H
#define CLI_NETWORK_H

#include <talkpath/transport.h>

struct tp_network_config {
	double loss_percent; /* of all datagrams, RTP and RTCP */
	double burst; /* mean length of a loss, packets; 0: losses know nothing of each other */
	double jitter_ms; /* mean (and standard deviation) of an exponential extra delay; order is
				 * kept, so a late packet holds up those behind it */
	double reorder_percent; /* packets that the next one to three overtake */
	double from_s,
		to_s; /* impairs only between these, since the first look; to_s 0: for ever */
	uint32_t seed;
};

/* Reads "loss=2,burst=3,jitter=20,reorder=1,from=10,to=20,seed=7",
 * every part of it optional. [any] */
TP_MUST_USE int tp_network_parse(struct tp_network_config *config, const char *text);

/* Puts the network in front of `inner`, takes that, and gives *outer, whose close closes both. On
 * failure `inner` is still the caller's. [control] */
TP_MUST_USE int tp_network_wrap(struct tp_transport *outer, const struct tp_transport *inner,
				const struct tp_network_config *config);

#endif
