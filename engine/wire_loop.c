/* SPDX-License-Identifier: MIT */
/* The wire side's loop: sleeps in one poll on the sockets and on what the audio side hands over. */
#include "engine/clock.h"
#include "engine/engine.h"
#include "engine/thread.h"

#include <poll.h>
#include <unistd.h>

enum {
	FDS_MAX = 1 + 2 * TP_SESSIONS_MAX,
	WAIT_MAX_MS = 1000,
};

static const int64_t never_ns = INT64_MAX;

void tp_wire_loop_receive(struct tp_engine *engine, int64_t now_ns)
{
	engine->wire_now_ns = now_ns;
	tp_commands_wire(engine, now_ns);
	for (int i = 0; i < engine->config.sessions_max; i++)
		if (engine->session[i].on_wire)
			tp_wire_receive(&engine->session[i].wire, now_ns);
}

void tp_wire_loop_send(struct tp_engine *engine, int64_t now_ns)
{
	for (int i = 0; i < engine->config.sessions_max; i++) {
		struct tp_session *session = &engine->session[i];
		if (!session->on_wire)
			continue;
		tp_wire_send(&session->wire, now_ns);
		tp_session_publish_wire(session);
	}
}

static int descriptors(const struct tp_session *session, int fd[2])
{
	return session->transport.ops->descriptors(session->transport.state, fd);
}

/* *asked: whether a transport has none, and has to be asked instead. */
static int collect(struct tp_engine *engine, struct pollfd *fds, bool *asked)
{
	int n = 0, fd[2];

	*asked = false;

	fds[n++] = (struct pollfd){.fd = engine->wire_fd, .events = POLLIN};
	for (int i = 0; i < engine->config.sessions_max; i++) {
		struct tp_session *session = &engine->session[i];
		int count = session->on_wire ? descriptors(session, fd) : 0;
		for (int k = 0; k < count; k++)
			fds[n++] = (struct pollfd){.fd = fd[k], .events = POLLIN};
		*asked |= session->on_wire && count <= 0;
	}
	engine->wire_changed = false;
	return n;
}

static int wait_ms(const struct tp_engine *engine, int64_t now_ns, bool asked)
{
	int64_t due_ns = asked ? now_ns + (int64_t)engine->config.block_ms * 1000000 : never_ns;

	for (int i = 0; i < engine->config.sessions_max; i++)
		if (engine->session[i].on_wire) {
			int64_t session_ns = tp_wire_due_ns(&engine->session[i].wire);
			due_ns = session_ns < due_ns ? session_ns : due_ns;
		}
	if (due_ns <= now_ns)
		return 0;
	if (due_ns - now_ns >= (int64_t)WAIT_MAX_MS * 1000000)
		return WAIT_MAX_MS;
	return (int)((due_ns - now_ns + 999999) / 1000000);
}

void *tp_wire_loop_thread(void *context)
{
	struct tp_engine *engine = context;
	struct pollfd fds[FDS_MAX];
	uint64_t kicks;
	bool asked = false;
	int n = 0;

	tp_thread_prepare("talkpath wire", engine->config.realtime_priority);
	engine->wire_changed = true;
	while (!atomic_load_explicit(&engine->stop, memory_order_acquire)) {
		int64_t now_ns = tp_clock_now_ns();
		tp_wire_loop_receive(engine, now_ns);
		tp_wire_loop_send(engine, now_ns);
		if (engine->wire_changed)
			n = collect(engine, fds, &asked);
		poll(fds, (nfds_t)n, wait_ms(engine, now_ns, asked));
		if (fds[0].revents & POLLIN)
			(void)!read(engine->wire_fd, &kicks, sizeof(kicks));
	}
	return NULL;
}
