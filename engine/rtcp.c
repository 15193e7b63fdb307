/* SPDX-License-Identifier: MIT */
/* RTCP packets (RFC 3550 6): written, and read from whatever arrives. */
#include "rtcp.h"

#include "octets.h"

#include <string.h>

enum {
	SR = 200,
	RR = 201,
	SDES = 202,
	BYE = 203,
	XR = 207,
	HEADER = 4,
	SENDER = 20, /* sender info */
	BLOCK = 24,
	ITEM_CNAME = 1,
	CNAME_SENT_MAX = 63,
};

/* ---- Reading ---- */

/* One packet of a compound: its 5-bit count, and what follows its header without padding. */
struct part {
	unsigned count, type;
	const uint8_t *body;
	size_t len;
};

/* Cuts the next packet off; false if it is malformed. Padding only stands in the last one
 * (6.4.1). */
static bool cut(struct part *part, const uint8_t **data, size_t *len)
{
	const uint8_t *p = *data;
	size_t whole, padding = 0;

	if (*len < HEADER || p[0] >> 6 != 2)
		return false;
	whole = 4u * (tp_octets_get16(p + 2) + 1u);
	if (whole > *len)
		return false;
	if (p[0] & 0x20) {
		padding = p[whole - 1];
		if (whole != *len || !padding || padding % 4 || padding > whole - HEADER)
			return false;
	}
	part->count = p[0] & 0x1f;
	part->type = p[1];
	part->body = p + HEADER;
	part->len = whole - HEADER - padding;
	*data += whole;
	*len -= whole;
	return true;
}

static int32_t sign24(uint32_t value)
{
	return (int32_t)(value ^ 0x800000) - 0x800000;
}

static void read_block(struct tp_rtcp_block *block, const uint8_t *p)
{
	block->ssrc = tp_octets_get32(p);
	block->fraction_lost = p[4];
	block->lost = sign24(tp_octets_get24(p + 5));
	block->highest_seq = tp_octets_get32(p + 8);
	block->jitter = tp_octets_get32(p + 12);
	block->lsr = tp_octets_get32(p + 16);
	block->dlsr = tp_octets_get32(p + 20);
}

static bool read_report(struct tp_rtcp *rtcp, const struct part *part, uint32_t own_ssrc)
{
	size_t at = part->type == SR ? 4 + SENDER : 4;
	const uint8_t *p = part->body;

	/* Behind the blocks there may be extensions of a profile: skipped. */
	if (part->len < at + part->count * BLOCK)
		return false;
	rtcp->ssrc = tp_octets_get32(p);
	if (part->type == SR) {
		rtcp->has_sender = true;
		rtcp->sender.ntp = (uint64_t)tp_octets_get32(p + 4) << 32 | tp_octets_get32(p + 8);
		rtcp->sender.timestamp = tp_octets_get32(p + 12);
		rtcp->sender.packets = tp_octets_get32(p + 16);
		rtcp->sender.octets = tp_octets_get32(p + 20);
	}
	for (unsigned i = 0; i < part->count; i++, at += BLOCK) {
		if (tp_octets_get32(p + at) != own_ssrc)
			continue;
		rtcp->has_block = true;
		read_block(&rtcp->block, p + at);
	}
	return true;
}

/* Reads one chunk from *at on: an SSRC, items, a null and nulls up to the next 32 bits. */
static bool read_chunk(struct tp_rtcp *rtcp, const struct part *part, size_t *at)
{
	const uint8_t *p = part->body;
	uint32_t ssrc;

	if (part->len - *at < 4)
		return false;
	ssrc = tp_octets_get32(p + *at);
	*at += 4;
	while (*at < part->len && p[*at]) {
		size_t item = *at + 2;

		if (part->len < item || part->len - item < p[item - 1])
			return false;
		if (p[*at] == ITEM_CNAME && (!rtcp->ssrc || rtcp->ssrc == ssrc)) {
			memcpy(rtcp->cname, p + item, p[item - 1]);
			rtcp->cname[p[item - 1]] = '\0';
			rtcp->ssrc = ssrc;
		}
		*at = item + p[item - 1];
	}
	if (*at >= part->len)
		return false;
	*at = (*at + 4) & ~(size_t)3;
	return *at <= part->len;
}

static bool read_sdes(struct tp_rtcp *rtcp, const struct part *part)
{
	size_t at = 0;

	for (unsigned i = 0; i < part->count; i++)
		if (!read_chunk(rtcp, part, &at))
			return false;
	return true;
}

static bool read_bye(struct tp_rtcp *rtcp, const struct part *part)
{
	size_t sources = 4u * part->count;

	if (part->len < sources)
		return false;
	if (part->len > sources && part->len - sources - 1 < part->body[sources])
		return false;
	if (part->count) {
		rtcp->has_bye = true;
		rtcp->bye_ssrc = tp_octets_get32(part->body);
	}
	return true;
}

