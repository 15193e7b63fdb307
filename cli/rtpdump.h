/* SPDX-License-Identifier: MIT */
/* Files of rtptools' rtpdump: "#!rtpplay1.0", a start time, packets
 * with an offset in milliseconds. */
#ifndef CLI_RTPDUMP_H
#define CLI_RTPDUMP_H

#include "packetfile.h"

#include <stdbool.h>

struct tp_rtpdump {
	const uint8_t *data; /* borrowed */
	size_t len, pos;
	struct tp_address address; /* of the file's first line: where the packets were sent to */
};

/* Whether `data` begins like one. [any] */
bool tp_rtpdump_is(const uint8_t *data, size_t len);

/* Reads the head: 0, or TP_ERR_FORMAT. Borrows `data`. [any] */
TP_MUST_USE int tp_rtpdump_open(struct tp_rtpdump *dump, const uint8_t *data, size_t len);

/* The next RTP packet (RTCP is skipped): 1, 0 at the end, TP_ERR_FORMAT where the file is cut off
 * or damaged. stamp_ns counts from the start of the file. [any] */
TP_MUST_USE int tp_rtpdump_next(struct tp_rtpdump *dump, struct tp_packetfile_packet *packet);

#endif
