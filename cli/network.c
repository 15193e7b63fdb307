/* SPDX-License-Identifier: MIT */
/* A bad network in front of a transport: loss in bursts, jitter and
 * reordering of what is received. */
#include "network.h"

#include "engine/random.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
	QUEUE = 256, /* datagrams on their way; more are lost, as in any router */
	ASIDE = 4, /* datagrams that wait to be overtaken */
	OVERTAKERS_MAX = 3,
	ASIDE_MS = 200, /* a datagram that nobody overtakes arrives after this */
	JITTER_CAP = 10, /* the exponential's tail is cut at so many means */
};

struct held {
	int64_t release_ns;
	int overtakers; /* aside: how many are still to come; 0: the place is free */
	struct tp_datagram datagram; /* data: own memory */
	uint8_t data[TP_DATAGRAM_MAX];
};

struct network {
	struct tp_transport inner;
	struct tp_network_config config;
	double leave_good, leave_bad; /* Gilbert-Elliott: chances of a step between the states */
	bool bad;
	int64_t start_ns, last_release_ns;
	bool started;
	struct tp_random loss, jitter, reorder; /* one stream each: none moves another */
	struct held queue[QUEUE], aside[ASIDE];
	unsigned head, tail; /* of the queue, counted without end */
	int epoll_fd,
		timer_fd; /* -1: the inner transport has no descriptors, time is turned by hand */
};

/* ---- Settings ------------------------------------------------------------------------------- */

static int check(const struct tp_network_config *c)
{
	double p = c->loss_percent / 100;

	if (c->loss_percent < 0 || c->loss_percent >= 100 || c->reorder_percent < 0 ||
	    c->reorder_percent >= 100)
		return tp_fail(TP_ERR_ARGUMENT,
			       "--net wants loss and reorder in per cent, from 0 to below 100");
	if (c->jitter_ms < 0 || c->jitter_ms > 1000)
		return tp_fail(TP_ERR_ARGUMENT, "--net wants jitter in ms, from 0 to 1000");
	/* Losses of p in bursts of b leave gaps of b (1 - p) / p
	 * packets, and no gap is under one. */
	if (c->burst != 0 && (c->burst < 1 || c->burst > 1000 || c->burst * (1 - p) < p))
		return tp_fail(TP_ERR_ARGUMENT,
			       "--net wants burst in packets, from %.3g for this loss to 1000",
			       fmax(1, p / (1 - p)));
	if (c->from_s < 0 || c->to_s < 0 || (c->to_s != 0 && c->to_s <= c->from_s))
		return tp_fail(TP_ERR_ARGUMENT,
			       "--net wants from and to in seconds, to after from");
	return 0;
}

static int read_seed(struct tp_network_config *config, double number, const char *value)
{
	if (number < 0 || number > UINT32_MAX || floor(number) != number)
		return tp_fail(TP_ERR_ARGUMENT,
			       "--net wants a whole seed from 0 to %" PRIu32 ", not \"%.40s\"",
			       UINT32_MAX, value);
	config->seed = (uint32_t)number;
	return 0;
}

static int read_part(struct tp_network_config *config, char *part)
{
	char *value = strchr(part, '='), *end;
	struct {
		const char *name;
		double *field;
	} const numbers[] = {
		{"loss", &config->loss_percent}, {"burst", &config->burst},
		{"jitter", &config->jitter_ms},  {"reorder", &config->reorder_percent},
		{"from", &config->from_s},       {"to", &config->to_s},
	};

	if (value) {
		*value++ = '\0';
		double number = strtod(value, &end);

		if (end == value || *end || !isfinite(number))
			return tp_fail(TP_ERR_ARGUMENT, "--net wants a number in %.20s=%.40s", part,
				       value);
		if (!strcmp(part, "seed"))
			return read_seed(config, number, value);
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			if (strcmp(part, numbers[i].name) != 0)
				continue;
			*numbers[i].field = number;
			return 0;
		}
	}
	return tp_fail(TP_ERR_ARGUMENT,
		       "--net wants loss=, burst=, jitter=, reorder=, from=, to= and seed=, not "
		       "\"%.40s\"",
		       part);
}

