/* SPDX-License-Identifier: MIT */
/* Frame n of a stream crosses the converter at start + n / rate by CLOCK_MONOTONIC. There is no
 * thread: frames are put on the loop, or taken from it, when the application moves them, under the
 * numbers that they have by the loudspeaker's clock since the card's epoch; so what is heard does
 * not depend on when anybody is woken. */
#include "stream.h"

#include <math.h>
#include <sys/timerfd.h>
#include <time.h>

int stream_is_playback(const struct stream *s)
{
	return s->io.stream == SND_PCM_STREAM_PLAYBACK;
}

int64_t stream_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int stream_is_gone(const struct stream *s)
{
	if (s->vanish_ms && s->running && stream_clock_ns() - s->start_ns > s->vanish_ms * 1000000)
		s->card->vanished = 1;
	return s->card->vanished;
}

/* By a direction's own crystal. */
static double frames_per_ns(const struct testcard_direction *log)
{
	return log->rate_hz * 1e-9 * (1 + log->ppm * 1e-6);
}

static const struct testcard_direction *loudspeaker(const struct stream *s)
{
	return &s->card->direction[SND_PCM_STREAM_PLAYBACK];
}

int64_t stream_time_ns(const struct stream *s, int64_t n)
{
	return s->start_ns + (int64_t)ceil((double)n / frames_per_ns(s->log)) + 1;
}

void stream_arm(const struct stream *s, int64_t at_ns)
{
	struct itimerspec when = {.it_value = {at_ns / 1000000000, at_ns % 1000000000}};

	timerfd_settime(s->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void put(struct stream *s, int64_t number, int16_t sample)
{
	size_t i = (size_t)(number & (TESTCARD_LOOP - 1));

	s->card->loop[i].number = (uint32_t)number;
	s->card->loop[i].sample = sample;
}

/* The queue stays where it is: copying would take time between the card's clock and its stamp. */
void stream_begin(struct stream *s)
{
	if (stream_is_playback(s))
		s->card->queued_n =
			s->io.appl_ptr < TESTCARD_LOOP ? (int64_t)s->io.appl_ptr : TESTCARD_LOOP;
	s->next_xrun = s->xrun_every;
	s->log->starts++;
	s->start_ns = stream_clock_ns();
	s->running = 1;
	s->log->start_ns = s->start_ns;
	s->log->start_frame = (int64_t)((double)(s->start_ns - s->card->epoch_ns) *
					frames_per_ns(loudspeaker(s)));
	stream_arm(s, 1);
}

int64_t stream_crossed(struct stream *s)
{
	if (!s->card->stalled)
		s->stalled_n = (int64_t)((double)(stream_clock_ns() - s->start_ns) *
					 frames_per_ns(s->log));
	return s->stalled_n;
}

static void halt_playback(struct stream *s, int64_t n)
{
	for (int64_t i = 0; i < n && i < s->card->queued_n; i++)
		put(s, s->log->start_frame + i, s->card->queue[i]);
	s->card->queued_n = 0;
	for (; n < (int64_t)s->io.appl_ptr; n++)
		put(s, s->log->start_frame + n, 0);
}

void stream_halt(struct stream *s, int64_t n)
{
	if (stream_is_playback(s) && s->running)
		halt_playback(s, n);
	s->running = 0;
	stream_arm(s, 1);
}

void stream_play(struct stream *s, int64_t n, int16_t sample)
{
	if (s->running)
		put(s, s->log->start_frame + n, sample);
	else if (n < TESTCARD_LOOP)
		s->card->queue[n] = sample;
}

int16_t stream_hear(const struct stream *s, int64_t n)
{
	const struct testcard *card = s->card;
	double ratio = frames_per_ns(loudspeaker(s)) / frames_per_ns(s->log);
	int64_t number = s->log->start_frame - s->delay + (int64_t)floor((double)n * ratio);
	int64_t queued = number - loudspeaker(s)->start_frame;
	size_t i = (size_t)(number & (TESTCARD_LOOP - 1));

	if (queued >= 0 && queued < card->queued_n)
		return card->queue[queued];
	return card->loop[i].number == (uint32_t)number ? (int16_t)card->loop[i].sample : 0;
}
