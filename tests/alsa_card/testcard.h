/* SPDX-License-Identifier: MIT */
/* What the test sound card and the test that plays on it share: the
 * card's own log, and commands. */
#ifndef TESTCARD_H
#define TESTCARD_H

#include <stdatomic.h>
#include <stdint.h>

enum {
	TESTCARD_LOOP = 1 << 17, /* frames between playback and capture that are remembered */
};

/* One direction, indexed by snd_pcm_stream_t: 0 playback, 1 capture. */
struct testcard_direction {
	/* The log, by the card alone. */
	_Atomic int64_t start_ns; /* when frame 0 of the latest start crossed the converter */
	_Atomic int64_t start_frame; /* what its number on the loop was */
	_Atomic int32_t rate_hz, period_n, buffer_n, channels, mmap, avail_min;
	_Atomic int32_t opens, starts, injected, natural; /* the last two: xruns */
	_Atomic int32_t unequal; /* played frames whose channels differed */
	/* Commands, by the test alone; the card takes xrun_now back to 0. */
	_Atomic int32_t xrun_now;
	/* The card's crystal; it moves at open, from the configuration. */
	_Atomic int32_t ppm;
};

/* The content of the file that the configuration names. All zero is a good beginning. */
struct testcard {
	_Atomic int64_t epoch_ns;
	_Atomic int32_t vanished; /* every call gives -ENODEV from now on */
	_Atomic int32_t stalled; /* the clocks stand still */
	struct testcard_direction direction[2];
	/* What was written before the latest start: its frames from 0 on, all heard from there. */
	_Atomic int64_t queued_n;
	int16_t queue[TESTCARD_LOOP];
	/* What the loudspeaker played else, by frame number modulo the size. The lower half of a
	 * number says whether the entry is of this round. */
	struct {
		uint32_t number;
		int32_t sample;
	} loop[TESTCARD_LOOP];
};

#endif
