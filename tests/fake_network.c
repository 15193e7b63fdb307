/* SPDX-License-Identifier: MIT */
/* A network in virtual time: transports that lose, delay, reorder and double datagrams by seed. */
#include "fake_network.h"

#include "engine/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ENDPOINTS_MAX = 64,
	TARGETS_MAX = 256,
	OCTETS_MAX = 2048, /* more than an engine takes, so that this too can be tried */
	QUEUE_MAX = 1024, /* datagrams on the way to one endpoint; more are lost, as in a socket */
};

struct datagram {
	struct datagram *next;
	int64_t arrival_ns;
	struct tp_address from;
	enum tp_component component;
	size_t len;
	uint8_t data[OCTETS_MAX];
};

struct endpoint {
	struct fake_network *net;
	struct tp_address local;
	struct tp_address seen; /* as the others see it */
	bool mux, open;
	struct fake_weather weather;
	struct tp_random random;
	bool losing; /* the Gilbert model's state */
	int64_t latest_ns; /* arrival of the latest datagram that kept its place */
	struct datagram *queue, *last; /* what comes to it, by arrival */
	int queue_n;
};

struct target {
	struct tp_address address;
	int datagrams;
};

struct fake_network {
	uint64_t seed;
	struct endpoint endpoint[ENDPOINTS_MAX];
	int endpoints_n;
	struct target target[TARGETS_MAX];
	int targets_n;
	struct datagram *free;
	void (*watch)(void *, int64_t, const struct tp_address *, const struct tp_address *,
		      const uint8_t *, size_t);
	void *context;
};

static void demand(bool fact, const char *what)
{
	if (fact)
		return;
	fprintf(stderr, "fake network: %s\n", what);
	abort();
}

static struct tp_address address_of(const char *text)
{
	struct tp_address address;

	demand(!tp_address_parse(&address, text), text);
	return address;
}

static struct tp_address next_port(struct tp_address address)
{
	address.port++;
	return address;
}

/* The endpoint that is reached under this address, and by which component. */
static struct endpoint *reached(struct fake_network *net, const struct tp_address *to,
				enum tp_component *component)
{
	for (int i = 0; i < net->endpoints_n; i++) {
		struct endpoint *e = &net->endpoint[i];
		struct tp_address rtcp = next_port(e->seen);

		*component = TP_RTP;
		if (e->open && tp_address_equal(&e->seen, to))
			return e;
		*component = TP_RTCP;
		if (e->open && !e->mux && tp_address_equal(&rtcp, to))
			return e;
	}
	return NULL;
}

static void count(struct fake_network *net, const struct tp_address *to)
{
	int i = 0;

	while (i < net->targets_n && !tp_address_equal(&net->target[i].address, to))
		i++;
	demand(i < TARGETS_MAX, "too many addresses were sent to");
	if (i == net->targets_n) {
		net->targets_n++;
		net->target[i].address = *to;
	}
	net->target[i].datagrams++;
}

static void insert(struct endpoint *e, struct datagram *d)
{
	struct datagram **place = &e->queue;

	if (e->last && e->last->arrival_ns <= d->arrival_ns)
		place = &e->last->next;
	while (*place && (*place)->arrival_ns <= d->arrival_ns)
		place = &(*place)->next;
	d->next = *place;
	*place = d;
	if (!d->next)
		e->last = d;
	e->queue_n++;
}

/* Takes the first datagram out of the queue; it is free, and valid until the next insertion. */
static struct datagram *take_first(struct endpoint *e)
{
	struct datagram *d = e->queue;

	e->queue = d->next;
	if (!e->queue)
		e->last = NULL;
	e->queue_n--;
	d->next = e->net->free;
	e->net->free = d;
	return d;
}

static void enqueue(struct fake_network *net, const struct tp_address *from,
		    const struct tp_address *to, int64_t arrival_ns, const uint8_t *data,
		    size_t len)
{
	enum tp_component component;
	struct endpoint *e = reached(net, to, &component);
	struct datagram *d = net->free;

	demand(len <= OCTETS_MAX, "a datagram is too long");
	if (!e || e->queue_n == QUEUE_MAX)
		return;
	if (d)
		net->free = d->next;
	else
		d = malloc(sizeof(*d));
	demand(d, "out of memory");
	d->arrival_ns = arrival_ns;
	d->from = *from;
	d->component = component;
	d->len = len;
	memcpy(d->data, data, len);
	insert(e, d);
}

static bool is_lost(struct endpoint *e)
{
	double burst = e->weather.burst > 1 ? e->weather.burst : 1;
	double loss = e->weather.loss;
	double draw = tp_random_unit(&e->random);

	if (loss <= 0)
		return false;
	if (loss >= 1)
		return true;
	/* Leaving the lossy state with 1 / burst, entering it so often that its share is `loss`. */
	e->losing = e->losing ? draw >= 1 / burst : draw < loss / ((1 - loss) * burst);
	return e->losing;
}

