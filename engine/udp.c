/* SPDX-License-Identifier: MIT */
/* The built-in transport: UDP sockets, a pair or one, with the kernel's receive stamps. */
#include "address.h"
#include "clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
	BATCH = 16, /* datagrams taken with one system call */
	/* Ports that the system offers until one has a free neighbour. */
	PAIR_TRIES = 64,
	/* TC_PRIO_INTERACTIVE: the highest that needs no privilege (socket(7)). */
	PRIORITY = 6,
};

struct udp_socket {
	int fd; /* -1: none */
	int family; /* AF_INET, or AF_INET6, which may take IPv4 as well */
	struct tp_stamp_clock stamps;
};

struct udp {
	struct udp_socket rtp;
	struct udp_socket rtcp; /* none: shares rtp's */
};

/* ---- Receiving and sending ---- */

/* Room that recvmmsg wants beside the datagrams themselves. */
struct batch {
	struct mmsghdr message[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_storage from[BATCH];
	_Alignas(struct cmsghdr) uint8_t control[BATCH][CMSG_SPACE(sizeof(struct timespec))];
};

static void lay_out(struct batch *room, struct tp_datagram *batch, int n)
{
	for (int i = 0; i < n; i++) {
		struct msghdr *header = &room->message[i].msg_hdr;

		room->iov[i] = (struct iovec){.iov_base = batch[i].data, .iov_len = batch[i].cap};
		memset(header, 0, sizeof(*header));
		header->msg_iov = &room->iov[i];
		header->msg_iovlen = 1;
		header->msg_name = &room->from[i];
		header->msg_namelen = sizeof(room->from[i]);
		header->msg_control = room->control[i];
		header->msg_controllen = sizeof(room->control[i]);
	}
}

static int64_t stamp_of(const struct tp_stamp_clock *stamps, struct msghdr *header)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		struct timespec t;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS ||
		    c->cmsg_len < CMSG_LEN(sizeof(t)))
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof(t));
		return tp_clock_stamp(stamps, (int64_t)t.tv_sec * 1000000000 + t.tv_nsec);
	}
	return stamps->now_ns;
}

static int receive_from(struct udp_socket *socket, enum tp_component component, int64_t now_ns,
			struct tp_datagram *batch, int n)
{
	struct batch room;
	int64_t wall_ns, after_ns;
	int got;

	if (socket->fd < 0 || n <= 0)
		return 0;
	n = n < BATCH ? n : BATCH;
	lay_out(&room, batch, n);
	/* MSG_TRUNC: the true length, also of what did not fit. An error is one that the socket had
	 * pending (ICMP): reading it has cleared it. */
	got = recvmmsg(socket->fd, room.message, (unsigned)n, MSG_DONTWAIT | MSG_TRUNC, NULL);
	if (got <= 0)
		return 0;
	tp_clock_pair_ns(&wall_ns, &after_ns);
	tp_clock_batch(&socket->stamps, now_ns, wall_ns, after_ns);
	for (int i = 0; i < got; i++) {
		batch[i].len = room.message[i].msg_len;
		batch[i].component = component;
		batch[i].stamp_ns = stamp_of(&socket->stamps, &room.message[i].msg_hdr);
		tp_address_from_sockaddr(&batch[i].from, &room.from[i]);
	}
	if (got < n)
		tp_clock_drained(&socket->stamps);
	return got;
}

static int udp_receive(void *state, int64_t now_ns, struct tp_datagram *batch, int n)
{
	struct udp *udp = state;
	/* Neither port may hide the other, however it is flooded: a quarter for RTCP. */
	int got = receive_from(&udp->rtcp, TP_RTCP, now_ns, batch, (n + 3) / 4);

	return got + receive_from(&udp->rtp, TP_RTP, now_ns, batch + got, n - got);
}

static int udp_send(void *state, int64_t now_ns, enum tp_component component,
		    const struct tp_address *to, const uint8_t *data, size_t len)
{
	struct udp *udp = state;
	struct udp_socket *socket =
		component == TP_RTCP && udp->rtcp.fd >= 0 ? &udp->rtcp : &udp->rtp;
	struct sockaddr_storage sockaddr;
	socklen_t sockaddr_len;

	(void)now_ns;
	if (to->family == 6 && socket->family == AF_INET)
		return TP_ERR_NETWORK;
	sockaddr_len = tp_address_to_sockaddr(&sockaddr, to, socket->family);
	if (sendto(socket->fd, data, len, MSG_DONTWAIT, (struct sockaddr *)&sockaddr,
		   sockaddr_len) < 0)
		return TP_ERR_NETWORK;
	return 0;
}

