/* SPDX-License-Identifier: MIT */
/* A file of captured packets, rtpdump, pcap or pcapng alike. */
#ifndef CLI_PACKETFILE_H
#define CLI_PACKETFILE_H

#include <talkpath/talkpath.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One UDP datagram. The data belong to the file. */
struct tp_packetfile_packet {
	int64_t stamp_ns; /* as the file has it: since its start, or since 1970 */
	struct tp_address from, to;
	const uint8_t *data;
	size_t len;
};

struct tp_packetfile;

/* Opens a file and finds out its format. Gives *file, which
 * tp_packetfile_close takes back. [any] */
TP_MUST_USE int tp_packetfile_open(struct tp_packetfile **file, const char *path);

/* The same over `len` octets in memory, borrowed. [any] */
TP_MUST_USE int tp_packetfile_open_memory(struct tp_packetfile **file, const uint8_t *data,
					  size_t len);

/* The next datagram in the order of the file: 1, 0 at the end, or TP_ERR_FORMAT where the file
 * is cut off or damaged. [any] */
TP_MUST_USE int tp_packetfile_next(struct tp_packetfile *file, struct tp_packetfile_packet *packet);

/* Begins anew. [any] */
void tp_packetfile_rewind(struct tp_packetfile *file);

/* NULL is allowed. [any] */
void tp_packetfile_close(struct tp_packetfile *file);

#endif
