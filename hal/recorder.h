/* SPDX-License-Identifier: MIT */
/* A sound file that a loop may write to: a ring, and a thread that takes it to the disk. */
#ifndef TP_RECORDER_H
#define TP_RECORDER_H

#include "wav.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The ring holds half a minute or more: what a disk may stall while the loop goes on. One thread
 * pushes, the recorder's own thread drains; the 32-bit counters wrap. */
struct tp_recorder {
	struct tp_wav_writer writer; /* the draining thread's until it has ended */
	pthread_t thread;
	int16_t *ring;
	uint32_t mask;
	_Atomic uint32_t head; /* written by the draining thread */
	_Atomic uint32_t tail; /* written by the pushing thread */
	atomic_bool stop;
	atomic_bool failed; /* the disk took no more; what is pushed is discarded */
	int64_t owed; /* the pushing thread's: frames of silence to be pushed first */
};

/* Creates the file (mono, 16 bit) and starts the thread. 0 or an error with a sentence, nothing
 * left open. tp_recorder_close() takes it back. [control] */
TP_MUST_USE int tp_recorder_open(struct tp_recorder *recorder, const char *path, int rate_hz);

/* Appends n samples. With `wait` it sleeps while the ring is full, so that nothing is ever lost:
 * for virtual time, which outruns any disk. Without, it never sleeps: samples that find no room
 * become silence of the same length, so that the file keeps its time. False once the disk has
 * refused. [audio] */
bool tp_recorder_push(struct tp_recorder *recorder, const int16_t *pcm, int n, bool wait);

/* Appends silence before what is pushed next. [audio] */
void tp_recorder_skip(struct tp_recorder *recorder, int64_t n);

/* Takes the rest to the disk and closes the file. [control] */
void tp_recorder_close(struct tp_recorder *recorder);

#endif
