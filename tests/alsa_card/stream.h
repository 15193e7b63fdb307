/* SPDX-License-Identifier: MIT */
/* One direction of the test sound card: its clock, and its end of the loop. */
#ifndef TESTCARD_STREAM_H
#define TESTCARD_STREAM_H

#include "testcard.h"

#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>

struct stream {
	snd_pcm_ioplug_t io;
	struct testcard *card;
	struct testcard_direction *log;
	int timer; /* a descriptor that is readable from stream_arm's time on */
	int running;
	int64_t start_ns, stalled_n;
	int64_t next_xrun; /* period before which the next one is injected */
	/* From the configuration, see pcm_testcard.c. */
	long delay, playback_ppm, capture_ppm, rate_min, rate_max, channels_min, channels_max,
		period_bytes_min, period_bytes_max, periods_max, xrun_every, vanish_ms;
	const char *shm, *format, *access;
};

int stream_is_playback(const struct stream *s);

/* True once the card has been pulled out. */
int stream_is_gone(const struct stream *s);

/* Monotonic time, and the time at which frame n crosses the converter. */
int64_t stream_clock_ns(void);
int64_t stream_time_ns(const struct stream *s, int64_t n);

/* Makes the descriptor readable from this time on. */
void stream_arm(const struct stream *s, int64_t at_ns);

/* Frame 0 crosses the converter now; what is queued follows. */
void stream_begin(struct stream *s);

/* Frames that crossed the converter since then. */
int64_t stream_crossed(struct stream *s);

/* Stops at frame n: what was written beyond it is never heard. */
void stream_halt(struct stream *s, int64_t n);

/* The loudspeaker will play `sample` as its frame n; the microphone hears its frame n. */
void stream_play(struct stream *s, int64_t n, int16_t sample);
int16_t stream_hear(const struct stream *s, int64_t n);

#endif
