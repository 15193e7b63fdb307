/* SPDX-License-Identifier: MIT */
/* A network without a network: two transports in one process, in
 * virtual time, that lose nothing. */
#include "pipe.h"

#include <string.h>

void tp_pipe_init(struct tp_pipe *pipe)
{
	for (int i = 0; i < 2; i++) {
		pipe->end[i].pipe = pipe;
		pipe->end[i].head = pipe->end[i].tail = 0;
	}
}

static int number(const struct tp_pipe_end *end)
{
	return (int)(end - end->pipe->end);
}

/* Addresses of documentation, RFC 5737. */
/* Where an end is, as the other one sends to it. */
static struct tp_address address_of(int end, enum tp_component component)
{
	return (struct tp_address){.family = 4,
				   .ip = {192, 0, 2, (uint8_t)(1 + end)},
				   .port = (uint16_t)(4000 + (component == TP_RTCP))};
}

static int pipe_receive(void *state, int64_t now_ns, struct tp_datagram *batch, int n)
{
	struct tp_pipe_end *end = state;
	int got = 0;

	(void)now_ns;
	for (; got < n && end->head != end->tail; got++) {
		const struct tp_pipe_datagram *from = &end->cell[end->head++ % TP_PIPE_CELLS];
		struct tp_datagram *to = &batch[got];

		to->len = from->len;
		to->stamp_ns = from->stamp_ns;
		to->component = from->component;
		to->from = address_of(1 - number(end), from->component);
		memcpy(to->data, from->data, from->len < to->cap ? from->len : to->cap);
	}
	return got;
}

static int pipe_send(void *state, int64_t now_ns, enum tp_component component,
		     const struct tp_address *to, const uint8_t *data, size_t len)
{
	struct tp_pipe_end *end = state;
	struct tp_pipe_end *other = &end->pipe->end[1 - number(end)];
	struct tp_pipe_datagram *cell = &other->cell[other->tail % TP_PIPE_CELLS];

	(void)to;
	if (len > sizeof(cell->data) || other->tail - other->head == TP_PIPE_CELLS)
		return TP_ERR_FULL;
	memcpy(cell->data, data, len);
	cell->len = len;
	cell->stamp_ns = now_ns;
	cell->component = component;
	other->tail++;
	return 0;
}

static int pipe_descriptors(void *state, int fd[2])
{
	(void)state;
	(void)fd;
	return 0;
}

static int pipe_local(void *state, enum tp_component component, struct tp_address *address)
{
	*address = address_of(number(state), component);
	return 0;
}

static void pipe_close(void *state)
{
	(void)state;
}

static const struct tp_transport_ops pipe_ops = {
	.receive = pipe_receive,
	.send = pipe_send,
	.descriptors = pipe_descriptors,
	.local = pipe_local,
	.close = pipe_close,
};

struct tp_transport tp_pipe_transport(struct tp_pipe *pipe, int end)
{
	return (struct tp_transport){.ops = &pipe_ops, .state = &pipe->end[end]};
}
