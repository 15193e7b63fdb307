/* SPDX-License-Identifier: MIT */
/* Who may send to us, and whom we send to: symmetric RTP with a guarded policy. */
#ifndef TP_SOURCE_H
#define TP_SOURCE_H

#include <talkpath/transport.h>

#include <stdbool.h>
#include <stdint.h>

/* Plain RTP. Anyone can send to an open port, and whoever is believed gets our audio (RTPBleed,
 * CVE-2017-14114). So once a source is accepted, nothing else is. Signalling opens a window of 5 s
 * in which another may be, by how much speaks for it:
 *
 *   signalled   it is the address that signalling gave: with its first packet
 *   continuing  another address, but SSRC and sequence go on from the accepted source: its NAT
 *               changed; with the third consistent packet, once the accepted was silent for 200 ms
 *   neighbour   the signalled host, another port: its NAT rewrote it; likewise
 *   stranger    only while nobody is accepted: with the third consistent packet if signalling gave
 *               no address; else after a second as the only one that comes at the pace of its own
 *               timestamps (a peer behind a NAT that told its private address)
 *
 * While nobody is accepted, a neighbour or, if signalling gave no address, a stranger is heard from its
 * first packet if it was the first to speak; we send nothing there before it is accepted.
 *
 * Three packets of the accepted source shut the window for all that have no more to say than it
 * has.
 *
 * SRTP. Authentication decides: any source whose packets authenticate is heard, and the second of
 * ascending sequence from a new address makes it the one that we send to. The window plays no part.
 * Only whom signalling has just left, and who may have the same key, waits until the new peer had a
 * second to speak.
 *
 * RTCP follows RTP. A signalled address on the loopback has no NAT before it: another port there is
 * heard, and we send where signalling said. */

enum {
	TP_SOURCE_WINDOW_MS = 5000,
	/* Packets of one SSRC in ascending sequence that make a source consistent, and how many are
	 * enough if they authenticate. */
	TP_SOURCE_CONSISTENT = 3,
	TP_SOURCE_AUTHENTICATED = 2,
	/* The accepted source's silence from which on a peer may have moved. */
	TP_SOURCE_QUIET_MS = 200,
	/* How long a better source than a stranger, or than the former peer, is waited for. */
	TP_SOURCE_PATIENCE_MS = 1000,
	/* No talker sends more packets than one each 5 ms, and some margin. */
	TP_SOURCE_RATE_MAX_HZ = 220,
	TP_SOURCE_CANDIDATES = 4,
};

/* What speaks for a source, least first. */
enum tp_source_claim {
	TP_SOURCE_STRANGER,
	TP_SOURCE_NEIGHBOUR,
	TP_SOURCE_CONTINUING,
	TP_SOURCE_SIGNALLED,
};

/* A well-formed RTP packet. clock_hz is that of its payload type, 0 if that is not accepted: it
 * then speaks for nobody but the signalled source. */
struct tp_sighting {
	struct tp_address from;
	uint32_t ssrc, timestamp, clock_hz;
	uint16_t seq;
	int64_t now_ns;
	bool authenticated;
};

enum tp_source_verdict {
	TP_SOURCE_REFUSED,
	TP_SOURCE_ACCEPTED, /* heard */
	TP_SOURCE_MOVED, /* accepted, and we send there from now on */
};

struct tp_source_candidate {
	struct tp_address address; /* family 0: free */
	enum tp_source_claim claim;
	uint32_t ssrc, first_timestamp, timestamp, clock_hz;
	uint16_t seq;
	int64_t first_ns, last_ns;
	int packets; /* consistent ones */
	bool steady; /* all that ever came from there, so far */
};

struct tp_source {
	struct tp_address signalled, signalled_rtcp; /* family 0: not known */
	struct tp_address former; /* where we sent to before signalling gave another address ... */
	int64_t left_ns; /* ... which was then */
	bool mux;

	struct tp_address accepted; /* family 0: nobody yet */
	enum tp_source_claim claim; /* of the accepted */
	bool has_ssrc; /* these are the accepted source's last */
	uint32_t ssrc;
	uint16_t seq;
	int64_t heard_ns; /* the accepted source's last packet; INT64_MIN: none */

	int64_t window_ns; /* until then it is open */
	int run; /* packets of the accepted source in this window */
	struct tp_source_candidate candidate[TP_SOURCE_CANDIDATES];

	struct tp_address learned_rtcp;
};

/* Nobody is known, no window is open. `mux`: RTCP has RTP's port. [any] */
void tp_source_init(struct tp_source *source, bool mux);

/* Signalling says where the peer is (family 0: not known) and opens the window. An accepted source
 * stays if the signalled address is the same as before. [wire] */
void tp_source_signal(struct tp_source *source, int64_t now_ns, const struct tp_address *remote,
		      const struct tp_address *remote_rtcp);

/* Signalling says that the peer began anew: opens the window, forgets what was accepted. [wire] */
void tp_source_resync(struct tp_source *source, int64_t now_ns);

/* Plain RTP: whether packets from there can be of any use now, before they are looked into.
 * [wire] */
bool tp_source_open(const struct tp_source *source, int64_t now_ns, const struct tp_address *from);

/* Judges a packet and learns from it. [wire] */
enum tp_source_verdict tp_source_judge(struct tp_source *source, const struct tp_sighting *seen);

/* SRTP: the accepted source repeats what came from elsewhere: somebody copies its packets and is
 * faster. Who challenges it begins again. [wire] */
void tp_source_replayed(struct tp_source *source, const struct tp_address *from);

/* Whether RTCP from there is to be heard. [wire] */
bool tp_source_judge_rtcp(struct tp_source *source, const struct tp_address *from,
			  bool authenticated);

/* Where RTP and RTCP go; family 0: nowhere yet. [wire] */
struct tp_address tp_source_destination(const struct tp_source *source);
struct tp_address tp_source_destination_rtcp(const struct tp_source *source);

#endif
