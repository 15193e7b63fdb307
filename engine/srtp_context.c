/* SPDX-License-Identifier: MIT */
/* One master key in libsrtp, used in one direction: policy, lengths, MKI, verdicts. */
#include "srtp_context.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <srtp2/srtp.h>
#include <string.h>

enum {
	REPLAY_WINDOW = 256, /* packets; RFC 3711 3.3.2 asks for 64, 5 s of voice cost 32 octets */
	RTP_HEADER_LEN = 12, /* RFC 3550 5.1 */
	RTCP_HEADER_LEN = 8, /* packet type, length and sender's SSRC, RFC 3550 6.4 */
	SRTCP_INDEX_LEN = 4, /* RFC 3711 3.4 */
};

static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;
static bool started;

/* Once for the process. What failed for want of memory is taken back,
 * and tried again the next time. */
static srtp_err_status_t start_library(void)
{
	srtp_err_status_t status = srtp_err_status_ok;

	pthread_mutex_lock(&starting);
	if (!started) {
		status = srtp_init();
		started = !status;
		if (status)
			srtp_shutdown();
	}
	pthread_mutex_unlock(&starting);
	return status;
}

static bool set_ciphers(srtp_policy_t *policy, enum tp_srtp_suite suite)
{
	switch (suite) {
	case TP_SRTP_AES_CM_128_HMAC_SHA1_80:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtp);
		break;
	case TP_SRTP_AES_CM_128_HMAC_SHA1_32:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy->rtp);
		/* The short tag is for RTP alone, RFC 4568 6.2.2. */
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
		return true;
	case TP_SRTP_AES_256_CM_HMAC_SHA1_80:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtp);
		break;
	case TP_SRTP_AEAD_AES_128_GCM:
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtp);
		break;
	case TP_SRTP_AEAD_AES_256_GCM:
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtp);
		break;
	default:
		return false;
	}
	policy->rtcp = policy->rtp;
	return true;
}

static int error_of(srtp_err_status_t status)
{
	return status == srtp_err_status_alloc_fail ? TP_ERR_MEMORY : TP_ERR_SYSTEM;
}

/* Calls libsrtp with the policy of a key; its MKI is ours alone (see strip_mki). */
static int apply(struct tp_srtp_context *context, const struct tp_srtp_key *key,
		 const uint32_t *ssrc,
		 srtp_err_status_t (*call)(srtp_t srtp, const srtp_policy_t *policy))
{
	uint8_t master[TP_SRTP_KEY_MAX];
	srtp_policy_t policy = {.key = master, .window_size = REPLAY_WINDOW};
	srtp_err_status_t status;

	if (!set_ciphers(&policy, key->suite))
		return TP_ERR_UNSUPPORTED;
	policy.ssrc.type = ssrc ? ssrc_specific : ssrc_any_inbound;
	policy.ssrc.value = ssrc ? *ssrc : 0;
	memcpy(master, key->key, sizeof(master));
	status = call(context->srtp, &policy);
	explicit_bzero(master, sizeof(master));
	if (status)
		return error_of(status);
	context->key = key;
	context->tag_len[TP_RTP] = (uint8_t)policy.rtp.auth_tag_len;
	context->tag_len[TP_RTCP] = (uint8_t)policy.rtcp.auth_tag_len;
	context->aead =
		key->suite == TP_SRTP_AEAD_AES_128_GCM || key->suite == TP_SRTP_AEAD_AES_256_GCM;
	return 0;
}

int tp_srtp_context_open(struct tp_srtp_context *context, const struct tp_srtp_key *key,
			 const uint32_t *ssrc)
{
	srtp_err_status_t status;
	int error;

	memset(context, 0, sizeof(*context));
	status = start_library();
	if (status)
		return error_of(status);
	status = srtp_create(&context->srtp, NULL);
	if (status)
		return error_of(status);
	error = apply(context, key, ssrc, srtp_add_stream);
	if (error)
		tp_srtp_context_close(context);
	return error;
}

void tp_srtp_context_close(struct tp_srtp_context *context)
{
	if (context->srtp)
		srtp_dealloc(context->srtp);
	context->srtp = NULL;
}

int tp_srtp_context_rekey(struct tp_srtp_context *context, const struct tp_srtp_key *key,
			  uint32_t ssrc)
{
	return apply(context, key, &ssrc, srtp_update_stream);
}

void tp_srtp_context_try_rollover(struct tp_srtp_context *context, uint32_t ssrc, uint32_t rollover)
{
	srtp_set_stream_roc(context->srtp, ssrc, rollover);
}

void tp_srtp_context_forget(struct tp_srtp_context *context, uint32_t ssrc)
{
	uint32_t rollover;

	/* libsrtp2 wants network order here, and host order everywhere else. */
	if (!srtp_get_stream_roc(context->srtp, ssrc, &rollover))
		srtp_remove_stream(context->srtp, htonl(ssrc));
}

