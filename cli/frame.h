/* SPDX-License-Identifier: MIT */
/* From a captured frame to the UDP datagram in it. */
#ifndef CLI_FRAME_H
#define CLI_FRAME_H

#include "packetfile.h"
#include "pcap.h"

/* Fills addresses and data (of the frame's own memory) of an unfragmented UDP datagram over IPv4 or
 * IPv6; false for everything else. Leaves stamp_ns alone. [any] */
bool tp_frame_udp(struct tp_packetfile_packet *packet, const struct tp_pcap_frame *frame);

#endif
