/* SPDX-License-Identifier: MIT */
/* A network without a network: two transports in one process, in
 * virtual time, that lose nothing. */
#ifndef BENCH_PIPE_H
#define BENCH_PIPE_H

#include <talkpath/transport.h>

enum {
	TP_PIPE_CELLS = 64, /* datagrams on their way to one end; a power of two */
};

struct tp_pipe;

struct tp_pipe_datagram {
	uint8_t data[TP_DATAGRAM_MAX];
	size_t len;
	int64_t stamp_ns;
	enum tp_component component;
};

struct tp_pipe_end {
	struct tp_pipe *pipe;
	struct tp_pipe_datagram cell[TP_PIPE_CELLS]; /* on their way to this end */
	unsigned head, tail;
};

/* Caller-owned; one thread at a time turns both ends. */
struct tp_pipe {
	struct tp_pipe_end end[2];
};

/* Empties it. [control] */
void tp_pipe_init(struct tp_pipe *pipe);

/* The transport of an end, 0 or 1. It borrows the pipe: its close frees nothing. [control] */
struct tp_transport tp_pipe_transport(struct tp_pipe *pipe, int end);

#endif