static int udp_descriptors(void *state, int fd[2])
{
	const struct udp *udp = state;

	fd[0] = udp->rtp.fd;
	if (udp->rtcp.fd < 0)
		return 1;
	fd[1] = udp->rtcp.fd;
	return 2;
}

/* ---- Opening ---- */

static int local_of(int fd, struct tp_address *address)
{
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);

	if (getsockname(fd, (struct sockaddr *)&name, &len) < 0)
		return tp_fail(TP_ERR_SYSTEM, "the socket's address cannot be read: %s",
			       strerror(errno));
	tp_address_from_sockaddr(address, &name);
	return 0;
}

static int udp_local(void *state, enum tp_component component, struct tp_address *address)
{
	const struct udp *udp = state;

	return local_of(component == TP_RTCP && udp->rtcp.fd >= 0 ? udp->rtcp.fd : udp->rtp.fd,
			address);
}

static void close_socket(struct udp_socket *socket)
{
	if (socket->fd >= 0)
		close(socket->fd);
	socket->fd = -1;
}

static void udp_close(void *state)
{
	struct udp *udp = state;

	close_socket(&udp->rtp);
	close_socket(&udp->rtcp);
	free(udp);
}

static const struct tp_transport_ops udp_ops = {
	.receive = udp_receive,
	.send = udp_send,
	.descriptors = udp_descriptors,
	.local = udp_local,
	.close = udp_close,
};

