/* SPDX-License-Identifier: MIT */
/* Session descriptions (RFC 8866) of one audio stream: written for players, read from peers. */
#ifndef CLI_SDP_H
#define CLI_SDP_H

#include "formats.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	TP_SDP_HOST = 128,
	TP_SDP_MAX = 65536, /* octets of a description that is still read */
};

/* One audio stream, as whoever receives it is described. */
struct tp_sdp {
	char host[TP_SDP_HOST]; /* address or name of c=, without a multicast TTL */
	int port; /* of m=; 0: the stream is refused */
	char rtcp_host[TP_SDP_HOST]; /* of a=rtcp, RFC 3605; "": host */
	int rtcp_port; /* 0: by the rules */
	bool rtcp_mux;
	enum tp_flow flow; /* seen from the end that is described */
	int ptime_ms; /* 0: not said */
	struct tp_formats formats; /* in its order of preference; only codecs that we have */
	bool secure; /* RTP/SAVP or SAVPF */
	struct tp_srtp_key
		key; /* of the first a=crypto that we can do; suite NONE: there is none */
};

/* Reads the first audio stream of `text`, `len` octets that nobody has checked. What is unknown is
 * skipped; a missing rtpmap of a static type is filled in (RFC 3551 6). 0, or TP_ERR_FORMAT /
 * TP_ERR_UNSUPPORTED with a sentence. The caller wipes sdp->key. [any] */
TP_MUST_USE int tp_sdp_read(struct tp_sdp *sdp, const char *text, size_t len);

/* Reads a file by tp_sdp_read. [any] */
TP_MUST_USE int tp_sdp_read_file(struct tp_sdp *sdp, const char *path);

/* Writes a description into `text`: its length, or TP_ERR_ARGUMENT if `cap` is too small. [any] */
TP_MUST_USE int tp_sdp_write(const struct tp_sdp *sdp, char *text, size_t cap);

/* Writes tp_sdp_write's text to a new file, readable by its owner alone if it holds a key. [any] */
TP_MUST_USE int tp_sdp_write_file(const struct tp_sdp *sdp, const char *path);

#endif
