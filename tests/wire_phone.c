/* SPDX-License-Identifier: MIT */
/* A wire side with a stand-in for its audio side: numbered packets out, a record of what came
 * in. */
#include "wire_phone.h"

#include "engine/octets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MS = 1000 * 1000,
	STEP_MS = 10,
};

static void note(void *context, enum tp_event_kind kind, uint32_t value)
{
	struct wire_phone *phone = context;

	if (phone->events_n == WIRE_PHONE_EVENTS)
		abort();
	phone->event[phone->events_n++] = (struct tp_event){
		.kind = kind,
		.time_ns = phone->now_ns,
		.value = value,
	};
}

void wire_phone_open(struct wire_phone *phone, struct fake_network *net, const char *address,
		     bool mux, uint32_t ssrc)
{
	struct tp_wire_setup setup = {
		.rx = &phone->rx,
		.rx_back = &phone->rx_back,
		.tx = &phone->tx,
		.tx_back = &phone->tx_back,
		.slots = phone->slot,
		.free = phone->free,
		.slots_n = WIRE_PHONE_SLOTS,
		.ssrc = ssrc,
		.seq = 100,
		.timestamp = 5000,
		.cname = "phone@test",
		.seed = ssrc,
		.event = note,
		.context = phone,
	};

	memset(phone, 0, sizeof(*phone));
	phone->transport = setup.transport = fake_network_open(net, address, mux);
	tp_ring_init(&phone->rx, phone->rx_cell, WIRE_PHONE_SLOTS);
	tp_ring_init(&phone->rx_back, phone->rx_back_cell, WIRE_PHONE_SLOTS);
	tp_ring_init(&phone->tx, phone->tx_cell, WIRE_PHONE_TX_SLOTS);
	tp_ring_init(&phone->tx_back, phone->tx_back_cell, WIRE_PHONE_TX_SLOTS);
	for (int i = 0; i < WIRE_PHONE_TX_SLOTS; i++)
		tp_ring_push(&phone->tx_back, &phone->tx_slot[i]);
	phone->ssrc = ssrc;
	phone->timestamp = setup.timestamp;
	tp_wire_init(&phone->wire, &setup);
}

struct tp_wire_config wire_phone_config(const char *remote)
{
	struct tp_wire_config config = {
		.flow = TP_SENDRECV,
		.send_pt = 0,
		.send_clock_hz = 8000,
		.rtcp_interval_ms = 5000,
	};

	config.clock_hz[0] = config.clock_hz[13] = config.clock_hz[101] = 8000;
	if (remote && tp_address_parse(&config.remote, remote))
		abort();
	return config;
}

void wire_phone_configure(struct wire_phone *phone, int64_t now_ns,
			  const struct tp_wire_config *config)
{
	phone->config = *config;
	tp_srtp_destroy(tp_wire_configure(&phone->wire, now_ns, config));
}

void wire_phone_flow(struct wire_phone *phone, int64_t ms, enum tp_flow flow)
{
	struct tp_wire_config config = phone->config;

	config.flow = flow;
	wire_phone_configure(phone, ms * MS, &config);
}

void wire_phone_connect(struct wire_phone *a, const char *address_a, struct wire_phone *b,
			const char *address_b, int64_t ms)
{
	struct tp_wire_config to_a = wire_phone_config(address_a);
	struct tp_wire_config to_b = wire_phone_config(address_b);

	wire_phone_configure(a, ms * MS, &to_b);
	wire_phone_configure(b, ms * MS, &to_a);
	a->talks = b->talks = true;
}

struct tp_srtp *wire_phone_srtp(enum tp_srtp_suite suite, int send_key, int receive_key,
				uint32_t ssrc)
{
	struct tp_srtp_key send = {.suite = suite}, receive = {.suite = suite};
	struct tp_srtp *srtp;

	for (int i = 0; i < TP_SRTP_KEY_MAX; i++) {
		send.key[i] = (uint8_t)(send_key * 7 + i);
		receive.key[i] = (uint8_t)(receive_key * 7 + i);
	}
	if (tp_srtp_create(&srtp, &send, &receive, send_key == receive_key, ssrc)) {
		fprintf(stderr, "%s\n", tp_error_detail());
		abort();
	}
	return srtp;
}

