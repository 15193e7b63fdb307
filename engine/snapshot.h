/* SPDX-License-Identifier: MIT */
/* The newest value of a struct, handed from one writer to one reader without either waiting. */
#ifndef TP_SNAPSHOT_H
#define TP_SNAPSHOT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	TP_SNAPSHOT_FRESH = 4, /* set beside the slot number that the reader has not seen */
};

/* Three slots: the writer's, the reader's, and the one that lies between them. */
struct tp_snapshot {
	uint8_t *memory;
	size_t size;
	unsigned writing; /* writer */
	unsigned reading; /* reader */
	_Atomic unsigned between;
};

/* `memory` holds three structs of `size` octets; borrowed. The first read gives what it holds. */
static inline void tp_snapshot_init(struct tp_snapshot *snapshot, void *memory, size_t size)
{
	snapshot->memory = memory;
	snapshot->size = size;
	snapshot->writing = 0;
	snapshot->reading = 1;
	atomic_init(&snapshot->between, 2);
}

/* Writer: publishes a copy of *value. */
static inline void tp_snapshot_write(struct tp_snapshot *snapshot, const void *value)
{
	memcpy(snapshot->memory + snapshot->writing * snapshot->size, value, snapshot->size);
	snapshot->writing =
		atomic_exchange_explicit(&snapshot->between, snapshot->writing | TP_SNAPSHOT_FRESH,
					 memory_order_acq_rel) &
		~(unsigned)TP_SNAPSHOT_FRESH;
}

/* Reader: copies the newest value out. */
static inline void tp_snapshot_read(struct tp_snapshot *snapshot, void *value)
{
	if (atomic_load_explicit(&snapshot->between, memory_order_relaxed) & TP_SNAPSHOT_FRESH)
		snapshot->reading = atomic_exchange_explicit(&snapshot->between, snapshot->reading,
							     memory_order_acq_rel) &
				    ~(unsigned)TP_SNAPSHOT_FRESH;
	memcpy(value, snapshot->memory + snapshot->reading * snapshot->size, snapshot->size);
}

#endif
