/* SPDX-License-Identifier: MIT */
/* One session's wire side: transport -> sort -> unprotect -> source, stream, type -> rx ring. */
#include "wire.h"

#include "address.h"
#include "octets.h"
#include "rtp.h"

#include <stdatomic.h>

enum {
	MS = 1000 * 1000,
	RTP_SSRC = 8, /* offsets of the sender's SSRC */
	RTCP_SSRC = 4,
	RTCP_LEAST = 8, /* octets: RR without blocks */
};

static void emit(struct tp_wire *wire, enum tp_event_kind kind, uint32_t value)
{
	wire->setup.event(wire->setup.context, kind, value);
}

/* ---- Slots ---- */

static struct tp_packet *take_slot(struct tp_wire *wire)
{
	return wire->setup.free[--wire->free_n];
}

static void give_slot(struct tp_wire *wire, struct tp_packet *slot)
{
	wire->setup.free[wire->free_n++] = slot;
}

static void recycle(struct tp_wire *wire)
{
	struct tp_packet *slot;

	while ((slot = tp_ring_pop(wire->setup.rx_back)))
		give_slot(wire, slot);
}

/* ---- Verdicts ---- */

/* Whether we sent it ourselves: a loop, or a reflection that SRTP with one key for both directions
 * would take for genuine. The SSRC stands in the clear. */
static bool is_own(struct tp_wire *wire, const uint8_t *ssrc)
{
	bool own = tp_octets_get32(ssrc) == wire->setup.ssrc;

	wire->own_ssrc += own;
	return own;
}

/* Whether SRTP lets the datagram pass; it is plain then. */
static bool pass_srtp(struct tp_wire *wire, const struct tp_datagram *d,
		      enum tp_srtp_verdict verdict)
{
	switch (verdict) {
	case TP_SRTP_OK:
		return true;
	case TP_SRTP_FAILED_AUTH:
		wire->failed_auth++;
		return false;
	case TP_SRTP_REPLAYED:
		wire->replayed++;
		if (d->component == TP_RTP)
			tp_source_replayed(&wire->source, &d->from);
		return false;
	default:
		wire->failed_other++;
		return false;
	}
}

/* Whether the packet's sender is one that we listen to. */
static bool pass_source(struct tp_wire *wire, int64_t now_ns, const struct tp_datagram *d,
			const struct tp_rtp *rtp)
{
	struct tp_address before = tp_source_destination(&wire->source);
	struct tp_sighting seen = {
		.from = d->from,
		.ssrc = rtp->ssrc,
		.timestamp = rtp->timestamp,
		.clock_hz = wire->config.clock_hz[rtp->pt],
		.seq = rtp->seq,
		.now_ns = now_ns,
		.authenticated = wire->srtp != NULL,
	};

	switch (tp_source_judge(&wire->source, &seen)) {
	case TP_SOURCE_MOVED:
		if (before.family && !tp_address_equal(&before, &d->from)) {
			wire->source_moves++;
			emit(wire, TP_EVENT_SOURCE_CHANGED, 0);
		}
		return true;
	case TP_SOURCE_ACCEPTED:
		return true;
	default:
		wire->wrong_source++;
		return false;
	}
}

/* Whether the packet is of the stream that we follow: the present one, or a new one. */
static bool pass_ssrc(struct tp_wire *wire, int64_t now_ns, const struct tp_rtp *rtp)
{
	struct tp_reception *reception = &wire->reception;

	if (!reception->started) {
		tp_reception_start(reception, rtp->ssrc, rtp->seq);
		return true;
	}
	if (rtp->ssrc == reception->ssrc) {
		wire->former_run = 0;
		return true;
	}
	/* Another stream beside ours, of a kind that we do not understand. */
	if (!wire->config.clock_hz[rtp->pt]) {
		wire->wrong_payload_type++;
		return false;
	}
	if (rtp->ssrc == wire->former_ssrc && now_ns < wire->former_ns &&
	    ++wire->former_run < TP_WIRE_SSRC_RETURN) {
		wire->wrong_source++;
		return false;
	}
	wire->former_ssrc = reception->ssrc;
	wire->former_run = 0;
	wire->former_ns = now_ns + (int64_t)TP_WIRE_SSRC_GUARD_MS * MS;
	wire->bye_heard = false;
	wire->ssrc_changes++;
	tp_reception_start(reception, rtp->ssrc, rtp->seq);
	tp_reports_forget(&wire->reports);
	emit(wire, TP_EVENT_SSRC_CHANGED, rtp->ssrc);
	return true;
}

