/* SPDX-License-Identifier: MIT */
/* A ring of records copied by value between exactly one producer and one consumer thread. */
#ifndef TP_RECORDS_H
#define TP_RECORDS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct tp_records {
	uint8_t *memory;
	size_t size; /* of one record */
	uint32_t mask; /* records - 1; their number is a power of two */
	_Alignas(64) _Atomic uint32_t head; /* written by the consumer */
	_Alignas(64) _Atomic uint32_t tail; /* written by the producer */
};

/* `memory` holds `records` (a power of two) of `size` octets; borrowed. */
static inline void tp_records_init(struct tp_records *ring, void *memory, size_t size,
				   uint32_t records)
{
	ring->memory = memory;
	ring->size = size;
	ring->mask = records - 1;
	atomic_init(&ring->head, 0);
	atomic_init(&ring->tail, 0);
}

/* Producer: copies the record in; false if the ring is full. */
static inline bool tp_records_push(struct tp_records *ring, const void *record)
{
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	if (tail - atomic_load_explicit(&ring->head, memory_order_acquire) > ring->mask)
		return false;
	memcpy(ring->memory + (tail & ring->mask) * ring->size, record, ring->size);
	atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
	return true;
}

/* Consumer: copies the oldest record out; false if the ring is empty. */
static inline bool tp_records_pop(struct tp_records *ring, void *record)
{
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);

	if (head == atomic_load_explicit(&ring->tail, memory_order_acquire))
		return false;
	memcpy(record, ring->memory + (head & ring->mask) * ring->size, ring->size);
	atomic_store_explicit(&ring->head, head + 1, memory_order_release);
	return true;
}

#endif
