/* SPDX-License-Identifier: MIT */
/* What the application sees of a running engine: events, statistics, taps, traces. */
#include "engine/engine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void tp_engine_kick(int fd)
{
	uint64_t one = 1;

	(void)!write(fd, &one, sizeof(one)); /* a full counter is readable as well */
}

void tp_engine_audio_event(struct tp_engine *engine, enum tp_event_kind kind,
			   struct tp_session *session, int64_t time_ns, uint32_t value)
{
	struct tp_event event = {kind, session, time_ns, value};

	if (tp_records_push(&engine->audio_events, &event))
		tp_engine_kick(engine->event_fd);
}

int tp_engine_descriptor(const struct tp_engine *engine)
{
	return engine->event_fd;
}

int tp_engine_next_event(struct tp_engine *engine, struct tp_event *event)
{
	uint64_t events;
	int found;

	pthread_mutex_lock(&engine->control);
	tp_commands_reap(engine);
	found = tp_records_pop(&engine->wire_events, event) ||
		tp_records_pop(&engine->audio_events, event);
	if (!found) {
		(void)!read(engine->event_fd, &events, sizeof(events));
		/* What came between the look and the read must not wait for the next. */
		found = tp_records_pop(&engine->wire_events, event) ||
			tp_records_pop(&engine->audio_events, event);
		if (found)
			tp_engine_kick(engine->event_fd);
	}
	pthread_mutex_unlock(&engine->control);
	return found;
}

int tp_engine_stats(struct tp_engine *engine, struct tp_engine_stats *stats)
{
	pthread_mutex_lock(&engine->control);
	tp_snapshot_read(&engine->snapshot, stats);
	pthread_mutex_unlock(&engine->control);
	return 0;
}

int tp_engine_tap(struct tp_engine *engine, int16_t *frames, int n)
{
	int got = 0;

	atomic_store_explicit(&engine->tap_enabled, true, memory_order_relaxed);
	while (got < n && tp_records_pop(&engine->tap, frames + (size_t)got * TP_TAP_CHANNELS))
		got++;
	return got;
}

int tp_engine_trace(struct tp_engine *engine, struct tp_trace *records, int n)
{
	int got = 0;

	atomic_store_explicit(&engine->trace.enabled, true, memory_order_relaxed);
	while (got < n && tp_records_pop(&engine->trace.records, &records[got]))
		got++;
	return got;
}

/* ---- Devices ------------------------------------------------------------------------------ */

struct listing {
	const struct tp_hal_ops *ops;
	void (*each)(void *context, const char *name, const char *about);
	void *context;
};

static void list_one(void *context, const char *args, const char *about)
{
	const struct listing *listing = context;
	char name[256];

	snprintf(name, sizeof(name), "%s:%s", listing->ops->name, args);
	listing->each(listing->context, name, about);
}

int tp_device_list(void (*each)(void *context, const char *name, const char *about), void *context)
{
	struct listing listing = {.each = each, .context = context};
	char name[256];

	for (int i = 0; (listing.ops = tp_hal_builtin(i)); i++) {
		snprintf(name, sizeof(name), "%s%s%s", listing.ops->name,
			 listing.ops->args[0] ? ":" : "", listing.ops->args);
		each(context, name, listing.ops->about);
		if (listing.ops->list)
			listing.ops->list(list_one, &listing);
	}
	return 0;
}