/* What protection puts behind a packet. */
static size_t trailer_len(const struct tp_srtp_context *context, enum tp_component component)
{
	return context->tag_len[component] + (size_t)context->key->mki_len +
	       (component == TP_RTCP ? SRTCP_INDEX_LEN : 0);
}

/* Whether the trailer does not reach into the header, in which libsrtp 2.5 would read past the end.
 * How long CSRCs and an extension make the header it finds out itself. */
static bool is_long_enough(enum tp_component component, size_t len, size_t trailer)
{
	return len >= (component == TP_RTP ? RTP_HEADER_LEN : RTCP_HEADER_LEN) + trailer;
}

/* What stands behind the MKI: the tag (RFC 3711 3.1, 3.4), or nothing (RFC 7714 8.2 and 9.2). */
static size_t behind_mki(const struct tp_srtp_context *context, enum tp_component component)
{
	return context->aead ? 0 : context->tag_len[component];
}

/* Takes the MKI out, which no tag covers; false: it is not this key's. Not left to
 * libsrtp 2.5: that looks for SRTCP's MKI where the tag of SRTP would begin, and
 * never finds it in the suite _32. */
static bool strip_mki(const struct tp_srtp_context *context, enum tp_component component,
		      uint8_t *data, size_t *len)
{
	size_t behind = behind_mki(context, component), mki_len = context->key->mki_len;
	uint8_t *mki = data + *len - behind - mki_len;

	if (memcmp(mki, context->key->mki, mki_len) != 0)
		return false;
	memmove(mki, mki + mki_len, behind);
	*len -= mki_len;
	return true;
}

static void insert_mki(const struct tp_srtp_context *context, enum tp_component component,
		       uint8_t *data, size_t *len)
{
	size_t behind = behind_mki(context, component), mki_len = context->key->mki_len;
	uint8_t *mki = data + *len - behind;

	memmove(mki + mki_len, mki, behind);
	memcpy(mki, context->key->mki, mki_len);
	*len += mki_len;
}

static enum tp_srtp_verdict verdict_of(srtp_err_status_t status)
{
	switch (status) {
	case srtp_err_status_ok:
		return TP_SRTP_OK;
	case srtp_err_status_replay_fail:
	case srtp_err_status_replay_old:
	case srtp_err_status_pkt_idx_old:
		return TP_SRTP_REPLAYED;
	case srtp_err_status_auth_fail:
	case srtp_err_status_cipher_fail: /* a GCM tag, for some versions */
	case srtp_err_status_cant_check: /* SRTCP without its encryption bit */
		return TP_SRTP_FAILED_AUTH;
	default:
		return TP_SRTP_FAILED_OTHER;
	}
}

/* SRTCP may say that it is not encrypted. Nobody has negotiated that (RFC 4568 6.3.2),
 * and libsrtp takes it with GCM. */
static bool is_clear_rtcp(const struct tp_srtp_context *context, enum tp_component component,
			  const uint8_t *data, size_t len)
{
	return component == TP_RTCP && context->aead && !(data[len - SRTCP_INDEX_LEN] & 0x80);
}

enum tp_srtp_verdict tp_srtp_context_unprotect(struct tp_srtp_context *context,
					       enum tp_component component, uint8_t *data,
					       size_t *len)
{
	size_t bare = *len;
	enum tp_srtp_verdict verdict;
	int n;

	if (!is_long_enough(component, *len, trailer_len(context, component)))
		return TP_SRTP_FAILED_OTHER;
	if (!strip_mki(context, component, data, &bare) ||
	    is_clear_rtcp(context, component, data, bare))
		return TP_SRTP_FAILED_AUTH;
	n = (int)bare;
	verdict = verdict_of(component == TP_RTP ? srtp_unprotect(context->srtp, data, &n)
						 : srtp_unprotect_rtcp(context->srtp, data, &n));
	if (verdict == TP_SRTP_OK)
		*len = (size_t)n;
	return verdict;
}

int tp_srtp_context_protect(struct tp_srtp_context *context, enum tp_component component,
			    uint8_t *data, size_t *len, size_t cap)
{
	srtp_err_status_t status;
	int n = (int)*len;

	if (!is_long_enough(component, *len, 0))
		return TP_ERR_FORMAT;
	if (cap < *len || cap - *len < trailer_len(context, component))
		return TP_ERR_FULL;
	status = component == TP_RTP ? srtp_protect(context->srtp, data, &n)
				     : srtp_protect_rtcp(context->srtp, data, &n);
	if (status)
		return TP_ERR_KEY;
	*len = (size_t)n;
	insert_mki(context, component, data, len);
	return 0;
}
