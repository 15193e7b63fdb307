/* SPDX-License-Identifier: MIT */
/* Where a session writes what happened to its packets. */
#ifndef TP_TRACE_H
#define TP_TRACE_H

#include "engine/records.h"

#include <talkpath/talkpath.h>

enum {
	TP_TRACE_RECORDS = 4096,
};

/* An engine's; shared by its sessions. */
struct tp_trace_ring {
	struct tp_records records;
	_Atomic bool enabled; /* set by the first reader */
	uint32_t lost;
};

struct tp_tracer {
	struct tp_trace_ring *ring;
	struct tp_session *session;
};

/* Costs one load while nobody reads. [audio] */
static inline void tp_trace_put(const struct tp_tracer *tracer, enum tp_trace_kind kind,
				uint32_t timestamp, int64_t time_ns, int64_t value)
{
	struct tp_trace record = {kind, tracer->session, timestamp, time_ns, (int32_t)value};

	if (!tracer->ring || !atomic_load_explicit(&tracer->ring->enabled, memory_order_relaxed))
		return;
	if (!tp_records_push(&tracer->ring->records, &record))
		tracer->ring->lost++;
}

#endif
