/* SPDX-License-Identifier: MIT */
/* How a learnt echo path is kept in a file or in flash. */
#include "echo_path.h"

#include <talkpath/error.h>

#include <math.h>
#include <string.h>

enum {
	VERSION = 3,
	HEAD = 32,
	TAIL = 4,
	RATE_AT = 8,
	TAPS_AT = 12,
	ERLE_AT = 16,
	DELAY_AT = 20,
	LEAD_AT = 24,
	ROUTE_AT = 28,
	TAPS_MAX = 1 << 20,
};
static const char magic[4] = {'t', 'p', 'e', 'p'};

static void put(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t checksum(const uint8_t *octets, size_t len)
{
	uint32_t crc = 0xffffffffu;

	for (size_t i = 0; i < len; i++) {
		crc ^= octets[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

size_t tp_echo_path_size(int taps_n)
{
	return HEAD + 4 * (size_t)taps_n + TAIL;
}

void tp_echo_path_write(const struct tp_echo_path *path, const int32_t *taps, void *buf)
{
	uint8_t *at = buf;
	size_t end = HEAD + 4 * (size_t)path->taps_n;

	memcpy(at, magic, sizeof(magic));
	put(at + 4, VERSION);
	put(at + RATE_AT, (uint32_t)path->rate_hz);
	put(at + TAPS_AT, (uint32_t)path->taps_n);
	put(at + ERLE_AT,
	    isnan(path->erle_db) ? (uint32_t)INT32_MIN : (uint32_t)lrint(100.0 * path->erle_db));
	put(at + DELAY_AT, (uint32_t)path->delay_us);
	put(at + LEAD_AT, (uint32_t)path->lead_us);
	put(at + ROUTE_AT, (uint32_t)path->route);
	for (int i = 0; i < path->taps_n; i++)
		put(at + HEAD + 4 * (size_t)i, (uint32_t)taps[i]);
	put(at + end, checksum(at, end));
}

int tp_echo_path_read(struct tp_echo_path *path, const void *buf, size_t len)
{
	const uint8_t *at = buf;

	if (len < HEAD + TAIL || memcmp(at, magic, sizeof(magic)))
		return tp_fail(TP_ERR_FORMAT, "not an echo path: %zu octets without its mark", len);
	if (get(at + 4) != VERSION)
		return tp_fail(TP_ERR_FORMAT, "an echo path of version %u; this is version %d",
			       get(at + 4), VERSION);
	uint32_t taps_n = get(at + TAPS_AT);
	int32_t erle = (int32_t)get(at + ERLE_AT);

	if (taps_n == 0 || taps_n > TAPS_MAX || len != tp_echo_path_size((int)taps_n))
		return tp_fail(TP_ERR_FORMAT, "an echo path of %u taps cannot have %zu octets",
			       taps_n, len);
	if (get(at + len - TAIL) != checksum(at, len - TAIL))
		return tp_fail(TP_ERR_FORMAT, "a damaged echo path: its checksum is wrong");
	if (get(at + ROUTE_AT) > TP_ROUTE_HANDSFREE)
		return tp_fail(TP_ERR_FORMAT, "an echo path of an unknown route %u",
			       get(at + ROUTE_AT));
	path->route = (enum tp_route)get(at + ROUTE_AT);
	path->rate_hz = (int)get(at + RATE_AT);
	path->taps_n = (int)taps_n;
	path->delay_us = (int32_t)get(at + DELAY_AT);
	path->lead_us = (int32_t)get(at + LEAD_AT);
	path->erle_db = erle == INT32_MIN ? (double)NAN : erle / 100.0;
	return 0;
}

void tp_echo_path_taps(const void *buf, int32_t *taps, int n)
{
	const uint8_t *at = buf;
	int stored_n = (int)get(at + TAPS_AT);

	for (int i = 0; i < n; i++)
		taps[i] = i < stored_n ? (int32_t)get(at + HEAD + 4 * (size_t)i) : 0;
}
