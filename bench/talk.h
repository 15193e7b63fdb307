/* SPDX-License-Identifier: MIT */
/* A few seconds of recorded speech: what codecs and cancellers are timed with. */
#ifndef BENCH_TALK_H
#define BENCH_TALK_H

#include <talkpath/attributes.h>

#include <stdint.h>

enum {
	TP_TALK_S = 3,
	TP_TALK_MAX = TP_TALK_S * 48000, /* samples, at any rate */
};

/* Fills TP_TALK_S seconds with the demo's first talker, at any rate up to 48000 Hz. [control] */
TP_MUST_USE int tp_talk_load(int16_t *pcm, int rate_hz);

#endif
