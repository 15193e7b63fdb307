/* SPDX-License-Identifier: MIT */
/* Addresses as people write them, and as sockets want them. */
#include "address.h"

#include <talkpath/transport.h>

#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HOST_MAX = 256, /* a DNS name has at most 253 characters (RFC 1035 2.3.4) */
};

void tp_address_from_sockaddr(struct tp_address *address, const struct sockaddr_storage *from)
{
	memset(address, 0, sizeof(*address));
	if (from->ss_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, from, sizeof(in));
		address->family = 4;
		memcpy(address->ip, &in.sin_addr, 4);
		address->port = ntohs(in.sin_port);
	} else if (from->ss_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, from, sizeof(in6));
		address->port = ntohs(in6.sin6_port);
		if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
			address->family = 4;
			memcpy(address->ip, in6.sin6_addr.s6_addr + 12, 4);
		} else {
			address->family = 6;
			memcpy(address->ip, &in6.sin6_addr, 16);
			address->scope = in6.sin6_scope_id;
		}
	}
}

static socklen_t to_in(struct sockaddr_storage *to, const struct tp_address *address)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(address->port)};

	memcpy(&in.sin_addr, address->ip, 4);
	memcpy(to, &in, sizeof(in));
	return sizeof(in);
}

static socklen_t to_in6(struct sockaddr_storage *to, const struct tp_address *address)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(address->port)};

	if (address->family == 4) {
		memset(in6.sin6_addr.s6_addr + 10, 0xff, 2); /* ::ffff:a.b.c.d, RFC 4291 2.5.5.2 */
		memcpy(in6.sin6_addr.s6_addr + 12, address->ip, 4);
	} else {
		memcpy(&in6.sin6_addr, address->ip, 16);
		in6.sin6_scope_id = address->scope;
	}
	memcpy(to, &in6, sizeof(in6));
	return sizeof(in6);
}

socklen_t tp_address_to_sockaddr(struct sockaddr_storage *to, const struct tp_address *address,
				 int family)
{
	memset(to, 0, sizeof(*to));
	return family == AF_INET ? to_in(to, address) : to_in6(to, address);
}

/* Splits "host:port" and "[v6]:port"; false if it is neither. */
static bool split(const char *text, char host[HOST_MAX], const char **port)
{
	const char *colon = strrchr(text, ':'), *end = colon;

	if (!colon)
		return false;
	if (*text == '[') {
		text++;
		end = strchr(text, ']');
		if (!end || end + 1 != colon)
			return false;
	} else if (strchr(text, ':') != colon) {
		return false;
	}
	if (end - text >= HOST_MAX)
		return false;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	*port = colon + 1;
	return true;
}

static int parse_port(uint16_t *port, const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value > UINT16_MAX)
		return tp_fail(TP_ERR_ARGUMENT, "\"%.64s\" is not a port: a number from 0 to 65535",
			       text);
	*port = (uint16_t)value;
	return 0;
}

/* What needs no resolver; a zone (fe80::1%eth0) does. */
static bool numeric(struct tp_address *address, const char *host)
{
	struct sockaddr_storage storage = {0};
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, host, &in.sin_addr) == 1)
		memcpy(&storage, &in, sizeof(in));
	else if (inet_pton(AF_INET6, host, &in6.sin6_addr) == 1)
		memcpy(&storage, &in6, sizeof(in6));
	tp_address_from_sockaddr(address, &storage);
	return address->family;
}

static int resolve(struct tp_address *address, const char *host)
{
	/* The resolver puts what cannot be reached from here last (RFC 6724). */
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
	struct addrinfo *found;
	struct sockaddr_storage first = {0};
	int error = getaddrinfo(host, NULL, &hints, &found);

	if (error)
		return tp_fail(TP_ERR_NETWORK, "no address for the host \"%s\": %s", host,
			       gai_strerror(error));
	memcpy(&first, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	tp_address_from_sockaddr(address, &first);
	if (!address->family)
		return tp_fail(TP_ERR_NETWORK, "the host \"%s\" has no IPv4 or IPv6 address", host);
	return 0;
}

int tp_address_parse(struct tp_address *address, const char *text)
{
	struct tp_address parsed = {0};
	char host[HOST_MAX];
	const char *port_text;
	uint16_t port = 0;
	int error;

	if (!split(text, host, &port_text))
		return tp_fail(TP_ERR_ARGUMENT,
			       "\"%.64s\" is not an address: write host:port, or [IPv6]:port",
			       text);
	error = parse_port(&port, port_text);
	if (!error && *host && !numeric(&parsed, host))
		error = resolve(&parsed, host);
	if (error)
		return error;
	parsed.port = port;
	*address = parsed;
	return 0;
}

char *tp_address_format(const struct tp_address *address, char text[TP_ADDRESS_TEXT])
{
	/* 39 characters at most: the longer forms, with IPv4 in them, are not written. */
	char ip[40] = "", zone[IF_NAMESIZE + 1] = "";

	if (address->family == 6) {
		inet_ntop(AF_INET6, address->ip, ip, sizeof(ip));
		if (address->scope) {
			zone[0] = '%';
			if (!if_indextoname(address->scope, zone + 1))
				snprintf(zone, sizeof(zone), "%%%u", address->scope);
		}
		snprintf(text, TP_ADDRESS_TEXT, "[%s%s]:%u", ip, zone, address->port);
	} else {
		if (address->family == 4)
			inet_ntop(AF_INET, address->ip, ip, sizeof(ip));
		snprintf(text, TP_ADDRESS_TEXT, "%s:%u", ip, address->port);
	}
	return text;
}

int tp_address_check(const struct tp_address *address, const char *what)
{
	if (address->family == 0 || address->family == 4 || address->family == 6)
		return 0;
	return tp_fail(TP_ERR_ARGUMENT, "%s is of family %d; 4, 6 and 0 (none) are possible", what,
		       address->family);
}

bool tp_address_equal(const struct tp_address *a, const struct tp_address *b)
{
	return a->port == b->port && tp_address_same_host(a, b);
}

bool tp_address_same_host(const struct tp_address *a, const struct tp_address *b)
{
	if (a->family != b->family)
		return false;
	return !memcmp(a->ip, b->ip, a->family == 4 ? 4 : sizeof(a->ip));
}

bool tp_address_is_loopback(const struct tp_address *address)
{
	static const uint8_t one[16] = {[15] = 1};

	if (address->family == 4)
		return address->ip[0] == 127; /* RFC 1122 3.2.1.3 */
	return address->family == 6 && memcmp(address->ip, one, sizeof(one)) == 0;
}
