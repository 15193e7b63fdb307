/* SPDX-License-Identifier: MIT */
/* A wire side with a stand-in for its audio side: numbered packets out, a record of what came
 * in. */
#ifndef WIRE_PHONE_H
#define WIRE_PHONE_H

#include "engine/wire.h"
#include "fake_network.h"

enum {
	WIRE_PHONE_SLOTS = 64,
	WIRE_PHONE_TX_SLOTS = 16,
	WIRE_PHONE_EVENTS = 64,
	WIRE_PHONE_PAYLOAD = 160,
	WIRE_PHONE_PTIME_MS = 20,
};

struct wire_phone {
	struct tp_wire wire;
	struct tp_wire_config config; /* as configured last */
	struct tp_transport transport;
	struct tp_ring rx, rx_back, tx, tx_back;
	void *rx_cell[WIRE_PHONE_SLOTS], *rx_back_cell[WIRE_PHONE_SLOTS];
	void *tx_cell[WIRE_PHONE_TX_SLOTS], *tx_back_cell[WIRE_PHONE_TX_SLOTS];
	struct tp_packet slot[WIRE_PHONE_SLOTS], *free[WIRE_PHONE_SLOTS];
	struct tp_packet tx_slot[WIRE_PHONE_TX_SLOTS];

	/* Talking: a payload of which each octet follows from its number. */
	bool talks;
	uint32_t ssrc, timestamp;
	uint32_t number; /* of the next packet; those that were not sent have one too */
	uint8_t pt;
	int64_t next_ns;
	int sent;

	/* Listening. */
	bool asleep; /* the audio side takes nothing out of the rx ring */
	int heard; /* packets with an intact payload */
	int damaged;
	uint32_t heard_number;
	int backwards; /* whose number did not rise */
	int64_t heard_ns; /* when the last one was heard */
	struct tp_packet last; /* its header fields */

	int events_n;
	struct tp_event event[WIRE_PHONE_EVENTS];
	int64_t now_ns;
};

/* Opens an endpoint there. The phone then still needs configuring. */
void wire_phone_open(struct wire_phone *phone, struct fake_network *net, const char *address,
		     bool mux, uint32_t ssrc);

/* PCMU (0), CN (13) and events (101) both ways, plain, RTCP every 5 s. `remote` NULL: not known. */
struct tp_wire_config wire_phone_config(const char *remote);

/* Configures, and destroys the contexts that come back. */
void wire_phone_configure(struct wire_phone *phone, int64_t now_ns,
			  const struct tp_wire_config *config);

/* The same with another flow. */
void wire_phone_flow(struct wire_phone *phone, int64_t ms, enum tp_flow flow);

/* Tells two phones at these addresses of each other, and lets them talk. */
void wire_phone_connect(struct wire_phone *a, const char *address_a, struct wire_phone *b,
			const char *address_b, int64_t ms);

/* Contexts with keys that follow from two numbers. */
struct tp_srtp *wire_phone_srtp(enum tp_srtp_suite suite, int send_key, int receive_key,
				uint32_t ssrc);

/* One turn of both sides: talks if it is time, sends, receives, listens. */
void wire_phone_step(struct wire_phone *phone, int64_t now_ns);

/* Turns two phones (b may be NULL) every 10 ms from one time up to another. */
void wire_phone_run(struct wire_phone *a, struct wire_phone *b, int64_t from_ms, int64_t to_ms);

/* How many events of a kind there were. */
int wire_phone_events(const struct wire_phone *phone, enum tp_event_kind kind);

struct tp_session_stats wire_phone_stats(const struct wire_phone *phone);

/* Closes wire side and endpoint. */
void wire_phone_close(struct wire_phone *phone);

/* Writes a packet as a talking phone would; returns its length. */
size_t wire_phone_packet(uint8_t data[TP_RTP_HEADER + WIRE_PHONE_PAYLOAD], uint8_t pt, uint16_t seq,
			 uint32_t timestamp, uint32_t ssrc, uint32_t number);

#endif
