/* SPDX-License-Identifier: MIT */
/* Redundant audio on the wire (RFC 2198): a packet that carries earlier ones again. */
#include "engine/redundancy.h"

#include <talkpath/error.h>

enum {
	FOLLOWED = 0x80, /* another header comes after this one (RFC 2198 3) */
	TYPE = 0x7f,
	BLOCKS_MAX = 32, /* headers in one packet that are believed */
};

static struct tp_redundancy_block read_header(const uint8_t *header)
{
	return (struct tp_redundancy_block){
		.pt = header[0] & TYPE,
		.back = (uint16_t)(header[1] << 6 | header[2] >> 2),
		.len = (uint16_t)((header[2] & 3) << 8 | header[3]),
	};
}

int tp_redundancy_parse(struct tp_redundancy *red, const uint8_t *payload, size_t len)
{
	struct tp_redundancy_block block[BLOCKS_MAX];
	size_t at = 0;
	int n = 0;

	red->n = 0;
	while (at < len && payload[at] & FOLLOWED) {
		if (n == BLOCKS_MAX || len - at < TP_REDUNDANCY_HEADER)
			return TP_ERR_FORMAT;
		block[n++] = read_header(payload + at);
		at += TP_REDUNDANCY_HEADER;
	}
	if (at == len)
		return TP_ERR_FORMAT;
	red->own.pt = payload[at++] & TYPE;
	for (int i = 0; i < n; i++) {
		if (block[i].len > len - at)
			return TP_ERR_FORMAT;
		block[i].at = (uint16_t)at;
		at += block[i].len;
	}
	red->own.at = (uint16_t)at;
	red->own.len = (uint16_t)(len - at);
	red->own.back = 0;
	/* The newest ones stand last, and are worth most. */
	for (int i = n - 1; i >= 0 && red->n < TP_REDUNDANCY_BLOCKS; i--)
		if (block[i].len > 0 && block[i].back > 0)
			red->earlier[red->n++] = block[i];
	return 0;
}

int tp_redundancy_write(const struct tp_redundancy *red, uint8_t *payload)
{
	uint8_t *header = payload;

	for (int i = 0; i < red->n; i++, header += TP_REDUNDANCY_HEADER) {
		const struct tp_redundancy_block *block = &red->earlier[i];

		header[0] = FOLLOWED | block->pt;
		header[1] = (uint8_t)(block->back >> 6);
		header[2] = (uint8_t)((block->back & 63) << 2 | block->len >> 8);
		header[3] = (uint8_t)block->len;
	}
	*header++ = red->own.pt;
	return (int)(header - payload);
}
