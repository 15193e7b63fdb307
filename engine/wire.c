/* SPDX-License-Identifier: MIT */
/* One session's wire side: set-up, configuration, statistics. */
#include "wire.h"

#include "address.h"

#include <string.h>

/* Whether the transport carries RTCP on RTP's port. */
static bool shares_port(const struct tp_transport *transport)
{
	struct tp_address rtp, rtcp;

	return !transport->ops->local(transport->state, TP_RTP, &rtp) &&
	       !transport->ops->local(transport->state, TP_RTCP, &rtcp) &&
	       tp_address_equal(&rtp, &rtcp);
}

void tp_wire_init(struct tp_wire *wire, const struct tp_wire_setup *setup)
{
	memset(wire, 0, sizeof(*wire));
	wire->setup = *setup;
	strncpy(wire->cname, setup->cname, sizeof(wire->cname) - 1);
	wire->setup.cname = wire->cname;
	tp_random_init(&wire->random, setup->seed, setup->stream);
	for (int i = 0; i < setup->slots_n; i++)
		setup->free[wire->free_n++] = &setup->slots[i];
	tp_source_init(&wire->source, shares_port(&setup->transport));
	tp_reports_init(&wire->reports);
	wire->former_ns = INT64_MIN;
	wire->next_seq = setup->seq;
	wire->timestamp = setup->timestamp;
	wire->timestamp_ns = wire->rtp_ns = INT64_MIN;
}

/* Puts fresh contexts in the place of the ones in use; returns what control must destroy. */
static struct tp_srtp *adopt(struct tp_wire *wire, struct tp_srtp *fresh, int64_t now_ns)
{
	struct tp_srtp *current = wire->srtp;

	if (current && fresh)
		return tp_srtp_adopt(current, fresh, now_ns);
	wire->srtp = fresh;
	return current;
}

struct tp_srtp *tp_wire_configure(struct tp_wire *wire, int64_t now_ns,
				  const struct tp_wire_config *config)
{
	struct tp_srtp *unused = adopt(wire, config->srtp, now_ns);
	bool received = wire->configured && wire->config.flow & TP_RECVONLY;

	if (!received)
		wire->media_ns = now_ns;
	if (!wire->configured)
		wire->kept_alive_ns = now_ns;
	wire->config = *config;
	wire->config.srtp = NULL;
	wire->configured = true;
	tp_source_signal(&wire->source, now_ns, &config->remote, &config->remote_rtcp);
	tp_reports_interval(&wire->reports, &wire->random, now_ns, config->rtcp_interval_ms);
	return unused;
}

void tp_wire_resync(struct tp_wire *wire, int64_t now_ns)
{
	tp_source_resync(&wire->source, now_ns);
	/* The stream that begins next may have any number of any SSRC. */
	tp_reception_end(&wire->reception);
	wire->former_ns = INT64_MIN;
	wire->bye_heard = false;
	if (wire->srtp)
		tp_srtp_resync(wire->srtp);
}

struct tp_srtp *tp_wire_close(struct tp_wire *wire, int64_t now_ns)
{
	struct tp_srtp *srtp = wire->srtp;

	if (wire->configured && wire->config.rtcp_interval_ms)
		tp_wire_report(wire, now_ns, true);
	wire->configured = false;
	wire->srtp = NULL;
	return srtp;
}

int64_t tp_wire_due_ns(const struct tp_wire *wire)
{
	int64_t due[] = {
		tp_wire_report_ns(wire),
		tp_wire_keepalive_ns(wire),
		tp_wire_silence_ns(wire),
	};
	int64_t first = wire->backlog ? INT64_MIN : INT64_MAX;

	for (size_t i = 0; i < sizeof(due) / sizeof(due[0]); i++)
		if (due[i] < first)
			first = due[i];
	return first;
}

void tp_wire_stats(const struct tp_wire *wire, struct tp_session_stats *stats)
{
	const struct tp_reception *reception = &wire->reception;
	const struct tp_reports *reports = &wire->reports;

	stats->ssrc = wire->setup.ssrc;
	stats->remote_ssrc = reception->ssrc;
	stats->remote = tp_source_destination(&wire->source);
	stats->receive.packets = wire->received_packets;
	stats->receive.octets = wire->received_octets;
	stats->receive.lost = tp_reception_lost(reception);
	stats->receive.duplicate = reception->duplicate;
	stats->receive.reordered = reception->reordered;
	stats->receive.jitter_ms = tp_reception_jitter_ms(reception);
	stats->receive.wrong_source = wire->wrong_source;
	stats->receive.wrong_payload_type = wire->wrong_payload_type;
	stats->receive.malformed = wire->malformed;
	stats->receive.overflow = wire->overflow;
	stats->receive.own_ssrc = wire->own_ssrc;
	stats->receive.source_moves = wire->source_moves;
	stats->receive.ssrc_changes = wire->ssrc_changes;
	stats->srtp.failed_auth = wire->failed_auth;
	stats->srtp.replayed = wire->replayed;
	stats->srtp.failed_other = wire->failed_other;
	stats->srtp.send_failed = wire->protect_failed;
	stats->send.packets = wire->sent_packets;
	stats->send.octets = wire->sent_octets;
	stats->send.failed = wire->send_failed;
	stats->rtcp.sent = reports->sent;
	stats->rtcp.received = reports->received;
	stats->rtcp.malformed = reports->malformed;
	stats->rtcp.round_trip_ms = reports->round_trip_ms;
	stats->rtcp.remote_loss_percent = reports->remote_loss_percent;
	stats->rtcp.remote_jitter_ms = reports->remote_jitter_ms;
	stats->rtcp.remote_lost = reports->remote_lost;
}
