/* SPDX-License-Identifier: MIT */
/* SRTP and SRTCP of one session: both directions' contexts, and their replacement in a call. */
#ifndef TP_SRTP_H
#define TP_SRTP_H

#include <talkpath/talkpath.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* What protecting appends at most: tag (16), SRTCP index (4), MKI (8). */
	TP_SRTP_TRAILER_MAX = 28,
	/* After a new receiving key the one before it is still accepted for so long. */
	TP_SRTP_GRACE_MS = 2000,
	/* After tp_srtp_resync() packets may begin anew until so long
	 * after the first accepted one. */
	TP_SRTP_RESYNC_MS = 2000,
	/* Sources whose rollover counters are kept; the one silent longest makes room. */
	TP_SRTP_SOURCES_MAX = 16,
};

/* What became of a packet; all but OK are refusals, and what is refused changed no state: neither
 * replay windows nor rollover counters, and no memory is held for it. */
enum tp_srtp_verdict {
	TP_SRTP_OK,
	TP_SRTP_FAILED_AUTH, /* forged, damaged, of another key or of an unknown MKI */
	TP_SRTP_REPLAYED, /* seen before, or older than the replay window */
	TP_SRTP_FAILED_OTHER, /* malformed, or of our own SSRC */
};

struct tp_srtp; /* one session's contexts of both directions */

/* Makes the contexts; takes copies of the keys. Refuses one key for both directions unless
 * `shared_key` (TP_ERR_KEY), and a direction without a suite (TP_ERR_ARGUMENT). `own_ssrc` is the
 * only one that can be sent and is never received; a sending key must not come back to an SSRC that
 * it had before another one. Gives *srtp, which tp_srtp_destroy() takes back. [control] */
TP_MUST_USE int tp_srtp_create(struct tp_srtp **srtp, const struct tp_srtp_key *send,
			       const struct tp_srtp_key *receive, bool shared_key,
			       uint32_t own_ssrc);

/* Wipes and frees; NULL is allowed. [control] */
void tp_srtp_destroy(struct tp_srtp *srtp);

/* Puts the keys of `fresh` in force; `current` stays the one to use. A direction whose key (and,
 * for sending, SSRC) is the same keeps its context untouched: rollover counters, replay windows. A
 * new sending key goes on with the rollover counter of the old one (RFC 3711 3.3.1). A new
 * receiving key learns each source's rollover counter from its first packet; the key before it is
 * still accepted for TP_SRTP_GRACE_MS. Takes `fresh` and gives back the one object that control
 * must destroy, with everything in it that is no longer used. [wire] */
TP_MUST_USE struct tp_srtp *tp_srtp_adopt(struct tp_srtp *current, struct tp_srtp *fresh,
					  int64_t now_ns);

/* Signalling says that the peer began anew: a source that the replay window or its rollover counter
 * would refuse is learnt again. [wire] */
void tp_srtp_resync(struct tp_srtp *srtp);

/* Authenticates and decrypts in place; *len becomes the length of the plain packet. `data` is
 * aligned to 4 octets and holds at most TP_DATAGRAM_MAX. If refused, *len is unchanged and the
 * contents of `data` are not to be used. [wire] */
TP_MUST_USE enum tp_srtp_verdict tp_srtp_unprotect(struct tp_srtp *srtp, int64_t now_ns,
						   uint8_t *data, size_t *len);
TP_MUST_USE enum tp_srtp_verdict tp_srtp_unprotect_rtcp(struct tp_srtp *srtp, int64_t now_ns,
							uint8_t *data, size_t *len);

/* Encrypts and authenticates in place; *len grows by up to TP_SRTP_TRAILER_MAX. `data` is aligned
 * to 4 octets. 0, TP_ERR_FULL (no room in `cap`), TP_ERR_FORMAT (no RTP or RTCP packet of our SSRC)
 * or TP_ERR_KEY (refused by the context: a repeated sequence number, a used-up key); the packet
 * must then not be sent. [wire] */
TP_MUST_USE int tp_srtp_protect(struct tp_srtp *srtp, uint8_t *data, size_t *len, size_t cap);
TP_MUST_USE int tp_srtp_protect_rtcp(struct tp_srtp *srtp, uint8_t *data, size_t *len, size_t cap);

#endif
