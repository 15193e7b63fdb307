/* SPDX-License-Identifier: MIT */
/* Makes what is sent of a recording: source LEAD_MS RATE_HZ IN OUT.
 *
 * Speech that begins and ends loud, so that a lost first or last packet shows,
 * behind LEAD_MS of silence for a peer that takes time to open and before half a
 * second of it for one that buffers. */
#include "hal/wav.h"

#include <talkpath/error.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	TAIL_MS = 500,
	LOUD_MS = 10, /* what is judged at a time */
	LOUD = 1000, /* mean size of its samples, -30 dB */
};

static bool is_loud(const struct tp_wav *wav, int64_t at, int n)
{
	int64_t sum = 0;

	for (int i = 0; i < n; i++)
		sum += abs(wav->samples[at + i]);
	return sum > (int64_t)LOUD * n;
}

/* The span from the first loud moment to the last. */
static void find_speech(const struct tp_wav *wav, int64_t *from, int64_t *to)
{
	int n = wav->rate_hz / 1000 * LOUD_MS;

	*from = -1;
	*to = 0;
	for (int64_t at = 0; at + n <= wav->frames; at += n) {
		if (!is_loud(wav, at, n))
			continue;
		*from = *from < 0 ? at : *from;
		*to = at + n;
	}
}

static int write_silence(struct tp_wav_writer *writer, int ms)
{
	static const int16_t silence[TP_WAV_RATE_MAX / 1000];
	int error = 0;

	for (int i = 0; i < ms && !error; i++)
		error = tp_wav_writer_write(writer, silence, (size_t)writer->rate_hz / 1000);
	return error;
}

static int make(const char *in, const char *out, int lead_ms, int rate_hz)
{
	struct tp_wav_writer writer;
	struct tp_wav wav;
	int64_t from, to;
	int error = tp_wav_read(in, &wav);

	if (error)
		return error;
	tp_wav_mono(&wav);
	error = tp_wav_convert(&wav, rate_hz);
	find_speech(&wav, &from, &to);
	if (!error && from < 0)
		error = tp_fail(TP_ERR_FORMAT, "%.150s has no loud sound", in);
	if (!error)
		error = tp_wav_writer_open(&writer, out, rate_hz, 1);
	if (error)
		return error;
	error = write_silence(&writer, lead_ms);
	if (!error)
		error = tp_wav_writer_write(&writer, wav.samples + from, (size_t)(to - from));
	if (!error)
		error = write_silence(&writer, TAIL_MS);
	tp_wav_free(&wav);
	return error ? error : tp_wav_writer_close(&writer);
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fprintf(stderr, "usage: source LEAD_MS RATE_HZ IN.wav OUT.wav\n");
		return 2;
	}
	if (!make(argv[3], argv[4], atoi(argv[1]), atoi(argv[2])))
		return 0;
	fprintf(stderr, "source: %s\n", tp_error_detail());
	return 1;
}
