/* SPDX-License-Identifier: MIT */
/* Files of rtptools' rtpdump: "#!rtpplay1.0", a start time, packets
 * with an offset in milliseconds. */
#include "rtpdump.h"

#include "engine/octets.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const char magic[] = "#!rtpplay1.0 ";

enum {
	MAGIC_LEN = sizeof(magic) - 1,
	FIRST_LINE_MAX = 128,
	HEAD_LEN = 16, /* start s, start us, source address, source port, 16 bits of padding */
	RECORD_LEN = 8, /* length with this head, length of the packet or 0 for RTCP, offset ms */
};

bool tp_rtpdump_is(const uint8_t *data, size_t len)
{
	return len >= MAGIC_LEN && !memcmp(data, magic, MAGIC_LEN);
}

/* "address/port" of the first line; one that cannot be read is left empty. */
static void read_address(struct tp_address *address, const uint8_t *text, size_t len)
{
	char line[FIRST_LINE_MAX], *rest = line;
	uint8_t ip[4];
	unsigned long port;

	memcpy(line, text, len);
	line[len] = '\0';
	if (inet_pton(AF_INET, strsep(&rest, "/"), ip) != 1 || !rest)
		return;
	port = strtoul(rest, NULL, 10);
	if (!port || port > 65535)
		return;
	address->family = 4;
	address->port = (uint16_t)port;
	memcpy(address->ip, ip, sizeof(ip));
}

int tp_rtpdump_open(struct tp_rtpdump *dump, const uint8_t *data, size_t len)
{
	const uint8_t *end;

	memset(dump, 0, sizeof(*dump));
	dump->data = data;
	dump->len = len;
	end = memchr(data, '\n', len < FIRST_LINE_MAX ? len : FIRST_LINE_MAX);
	if (!tp_rtpdump_is(data, len) || !end)
		return tp_fail(TP_ERR_FORMAT, "no rtpdump file: \"#!rtpplay1.0 ADDRESS/PORT\" is "
					      "missing in the first line");
	read_address(&dump->address, data + MAGIC_LEN, (size_t)(end - data) - MAGIC_LEN);
	dump->pos = (size_t)(end - data) + 1 + HEAD_LEN;
	if (dump->pos > len)
		return tp_fail(TP_ERR_FORMAT, "the rtpdump file is cut off in its head");
	return 0;
}

int tp_rtpdump_next(struct tp_rtpdump *dump, struct tp_packetfile_packet *packet)
{
	while (dump->pos < dump->len) {
		const uint8_t *record = dump->data + dump->pos;
		size_t room = dump->len - dump->pos, len, packet_len;

		len = room < RECORD_LEN ? 0 : tp_octets_get16(record);
		if (len < RECORD_LEN || len > room)
			return tp_fail(TP_ERR_FORMAT,
				       "the rtpdump file is cut off or damaged at octet %zu",
				       dump->pos);
		packet_len = tp_octets_get16(record + 2);
		dump->pos += len;
		/* 0: RTCP; more than is there: only the head was kept, nothing can be played. */
		if (!packet_len || packet_len > len - RECORD_LEN)
			continue;
		memset(packet, 0, sizeof(*packet));
		packet->stamp_ns = (int64_t)tp_octets_get32(record + 4) * 1000000;
		packet->to = dump->address;
		packet->data = record + RECORD_LEN;
		packet->len = packet_len;
		return 1;
	}
	return 0;
}
