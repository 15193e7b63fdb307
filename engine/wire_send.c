/* SPDX-License-Identifier: MIT */
/* One session's wire side: tx ring -> number -> protect -> transport; reports, keep-alive,
 * silence. */
#include "wire.h"

#include "octets.h"
#include "rtp.h"

#include <string.h>

enum {
	MS = 1000 * 1000,
	RTP_SEQ = 2, /* offset in the header */
	PT_HIGHEST = 127,
};

/* The timestamp that media sent now would have: that of the last packet moved on. A packet is
 * handed over when its last sample is there, so this is late by one packet, always the same. */
static uint32_t timestamp_at(const struct tp_wire *wire, int64_t now_ns)
{
	int64_t since_ns;

	if (wire->timestamp_ns == INT64_MIN)
		return wire->timestamp;
	since_ns = now_ns - wire->timestamp_ns;
	return wire->timestamp + (uint32_t)(since_ns / 1000 * wire->config.send_clock_hz / 1000000);
}

/* Protects and sends a packet whose header lacks nothing but the number. */
static bool send_rtp(struct tp_wire *wire, int64_t now_ns, uint8_t *data, size_t len, size_t cap,
		     size_t payload_len)
{
	const struct tp_transport *transport = &wire->setup.transport;
	struct tp_address to = tp_source_destination(&wire->source);

	tp_octets_put16(data + RTP_SEQ, wire->next_seq);
	if (wire->srtp && tp_srtp_protect(wire->srtp, data, &len, cap)) {
		wire->protect_failed++;
		return false;
	}
	/* Protected under this number, sent or not: it is used up. */
	wire->next_seq++;
	wire->kept_alive_ns = now_ns;
	if (transport->ops->send(transport->state, now_ns, TP_RTP, &to, data, len) < 0) {
		wire->send_failed++;
		return false;
	}
	wire->rtp_ns = now_ns;
	wire->sent_packets++;
	wire->sent_octets += payload_len;
	return true;
}

static bool has_destination(const struct tp_wire *wire)
{
	return wire->configured && tp_source_destination(&wire->source).family;
}

static bool send_packet(struct tp_wire *wire, int64_t now_ns, struct tp_packet *packet)
{
	if (!has_destination(wire) || !(wire->config.flow & TP_SENDONLY))
		return false;
	wire->timestamp = packet->timestamp;
	wire->timestamp_ns = packet->stamp_ns;
	packet->seq = wire->next_seq;
	return send_rtp(wire, now_ns, packet->data, packet->len, sizeof(packet->data),
			packet->payload_len);
}

/* ---- Reports ---- */

void tp_wire_report(struct tp_wire *wire, int64_t now_ns, bool bye)
{
	const struct tp_transport *transport = &wire->setup.transport;
	struct tp_address to = tp_source_destination_rtcp(&wire->source);
	_Alignas(4) uint8_t data[TP_RTCP_MAX + TP_SRTP_TRAILER_MAX];
	struct tp_rtcp rtcp = {.ssrc = wire->setup.ssrc, .has_bye = bye};
	size_t len;

	if (!to.family)
		return;
	/* A sender is who sent since its last report but one (RFC 3550 6.3.8). */
	rtcp.has_sender =
		wire->rtp_ns != INT64_MIN && now_ns - wire->rtp_ns <= 2 * wire->reports.mean_ns;
	rtcp.sender.ntp = tp_rtcp_ntp(now_ns);
	rtcp.sender.timestamp = timestamp_at(wire, now_ns);
	rtcp.sender.packets = (uint32_t)wire->sent_packets;
	rtcp.sender.octets = (uint32_t)wire->sent_octets;
	rtcp.has_block = wire->reception.started;
	if (rtcp.has_block) {
		tp_reception_report(&wire->reception, &rtcp.block);
		tp_reports_reference(&wire->reports, &rtcp.block, now_ns);
	}
	memcpy(rtcp.cname, wire->cname, sizeof(wire->cname));
	len = tp_rtcp_write(data, &rtcp);
	if (wire->srtp && tp_srtp_protect_rtcp(wire->srtp, data, &len, sizeof(data))) {
		wire->protect_failed++;
		return;
	}
	if (transport->ops->send(transport->state, now_ns, TP_RTCP, &to, data, len) < 0) {
		wire->send_failed++;
		return;
	}
	wire->reports.sent++;
	if (wire->source.mux)
		wire->kept_alive_ns = now_ns;
}

int64_t tp_wire_report_ns(const struct tp_wire *wire)
{
	if (!wire->configured || !tp_source_destination_rtcp(&wire->source).family)
		return INT64_MAX;
	return wire->reports.due_ns;
}

/* ---- Keep-alive ---- */

/* A dynamic payload type that neither side uses (RFC 6263 4.6). */
static uint8_t unused_type(const struct tp_wire_config *config)
{
	uint8_t pt = PT_HIGHEST;

	while (pt > 96 && (config->clock_hz[pt] || pt == config->send_pt))
		pt--;
	return pt;
}

/* RTCP on the same port is the better keep-alive (RFC 6263 5): the peer hears something of use. */
static void keep_alive(struct tp_wire *wire, int64_t now_ns)
{
	_Alignas(4) uint8_t data[TP_RTP_HEADER + TP_SRTP_TRAILER_MAX];
	struct tp_rtp rtp = {
		.pt = unused_type(&wire->config),
		.timestamp = timestamp_at(wire, now_ns),
		.ssrc = wire->setup.ssrc,
	};

	wire->kept_alive_ns = now_ns;
	if (wire->source.mux && wire->config.rtcp_interval_ms) {
		tp_wire_report(wire, now_ns, false);
		return;
	}
	tp_rtp_write(data, &rtp);
	send_rtp(wire, now_ns, data, TP_RTP_HEADER, sizeof(data), 0);
}

int64_t tp_wire_keepalive_ns(const struct tp_wire *wire)
{
	if (!has_destination(wire))
		return INT64_MAX;
	return wire->kept_alive_ns + (int64_t)TP_WIRE_KEEPALIVE_MS * MS;
}

/* ---- The turn ---- */

int64_t tp_wire_silence_ns(const struct tp_wire *wire)
{
	if (!wire->configured || wire->media != TP_WIRE_MEDIA_FLOWS ||
	    !(wire->config.flow & TP_RECVONLY))
		return INT64_MAX;
	return wire->media_ns + (int64_t)TP_WIRE_SILENCE_MS * MS;
}

static void check_silence(struct tp_wire *wire, int64_t now_ns)
{
	if (now_ns < tp_wire_silence_ns(wire))
		return;
	wire->media = TP_WIRE_MEDIA_SILENT;
	wire->setup.event(wire->setup.context, TP_EVENT_MEDIA_SILENT,
			  (uint32_t)((now_ns - wire->media_ns) / MS));
}

int tp_wire_send(struct tp_wire *wire, int64_t now_ns)
{
	struct tp_packet *packet;
	int sent = 0;

	while ((packet = tp_ring_pop(wire->setup.tx))) {
		bool went = send_packet(wire, now_ns, packet);

		sent += went;
		packet->stamp_ns = went ? now_ns : 0;
		/* Cannot fail: the ring holds all slots that there are. */
		(void)tp_ring_push(wire->setup.tx_back, packet);
	}
	if (now_ns >= tp_wire_report_ns(wire)) {
		tp_reports_sent(&wire->reports, &wire->random, now_ns);
		tp_wire_report(wire, now_ns, false);
	}
	if (now_ns >= tp_wire_keepalive_ns(wire))
		keep_alive(wire, now_ns);
	check_silence(wire, now_ns);
	return sent;
}