int tp_network_parse(struct tp_network_config *config, const char *text)
{
	char copy[256], *rest = copy, *part;
	int error;

	memset(config, 0, sizeof(*config));
	if (strlen(text) >= sizeof(copy))
		return tp_fail(TP_ERR_ARGUMENT, "--net has more than %zu letters",
			       sizeof(copy) - 1);
	memcpy(copy, text, strlen(text) + 1);
	while ((part = strsep(&rest, ","))) {
		error = read_part(config, part);
		if (error)
			return error;
	}
	return check(config);
}

/* ---- What happens to a datagram ------------------------------------------------------------- */

static bool is_active(const struct network *net, int64_t stamp_ns)
{
	double s = (double)(stamp_ns - net->start_ns) * 1e-9;

	return s >= net->config.from_s && (net->config.to_s == 0 || s < net->config.to_s);
}

static bool is_lost(struct network *net)
{
	double chance = tp_random_unit(&net->loss);

	if (net->config.loss_percent == 0)
		return false;
	if (net->config.burst == 0)
		return chance * 100 < net->config.loss_percent;
	net->bad = net->bad ? chance >= net->leave_bad : chance < net->leave_good;
	return net->bad;
}

static int64_t extra_ns(struct network *net)
{
	double unit = 1 - tp_random_unit(&net->jitter); /* never 0 */

	return (int64_t)(fmin(-log(unit), JITTER_CAP) * net->config.jitter_ms * 1e6);
}

static void hold(struct held *held, const struct tp_datagram *datagram, int64_t release_ns)
{
	held->release_ns = release_ns;
	held->datagram = *datagram;
	memcpy(held->data, datagram->data, datagram->len);
}

/* Sets a datagram aside until others have overtaken it; false: it goes the common way. */
static bool set_aside(struct network *net, const struct tp_datagram *datagram, int64_t release_ns)
{
	double chance = tp_random_unit(&net->reorder);
	int overtakers = 1 + (int)(tp_random_unit(&net->reorder) * OVERTAKERS_MAX);

	if (chance * 100 >= net->config.reorder_percent)
		return false;
	for (int i = 0; i < ASIDE; i++) {
		if (net->aside[i].overtakers)
			continue;
		hold(&net->aside[i], datagram, release_ns + ASIDE_MS * INT64_C(1000000));
		net->aside[i].overtakers = overtakers;
		return true;
	}
	return false;
}

static void enter(struct network *net, const struct tp_datagram *datagram)
{
	int64_t release_ns = datagram->stamp_ns;

	if (datagram->len > TP_DATAGRAM_MAX)
		return;
	if (is_active(net, datagram->stamp_ns)) {
		if (is_lost(net))
			return;
		release_ns += extra_ns(net);
		if (set_aside(net, datagram, release_ns))
			return;
	}
	if (release_ns < net->last_release_ns)
		release_ns = net->last_release_ns;
	if (net->tail - net->head == QUEUE)
		return;
	net->last_release_ns = release_ns;
	hold(&net->queue[net->tail++ % QUEUE], datagram, release_ns);
}

/* ---- The transport -------------------------------------------------------------------------- */

static void take_in(struct network *net, int64_t now_ns, struct tp_datagram *batch, int n)
{
	int got;

	if (!net->started) {
		net->started = true;
		net->start_ns = now_ns;
	}
	do {
		got = net->inner.ops->receive(net->inner.state, now_ns, batch, n);
		for (int i = 0; i < got; i++)
			enter(net, &batch[i]);
	} while (got == n);
}

static void hand_out(struct tp_datagram *to, const struct held *held, int64_t stamp_ns)
{
	uint8_t *data = to->data;
	size_t cap = to->cap, len = held->datagram.len;

	*to = held->datagram;
	to->data = data;
	to->cap = cap;
	to->len = len < cap ? len : cap;
	to->stamp_ns = stamp_ns;
	memcpy(data, held->data, to->len);
}

/* Those aside that have been overtaken often enough, or have waited too long. `passed` says how
 * many datagrams have just gone by. */
static int hand_out_aside(struct network *net, int64_t now_ns, int passed,
			  struct tp_datagram *batch, int n)
{
	int out = 0;

	for (int i = 0; i < ASIDE; i++) {
		struct held *held = &net->aside[i];

		if (!held->overtakers)
			continue;
		if (held->overtakers > passed && held->release_ns > now_ns) {
			held->overtakers -= passed;
			continue;
		}
		if (out == n) {
			held->overtakers = 1;
			held->release_ns = now_ns;
			continue;
		}
		hand_out(&batch[out++], held, now_ns);
		held->overtakers = 0;
	}
	return out;
}

