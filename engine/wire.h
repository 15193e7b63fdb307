/* SPDX-License-Identifier: MIT */
/* One session's wire side: transport -> rx ring, tx ring -> transport, RTCP and keep-alive. */
#ifndef TP_WIRE_H
#define TP_WIRE_H

#include "packet.h"
#include "random.h"
#include "reception.h"
#include "reports.h"
#include "ring.h"
#include "source.h"
#include "srtp.h"

#include <talkpath/talkpath.h>

/* Receiving, from top to bottom; who is refused on the way is counted and leaves no trace:
 *
 *   transport -> too long? -> RTP or RTCP -> own SSRC? -> unprotect (SRTP) -> parse
 *   -> source policy -> SSRC, sequence, duplicates -> payload type -> rx ring
 *
 * Plain packets from where nobody may send now are refused before anything is looked at. A held
 * call goes the same way but for the last step, so that the rollover counter is not lost
 * meanwhile. */

enum {
	/* Slots that never leave for the rx ring: however far behind the audio side is, the
	 * transport is drained, so that what waits there is never old. */
	TP_WIRE_RESERVE = 4,
	TP_WIRE_BATCH = 16,
	TP_WIRE_BATCHES = 16, /* in one turn; then other sessions have theirs */
	TP_WIRE_KEEPALIVE_MS = 15000, /* RFC 6263 7: Tr */
	TP_WIRE_SILENCE_MS = 3000, /* without an accepted packet: TP_EVENT_MEDIA_SILENT */
	/* After a change of SSRC, so many packets in a row of the one before bring it back: what
	 * the network delivers late must not. */
	TP_WIRE_SSRC_RETURN = 3,
	TP_WIRE_SSRC_GUARD_MS = 2000,
};

/* What a session is from its beginning to its end. */
struct tp_wire_setup {
	struct tp_transport transport; /* borrowed until tp_wire_close() */

	/* Borrowed. Each must hold all slots that run through it. */
	struct tp_ring *rx, *rx_back; /* to the audio side, and empty slots from it */
	struct tp_ring *tx, *tx_back; /* from the audio side, and empty slots to it */

	struct tp_packet *slots; /* receive slots, at least TP_WIRE_RESERVE + 1: taken */
	struct tp_packet **free; /* room for as many pointers: borrowed */
	int slots_n;

	uint32_t ssrc;
	uint16_t seq; /* of the first packet that is sent; below 0x8000 (RFC 3711 3.3.1) */
	uint32_t timestamp; /* of a keep-alive that is sent before any packet */
	const char *cname; /* copied */
	uint64_t seed, stream; /* of the random intervals: see tp_random_init() */

	/* Gets each report of what the peer lost: percent, and a count above it.
	 * Borrowed; NULL: nobody asks. */
	_Atomic uint32_t *peer_loss;
	/* Milliseconds of the way to the peer and back, and 1; 0: not known. NULL: nobody asks. */
	_Atomic uint32_t *round_trip;

	/* Called from tp_wire_receive() and tp_wire_send() when something has happened. */
	void (*event)(void *context, enum tp_event_kind kind, uint32_t value);
	void *context;
};

/* What signalling may change. */
struct tp_wire_config {
	struct tp_address remote, remote_rtcp; /* family 0: not known */
	enum tp_flow flow;
	uint32_t clock_hz[128]; /* RTP clock of each accepted payload type; 0: not accepted */
	uint8_t send_pt;
	uint32_t send_clock_hz;
	struct tp_srtp *srtp; /* fresh contexts: taken; NULL: plain RTP */
	int rtcp_interval_ms; /* mean; 0: no RTCP is sent */
};

enum tp_wire_media {
	TP_WIRE_MEDIA_NONE,
	TP_WIRE_MEDIA_FLOWS,
	TP_WIRE_MEDIA_SILENT,
};

/* All fields are the wire side's. */
struct tp_wire {
	struct tp_wire_setup setup;
	char cname[TP_CNAME_MAX];
	struct tp_random random;

