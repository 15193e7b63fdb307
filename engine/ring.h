/* SPDX-License-Identifier: MIT */
/* A ring of pointers between exactly one producer and one consumer thread. */
#ifndef TP_RING_H
#define TP_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whoever moves a pointer through the ring moves the ownership of what it points to. 32-bit
 * counters: they wrap, and armel has no 64-bit atomics. */
struct tp_ring {
	void **cell;
	uint32_t mask; /* cells - 1; the number of cells is a power of two */
	_Alignas(64) _Atomic uint32_t head; /* written by the consumer */
	_Alignas(64) _Atomic uint32_t tail; /* written by the producer */
};

/* `cells` is a power of two and `cell` holds as many; borrowed. */
static inline void tp_ring_init(struct tp_ring *ring, void **cell, uint32_t cells)
{
	ring->cell = cell;
	ring->mask = cells - 1;
	atomic_init(&ring->head, 0);
	atomic_init(&ring->tail, 0);
}

/* Producer: false if the ring is full; the pointer is then still the caller's. */
static inline bool tp_ring_push(struct tp_ring *ring, void *item)
{
	uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

	if (tail - atomic_load_explicit(&ring->head, memory_order_acquire) > ring->mask)
		return false;
	ring->cell[tail & ring->mask] = item;
	atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
	return true;
}

/* Consumer: the oldest pointer, or NULL if the ring is empty. */
static inline void *tp_ring_pop(struct tp_ring *ring)
{
	uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
	void *item;

	if (head == atomic_load_explicit(&ring->tail, memory_order_acquire))
		return NULL;
	item = ring->cell[head & ring->mask];
	atomic_store_explicit(&ring->head, head + 1, memory_order_release);
	return item;
}

#endif
