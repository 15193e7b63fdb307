/* SPDX-License-Identifier: MIT */
/* Comfort noise on the wire (RFC 3389): a level and a spectrum in place of a silence. */
#ifndef TP_COMFORT_H
#define TP_COMFORT_H

#include <talkpath/attributes.h>

#include <stddef.h>
#include <stdint.h>

enum {
	TP_COMFORT_ORDER = 10, /* of what we send: G.711 Appendix II */
	TP_COMFORT_MAX = 1 + TP_COMFORT_ORDER, /* octets of it */
	TP_COMFORT_READ_MAX =
		10, /* reflection coefficients that are read: no room has more to say */
};

struct tp_comfort {
	float power; /* mean square, of samples of 16 bits */
	int order; /* 0: no spectrum is told */
	float reflection[TP_COMFORT_READ_MAX]; /* -1 < k < 1; of noise that is darker than white the
						* first is positive: the sign that predicts */
};

/* Reads `len` octets that nobody has checked: 0, or TP_ERR_FORMAT for an empty payload. [any] */
TP_MUST_USE int tp_comfort_parse(struct tp_comfort *comfort, const uint8_t *payload, size_t len);

/* Writes order + 1 <= TP_COMFORT_MAX octets, returns how many. [any] */
int tp_comfort_write(const struct tp_comfort *comfort, uint8_t *payload);

#endif