/* ---- The audio side's stand-in ---- */

static void fill(uint8_t *payload, uint32_t number)
{
	tp_octets_put32(payload, number);
	for (int i = 4; i < WIRE_PHONE_PAYLOAD; i++)
		payload[i] = (uint8_t)(number * 31 + (uint32_t)i * 7);
}

size_t wire_phone_packet(uint8_t data[TP_RTP_HEADER + WIRE_PHONE_PAYLOAD], uint8_t pt, uint16_t seq,
			 uint32_t timestamp, uint32_t ssrc, uint32_t number)
{
	struct tp_rtp rtp = {.pt = pt, .seq = seq, .timestamp = timestamp, .ssrc = ssrc};

	tp_rtp_write(data, &rtp);
	fill(data + TP_RTP_HEADER, number);
	return TP_RTP_HEADER + WIRE_PHONE_PAYLOAD;
}

static void talk(struct wire_phone *phone, int64_t now_ns)
{
	struct tp_packet *p;

	if (now_ns < phone->next_ns)
		return;
	phone->next_ns = now_ns + (int64_t)WIRE_PHONE_PTIME_MS * MS;
	phone->timestamp += WIRE_PHONE_PAYLOAD;
	if (!phone->talks)
		return;
	p = tp_ring_pop(&phone->tx_back);
	if (!p)
		abort();
	p->stamp_ns = now_ns;
	p->timestamp = phone->timestamp;
	p->ssrc = phone->ssrc;
	p->pt = phone->pt;
	p->payload = TP_RTP_HEADER;
	p->payload_len = WIRE_PHONE_PAYLOAD;
	p->len = (uint16_t)wire_phone_packet(p->data, phone->pt, 0, phone->timestamp, phone->ssrc,
					     phone->number++);
	tp_ring_push(&phone->tx, p);
}

static void hear(struct wire_phone *phone, const struct tp_packet *p, int64_t now_ns)
{
	uint8_t wanted[WIRE_PHONE_PAYLOAD];
	uint32_t number = tp_octets_get32(p->data + p->payload);

	fill(wanted, number);
	if (p->payload_len != sizeof(wanted) ||
	    memcmp(p->data + p->payload, wanted, sizeof(wanted)) != 0) {
		phone->damaged++;
		return;
	}
	phone->backwards += phone->heard && number <= phone->heard_number;
	phone->heard++;
	phone->heard_number = number;
	phone->heard_ns = now_ns;
	phone->last = *p;
}

static void listen_to(struct wire_phone *phone, int64_t now_ns)
{
	struct tp_packet *p;

	while (!phone->asleep && (p = tp_ring_pop(&phone->rx))) {
		hear(phone, p, now_ns);
		tp_ring_push(&phone->rx_back, p);
	}
}

void wire_phone_step(struct wire_phone *phone, int64_t now_ns)
{
	phone->now_ns = now_ns;
	talk(phone, now_ns);
	phone->sent += tp_wire_send(&phone->wire, now_ns);
	tp_wire_receive(&phone->wire, now_ns);
	listen_to(phone, now_ns);
}

void wire_phone_run(struct wire_phone *a, struct wire_phone *b, int64_t from_ms, int64_t to_ms)
{
	for (int64_t ms = from_ms; ms < to_ms; ms += STEP_MS) {
		wire_phone_step(a, ms * MS);
		if (b)
			wire_phone_step(b, ms * MS);
	}
}

int wire_phone_events(const struct wire_phone *phone, enum tp_event_kind kind)
{
	int n = 0;

	for (int i = 0; i < phone->events_n; i++)
		n += phone->event[i].kind == kind;
	return n;
}

struct tp_session_stats wire_phone_stats(const struct wire_phone *phone)
{
	struct tp_session_stats stats = {0};

	tp_wire_stats(&phone->wire, &stats);
	return stats;
}

void wire_phone_close(struct wire_phone *phone)
{
	tp_srtp_destroy(tp_wire_close(&phone->wire, phone->now_ns));
	phone->transport.ops->close(phone->transport.state);
}
