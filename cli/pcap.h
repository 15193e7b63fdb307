/* SPDX-License-Identifier: MIT */
/* Capture files: pcap in both byte orders with micro- or nanoseconds, and pcapng. */
#ifndef CLI_PCAP_H
#define CLI_PCAP_H

#include <talkpath/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TP_PCAP_INTERFACES = 32, /* of one pcapng section; frames of later ones are skipped */
};

struct tp_pcap_interface {
	uint16_t link_type;
	uint8_t resolution; /* if_tsresol: 10^-n s, or 2^-(n & 127) s with the top bit */
	int64_t offset_s; /* if_tsoffset */
};

struct tp_pcap {
	const uint8_t *data; /* borrowed */
	size_t len, pos;
	bool is_ng, is_big_endian;
	struct tp_pcap_interface interface[TP_PCAP_INTERFACES];
	int interfaces_n;
	int64_t last_stamp_ns; /* for simple packet blocks, which have no stamp */
};

struct tp_pcap_frame {
	int64_t stamp_ns;
	uint16_t link_type; /* https://www.tcpdump.org/linktypes.html */
	const uint8_t *data;
	size_t len;
};

/* Reads the head: 0, or TP_ERR_FORMAT. Borrows `data`. [any] */
TP_MUST_USE int tp_pcap_open(struct tp_pcap *pcap, const uint8_t *data, size_t len);

/* The next frame: 1, 0 at the end, TP_ERR_FORMAT where the file is cut off or damaged. [any] */
TP_MUST_USE int tp_pcap_next(struct tp_pcap *pcap, struct tp_pcap_frame *frame);

#endif