/* Whether the packet's payload type is one that we decode. */
static bool pass_type(struct tp_wire *wire, const struct tp_datagram *d, const struct tp_rtp *rtp)
{
	uint32_t clock_hz = wire->config.clock_hz[rtp->pt];

	if (!clock_hz) {
		wire->wrong_payload_type++;
		return false;
	}
	tp_reception_arrival(&wire->reception, d->stamp_ns, rtp->timestamp, clock_hz);
	wire->received_packets++;
	wire->received_octets += rtp->payload_len;
	/* An empty packet keeps a NAT's mapping alive (RFC 6263 4.6): no sound. */
	return rtp->payload_len > 0 && wire->config.flow & TP_RECVONLY;
}

static void note_media(struct tp_wire *wire, int64_t now_ns)
{
	if (wire->media == TP_WIRE_MEDIA_NONE)
		emit(wire, TP_EVENT_MEDIA_STARTED, 0);
	else if (wire->media == TP_WIRE_MEDIA_SILENT)
		emit(wire, TP_EVENT_MEDIA_RESUMED, 0);
	wire->media = TP_WIRE_MEDIA_FLOWS;
	wire->media_ns = now_ns;
}

/* ---- One datagram ---- */

static bool pass_on(struct tp_wire *wire, const struct tp_datagram *d, const struct tp_rtp *rtp,
		    struct tp_packet *slot, int in_hand)
{
	if (wire->free_n + in_hand <= TP_WIRE_RESERVE) {
		wire->overflow++;
		return false;
	}
	slot->stamp_ns = d->stamp_ns;
	slot->timestamp = rtp->timestamp;
	slot->ssrc = rtp->ssrc;
	slot->seq = rtp->seq;
	slot->pt = rtp->pt;
	slot->marker = rtp->marker;
	slot->payload = rtp->payload;
	slot->payload_len = rtp->payload_len;
	slot->len = (uint16_t)d->len;
	if (tp_ring_push(wire->setup.rx, slot))
		return true;
	wire->overflow++;
	return false;
}

/* True if the datagram's slot went to the audio side. `in_hand`: slots of this batch that did
 * not. */
static bool receive_rtp(struct tp_wire *wire, int64_t now_ns, struct tp_datagram *d,
			struct tp_packet *slot, int in_hand)
{
	struct tp_rtp rtp;

	if (d->len < TP_RTP_HEADER) {
		wire->malformed++;
		return false;
	}
	if (is_own(wire, d->data + RTP_SSRC))
		return false;
	if (wire->srtp &&
	    !pass_srtp(wire, d, tp_srtp_unprotect(wire->srtp, now_ns, d->data, &d->len)))
		return false;
	if (tp_rtp_parse(&rtp, d->data, d->len)) {
		wire->malformed++;
		return false;
	}
	if (!pass_source(wire, now_ns, d, &rtp) || !pass_ssrc(wire, now_ns, &rtp) ||
	    tp_reception_packet(&wire->reception, rtp.seq) == TP_RECEPTION_DUPLICATE ||
	    !pass_type(wire, d, &rtp))
		return false;
	note_media(wire, now_ns);
	return pass_on(wire, d, &rtp, slot, in_hand);
}

/* Rounded up: a little loss is not none. */
static uint32_t percent_lost(const struct tp_rtcp_block *block)
{
	return (block->fraction_lost * 100u + 255) / 256;
}