/* When the next one is due, INT64_MAX if none is on its way. */
static int64_t next_ns(const struct network *net)
{
	int64_t ns = net->head != net->tail ? net->queue[net->head % QUEUE].release_ns : INT64_MAX;

	for (int i = 0; i < ASIDE; i++)
		if (net->aside[i].overtakers && net->aside[i].release_ns < ns)
			ns = net->aside[i].release_ns;
	return ns;
}

static void arm(struct network *net)
{
	int64_t ns = next_ns(net);
	struct itimerspec when = {0};
	uint64_t expirations;

	if (net->timer_fd < 0)
		return;
	(void)!read(net->timer_fd, &expirations, sizeof(expirations));
	if (ns != INT64_MAX) {
		/* A time of 0 would disarm it. */
		when.it_value.tv_sec = ns / 1000000000;
		when.it_value.tv_nsec = ns % 1000000000 + (ns == 0);
	}
	timerfd_settime(net->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static int receive(void *state, int64_t now_ns, struct tp_datagram *batch, int n)
{
	struct network *net = state;
	int out = 0;

	take_in(net, now_ns, batch, n);
	while (out < n && net->head != net->tail) {
		const struct held *held = &net->queue[net->head % QUEUE];

		if (held->release_ns > now_ns)
			break;
		hand_out(&batch[out++], held, held->release_ns);
		net->head++;
		out += hand_out_aside(net, held->release_ns, 1, batch + out, n - out);
	}
	out += hand_out_aside(net, now_ns, 0, batch + out, n - out);
	arm(net);
	return out;
}

static int send_through(void *state, int64_t now_ns, enum tp_component component,
			const struct tp_address *to, const uint8_t *data, size_t len)
{
	struct network *net = state;

	return net->inner.ops->send(net->inner.state, now_ns, component, to, data, len);
}

static int descriptors(void *state, int fd[2])
{
	struct network *net = state;

	fd[1] = -1;
	if (net->epoll_fd < 0)
		return 0;
	fd[0] = net->epoll_fd;
	return 1;
}

static int local(void *state, enum tp_component component, struct tp_address *address)
{
	struct network *net = state;

	return net->inner.ops->local(net->inner.state, component, address);
}

static void release(struct network *net)
{
	if (net->epoll_fd >= 0)
		close(net->epoll_fd);
	if (net->timer_fd >= 0)
		close(net->timer_fd);
	free(net);
}

static void close_both(void *state)
{
	struct network *net = state;

	net->inner.ops->close(net->inner.state);
	release(net);
}

static const struct tp_transport_ops ops = {
	.receive = receive,
	.send = send_through,
	.descriptors = descriptors,
	.local = local,
	.close = close_both,
};

/* One descriptor stands for the inner ones and for the time of the next release. */
static int open_descriptors(struct network *net)
{
	struct epoll_event event = {.events = EPOLLIN};
	int fd[3], n = net->inner.ops->descriptors(net->inner.state, fd);

	if (n <= 0)
		return 0;
	net->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	net->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	fd[n++] = net->timer_fd;
	for (int i = 0; i < n; i++)
		if (epoll_ctl(net->epoll_fd, EPOLL_CTL_ADD, fd[i], &event))
			return tp_fail(TP_ERR_SYSTEM, "no timer for the bad network: %s",
				       strerror(errno));
	return 0;
}

int tp_network_wrap(struct tp_transport *outer, const struct tp_transport *inner,
		    const struct tp_network_config *config)
{
	struct network *net;
	double p = config->loss_percent / 100;
	int error = check(config);

	if (error)
		return error;
	net = calloc(1, sizeof(*net));
	if (!net)
		return tp_fail(TP_ERR_MEMORY, "no memory for the bad network");
	net->inner = *inner;
	net->config = *config;
	net->epoll_fd = net->timer_fd = -1;
	if (config->burst != 0) {
		net->leave_bad = 1 / config->burst;
		net->leave_good = p / (1 - p) / config->burst;
	}
	tp_random_init(&net->loss, config->seed, 1);
	tp_random_init(&net->jitter, config->seed, 2);
	tp_random_init(&net->reorder, config->seed, 3);
	net->last_release_ns = INT64_MIN;
	error = open_descriptors(net);
	if (error) {
		release(net);
		return error;
	}
	outer->ops = &ops;
	outer->state = net;
	return 0;
}
