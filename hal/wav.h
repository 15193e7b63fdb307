/* SPDX-License-Identifier: MIT */
/* RIFF sound files of 16-bit PCM: read whole into memory, or written as a stream. */
#ifndef TP_WAV_H
#define TP_WAV_H

#include <talkpath/attributes.h>

#include <stddef.h>
#include <stdint.h>

enum {
	TP_WAV_CHANNELS_MAX = 8,
	TP_WAV_RATE_MAX = 768000,
};

/* A recording. `samples` is malloc'ed, interleaved, frames * channels of them. */
struct tp_wav {
	int16_t *samples;
	int64_t frames;
	int rate_hz;
	int channels;
};

/* Reads a file of 1..TP_WAV_CHANNELS_MAX channels of 16-bit PCM, plain or WAVE_FORMAT_EXTENSIBLE.
 * Gives wav->samples, which tp_wav_free() takes back. A data chunk that says to be longer than its
 * file (cut off, or written by a program that could not go back) is taken as far as it goes. Fails
 * with one sentence: TP_ERR_SYSTEM unreadable, TP_ERR_FORMAT empty, truncated, not a WAV file, of
 * another format, without a whole frame; TP_ERR_MEMORY. [control] */
TP_MUST_USE int tp_wav_read(const char *path, struct tp_wav *wav);

/* The same from memory: takes `bytes`, which must be malloc'ed, whatever the outcome. `name` stands
 * in the sentences. [control] */
TP_MUST_USE int tp_wav_parse(uint8_t *bytes, size_t len, const char *name, struct tp_wav *wav);

/* [control] */
void tp_wav_free(struct tp_wav *wav);

/* Keeps the first channel. Not the average of all: that thins a recording whose channels are two
 * microphones, and silences one whose second channel is wired in reverse. [control] */
void tp_wav_mono(struct tp_wav *wav);

/* Converts a mono recording to another rate, 1..TP_WAV_RATE_MAX, flat to 0.88 of the lower of both
 * Nyquist frequencies and without delay. 0, or TP_ERR_MEMORY with the recording as it was.
 * [control] */
TP_MUST_USE int tp_wav_convert(struct tp_wav *wav, int rate_hz);

/* A file that is being written. What its header says is true after every write, so that the file
 * can be read even if the process dies. Belongs to one thread at a time, never to a loop: it
 * writes to disk. */
struct tp_wav_writer {
	int fd;
	int rate_hz, channels;
	uint32_t data_len;
};

/* Creates or empties `path`. 0, or TP_ERR_SYSTEM with a sentence. */
TP_MUST_USE int tp_wav_writer_open(struct tp_wav_writer *writer, const char *path, int rate_hz,
				   int channels);

/* Appends interleaved frames. 0; TP_ERR_SYSTEM; TP_ERR_FULL at the 4 GiB that RIFF can say. After a
 * failure the file holds what was written before it. */
TP_MUST_USE int tp_wav_writer_write(struct tp_wav_writer *writer, const int16_t *frames, size_t n);

/* 0, or TP_ERR_SYSTEM if the system could not keep what it had accepted. The writer is closed. */
TP_MUST_USE int tp_wav_writer_close(struct tp_wav_writer *writer);

#endif
