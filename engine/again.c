/* SPDX-License-Identifier: MIT */
/* What was sent, kept to be sent again in a later packet (RFC 2198). */
#include "engine/again.h"

#include <string.h>

int tp_again_begin(const struct tp_again *again, int distance, uint8_t pt, uint32_t timestamp,
		   uint8_t *payload, int cap)
{
	int at = (again->newest + distance - 1) % TP_AGAIN_DISTANCE_MAX;
	const struct tp_again_payload *sent = &again->sent[at];
	uint32_t back = timestamp - sent->timestamp;
	struct tp_redundancy red = {.own.pt = pt};
	int len;

	if (sent->len > 0 && back > 0 && back <= TP_REDUNDANCY_OFFSET_MAX &&
	    TP_REDUNDANCY_HEADER + TP_REDUNDANCY_LAST + 2 * sent->len <= cap) {
		red.n = 1;
		red.earlier[0].pt = sent->pt;
		red.earlier[0].back = (uint16_t)back;
		red.earlier[0].len = sent->len;
	}
	len = tp_redundancy_write(&red, payload);
	if (red.n > 0) {
		memcpy(payload + len, sent->data, sent->len);
		len += sent->len;
	}
	return len;
}

void tp_again_keep(struct tp_again *again, uint8_t pt, uint32_t timestamp, const uint8_t *payload,
		   int len)
{
	struct tp_again_payload *sent;

	again->newest = (again->newest + TP_AGAIN_DISTANCE_MAX - 1) % TP_AGAIN_DISTANCE_MAX;
	sent = &again->sent[again->newest];
	sent->pt = pt;
	sent->timestamp = timestamp;
	sent->len = 0;
	if (len <= 0 || len > TP_REDUNDANCY_LEN_MAX)
		return;
	sent->len = (uint16_t)len;
	memcpy(sent->data, payload, (size_t)len);
}
