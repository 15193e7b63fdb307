/* SPDX-License-Identifier: MIT */
/* The audio side's loop: sleeps in the device, turns whole blocks, wakes the wire side. */
#include "engine/block.h"
#include "engine/clock.h"
#include "engine/engine.h"
#include "engine/thread.h"

#include <time.h>

enum {
	WAIT_MS = 500, /* a device that is silent for so long is asked how it is */
	OVERLOAD_NS = 1000000000, /* from one event to the next */
};

static void tell_codec(struct tp_session *session, int64_t now_ns)
{
	int pt = session->receiver.pt;

	if (pt == session->told_pt)
		return;
	if (session->told_pt >= 0)
		tp_engine_audio_event(session->engine, TP_EVENT_CODEC_CHANGED, session, now_ns,
				      (uint32_t)pt);
	session->told_pt = pt;
}

/* Outside of the blocks: an event may take a system call. */
static void tell_codecs(struct tp_engine *engine, int64_t now_ns)
{
	for (int i = 0; i < engine->config.sessions_max; i++)
		if (engine->session[i].on_bus)
			tell_codec(&engine->session[i], now_ns);
}

int tp_audio_loop_turn(struct tp_engine *engine, int64_t now_ns, int *sent)
{
	struct tp_device *device = &engine->device;
	bool was_lost = device->lost;
	int error;

	*sent = 0;
	tp_commands_audio(engine, now_ns);
	if (!engine->started) {
		engine->started = true;
		tp_device_start(device, now_ns);
	}
	error = tp_device_capture(device, now_ns);
	while (tp_device_ready(device))
		*sent += tp_block_run(engine);
	tell_codecs(engine, now_ns);
	if (error == 0)
		error = tp_device_playback(device, now_ns);
	if (device->lost && !was_lost)
		tp_engine_audio_event(engine, TP_EVENT_DEVICE_LOST, NULL, now_ns, 0);
	return device->lost ? TP_ERR_DEVICE_LOST : error;
}

/* A histogram of what blocks cost, and which of them came too late to be heard in time. */
static void count_time(struct tp_engine *engine, int64_t spent_ns, uint64_t blocks)
{
	int64_t us = blocks ? spent_ns / 1000 / (int64_t)blocks : 0;
	int bin = 0;

	if (blocks == 0)
		return;
	while (bin < 15 && us >> bin > 0)
		bin++;
	engine->block_us_histogram[bin] += (uint32_t)blocks;
	if (spent_ns > engine->device.block_ns * (int64_t)blocks)
		engine->late_blocks += (uint32_t)blocks;
}

/* Once a second, if blocks came too late in it. */
static void tell_overload(struct tp_engine *engine, int64_t now_ns)
{
	if (now_ns - engine->overload.since_ns < OVERLOAD_NS)
		return;
	if (engine->late_blocks != engine->overload.told)
		tp_engine_audio_event(engine, TP_EVENT_OVERLOAD, NULL, now_ns,
				      engine->late_blocks - engine->overload.told);
	engine->overload.told = engine->late_blocks;
	engine->overload.since_ns = now_ns;
}

static void wait_for_device(struct tp_engine *engine)
{
	struct tp_device *device = &engine->device;
	struct timespec block = {0, (long)device->block_ns};

	if (!engine->started)
		return; /* the first turn does that */
	if (device->lost || device->ops->wait(device->hal, WAIT_MS) < 0)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &block, NULL);
}

static void turn(struct tp_engine *engine)
{
	int64_t now_ns = tp_clock_now_ns();
	uint64_t blocks = engine->blocks;
	int sent;

	if (engine->config.threads == 1)
		tp_wire_loop_receive(engine, now_ns);
	/* A device that is lost is told as an event, and the call goes on without it. */
	(void)!tp_audio_loop_turn(engine, now_ns, &sent);
	if (engine->config.threads == 1)
		tp_wire_loop_send(engine, now_ns);
	else if (sent > 0)
		tp_engine_kick(engine->wire_fd);
	count_time(engine, tp_clock_now_ns() - now_ns, engine->blocks - blocks);
	tell_overload(engine, now_ns);
}

void *tp_audio_loop_thread(void *context)
{
	struct tp_engine *engine = context;

	tp_thread_prepare("talkpath audio", engine->config.realtime_priority);
	while (!atomic_load_explicit(&engine->stop, memory_order_acquire)) {
		wait_for_device(engine);
		turn(engine);
	}
	return NULL;
}
