/* SPDX-License-Identifier: MIT */
/* Capture files: pcap in both byte orders with micro- or nanoseconds, and pcapng. */
#include "pcap.h"

#include "engine/octets.h"

#include <math.h>
#include <string.h>

enum {
	/* pcap (draft-ietf-opsawg-pcap) */
	PCAP_HEAD = 24,
	PCAP_RECORD = 16,
	/* pcapng (draft-ietf-opsawg-pcapng) */
	BLOCK_SECTION = 0x0A0D0D0A, /* reads the same in both byte orders */
	BLOCK_INTERFACE = 1,
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6,
	BLOCK_FRAME = 12, /* type, length, body, length again */
	OPTION_END = 0,
	OPTION_TSRESOL = 9,
	OPTION_TSOFFSET = 14,
	RESOLUTION_US = 6,
	RESOLUTION_NS = 9,
};

static const uint32_t magic_us = 0xA1B2C3D4, magic_ns = 0xA1B23C4D, byte_order = 0x1A2B3C4D;

static uint32_t get32(const struct tp_pcap *pcap, const uint8_t *b)
{
	uint32_t big = tp_octets_get32(b);

	return pcap->is_big_endian ? big : __builtin_bswap32(big);
}

static uint64_t get64(const struct tp_pcap *pcap, const uint8_t *b)
{
	uint64_t first = get32(pcap, b), second = get32(pcap, b + 4);

	return pcap->is_big_endian ? first << 32 | second : second << 32 | first;
}

static uint16_t get16(const struct tp_pcap *pcap, const uint8_t *b)
{
	return (uint16_t)(pcap->is_big_endian ? b[0] << 8 | b[1] : b[1] << 8 | b[0]);
}

static int fail_cut(const struct tp_pcap *pcap)
{
	return tp_fail(TP_ERR_FORMAT, "the capture is cut off or damaged at octet %zu", pcap->pos);
}

/* Ticks per second; a resolution that 64 bits cannot count is damage and read as the default. */
static uint64_t ticks_per_s(uint8_t resolution)
{
	unsigned exponent = resolution & 127;
	uint64_t ticks = 1;

	if (resolution & 128)
		return exponent < 63 ? UINT64_C(1) << exponent : 1000000;
	if (exponent > 19)
		return 1000000;
	while (exponent--)
		ticks *= 10;
	return ticks;
}

static int64_t stamp_ns(const struct tp_pcap_interface *interface, uint64_t ticks)
{
	const int64_t most_s = 9000000000; /* what int64 nanoseconds hold */
	uint64_t per_s = ticks_per_s(interface->resolution);
	uint64_t s = ticks / per_s;
	double rest = (double)(ticks % per_s) * 1e9 / (double)per_s;

	if (s > (uint64_t)most_s || interface->offset_s > most_s || interface->offset_s < -most_s ||
	    (int64_t)s + interface->offset_s > most_s || (int64_t)s + interface->offset_s < 0)
		return 0;
	return ((int64_t)s + interface->offset_s) * 1000000000 + llround(rest);
}

static int open_classic(struct tp_pcap *pcap)
{
	struct tp_pcap_interface *interface = &pcap->interface[0];
	uint32_t magic;

	pcap->is_big_endian = pcap->data[0] == 0xA1;
	magic = get32(pcap, pcap->data);
	if (magic != magic_us && magic != magic_ns)
		return tp_fail(TP_ERR_FORMAT, "neither an rtpdump nor a pcap or pcapng file");
	if (pcap->len < PCAP_HEAD)
		return fail_cut(pcap);
	/* The upper half may tell of frame check sequences. */
	interface->link_type = (uint16_t)get32(pcap, pcap->data + 20);
	interface->resolution = magic == magic_ns ? RESOLUTION_NS : RESOLUTION_US;
	pcap->interfaces_n = 1;
	pcap->pos = PCAP_HEAD;
	return 0;
}

int tp_pcap_open(struct tp_pcap *pcap, const uint8_t *data, size_t len)
{
	memset(pcap, 0, sizeof(*pcap));
	pcap->data = data;
	pcap->len = len;
	if (len < 4)
		return tp_fail(TP_ERR_FORMAT, "neither an rtpdump nor a pcap or pcapng file");
	pcap->is_ng = tp_octets_get32(data) == BLOCK_SECTION;
	if (!pcap->is_ng)
		return open_classic(pcap);
	return len < 28 ? fail_cut(pcap) : 0;
}

