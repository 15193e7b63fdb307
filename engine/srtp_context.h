/* SPDX-License-Identifier: MIT */
/* One master key in libsrtp for one direction: the crypto, without a memory of what was learnt. */
#ifndef TP_SRTP_CONTEXT_H
#define TP_SRTP_CONTEXT_H

#include "srtp.h"

struct srtp_ctx_t_; /* libsrtp's */

/* The memory is its owner's, and so is the key, which stays where it is as long as the context. */
struct tp_srtp_context {
	struct srtp_ctx_t_ *srtp; /* NULL: nothing is open */
	const struct tp_srtp_key *key; /* borrowed; its MKI may be changed by the owner */
	uint8_t tag_len[2]; /* by component */
	bool aead; /* the tag ends the ciphertext, and an MKI stands last of all */
};

/* Opens a context for one SSRC in either direction, or with NULL for all that are received. 0,
 * TP_ERR_UNSUPPORTED, TP_ERR_MEMORY or TP_ERR_SYSTEM, without a sentence. [control] [wire] */
TP_MUST_USE int tp_srtp_context_open(struct tp_srtp_context *context, const struct tp_srtp_key *key,
				     const uint32_t *ssrc);

/* Wipes; what is not open is left alone. [control] [wire] */
void tp_srtp_context_close(struct tp_srtp_context *context);

/* Exchanges the key under the only SSRC: rollover counter and SRTCP index go on (RFC 3711 3.3.1,
 * 3.4). If it fails, nothing can be sent with the context any more. [wire] */
TP_MUST_USE int tp_srtp_context_rekey(struct tp_srtp_context *context,
				      const struct tp_srtp_key *key, uint32_t ssrc);

/* The rollover counter that the next packet of this SSRC is taken for,
 * before its first success. [wire] */
void tp_srtp_context_try_rollover(struct tp_srtp_context *context, uint32_t ssrc,
				  uint32_t rollover);

/* Drops what is known of an SSRC, in a context that was opened for all. [wire] */
void tp_srtp_context_forget(struct tp_srtp_context *context, uint32_t ssrc);

/* As tp_srtp_unprotect(), but a refused packet may be left damaged. [wire] */
TP_MUST_USE enum tp_srtp_verdict tp_srtp_context_unprotect(struct tp_srtp_context *context,
							   enum tp_component component,
							   uint8_t *data, size_t *len);

/* As tp_srtp_protect(). [wire] */
TP_MUST_USE int tp_srtp_context_protect(struct tp_srtp_context *context,
					enum tp_component component, uint8_t *data, size_t *len,
					size_t cap);

#endif
