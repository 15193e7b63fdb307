/* SPDX-License-Identifier: MIT */
/* A network in virtual time: transports that lose, delay, reorder and double datagrams by seed. */
#ifndef FAKE_NETWORK_H
#define FAKE_NETWORK_H

#include <talkpath/transport.h>

/* Use:
 *
 * 	struct fake_network *net = fake_network_create(7);
 * 	struct tp_transport a = fake_network_open(net, "10.0.0.1:4000", false);
 * 	struct tp_transport b = fake_network_open(net, "10.0.0.2:4000", false);
 *
 * 	fake_network_impair(net, "10.0.0.1:4000",
 * 			    &(struct fake_weather){.delay_ms = 20, .loss = 0.02});
 * 	... what a sends reaches b when b is asked at a time 20 ms later, or never ...
 * 	fake_network_destroy(net);
 *
 * Datagrams are delivered in the order of their arrival times, and stamped with them, whenever the
 * receiver asks. The same seed and the same calls give the same weather, bit for bit. Addresses are
 * numeric, IPv4 or [IPv6]. RTCP lives on the next port, with mux on the same. Everything that goes
 * wrong in here fails the test. */
struct fake_network;

/* What happens to all that one endpoint sends. All 0: sunshine, no delay. */
struct fake_weather {
	double delay_ms;
	double jitter_ms; /* each datagram is later by 0 to this, evenly; order is kept */
	double loss; /* share of datagrams, 0..1 */
	double burst; /* mean length of a run of lost ones, by a Gilbert model; 0 or 1: single */
	double reorder; /* share that is held back by reorder_ms, while others pass */
	double reorder_ms;
	double duplicate; /* share that comes twice */
};

struct fake_network *fake_network_create(uint64_t seed);
void fake_network_destroy(struct fake_network *net);

/* An endpoint. tp_transport_ops.close() takes it off the network; its memory lasts until
 * destroy. */
struct tp_transport fake_network_open(struct fake_network *net, const char *address, bool mux);

/* Changes the weather for what the endpoint of this address sends from now on. */
void fake_network_impair(struct fake_network *net, const char *address,
			 const struct fake_weather *weather);

/* The endpoint's NAT gives it another address: what it sends comes from there, and what is sent to
 * the old address reaches nobody. tp_transport_ops.local() still tells the first. */
void fake_network_rebind(struct fake_network *net, const char *address, const char *rebound);

/* Delivers a datagram that claims to be from anywhere, at once. */
void fake_network_inject(struct fake_network *net, int64_t now_ns, const char *from, const char *to,
			 const uint8_t *data, size_t len);

/* How many datagrams were sent to this address until now, whether anybody was there or not, and
 * what was lost on the way too. */
int fake_network_sent_to(const struct fake_network *net, const char *address);

/* Calls `watch` for each datagram as it is sent, before the weather; NULL: no more. */
void fake_network_watch(struct fake_network *net,
			void (*watch)(void *context, int64_t now_ns, const struct tp_address *from,
				      const struct tp_address *to, const uint8_t *data, size_t len),
			void *context);

#endif
