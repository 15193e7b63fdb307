/* SPDX-License-Identifier: MIT */
/* A transport that hands out a recorded stream, each packet when its time has come. */
#include "recorded.h"

#include "engine/rtp.h"

#include <string.h>

enum {
	FLOWS_MAX = 64, /* pairs of ports that are looked at; a capture of a call has few */
	ROW = 3, /* RTP packets in a row that make a stream */
};

/* Stamps below this, a year, count from a zero of their own; above it they are calendar time. */
static const int64_t calendar_ns = INT64_C(365) * 24 * 3600 * 1000000000;

/* A pair of ports under examination. */
struct flow {
	struct tp_address from, to;
	struct tp_format format; /* of its first known packet */
	int64_t first_ns; /* its stamp */
	uint32_t ssrc;
	uint16_t seq;
	int row;
};

struct search {
	struct flow flows[FLOWS_MAX];
	int n;
	int unknown_pt; /* of the first RTP packet of a type that is not in the map; -1: none */
};

static struct flow *find_flow(struct search *search, const struct tp_packetfile_packet *packet)
{
	struct flow *flow = search->flows;

	for (int i = 0; i < search->n; i++, flow++)
		if (tp_address_equal(&flow->from, &packet->from) &&
		    tp_address_equal(&flow->to, &packet->to))
			return flow;
	if (search->n == FLOWS_MAX)
		return NULL;
	memset(flow, 0, sizeof(*flow));
	flow->from = packet->from;
	flow->to = packet->to;
	search->n++;
	return flow;
}

static bool is_rtp(struct tp_rtp *rtp, const struct tp_packetfile_packet *packet)
{
	return packet->len <= TP_DATAGRAM_MAX && !tp_rtp_is_rtcp(packet->data, packet->len) &&
	       tp_rtp_parse(rtp, packet->data, packet->len) == 0;
}

/* The flow that this packet makes a stream, or NULL. */
static struct flow *examine(struct search *search, const struct tp_packetfile_packet *packet,
			    const struct tp_formats *formats)
{
	const struct tp_format *format;
	struct flow *flow;
	struct tp_rtp rtp;
	int16_t step;

	if (!is_rtp(&rtp, packet))
		return NULL;
	format = tp_formats_find(formats, rtp.pt);
	if (!format) {
		if (search->unknown_pt < 0)
			search->unknown_pt = rtp.pt;
		return NULL;
	}
	flow = tp_formats_is_codec(format) ? find_flow(search, packet) : NULL;
	if (!flow)
		return NULL;
	step = tp_rtp_seq_diff(rtp.seq, flow->seq);
	if (!flow->row) {
		flow->format = *format;
		flow->first_ns = packet->stamp_ns;
	}
	flow->row =
		flow->row && flow->ssrc == rtp.ssrc && step > -16 && step < 64 ? flow->row + 1 : 1;
	flow->ssrc = rtp.ssrc;
	flow->seq = rtp.seq;
	return flow->row == ROW ? flow : NULL;
}

static int fail_none(const struct search *search, int got)
{
	if (search->unknown_pt >= 0)
		return tp_fail(TP_ERR_UNSUPPORTED,
			       "the recording has RTP of payload type %d, which is not known here; "
			       "--pt %d=CODEC says what it is",
			       search->unknown_pt, search->unknown_pt);
	return got < 0 ? got : tp_fail(TP_ERR_FORMAT, "the recording has no RTP stream in it");
}

int tp_recorded_find(struct tp_recorded *recorded, struct tp_packetfile *file,
		     const struct tp_formats *formats)
{
	struct search search = {.unknown_pt = -1};
	struct tp_packetfile_packet packet;
	const struct flow *flow = NULL;
	int got = 0;

	memset(recorded, 0, sizeof(*recorded));
	while (!flow && (got = tp_packetfile_next(file, &packet)) == 1)
		flow = examine(&search, &packet, formats);
	for (int i = 0; !flow && i < search.n; i++)
		if (search.flows[i].row)
			flow = &search.flows[i];
	tp_packetfile_rewind(file);
	if (!flow)
		return fail_none(&search, got);
	recorded->file = file;
	recorded->from = flow->from;
	recorded->to = flow->to;
	recorded->format = flow->format;
	recorded->first_ns = flow->first_ns >= calendar_ns ? flow->first_ns : 0;
	return 0;
}

/* ---- The transport -------------------------------------------------------------------------- */

/* The next packet of the stream into `pending`. */
static void look(struct tp_recorded *recorded)
{
	struct tp_packetfile_packet *packet = &recorded->pending;
	int got;

	while (!recorded->has_pending && !recorded->ended) {
		got = tp_packetfile_next(recorded->file, packet);
		if (got != 1) {
			recorded->ended = true;
			recorded->error = got;
		} else if (packet->len <= TP_DATAGRAM_MAX &&
			   tp_address_equal(&packet->from, &recorded->from) &&
			   tp_address_equal(&packet->to, &recorded->to) &&
			   !tp_rtp_is_rtcp(packet->data, packet->len)) {
			recorded->has_pending = true;
		}
	}
	/* Captures may have stamps out of order; time does not go back. */
	recorded->pending_ns = packet->stamp_ns - recorded->first_ns;
	if (recorded->pending_ns < recorded->last_ns)
		recorded->pending_ns = recorded->last_ns;
}

static int receive(void *state, int64_t now_ns, struct tp_datagram *batch, int n)
{
	struct tp_recorded *recorded = state;
	const struct tp_packetfile_packet *packet = &recorded->pending;
	int got = 0;

	while (got < n) {
		look(recorded);
		if (!recorded->has_pending || recorded->zero_ns + recorded->pending_ns > now_ns)
			break;
		recorded->has_pending = false;
		recorded->last_ns = recorded->pending_ns;
		recorded->packets++;
		if (packet->len > batch[got].cap)
			continue;
		memcpy(batch[got].data, packet->data, packet->len);
		batch[got].len = packet->len;
		batch[got].stamp_ns = recorded->zero_ns + recorded->pending_ns;
		batch[got].component = TP_RTP;
		tp_recorded_source(&batch[got++].from);
	}
	return got;
}

static int send_nowhere(void *state, int64_t now_ns, enum tp_component component,
			const struct tp_address *to, const uint8_t *data, size_t len)
{
	(void)state, (void)now_ns, (void)component, (void)to, (void)data, (void)len;
	return 0;
}

static int descriptors(void *state, int fd[2])
{
	(void)state;
	fd[0] = fd[1] = -1;
	return 0;
}

static int local(void *state, enum tp_component component, struct tp_address *address)
{
	(void)state;
	tp_recorded_source(address);
	address->port = (uint16_t)(address->port + (component == TP_RTCP));
	return 0;
}

static void close_nothing(void *state)
{
	(void)state;
}

static const struct tp_transport_ops ops = {
	.receive = receive,
	.send = send_nowhere,
	.descriptors = descriptors,
	.local = local,
	.close = close_nothing,
};

void tp_recorded_transport(struct tp_transport *transport, struct tp_recorded *recorded)
{
	transport->ops = &ops;
	transport->state = recorded;
}

void tp_recorded_source(struct tp_address *address)
{
	*address = (struct tp_address){.family = 4, .ip = {192, 0, 2, 1}, .port = 5004};
}
