/* SPDX-License-Identifier: MIT */
/* The bus: one matrix per block, of sources that are heard by destinations. */
#ifndef TP_BUS_H
#define TP_BUS_H

#include <talkpath/talkpath.h>

enum {
	TP_BUS_MICROPHONE = 0, /* source */
	TP_BUS_EAR = 0, /* destination */
	TP_BUS_SESSION = 1, /* source and destination: + session index */
	TP_BUS_LINES = TP_BUS_SESSION + TP_SESSIONS_MAX,
	TP_BUS_BLOCK_MAX = 480, /* samples: 10 ms at 48 kHz */
	TP_BUS_UNITY = 1 << 12, /* a gain of 0 dB */
};

struct tp_bus {
	int block_n;
	int16_t source[TP_BUS_LINES][TP_BUS_BLOCK_MAX];
	int32_t gain[TP_BUS_LINES]
		    [TP_BUS_LINES]; /* [destination][source], 4096 is 1.0, 0: not heard */
};

/* Nothing is heard by anyone. [control] */
void tp_bus_init(struct tp_bus *bus, int block_n);

/* Writes what a destination hears in this block, saturated. [audio] */
void tp_bus_mix(const struct tp_bus *bus, int destination, int16_t *pcm);

/* The same, and not saturated. [audio] */
void tp_bus_mix_wide(const struct tp_bus *bus, int destination, float *pcm);

#endif