static void note_rtcp(struct tp_wire *wire, const struct tp_rtcp *rtcp, int64_t arrival_ns)
{
	const struct tp_reception *reception = &wire->reception;

	if (reception->started && rtcp->ssrc != reception->ssrc) {
		wire->wrong_source++;
		return;
	}
	tp_reports_heard(&wire->reports, rtcp, arrival_ns, wire->config.send_clock_hz);
	if (rtcp->has_block && wire->setup.peer_loss)
		atomic_store_explicit(wire->setup.peer_loss,
				      wire->reports.received << 8 | percent_lost(&rtcp->block),
				      memory_order_relaxed);
	if (rtcp->has_bye && rtcp->bye_ssrc == rtcp->ssrc && !wire->bye_heard) {
		wire->bye_heard = true;
		emit(wire, TP_EVENT_BYE, 0);
	}
}

static void receive_rtcp(struct tp_wire *wire, int64_t now_ns, struct tp_datagram *d)
{
	struct tp_rtcp rtcp;

	if (d->len < RTCP_LEAST) {
		wire->reports.malformed++;
		return;
	}
	if (is_own(wire, d->data + RTCP_SSRC))
		return;
	if (wire->srtp &&
	    !pass_srtp(wire, d, tp_srtp_unprotect_rtcp(wire->srtp, now_ns, d->data, &d->len)))
		return;
	if (!tp_source_judge_rtcp(&wire->source, &d->from, wire->srtp != NULL)) {
		wire->wrong_source++;
		return;
	}
	if (tp_rtcp_parse(&rtcp, d->data, d->len, wire->setup.ssrc)) {
		wire->reports.malformed++;
		return;
	}
	note_rtcp(wire, &rtcp, d->stamp_ns);
}

/* True if the slot went to the audio side. */
static bool receive_datagram(struct tp_wire *wire, int64_t now_ns, struct tp_datagram *d,
			     struct tp_packet *slot, int in_hand)
{
	bool rtcp = d->component == TP_RTCP || tp_rtp_is_rtcp(d->data, d->len);

	if (!wire->configured)
		return false;
	if (!rtcp && !wire->srtp && !tp_source_open(&wire->source, now_ns, &d->from)) {
		wire->wrong_source++;
		return false;
	}
	if (d->len > d->cap) {
		wire->malformed++;
		return false;
	}
	if (!rtcp)
		return receive_rtp(wire, now_ns, d, slot, in_hand);
	receive_rtcp(wire, now_ns, d);
	return false;
}

/* ---- Batches ---- */

/* Takes one batch; returns how many came, *more: whether others may wait. */
static int receive_batch(struct tp_wire *wire, int64_t now_ns, bool *more)
{
	const struct tp_transport *transport = &wire->setup.transport;
	struct tp_datagram batch[TP_WIRE_BATCH];
	struct tp_packet *slot[TP_WIRE_BATCH];
	int n = wire->free_n < TP_WIRE_BATCH ? wire->free_n : TP_WIRE_BATCH;
	int got, in_hand = n;

	for (int i = 0; i < n; i++) {
		slot[i] = take_slot(wire);
		batch[i] = (struct tp_datagram){.data = slot[i]->data, .cap = TP_DATAGRAM_MAX};
	}
	got = transport->ops->receive(transport->state, now_ns, batch, n);
	for (int i = 0; i < n; i++) {
		if (i >= got || !receive_datagram(wire, now_ns, &batch[i], slot[i], in_hand))
			give_slot(wire, slot[i]);
		in_hand--;
	}
	*more = got == n;
	return got > 0 ? got : 0;
}

int tp_wire_receive(struct tp_wire *wire, int64_t now_ns)
{
	int total = 0;

	recycle(wire);
	wire->backlog = true;
	for (int i = 0; wire->backlog && i < TP_WIRE_BATCHES; i++)
		total += receive_batch(wire, now_ns, &wire->backlog);
	return total;
}