static bool check_xr(const struct part *part)
{
	size_t at = 4;

	if (part->len < 4)
		return false;
	while (at < part->len) {
		if (part->len - at < 4)
			return false;
		at += 4u * (tp_octets_get16(part->body + at + 2) + 1u);
	}
	return at == part->len;
}

static bool read_part(struct tp_rtcp *rtcp, const struct part *part, uint32_t own_ssrc)
{
	switch (part->type) {
	case SR:
	case RR:
		return read_report(rtcp, part, own_ssrc);
	case SDES:
		return read_sdes(rtcp, part);
	case BYE:
		return read_bye(rtcp, part);
	case XR:
		return check_xr(part);
	default:
		/* On a port of its own RTCP is not told from noise by anything else. */
		return part->type >= 192 && part->type <= 223;
	}
}

int tp_rtcp_parse(struct tp_rtcp *rtcp, const uint8_t *data, size_t len, uint32_t own_ssrc)
{
	struct part part;

	memset(rtcp, 0, sizeof(*rtcp));
	if (!len)
		return TP_ERR_FORMAT;
	while (len)
		if (!cut(&part, &data, &len) || !read_part(rtcp, &part, own_ssrc))
			return TP_ERR_FORMAT;
	return 0;
}

/* ---- Writing ---- */

/* `len` is the packet's, header and all. */
static void put_header(uint8_t *p, unsigned count, unsigned type, size_t len)
{
	p[0] = (uint8_t)(2 << 6 | count);
	p[1] = (uint8_t)type;
	tp_octets_put16(p + 2, (uint16_t)(len / 4 - 1));
}

static void put_block(uint8_t *p, const struct tp_rtcp_block *block)
{
	tp_octets_put32(p, block->ssrc);
	tp_octets_put32(p + 4,
			(uint32_t)block->fraction_lost << 24 | ((uint32_t)block->lost & 0xffffff));
	tp_octets_put32(p + 8, block->highest_seq);
	tp_octets_put32(p + 12, block->jitter);
	tp_octets_put32(p + 16, block->lsr);
	tp_octets_put32(p + 20, block->dlsr);
}

static size_t put_report(uint8_t *p, const struct tp_rtcp *rtcp)
{
	size_t len = HEADER + 4;

	if (rtcp->has_sender) {
		tp_octets_put32(p + len, (uint32_t)(rtcp->sender.ntp >> 32));
		tp_octets_put32(p + len + 4, (uint32_t)rtcp->sender.ntp);
		tp_octets_put32(p + len + 8, rtcp->sender.timestamp);
		tp_octets_put32(p + len + 12, rtcp->sender.packets);
		tp_octets_put32(p + len + 16, rtcp->sender.octets);
		len += SENDER;
	}
	if (rtcp->has_block) {
		put_block(p + len, &rtcp->block);
		len += BLOCK;
	}
	put_header(p, rtcp->has_block, rtcp->has_sender ? SR : RR, len);
	tp_octets_put32(p + HEADER, rtcp->ssrc);
	return len;
}

static size_t put_sdes(uint8_t *p, const struct tp_rtcp *rtcp)
{
	size_t name = strnlen(rtcp->cname, CNAME_SENT_MAX);
	/* One null at least ends the items, more fill the word. */
	size_t len = (HEADER + 4 + 2 + name + 4) & ~(size_t)3;

	memset(p, 0, len);
	put_header(p, 1, SDES, len);
	tp_octets_put32(p + HEADER, rtcp->ssrc);
	p[HEADER + 4] = ITEM_CNAME;
	p[HEADER + 5] = (uint8_t)name;
	memcpy(p + HEADER + 6, rtcp->cname, name);
	return len;
}

static size_t put_bye(uint8_t *p, const struct tp_rtcp *rtcp)
{
	put_header(p, 1, BYE, HEADER + 4);
	tp_octets_put32(p + HEADER, rtcp->ssrc);
	return HEADER + 4;
}

size_t tp_rtcp_write(uint8_t data[TP_RTCP_MAX], const struct tp_rtcp *rtcp)
{
	size_t len = put_report(data, rtcp);

	len += put_sdes(data + len, rtcp);
	if (rtcp->has_bye)
		len += put_bye(data + len, rtcp);
	return len;
}

uint64_t tp_rtcp_ntp(int64_t now_ns)
{
	uint64_t seconds = (uint64_t)(now_ns / 1000000000);
	uint64_t rest = (uint64_t)(now_ns % 1000000000);

	return seconds << 32 | (rest << 32) / 1000000000;
}

uint32_t tp_rtcp_ntp_middle(uint64_t ntp)
{
	return (uint32_t)(ntp >> 16);
}
