/* SPDX-License-Identifier: MIT */
/* From a captured frame to the UDP datagram in it. */
#include "frame.h"

#include "engine/octets.h"

#include <string.h>

enum {
	/* https://www.tcpdump.org/linktypes.html */
	LINK_NULL = 0, /* BSD loopback: address family in the order of the machine that captured */
	LINK_ETHERNET = 1,
	LINK_RAW_BSD = 12,
	LINK_RAW_OPENBSD = 14,
	LINK_RAW = 101,
	LINK_LOOP = 108,
	LINK_LINUX_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_LINUX_SLL2 = 276,

	ETHER_IPV4 = 0x0800,
	ETHER_IPV6 = 0x86DD,
	ETHER_VLAN = 0x8100,
	ETHER_QINQ = 0x88A8,

	IP_HOP_BY_HOP = 0,
	IP_UDP = 17,
	IP_ROUTING = 43,
	IP_DESTINATION = 60,
};

/* What is left of a frame while its heads are taken off. */
struct rest {
	const uint8_t *data;
	size_t len;
};

static bool skip(struct rest *rest, size_t n)
{
	if (n > rest->len)
		return false;
	rest->data += n;
	rest->len -= n;
	return true;
}

/* Takes off an Ethernet-like head whose type field is at `type`, and any VLAN tags behind it. */
static bool skip_typed(struct rest *rest, size_t type, size_t head)
{
	unsigned ether;

	if (rest->len < head)
		return false;
	ether = tp_octets_get16(rest->data + type);
	skip(rest, head);
	while ((ether == ETHER_VLAN || ether == ETHER_QINQ) && rest->len >= 4) {
		ether = tp_octets_get16(rest->data + 2);
		skip(rest, 4);
	}
	return ether == ETHER_IPV4 || ether == ETHER_IPV6;
}

static bool skip_link(struct rest *rest, uint16_t link_type)
{
	switch (link_type) {
	case LINK_ETHERNET:
		return skip_typed(rest, 12, 14);
	case LINK_LINUX_SLL:
		return skip_typed(rest, 14, 16);
	case LINK_LINUX_SLL2:
		return skip_typed(rest, 0, 20);
	case LINK_NULL:
	case LINK_LOOP:
		return skip(rest, 4);
	case LINK_RAW:
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_IPV4:
	case LINK_IPV6:
		return true;
	default:
		return false;
	}
}

static void set_address(struct tp_address *address, uint8_t family, const uint8_t *ip)
{
	memset(address, 0, sizeof(*address));
	address->family = family;
	memcpy(address->ip, ip, family == 4 ? 4 : 16);
}

static bool skip_ipv4(struct rest *rest, struct tp_packetfile_packet *packet)
{
	const uint8_t *ip = rest->data;
	size_t head, total;

	if (rest->len < 20)
		return false;
	head = (size_t)(ip[0] & 15) * 4;
	total = tp_octets_get16(ip + 2);
	/* Fragments: more to come, or an offset (RFC 791 3.1). */
	if (head < 20 || total < head || ip[9] != IP_UDP || tp_octets_get16(ip + 6) & 0x3FFF)
		return false;
	/* A short frame is padded on Ethernet. */
	if (total < rest->len)
		rest->len = total;
	set_address(&packet->from, 4, ip + 12);
	set_address(&packet->to, 4, ip + 16);
	return skip(rest, head);
}

static bool skip_ipv6(struct rest *rest, struct tp_packetfile_packet *packet)
{
	const uint8_t *ip = rest->data;
	unsigned next, len;

	if (rest->len < 40)
		return false;
	next = ip[6];
	len = tp_octets_get16(ip + 4);
	set_address(&packet->from, 6, ip + 8);
	set_address(&packet->to, 6, ip + 24);
	skip(rest, 40);
	if (len < rest->len)
		rest->len = len;
	while (next == IP_HOP_BY_HOP || next == IP_ROUTING || next == IP_DESTINATION) {
		if (rest->len < 8)
			return false;
		next = rest->data[0];
		if (!skip(rest, 8 + (size_t)rest->data[1] * 8))
			return false;
	}
	return next == IP_UDP;
}

bool tp_frame_udp(struct tp_packetfile_packet *packet, const struct tp_pcap_frame *frame)
{
	struct rest rest = {frame->data, frame->len};
	size_t len;

	if (!skip_link(&rest, frame->link_type) || !rest.len)
		return false;
	if (rest.data[0] >> 4 == 4 ? !skip_ipv4(&rest, packet)
				   : rest.data[0] >> 4 != 6 || !skip_ipv6(&rest, packet))
		return false;
	if (rest.len < 8)
		return false;
	packet->from.port = tp_octets_get16(rest.data);
	packet->to.port = tp_octets_get16(rest.data + 2);
	len = tp_octets_get16(rest.data + 4);
	/* A datagram of which a part was captured cannot be played. */
	if (len < 8 || len > rest.len)
		return false;
	packet->data = rest.data + 8;
	packet->len = len - 8;
	return true;
}
