/* SPDX-License-Identifier: MIT */
/* A sound file that a loop may write to: a ring, and a thread that takes it to the disk. */
#include "recorder.h"

#include <talkpath/error.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	RING_S = 30,
	DRAIN_MS = 50,
	BLOCK = 256,
};

static void sleep_ms(int ms)
{
	struct timespec pause = {.tv_nsec = ms * 1000000L};

	nanosleep(&pause, NULL);
}

/* Writes what is there up to the end of the ring's memory; returns how much it was. */
static uint32_t drain_some(struct tp_recorder *recorder)
{
	uint32_t head = atomic_load_explicit(&recorder->head, memory_order_relaxed);
	uint32_t tail = atomic_load_explicit(&recorder->tail, memory_order_acquire);
	uint32_t at = head & recorder->mask;
	uint32_t n = tail - head;

	if (n > recorder->mask + 1 - at)
		n = recorder->mask + 1 - at;
	if (n && !atomic_load(&recorder->failed) &&
	    tp_wav_writer_write(&recorder->writer, recorder->ring + at, n) < 0)
		atomic_store(&recorder->failed, true);
	atomic_store_explicit(&recorder->head, head + n, memory_order_release);
	return n;
}

static uint32_t drain(struct tp_recorder *recorder)
{
	uint32_t n, sum = 0;

	while ((n = drain_some(recorder)))
		sum += n;
	return sum;
}

/* `stop` is read before the last drain: what was pushed before it was set is written. Who fills an
 * eighth of the ring within one sleep is in virtual time, and soon waits for this thread. */
static void *drain_until_stop(void *context)
{
	struct tp_recorder *recorder = context;
	bool stop, hurry;

	do {
		stop = atomic_load(&recorder->stop);
		hurry = drain(recorder) > recorder->mask / 8;
		if (!stop)
			sleep_ms(hurry ? 1 : DRAIN_MS);
	} while (!stop);
	return NULL;
}

/* The application's signals are not for this thread. */
static int start_thread(struct tp_recorder *recorder)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&recorder->thread, NULL, drain_until_stop, recorder);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error ? tp_fail(TP_ERR_SYSTEM, "no thread for a recording: %s", strerror(error)) : 0;
}

int tp_recorder_open(struct tp_recorder *recorder, const char *path, int rate_hz)
{
	uint32_t ring_n = 1;
	int error;

	while (ring_n < (uint32_t)rate_hz * RING_S)
		ring_n *= 2;
	*recorder = (struct tp_recorder){.mask = ring_n - 1, .writer = {.fd = -1}};
	recorder->ring = malloc(ring_n * sizeof(*recorder->ring));
	if (!recorder->ring)
		return tp_fail(TP_ERR_MEMORY, "no memory for a recording of \"%s\"", path);
	/* So that its pages are there before a loop touches them. */
	memset(recorder->ring, 0, ring_n * sizeof(*recorder->ring));
	error = tp_wav_writer_open(&recorder->writer, path, rate_hz, 1);
	if (error)
		goto fail;
	error = start_thread(recorder);
	if (error)
		goto fail;
	return 0;

fail:
	if (recorder->writer.fd >= 0)
		(void)!tp_wav_writer_close(&recorder->writer);
	free(recorder->ring);
	return error;
}

static uint32_t room(struct tp_recorder *recorder)
{
	return recorder->mask + 1 -
	       (atomic_load_explicit(&recorder->tail, memory_order_relaxed) -
		atomic_load_explicit(&recorder->head, memory_order_acquire));
}

/* pcm NULL: silence. Returns how many samples found room. */
static int push_some(struct tp_recorder *recorder, const int16_t *pcm, int n, bool wait)
{
	uint32_t tail = atomic_load_explicit(&recorder->tail, memory_order_relaxed);

	while (wait && room(recorder) < (uint32_t)n)
		sleep_ms(1);
	if (room(recorder) < (uint32_t)n)
		n = (int)room(recorder);
	for (int i = 0; i < n; i++)
		recorder->ring[(tail + (uint32_t)i) & recorder->mask] = pcm ? pcm[i] : 0;
	atomic_store_explicit(&recorder->tail, tail + (uint32_t)n, memory_order_release);
	return n;
}

bool tp_recorder_push(struct tp_recorder *recorder, const int16_t *pcm, int n, bool wait)
{
	int done = 1;

	while (recorder->owed && done) {
		done = push_some(recorder, NULL,
				 recorder->owed < BLOCK ? (int)recorder->owed : BLOCK, wait);
		recorder->owed -= done;
	}
	done = 0;
	while (!recorder->owed && done < n) {
		int some =
			push_some(recorder, pcm + done, n - done < BLOCK ? n - done : BLOCK, wait);

		done += some;
		if (!some)
			break;
	}
	recorder->owed += n - done;
	return !atomic_load_explicit(&recorder->failed, memory_order_relaxed);
}

void tp_recorder_skip(struct tp_recorder *recorder, int64_t n)
{
	recorder->owed += n;
}

void tp_recorder_close(struct tp_recorder *recorder)
{
	atomic_store(&recorder->stop, true);
	pthread_join(recorder->thread, NULL);
	(void)!tp_wav_writer_close(&recorder->writer);
	free(recorder->ring);
	recorder->ring = NULL;
}