/* Marks and priorities are wishes: a network that refuses them still carries calls. */
static void set_options(const struct udp_socket *s, const struct tp_udp_config *config)
{
	int on = 1, priority = PRIORITY;
	/* DSCP is the upper six bits of the old TOS octet (RFC 2474 3). */
	int tos = config->dscp * 4;

	setsockopt(s->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	if (config->dscp < 0)
		return;
	/* On an IPv6 socket this is for the IPv4 that it carries. */
	setsockopt(s->fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	if (s->family == AF_INET6)
		setsockopt(s->fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
	/* Last: setting the TOS sets the priority too. */
	setsockopt(s->fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority));
}

/* An open socket, or one with fd -1 and errno. */
static struct udp_socket make_socket(const struct tp_udp_config *config)
{
	struct udp_socket s = {.family = config->local.family == 4 ? AF_INET : AF_INET6};
	int v6only = config->local.family == 6;

	s.fd = socket(s.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s.fd < 0 && !config->local.family) {
		/* A kernel without IPv6. */
		s.family = AF_INET;
		s.fd = socket(s.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	}
	if (s.fd < 0)
		return s;
	if (s.family == AF_INET6)
		setsockopt(s.fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof(v6only));
	set_options(&s, config);
	tp_clock_stamps_init(&s.stamps);
	return s;
}

/* 0, or errno. */
static int open_port(struct udp_socket *socket, const struct tp_udp_config *config, uint16_t port)
{
	struct tp_address local = config->local;
	struct sockaddr_storage sockaddr;
	socklen_t len;
	int error = 0;

	*socket = make_socket(config);
	if (socket->fd < 0)
		return errno;
	if (!local.family)
		local.family = socket->family == AF_INET ? 4 : 6;
	local.port = port;
	len = tp_address_to_sockaddr(&sockaddr, &local, socket->family);
	if (bind(socket->fd, (struct sockaddr *)&sockaddr, len) < 0) {
		error = errno;
		close_socket(socket);
	}
	return error;
}

/* Binds RTP on this port and, unless they share it, RTCP on the next. 0, or errno. */
static int open_pair(struct udp *udp, const struct tp_udp_config *config, uint16_t port)
{
	int error = open_port(&udp->rtp, config, port);

	if (!error && !config->mux)
		error = open_port(&udp->rtcp, config, (uint16_t)(port + 1));
	if (error)
		close_socket(&udp->rtp);
	return error;
}

/* A port that is free now, by the system's choice. 0, or errno. */
static int offered_port(const struct tp_udp_config *config, uint16_t *port)
{
	struct udp_socket probe;
	struct tp_address local = {0};
	int error = open_port(&probe, config, 0);

	if (error)
		return error;
	error = local_of(probe.fd, &local) ? EIO : 0;
	close_socket(&probe);
	*port = local.port;
	return error;
}

/* Lets the system choose. 0, or errno. */
static int open_any(struct udp *udp, const struct tp_udp_config *config)
{
	int error = EADDRINUSE;

	for (int i = 0; i < PAIR_TRIES && error == EADDRINUSE; i++) {
		uint16_t port;

		error = offered_port(config, &port);
		if (!error)
			error = open_pair(udp, config, config->mux ? port : port & 0xfffe);
	}
	return error;
}

static int open_in_range(struct udp *udp, const struct tp_udp_config *config)
{
	int step = config->mux ? 1 : 2;
	int first = (config->port_min + step - 1) / step * step;
	int last = config->port_max - (step - 1), error = EADDRINUSE;

	for (int port = first; port <= last && error == EADDRINUSE; port += step)
		error = open_pair(udp, config, (uint16_t)port);
	return error;
}

static int check(const struct tp_udp_config *config)
{
	if (config->size != sizeof(*config))
		return tp_fail(TP_ERR_ARGUMENT, "the UDP config is not initialised: call "
						"tp_udp_config_init() first");
	if (config->dscp < -1 || config->dscp > 63)
		return tp_fail(TP_ERR_ARGUMENT, "DSCP %d is out of range: 0 to 63, or -1 for none",
			       config->dscp);
	if (config->port_min > config->port_max || (config->port_max && !config->port_min))
		return tp_fail(TP_ERR_ARGUMENT,
			       "%u to %u is not a port range: from 1 up, the lower port first",
			       config->port_min, config->port_max);
	if (!config->mux && config->local.port % 2)
		return tp_fail(TP_ERR_ARGUMENT,
			       "port %u is odd: RTP wants an even one, RTCP takes the next "
			       "(or let them share one: rtcp-mux)",
			       config->local.port);
	if (!config->local.port && config->port_max && !config->mux &&
	    config->port_min % 2 + 1 > config->port_max - config->port_min)
		return tp_fail(TP_ERR_ARGUMENT,
			       "%u to %u holds no even port with its next: RTP and RTCP need both",
			       config->port_min, config->port_max);
	return tp_address_check(&config->local, "the local address");
}

static int explain(const struct tp_udp_config *config, int error)
{
	const char *pair = config->mux ? "" : " or the next, which RTCP needs,";
	char text[TP_ADDRESS_TEXT];

	tp_address_format(&config->local, text);
	if (error == EADDRINUSE && config->local.port)
		return tp_fail(TP_ERR_NETWORK, "port %u%s is taken: choose another one",
			       config->local.port, pair);
	if (error == EADDRINUSE && config->port_max)
		return tp_fail(TP_ERR_NETWORK, "every port from %u to %u%s is taken",
			       config->port_min, config->port_max, pair);
	if (error == EADDRNOTAVAIL)
		return tp_fail(TP_ERR_NETWORK, "%s is not an address of this machine", text);
	return tp_fail(TP_ERR_NETWORK, "no UDP socket on %s: %s", text, strerror(error));
}

void tp_udp_config_init(struct tp_udp_config *config)
{
	memset(config, 0, sizeof(*config));
	config->size = sizeof(*config);
	config->dscp = 46;
}

int tp_udp_open(struct tp_transport *transport, const struct tp_udp_config *config)
{
	struct udp *udp;
	int error = check(config);

	if (error)
		return error;
	udp = calloc(1, sizeof(*udp));
	if (!udp)
		return tp_fail(TP_ERR_MEMORY, "no memory for a UDP transport");
	udp->rtp.fd = udp->rtcp.fd = -1;
	if (config->local.port)
		error = open_pair(udp, config, config->local.port);
	else if (config->port_max)
		error = open_in_range(udp, config);
	else
		error = open_any(udp, config);
	if (error) {
		udp_close(udp);
		return explain(config, error);
	}
	transport->ops = &udp_ops;
	transport->state = udp;
	return 0;
}
