/* SPDX-License-Identifier: MIT */
/* The transport seam: datagrams in with source and stamp, datagrams out. UDP is built in. */
#ifndef TALKPATH_TRANSPORT_H
#define TALKPATH_TRANSPORT_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	TP_DATAGRAM_MAX = 1500, /* octets; longer ones are dropped and counted as malformed */
	TP_ADDRESS_TEXT = 64, /* room for "[2001:db8::1%eth0]:65535" with its end */
};

/* An IPv4 or IPv6 address with a port. */
struct tp_address {
	uint8_t family; /* 0: none, 4, 6 */
	uint8_t ip[16]; /* network order; IPv4 uses the first four, the rest 0 */
	uint16_t port; /* host order */
	uint32_t scope; /* IPv6 interface index, or 0 */
};

/* RTP and RTCP are told apart by the component where they have two ports, by the packet type where
 * they share one (RFC 5761). */
enum tp_component {
	TP_RTP,
	TP_RTCP,
};

struct tp_datagram {
	uint8_t *data; /* the engine's memory, of `cap` octets */
	size_t cap, len;
	int64_t stamp_ns; /* monotonic time of arrival, the kernel's where there is one */
	struct tp_address from;
	enum tp_component component;
};

/* receive, send and descriptors are [wire]; local and close are [control], while no loop knows the
 * session: local before its first wire call, close after its last. `now_ns` is the loop's monotonic
 * time, real or virtual. */
struct tp_transport_ops {
	/* Fills up to n datagrams with what has arrived; returns how many, never blocks. What is
	 * too long for `cap` is cut and keeps its true `len`: the engine drops and counts it. Fewer
	 * than n: nothing more waits, or a descriptor still polls readable. */
	int (*receive)(void *state, int64_t now_ns, struct tp_datagram *batch, int n);

	/* Sends one datagram: 0, or a negative error that the engine counts. Never blocks. */
	int (*send)(void *state, int64_t now_ns, enum tp_component component,
		    const struct tp_address *to, const uint8_t *data, size_t len);

	/* Writes up to two descriptors that poll readable when something has arrived, returns how
	 * many; 0 if it must be asked instead. [wire] */
	int (*descriptors)(void *state, int fd[2]);

	/* The local address of a component. [control] */
	int (*local)(void *state, enum tp_component component, struct tp_address *address);

	/* Gives back all that open took. [control] */
	void (*close)(void *state);
};

/* A transport handed to a session: the session takes it and closes it. */
struct tp_transport {
	const struct tp_transport_ops *ops;
	void *state;
};

struct tp_udp_config {
	size_t size; /* of this struct */
	struct tp_address local; /* family 0: every IPv4 and IPv6 address; port 0: from the range */
	uint16_t port_min, port_max; /* even RTP ports tried in order; both 0: the system chooses */
	bool mux; /* RTCP on the RTP port */
	int dscp; /* 0..63; -1: leave alone */
};

/* Defaults: any address, any port, two ports, DSCP 46 (EF, RFC 3246). [any] */
TP_API void tp_udp_config_init(struct tp_udp_config *config);

/* Binds RTP on an even port and RTCP on the next (RFC 3550 11). [control] */
TP_API TP_MUST_USE int tp_udp_open(struct tp_transport *transport,
				   const struct tp_udp_config *config);

/* Reads "host:port", "[v6]:port" or ":port" and resolves names (may block). [control] */
TP_API TP_MUST_USE int tp_address_parse(struct tp_address *address, const char *text);

/* Writes the address for people and returns `text`. [any] */
TP_API char *tp_address_format(const struct tp_address *address, char text[TP_ADDRESS_TEXT]);

/* Same family, address and port. [any] */
TP_API bool tp_address_equal(const struct tp_address *a, const struct tp_address *b);

#ifdef __cplusplus
}
#endif
#endif
