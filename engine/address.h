/* SPDX-License-Identifier: MIT */
/* Addresses as sockets want them; what the application sees is in transport.h. */
#ifndef TP_ADDRESS_H
#define TP_ADDRESS_H

#include <talkpath/transport.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* IPv4 in IPv6's clothes (::ffff:a.b.c.d) becomes IPv4; any other family, 0. [any] */
void tp_address_from_sockaddr(struct tp_address *address, const struct sockaddr_storage *from);

/* Writes the form for a socket of `family`, AF_INET or AF_INET6, which takes IPv4 too; returns its
 * length. [any] */
socklen_t tp_address_to_sockaddr(struct sockaddr_storage *to, const struct tp_address *address,
				 int family);

/* Same family and address, whatever the ports. [any] */
bool tp_address_same_host(const struct tp_address *a, const struct tp_address *b);

/* Whether it is an address, or none (family 0): 0, or TP_ERR_ARGUMENT with a sentence that calls it
 * `what`. [control] */
TP_MUST_USE int tp_address_check(const struct tp_address *address, const char *what);

/* 127.0.0.0/8 or ::1. [any] */
bool tp_address_is_loopback(const struct tp_address *address);

#endif
