/* SPDX-License-Identifier: MIT */
/* A second of a voice, made of arithmetic: what codecs and cancellers are timed with. */
#ifndef BENCH_TALK_H
#define BENCH_TALK_H

#include <stdint.h>

/* Fills n samples with voiced syllables, hisses and pauses; the same at every call. [any] */
void tp_talk_fill(int16_t *pcm, int n, int rate_hz);

#endif
