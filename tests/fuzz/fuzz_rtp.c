/* SPDX-License-Identifier: MIT */
/* Fuzz target: datagrams of any content and origin into the wire side of a plain session. */
#include "engine/wire.h"

#include <stdlib.h>
#include <string.h>

/* The input is a list of datagrams: a control octet, a length octet, and so many octets. Control:
 * bit 0 RTCP's port, bits 1-2 which of four sources, bits 3-4 how many steps of 40 ms pass before,
 * bit 5 the audio side wakes up, bit 6 signalling opens the window, bit 7 it resyncs. */

enum {
	MS = 1000 * 1000,
	SLOTS = 16,
};

struct input {
	const uint8_t *data;
	size_t len;
	const uint8_t *next; /* what the transport delivers next; NULL: nothing */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int fuzz_receive(void *state, int64_t now_ns, struct tp_datagram *batch, int n)
{
	struct input *input = state;
	const uint8_t *p = input->next;

	if (!p || n < 1)
		return 0;
	batch->len = p[1];
	/* The longest stands for one that was cut. */
	if (batch->len == 255)
		batch->len = batch->cap + 1;
	memset(batch->data, 0, batch->cap);
	memcpy(batch->data, p + 2, p[1]);
	batch->stamp_ns = now_ns;
	batch->component = p[0] & 1 ? TP_RTCP : TP_RTP;
	batch->from.family = 4;
	batch->from.ip[3] = (p[0] & 6) == 6 ? 2 : 1;
	batch->from.port = (uint16_t)(4000 + (p[0] & 6) + (p[0] & 1));
	input->next = NULL;
	return 1;
}

static int fuzz_send(void *state, int64_t now_ns, enum tp_component component,
		     const struct tp_address *to, const uint8_t *data, size_t len)
{
	(void)state, (void)now_ns, (void)component, (void)data;
	if (!to->family || len < 8)
		abort();
	return 0;
}

static int fuzz_local(void *state, enum tp_component component, struct tp_address *address)
{
	(void)state;
	*address = (struct tp_address){.family = 4, .port = component == TP_RTCP ? 5001 : 5000};
	return 0;
}

static const struct tp_transport_ops fuzz_ops = {
	.receive = fuzz_receive,
	.send = fuzz_send,
	.local = fuzz_local,
};

static void ignore(void *context, enum tp_event_kind kind, uint32_t value)
{
	(void)context, (void)kind, (void)value;
}

/* What the audio side is given must lie within its slot. */
static void drain(struct tp_ring *rx, struct tp_ring *rx_back)
{
	struct tp_packet *p;

	while ((p = tp_ring_pop(rx))) {
		if (!p->payload_len || p->payload + p->payload_len > p->len ||
		    p->len > TP_DATAGRAM_MAX)
			abort();
		tp_ring_push(rx_back, p);
	}
}

static void turn(struct tp_wire *wire, struct input *input, int64_t *now_ns)
{
	static const struct tp_address none;
	struct tp_session_stats stats = {0};
	uint8_t control = input->data[0];

	*now_ns += (control >> 3 & 3) * 40 * (int64_t)MS;
	if (control & 0x40)
		tp_source_signal(&wire->source, *now_ns, &wire->config.remote, &none);
	if (control & 0x80)
		tp_wire_resync(wire, *now_ns);
	input->next = input->data;
	tp_wire_receive(wire, *now_ns);
	tp_wire_send(wire, *now_ns);
	if (control & 0x20)
		drain(wire->setup.rx, wire->setup.rx_back);
	tp_wire_stats(wire, &stats);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct tp_packet slot[SLOTS], *free_slot[SLOTS];
	static void *cell[4][SLOTS];
	static struct tp_ring ring[4];
	static struct tp_wire wire;
	struct input input = {.data = data, .len = len};
	struct tp_wire_setup setup = {
		.transport = {.ops = &fuzz_ops, .state = &input},
		.rx = &ring[0],
		.rx_back = &ring[1],
		.tx = &ring[2],
		.tx_back = &ring[3],
		.slots = slot,
		.free = free_slot,
		.slots_n = SLOTS,
		.ssrc = 0x01020304,
		.cname = "fuzz",
		.event = ignore,
	};
	struct tp_wire_config config = {
		.remote = {.family = 4, .ip = {[3] = 1}, .port = 4000},
		.flow = TP_SENDRECV,
		.clock_hz = {[0] = 8000, [101] = 48000},
		.send_clock_hz = 8000,
		.rtcp_interval_ms = 100,
	};
	int64_t now_ns = 0;
	struct tp_rtp rtp;

	/* In the fuzzer's own memory, where a sanitizer sees the end. */
	if (!tp_rtp_parse(&rtp, data, len) && (size_t)rtp.payload + rtp.payload_len > len)
		abort();
	for (int i = 0; i < 4; i++)
		tp_ring_init(&ring[i], cell[i], SLOTS);
	tp_wire_init(&wire, &setup);
	tp_srtp_destroy(tp_wire_configure(&wire, now_ns, &config));
	while (input.len >= 2 && input.len - 2 >= input.data[1]) {
		turn(&wire, &input, &now_ns);
		input.len -= 2u + input.data[1];
		input.data += 2 + input.data[1];
	}
	tp_srtp_destroy(tp_wire_close(&wire, now_ns));
	return 0;
}