	/* Configuration. */
	bool configured;
	struct tp_wire_config config; /* its srtp is `srtp` here */
	struct tp_srtp *srtp;

	/* Receiving. */
	int free_n; /* slots in setup.free */
	bool backlog; /* the transport had more than one turn takes */
	struct tp_source source;
	struct tp_reception reception;
	uint32_t former_ssrc; /* the stream before this one ... */
	int former_run; /* ... its packets since this one's last ... */
	int64_t former_ns; /* ... and until when they are taken for late ones */
	bool bye_heard; /* of this stream */
	enum tp_wire_media media;
	int64_t media_ns; /* last accepted packet, or when receiving began again */
	struct tp_reports reports;

	/* Sending. */
	uint16_t next_seq;
	uint32_t timestamp; /* of the last packet sent ... */
	int64_t timestamp_ns; /* ... and when it was handed over; INT64_MIN: none yet */
	int64_t rtp_ns; /* when RTP was last sent; INT64_MIN: never */
	int64_t kept_alive_ns; /* when RTP's way to the peer was last used, or configured */

	/* Counters, as struct tp_session_stats names them. */
	uint64_t received_packets, received_octets;
	uint32_t wrong_source, wrong_payload_type, malformed, overflow, own_ssrc;
	uint32_t source_moves, ssrc_changes;
	uint32_t failed_auth, replayed, failed_other, protect_failed;
	uint64_t sent_packets, sent_octets;
	uint32_t send_failed;
};

/* Makes a wire side that neither hears nor sends until it is configured. [control] */
void tp_wire_init(struct tp_wire *wire, const struct tp_wire_setup *setup);

/* Puts a configuration in force and opens the source window. Sequence numbers go on; an SRTP key
 * that is the same keeps its state. Gives back the SRTP contexts that are no longer used, which
 * control destroys, or NULL. [wire] */
TP_MUST_USE struct tp_srtp *tp_wire_configure(struct tp_wire *wire, int64_t now_ns,
					      const struct tp_wire_config *config);

/* Signalling says that the peer began anew: its source and, under SRTP, its numbers are learnt
 * again. [wire] */
void tp_wire_resync(struct tp_wire *wire, int64_t now_ns);

/* Takes what has arrived; returns how many datagrams that were. A slot in the rx ring belongs to
 * the audio side until it comes back. [wire] */
int tp_wire_receive(struct tp_wire *wire, int64_t now_ns);

/* Sends what waits in the tx ring, and reports and keep-alives that are due; returns how many
 * packets of the ring went out. Packets come with a whole RTP header and all fields but the
 * sequence number, which is given here: it rises by one with each packet that is really sent. A
 * slot goes back with stamp_ns = when the transport took it, or 0 if it was not sent: nobody to
 * send to, not sending, refused. [wire] */
int tp_wire_send(struct tp_wire *wire, int64_t now_ns);

/* When tp_wire_receive() and tp_wire_send() must be called though nothing arrives and nothing is to
 * be sent: INT64_MAX: never, in the past: at once. [wire] */
int64_t tp_wire_due_ns(const struct tp_wire *wire);

/* Fills ssrc, remote_ssrc, remote, receive, srtp, send and rtcp; leaves the rest. [wire] */
void tp_wire_stats(const struct tp_wire *wire, struct tp_session_stats *stats);

/* Sends RTCP BYE. Gives back the SRTP contexts, which control destroys, or NULL. [wire] */
TP_MUST_USE struct tp_srtp *tp_wire_close(struct tp_wire *wire, int64_t now_ns);

/* ---- Between wire.c, wire_receive.c and wire_send.c; all [wire] ---- */

/* Sends a report now, with BYE or without. */
void tp_wire_report(struct tp_wire *wire, int64_t now_ns, bool bye);

/* When a keep-alive, a report is due: INT64_MAX: none. */
int64_t tp_wire_keepalive_ns(const struct tp_wire *wire);
int64_t tp_wire_report_ns(const struct tp_wire *wire);

/* When the media will have been silent for long: INT64_MAX: not as things are. */
int64_t tp_wire_silence_ns(const struct tp_wire *wire);

#endif
