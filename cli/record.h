/* SPDX-License-Identifier: MIT */
/* The sound of a call into a file: near on the left, far on the right. */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include <talkpath/talkpath.h>

#include "hal/wav.h"

#include <stdbool.h>

struct tp_record {
	struct tp_wav_writer writer;
	bool is_open;
	int error; /* of the first write that failed; nothing is written after it */
};

/* Creates the file, of the bus's rate. */
TP_MUST_USE int tp_record_open(struct tp_record *record, const char *path, int rate_hz);

/* Takes all that waits in the engine's tap and appends it. Call it several times a second: the tap
 * keeps one. 0, or what the first failed write gave. */
TP_MUST_USE int tp_record_drain(struct tp_record *record, struct tp_engine *engine);

/* Ends the file. Does nothing if none is open. */
TP_MUST_USE int tp_record_close(struct tp_record *record);

#endif
