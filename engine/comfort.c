/* SPDX-License-Identifier: MIT */
/* Comfort noise on the wire (RFC 3389): a level and a spectrum in place of a silence. */
#include "engine/comfort.h"

#include <talkpath/error.h>

#include <math.h>

enum {
	LEVEL_BITS = 127, /* RFC 3389 3.1: the first bit is unused */
	MIDDLE = 127, /* ibid. 3.2: the octet of a coefficient of 0 */
	LAST = 254, /* ibid.: 255 is reserved */
};

/* 0 dBov: a square wave of full scale. */
static const float overload = 32768.0f * 32768.0f;

/* RFC 3389 3.2: 258 (N - 127) / 32768. Its A(z) has the other sign. */
static float coefficient(uint8_t octet)
{
	int n = octet > LAST ? LAST : octet;

	return -258.0f * (float)(n - MIDDLE) / 32768.0f;
}

int tp_comfort_parse(struct tp_comfort *comfort, const uint8_t *payload, size_t len)
{
	if (len < 1)
		return TP_ERR_FORMAT;
	comfort->power = overload * powf(10.0f, -0.1f * (float)(payload[0] & LEVEL_BITS));
	comfort->order = len - 1 < TP_COMFORT_READ_MAX ? (int)len - 1 : TP_COMFORT_READ_MAX;
	for (int i = 0; i < comfort->order; i++)
		comfort->reflection[i] = coefficient(payload[1 + i]);
	return 0;
}

static int clamp(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

int tp_comfort_write(const struct tp_comfort *comfort, uint8_t *payload)
{
	int order = clamp(comfort->order, 0, TP_COMFORT_ORDER);
	double level = comfort->power > 0 ? -10 * log10((double)comfort->power / (double)overload)
					  : LEVEL_BITS;

	payload[0] = (uint8_t)clamp((int)lrint(level), 0, LEVEL_BITS);
	for (int i = 0; i < order; i++) {
		int n = MIDDLE + (int)lrintf(-comfort->reflection[i] * 32768.0f / 258.0f);

		payload[1 + i] = (uint8_t)clamp(n, 0, LAST);
	}
	return 1 + order;
}