static int next_classic(struct tp_pcap *pcap, struct tp_pcap_frame *frame)
{
	const uint8_t *record = pcap->data + pcap->pos;
	size_t room = pcap->len - pcap->pos, len;
	uint64_t ticks;

	if (!room)
		return 0;
	if (room < PCAP_RECORD)
		return fail_cut(pcap);
	len = get32(pcap, record + 8);
	if (len > room - PCAP_RECORD)
		return fail_cut(pcap);
	ticks = get32(pcap, record) * ticks_per_s(pcap->interface[0].resolution) +
		get32(pcap, record + 4);
	frame->stamp_ns = stamp_ns(&pcap->interface[0], ticks);
	frame->link_type = pcap->interface[0].link_type;
	frame->data = record + PCAP_RECORD;
	frame->len = len;
	pcap->pos += PCAP_RECORD + len;
	return 1;
}

/* The byte order of a section stands in its first block; interfaces are counted anew. */
static bool read_section(struct tp_pcap *pcap, const uint8_t *block, size_t room)
{
	if (room < 28)
		return false;
	pcap->is_big_endian = tp_octets_get32(block + 8) == byte_order;
	pcap->interfaces_n = 0;
	return get32(pcap, block + 8) == byte_order;
}

static void read_interface(struct tp_pcap *pcap, const uint8_t *body, size_t len)
{
	struct tp_pcap_interface *interface;
	size_t pos = 8; /* link type, reserved, snap length */

	if (pcap->interfaces_n == TP_PCAP_INTERFACES || len < pos)
		return;
	interface = &pcap->interface[pcap->interfaces_n++];
	interface->link_type = get16(pcap, body);
	interface->resolution = RESOLUTION_US;
	interface->offset_s = 0;
	while (len - pos >= 4) {
		unsigned code = get16(pcap, body + pos), n = get16(pcap, body + pos + 2);
		const uint8_t *value = body + pos + 4;

		if (code == OPTION_END || n > len - pos - 4)
			return;
		if (code == OPTION_TSRESOL && n == 1)
			interface->resolution = *value;
		else if (code == OPTION_TSOFFSET && n == 8)
			interface->offset_s = (int64_t)get64(pcap, value);
		/* Values are padded to 32 bits. */
		n = (n + 3) & ~3u;
		pos += n > len - pos - 4 ? len - pos : 4 + n;
	}
}

/* Simple and enhanced packet blocks; false: nothing that can be used. */
static bool read_packet(struct tp_pcap *pcap, uint32_t type, const uint8_t *body, size_t len,
			struct tp_pcap_frame *frame)
{
	size_t head = type == BLOCK_SIMPLE ? 4 : 20, captured;
	uint32_t i;

	if (len < head)
		return false;
	/* A simple block is of interface 0, has no stamp and is as long as the block allows. */
	i = type == BLOCK_SIMPLE ? 0 : get32(pcap, body);
	captured = get32(pcap, body + head - (type == BLOCK_SIMPLE ? 4 : 8));
	if (type == BLOCK_SIMPLE && captured > len - head)
		captured = len - head;
	if (i >= (uint32_t)pcap->interfaces_n || captured > len - head)
		return false;
	if (type == BLOCK_ENHANCED)
		pcap->last_stamp_ns =
			stamp_ns(&pcap->interface[i],
				 (uint64_t)get32(pcap, body + 4) << 32 | get32(pcap, body + 8));
	frame->stamp_ns = pcap->last_stamp_ns;
	frame->link_type = pcap->interface[i].link_type;
	frame->data = body + head;
	frame->len = captured;
	return true;
}

static int next_ng(struct tp_pcap *pcap, struct tp_pcap_frame *frame)
{
	while (pcap->pos < pcap->len) {
		const uint8_t *block = pcap->data + pcap->pos;
		size_t room = pcap->len - pcap->pos, len;
		uint32_t type;

		if (room < BLOCK_FRAME ||
		    (tp_octets_get32(block) == BLOCK_SECTION && !read_section(pcap, block, room)))
			return fail_cut(pcap);
		type = get32(pcap, block);
		len = get32(pcap, block + 4);
		if (len < BLOCK_FRAME || len % 4 || len > room)
			return fail_cut(pcap);
		pcap->pos += len;
		if (type == BLOCK_INTERFACE)
			read_interface(pcap, block + 8, len - BLOCK_FRAME);
		else if ((type == BLOCK_SIMPLE || type == BLOCK_ENHANCED) &&
			 read_packet(pcap, type, block + 8, len - BLOCK_FRAME, frame))
			return 1;
	}
	return 0;
}

int tp_pcap_next(struct tp_pcap *pcap, struct tp_pcap_frame *frame)
{
	return pcap->is_ng ? next_ng(pcap, frame) : next_classic(pcap, frame);
}
