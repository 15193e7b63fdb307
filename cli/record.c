/* SPDX-License-Identifier: MIT */
/* The sound of a call into a file: near on the left, far on the right. */
#include "record.h"

enum {
	CHUNK = 480,
};

int tp_record_open(struct tp_record *record, const char *path, int rate_hz)
{
	record->error = tp_wav_writer_open(&record->writer, path, rate_hz, 2);
	record->is_open = !record->error;
	return record->error;
}

int tp_record_drain(struct tp_record *record, struct tp_engine *engine)
{
	int16_t tap[CHUNK * TP_TAP_CHANNELS], stereo[CHUNK * 2];
	int n;

	while ((n = tp_engine_tap(engine, tap, CHUNK)) > 0) {
		const int16_t *from = tap;

		for (int16_t *to = stereo; from < tap + (size_t)n * TP_TAP_CHANNELS;
		     from += TP_TAP_CHANNELS) {
			*to++ = from[0];
			*to++ = from[1];
		}
		if (!record->error)
			record->error = tp_wav_writer_write(&record->writer, stereo, (size_t)n);
	}
	return record->error;
}

int tp_record_close(struct tp_record *record)
{
	int error;

	if (!record->is_open)
		return 0;
	record->is_open = false;
	error = tp_wav_writer_close(&record->writer);
	return record->error ? record->error : error;
}