static int64_t arrival(struct endpoint *e, int64_t now_ns)
{
	const struct fake_weather *w = &e->weather;
	double wait_ms = w->delay_ms + w->jitter_ms * tp_random_unit(&e->random);
	bool held_back = tp_random_unit(&e->random) < w->reorder;
	int64_t at_ns = now_ns + (int64_t)(wait_ms * 1e6);

	if (held_back)
		return at_ns + (int64_t)(w->reorder_ms * 1e6);
	if (at_ns < e->latest_ns)
		at_ns = e->latest_ns;
	e->latest_ns = at_ns;
	return at_ns;
}

static int fake_send(void *state, int64_t now_ns, enum tp_component component,
		     const struct tp_address *to, const uint8_t *data, size_t len)
{
	struct endpoint *e = state;
	struct tp_address from = e->seen;
	int times;

	if (component == TP_RTCP && !e->mux)
		from.port++;
	count(e->net, to);
	if (e->net->watch)
		e->net->watch(e->net->context, now_ns, &from, to, data, len);
	times = is_lost(e) ? 0 : 1;
	times += times && tp_random_unit(&e->random) < e->weather.duplicate;
	for (int i = 0; i < times; i++)
		enqueue(e->net, &from, to, arrival(e, now_ns), data, len);
	return 0;
}

static int fake_receive(void *state, int64_t now_ns, struct tp_datagram *batch, int n)
{
	struct endpoint *e = state;
	int got = 0;

	while (got < n && e->queue && e->queue->arrival_ns <= now_ns) {
		const struct datagram *d = take_first(e);

		memcpy(batch[got].data, d->data, d->len < batch[got].cap ? d->len : batch[got].cap);
		batch[got].len = d->len;
		batch[got].stamp_ns = d->arrival_ns;
		batch[got].from = d->from;
		batch[got++].component = d->component;
	}
	return got;
}

static int fake_descriptors(void *state, int fd[2])
{
	(void)state;
	(void)fd;
	return 0;
}

static int fake_local(void *state, enum tp_component component, struct tp_address *address)
{
	const struct endpoint *e = state;

	*address = e->local;
	if (component == TP_RTCP && !e->mux)
		address->port++;
	return 0;
}

static void drop_queue(struct endpoint *e)
{
	while (e->queue)
		take_first(e);
}

static void fake_close(void *state)
{
	struct endpoint *e = state;

	e->open = false;
	drop_queue(e);
}

static const struct tp_transport_ops fake_ops = {
	.receive = fake_receive,
	.send = fake_send,
	.descriptors = fake_descriptors,
	.local = fake_local,
	.close = fake_close,
};

struct fake_network *fake_network_create(uint64_t seed)
{
	struct fake_network *net = calloc(1, sizeof(*net));

	demand(net, "out of memory");
	net->seed = seed;
	return net;
}

void fake_network_destroy(struct fake_network *net)
{
	for (int i = 0; i < net->endpoints_n; i++)
		drop_queue(&net->endpoint[i]);
	while (net->free) {
		struct datagram *d = net->free;

		net->free = d->next;
		free(d);
	}
	free(net);
}

struct tp_transport fake_network_open(struct fake_network *net, const char *address, bool mux)
{
	struct endpoint *e = &net->endpoint[net->endpoints_n];

	demand(net->endpoints_n < ENDPOINTS_MAX, "too many endpoints");
	e->net = net;
	e->local = e->seen = address_of(address);
	e->mux = mux;
	e->open = true;
	e->latest_ns = INT64_MIN;
	tp_random_init(&e->random, net->seed, (uint64_t)net->endpoints_n++);
	return (struct tp_transport){.ops = &fake_ops, .state = e};
}

/* The newest open endpoint that was opened under this address. */
static struct endpoint *opened(struct fake_network *net, const char *text)
{
	struct tp_address address = address_of(text);

	for (int i = net->endpoints_n - 1; i >= 0; i--)
		if (net->endpoint[i].open && tp_address_equal(&net->endpoint[i].local, &address))
			return &net->endpoint[i];
	demand(false, "no endpoint was opened there");
	return NULL;
}

void fake_network_impair(struct fake_network *net, const char *address,
			 const struct fake_weather *weather)
{
	opened(net, address)->weather = *weather;
}

void fake_network_rebind(struct fake_network *net, const char *address, const char *rebound)
{
	opened(net, address)->seen = address_of(rebound);
}

void fake_network_inject(struct fake_network *net, int64_t now_ns, const char *from, const char *to,
			 const uint8_t *data, size_t len)
{
	struct tp_address source = address_of(from), target = address_of(to);

	enqueue(net, &source, &target, now_ns, data, len);
}

int fake_network_sent_to(const struct fake_network *net, const char *address)
{
	struct tp_address target = address_of(address);

	for (int i = 0; i < net->targets_n; i++)
		if (tp_address_equal(&net->target[i].address, &target))
			return net->target[i].datagrams;
	return 0;
}

void fake_network_watch(struct fake_network *net,
			void (*watch)(void *context, int64_t now_ns, const struct tp_address *from,
				      const struct tp_address *to, const uint8_t *data, size_t len),
			void *context)
{
	net->watch = watch;
	net->context = context;
}
