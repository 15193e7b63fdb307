/* SPDX-License-Identifier: MIT */
/* Numbers in network order at any alignment. */
#ifndef TP_OCTETS_H
#define TP_OCTETS_H

#include <stdint.h>

/* All [any]. */
static inline uint16_t tp_octets_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t tp_octets_get24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t tp_octets_get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | tp_octets_get24(p + 1);
}

static inline void tp_octets_put16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static inline void tp_octets_put32(uint8_t *p, uint32_t value)
{
	tp_octets_put16(p, (uint16_t)(value >> 16));
	tp_octets_put16(p + 2, (uint16_t)value);
}

#endif
