/* SPDX-License-Identifier: MIT */
/* A transport that hands out a recorded stream, each packet when its time has come. */
#ifndef CLI_RECORDED_H
#define CLI_RECORDED_H

#include "formats.h"
#include "packetfile.h"

#include <stdbool.h>

/* One stream of a packet file: the packets between two ports. */
struct tp_recorded {
	struct tp_packetfile *file; /* borrowed */
	struct tp_address from, to; /* of the stream; family 0 in rtpdump files */
	struct tp_format format; /* of its first packet that `formats` knows */
	int64_t zero_ns; /* engine time of trace time 0; the caller sets it */
	int64_t first_ns; /* stamp of trace time 0: 0, or that of the stream's first packet if stamps
			   * are calendar time */
	int64_t last_ns; /* trace time of what was handed out last */
	int64_t pending_ns; /* trace time of what comes next */
	uint64_t packets; /* handed out */
	bool has_pending, ended;
	struct tp_packetfile_packet pending;
	int error; /* how the file ended: 0, or TP_ERR_FORMAT with its sentence */
};

/* Finds the stream: the first of which three packets in a row are RTP of payload types
 * that `formats` has (of less, if there is no such). It looks only as far as it must, so
 * that a longer recording is replayed as a shorter one was. 0; TP_ERR_FORMAT,
 * TP_ERR_UNSUPPORTED with a sentence. */
TP_MUST_USE int tp_recorded_find(struct tp_recorded *recorded, struct tp_packetfile *file,
				 const struct tp_formats *formats);

/* A transport over it. `recorded` stays the caller's and must outlive the session. */
void tp_recorded_transport(struct tp_transport *transport, struct tp_recorded *recorded);

/* The address that all its packets come from, as the session sees them. */
void tp_recorded_source(struct tp_address *address);

#endif
