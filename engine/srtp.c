/* SPDX-License-Identifier: MIT */
/* SRTP of one session: sources and their rollover counters, re-keying, the
 * order in which keys are tried. */
#include "srtp.h"

#include "octets.h"
#include "srtp_context.h"

#include <stdlib.h>
#include <string.h>

/* A refused packet may cost a trial of other rollover counters, some 50 us for the key derivation;
 * a flood gets no more of them than a stream of 20 ms packets needs. */
static const int64_t trial_interval_ns = INT64_C(20) * 1000 * 1000;

/* An SSRC that a receiving key, or the key before it, has authenticated. */
struct source {
	uint32_t ssrc;
	bool heard; /* an RTP packet was accepted, so index is known */
	bool anchored; /* ... under this key, and so its context counts on from there */
	uint64_t index; /* the highest: rollover counter << 16 | sequence number (RFC 3711 3.3.1) */
	int64_t used_ns;
	struct tp_srtp_context own; /* open: its RTP began with another rollover counter than 0 */
};

/* A receiving key: one context for all SSRCs. libsrtp adds an SSRC to it at its
 * first authentic packet and not before, with rollover counter 0. SRTCP, which
 * carries its index, is always here. */
struct receiver {
	struct tp_srtp_key key;
	struct tp_srtp_context all;
	struct source source[TP_SRTP_SOURCES_MAX];
	int sources;
};

struct sender {
	struct tp_srtp_key key;
	struct tp_srtp_context context;
};

struct tp_srtp {
	struct sender *send;
	struct receiver *receive;
	struct receiver *previous; /* still accepted, or NULL */
	int64_t previous_end_ns;
	int64_t relearn_end_ns; /* before it, packets may begin anew (tp_srtp_resync) */
	int64_t next_trial_ns;
	uint32_t own_ssrc;
};

static bool same_master(const struct tp_srtp_key *a, const struct tp_srtp_key *b)
{
	size_t len = tp_srtp_key_len(a->suite);

	return len == tp_srtp_key_len(b->suite) && !memcmp(a->key, b->key, len);
}

static bool same_key(const struct tp_srtp_key *a, const struct tp_srtp_key *b)
{
	return a->suite == b->suite && same_master(a, b);
}

/* ---- Life --------------------------------------------------------------------------------- */

static void sender_destroy(struct sender *sender)
{
	if (!sender)
		return;
	tp_srtp_context_close(&sender->context);
	explicit_bzero(sender, sizeof(*sender));
	free(sender);
}

static int sender_create(struct sender **made, const struct tp_srtp_key *key, uint32_t ssrc)
{
	struct sender *sender = calloc(1, sizeof(*sender));
	int error;

	if (!sender)
		return TP_ERR_MEMORY;
	sender->key = *key;
	error = tp_srtp_context_open(&sender->context, &sender->key, &ssrc);
	if (error)
		sender_destroy(sender);
	else
		*made = sender;
	return error;
}

static void receiver_destroy(struct receiver *receiver)
{
	if (!receiver)
		return;
	for (int i = 0; i < receiver->sources; i++)
		tp_srtp_context_close(&receiver->source[i].own);
	tp_srtp_context_close(&receiver->all);
	explicit_bzero(receiver, sizeof(*receiver));
	free(receiver);
}

static int receiver_create(struct receiver **made, const struct tp_srtp_key *key)
{
	struct receiver *receiver = calloc(1, sizeof(*receiver));
	int error;

	if (!receiver)
		return TP_ERR_MEMORY;
	receiver->key = *key;
	error = tp_srtp_context_open(&receiver->all, &receiver->key, NULL);
	if (error)
		receiver_destroy(receiver);
	else
		*made = receiver;
	return error;
}

static int check_keys(const struct tp_srtp_key *send, const struct tp_srtp_key *receive,
		      bool shared_key)
{
	if (!tp_srtp_key_len(send->suite) || !tp_srtp_key_len(receive->suite))
		return tp_fail(
			TP_ERR_ARGUMENT,
			"SRTP needs a suite that is known for both directions; one has none");
	if (send->mki_len > TP_SRTP_MKI_MAX || receive->mki_len > TP_SRTP_MKI_MAX)
		return tp_fail(TP_ERR_ARGUMENT, "an SRTP MKI has more than %d octets",
			       TP_SRTP_MKI_MAX);
	if (!shared_key && same_master(send, receive))
		return tp_fail(TP_ERR_KEY,
			       "both directions have the same SRTP key: give each its own, or "
			       "allow a shared key");
	return 0;
}

int tp_srtp_create(struct tp_srtp **made, const struct tp_srtp_key *send,
		   const struct tp_srtp_key *receive, bool shared_key, uint32_t own_ssrc)
{
	struct tp_srtp *srtp;
	int error = check_keys(send, receive, shared_key);

	if (error)
		return error;
	srtp = calloc(1, sizeof(*srtp));
	if (!srtp)
		return tp_fail(TP_ERR_MEMORY, "out of memory for SRTP");
	srtp->own_ssrc = own_ssrc;
	srtp->relearn_end_ns = srtp->next_trial_ns = INT64_MIN;
	error = sender_create(&srtp->send, send, own_ssrc);
	if (!error)
		error = receiver_create(&srtp->receive, receive);
	if (error)
		goto fail;
	*made = srtp;
	return 0;
fail:
	tp_srtp_destroy(srtp);
	return tp_fail(error, error == TP_ERR_MEMORY ? "out of memory for SRTP"
						     : "libsrtp does not start with these keys");
}

void tp_srtp_destroy(struct tp_srtp *srtp)
{
	if (!srtp)
		return;
	sender_destroy(srtp->send);
	receiver_destroy(srtp->receive);
	receiver_destroy(srtp->previous);
	free(srtp);
}

/* ---- New keys ----------------------------------------------------------------------------- */

static void adopt_sender(struct tp_srtp *current, struct tp_srtp *fresh)
{
	struct sender *unused = fresh->send;

	if (current->own_ssrc != fresh->own_ssrc) {
		fresh->send = current->send;
		current->send = unused;
		current->own_ssrc = fresh->own_ssrc;
		return;
	}
	if (same_key(&current->send->key, &unused->key)) {
		current->send->key = unused->key; /* its MKI may differ */
		return;
	}
	current->send->key = unused->key;
	/* Out of memory leaves a context that refuses to protect: nothing goes out in the clear. */
	(void)!tp_srtp_context_rekey(&current->send->context, &current->send->key,
				     current->own_ssrc);
}

/* What the sources' rollover counters probably are under another key: the peer goes on counting
 * (RFC 3711 3.3.1), or begins anew. */
static void hand_on_sources(struct receiver *to, const struct receiver *from)
{
	for (int i = 0; i < from->sources; i++)
		if (from->source[i].heard)
			to->source[to->sources++] = (struct source){
				.ssrc = from->source[i].ssrc,
				.heard = true,
				.index = from->source[i].index,
				.used_ns = from->source[i].used_ns,
			};
}

static void adopt_receiver(struct tp_srtp *current, struct tp_srtp *fresh, int64_t now_ns)
{
	struct receiver *was = current->receive;

	if (same_key(&was->key, &fresh->receive->key)) {
		was->key = fresh->receive->key;
		return;
	}
	current->previous_end_ns = now_ns + INT64_C(1000000) * TP_SRTP_GRACE_MS;
	if (current->previous && same_key(&current->previous->key, &fresh->receive->key)) {
		/* Gone back: what this key has seen is still known. */
		current->receive = current->previous;
		current->receive->key = fresh->receive->key;
		current->previous = was;
		return;
	}
	hand_on_sources(fresh->receive, was);
	current->receive = fresh->receive;
	fresh->receive = NULL;
	fresh->previous = current->previous;
	current->previous = was;
}

static void end_grace(struct tp_srtp *srtp, int64_t now_ns)
{
	if (!srtp->previous || now_ns < srtp->previous_end_ns)
		return;
	receiver_destroy(srtp->previous);
	srtp->previous = NULL;
}

struct tp_srtp *tp_srtp_adopt(struct tp_srtp *current, struct tp_srtp *fresh, int64_t now_ns)
{
	end_grace(current, now_ns);
	adopt_sender(current, fresh);
	adopt_receiver(current, fresh, now_ns);
	return fresh;
}

/* ---- Receiving ---------------------------------------------------------------------------- */

static struct source *find_source(struct receiver *receiver, uint32_t ssrc)
{
	for (int i = 0; i < receiver->sources; i++)
		if (receiver->source[i].ssrc == ssrc)
			return &receiver->source[i];
	return NULL;
}

/* Room for one more source, if need be that of the one silent longest. */
static struct source *make_room(struct receiver *receiver)
{
	struct source *oldest = receiver->source;

	if (receiver->sources < TP_SRTP_SOURCES_MAX)
		return &receiver->source[receiver->sources++];
	for (int i = 1; i < receiver->sources; i++)
		if (receiver->source[i].used_ns < oldest->used_ns)
			oldest = &receiver->source[i];
	tp_srtp_context_close(&oldest->own);
	tp_srtp_context_forget(&receiver->all, oldest->ssrc);
	return oldest;
}

/* The source of an authentic packet. */
static struct source *use_source(struct receiver *receiver, uint32_t ssrc, int64_t now_ns)
{
	struct source *source = find_source(receiver, ssrc);

	if (!source) {
		source = make_room(receiver);
		*source = (struct source){.ssrc = ssrc};
	}
	source->used_ns = now_ns;
	return source;
}

/* The index nearest to the highest one (RFC 3711 appendix A), guessed as
 * libsrtp does, ties included. */
static uint64_t guess_index(const struct source *source, uint16_t seq)
{
	int32_t highest = (uint16_t)source->index, step = seq - highest;

	if (source->index <= 0x8000)
		return seq; /* nothing is below rollover counter 0 */
	if (highest < 0x8000 && step > 0x8000)
		step -= 0x10000;
	if (highest >= 0x8000 && step < -0x8000)
		step += 0x10000;
	return source->index + (uint64_t)(int64_t)step;
}

static void note_index(struct source *source, uint64_t index)
{
	if (!source->anchored || index > source->index)
		source->index = index;
	source->heard = source->anchored = true;
}

/* Tries one key as its contexts stand. */
static enum tp_srtp_verdict receive_rtp(struct receiver *receiver, int64_t now_ns, uint32_t ssrc,
					uint8_t *data, size_t *len)
{
	struct source *source = find_source(receiver, ssrc);
	bool has_own = source && source->own.srtp;
	uint16_t seq = tp_octets_get16(data + 2);
	enum tp_srtp_verdict verdict = tp_srtp_context_unprotect(
		has_own ? &source->own : &receiver->all, TP_RTP, data, len);

	if (verdict != TP_SRTP_OK)
		return verdict;
	source = use_source(receiver, ssrc, now_ns);
	note_index(source, source->anchored ? guess_index(source, seq) : seq);
	return TP_SRTP_OK;
}

/* Tries the newest key with the rollover counters that a source may have, each in a context of its
 * own which is kept only if the packet is authentic. */
static enum tp_srtp_verdict learn_rollover(struct tp_srtp *srtp, int64_t now_ns, uint32_t ssrc,
					   const uint8_t *packet, uint8_t *data, size_t *len)
{
	struct receiver *receiver = srtp->receive;
	struct source *source = find_source(receiver, ssrc);
	uint16_t seq = tp_octets_get16(packet + 2);
	uint64_t guess = source && source->heard ? guess_index(source, seq) : seq;
	/* 1: the source is new, and its packets before the first wrap were lost. */
	const uint32_t rollover[] = {(uint32_t)(guess >> 16), 0, 1};
	struct tp_srtp_context trial;

	if (now_ns < srtp->next_trial_ns)
		return TP_SRTP_FAILED_AUTH;
	srtp->next_trial_ns = now_ns + trial_interval_ns;
	if (tp_srtp_context_open(&trial, &receiver->key, &ssrc) < 0)
		return TP_SRTP_FAILED_OTHER;
	for (size_t i = 0; i < sizeof(rollover) / sizeof(*rollover); i++) {
		memcpy(data, packet, *len);
		tp_srtp_context_try_rollover(&trial, ssrc, rollover[i]);
		if (tp_srtp_context_unprotect(&trial, TP_RTP, data, len) != TP_SRTP_OK)
			continue;
		source = use_source(receiver, ssrc, now_ns);
		tp_srtp_context_close(&source->own);
		source->own = trial;
		source->anchored = false;
		note_index(source, (uint64_t)rollover[i] << 16 | seq);
		return TP_SRTP_OK;
	}
	tp_srtp_context_close(&trial);
	return TP_SRTP_FAILED_AUTH;
}

/* Of what two keys say of a packet, what is to be believed: an authentic packet before all, then
 * that it was seen, which another key cannot know. */
static enum tp_srtp_verdict better(enum tp_srtp_verdict newest, enum tp_srtp_verdict previous)
{
	return previous == TP_SRTP_OK || (previous == TP_SRTP_REPLAYED && newest != TP_SRTP_OK)
		       ? previous
		       : newest;
}

/* Whether the newest key, which refused a packet so, may be tried with other rollover counters. */
static bool may_learn(struct tp_srtp *srtp, int64_t now_ns, uint32_t ssrc,
		      enum tp_srtp_verdict verdict)
{
	struct source *source = find_source(srtp->receive, ssrc);

	if (now_ns < srtp->relearn_end_ns)
		return verdict != TP_SRTP_FAILED_OTHER;
	return verdict == TP_SRTP_FAILED_AUTH && !(source && source->anchored);
}

/* Tries what may be right for a packet of which the newest key's contexts are not sure. */
static enum tp_srtp_verdict receive_unsettled(struct tp_srtp *srtp, int64_t now_ns, uint32_t ssrc,
					      uint8_t *data, size_t *len)
{
	uint8_t packet[TP_DATAGRAM_MAX];
	enum tp_srtp_verdict verdict, previous = TP_SRTP_FAILED_AUTH;

	memcpy(packet, data, *len);
	verdict = receive_rtp(srtp->receive, now_ns, ssrc, data, len);
	if (verdict != TP_SRTP_OK && srtp->previous) {
		memcpy(data, packet, *len);
		previous = receive_rtp(srtp->previous, now_ns, ssrc, data, len);
	}
	/* A number that the previous key has seen may be one of this key's all the same. */
	if (verdict != TP_SRTP_OK && previous != TP_SRTP_OK &&
	    may_learn(srtp, now_ns, ssrc, verdict) &&
	    learn_rollover(srtp, now_ns, ssrc, packet, data, len) == TP_SRTP_OK)
		verdict = TP_SRTP_OK;
	verdict = better(verdict, previous);
	if (verdict == TP_SRTP_OK && srtp->relearn_end_ns == INT64_MAX)
		srtp->relearn_end_ns = now_ns + INT64_C(1000000) * TP_SRTP_RESYNC_MS;
	return verdict;
}

enum tp_srtp_verdict tp_srtp_unprotect(struct tp_srtp *srtp, int64_t now_ns, uint8_t *data,
				       size_t *len)
{
	struct source *source;
	uint32_t ssrc;

	if (*len < 12 || *len > TP_DATAGRAM_MAX)
		return TP_SRTP_FAILED_OTHER;
	ssrc = tp_octets_get32(data + 8);
	if (ssrc == srtp->own_ssrc)
		return TP_SRTP_FAILED_OTHER;
	end_grace(srtp, now_ns);
	source = find_source(srtp->receive, ssrc);
	if (source && source->anchored && !srtp->previous && now_ns >= srtp->relearn_end_ns)
		return receive_rtp(srtp->receive, now_ns, ssrc, data, len);
	return receive_unsettled(srtp, now_ns, ssrc, data, len);
}

static enum tp_srtp_verdict receive_rtcp(struct receiver *receiver, int64_t now_ns, uint32_t ssrc,
					 uint8_t *data, size_t *len)
{
	enum tp_srtp_verdict verdict =
		tp_srtp_context_unprotect(&receiver->all, TP_RTCP, data, len);

	if (verdict == TP_SRTP_OK)
		use_source(receiver, ssrc, now_ns);
	return verdict;
}

enum tp_srtp_verdict tp_srtp_unprotect_rtcp(struct tp_srtp *srtp, int64_t now_ns, uint8_t *data,
					    size_t *len)
{
	uint8_t packet[TP_DATAGRAM_MAX];
	enum tp_srtp_verdict verdict;
	uint32_t ssrc;

	if (*len < 8 || *len > TP_DATAGRAM_MAX)
		return TP_SRTP_FAILED_OTHER;
	ssrc = tp_octets_get32(data + 4);
	if (ssrc == srtp->own_ssrc)
		return TP_SRTP_FAILED_OTHER;
	end_grace(srtp, now_ns);
	memcpy(packet, data, *len);
	verdict = receive_rtcp(srtp->receive, now_ns, ssrc, data, len);
	if (verdict == TP_SRTP_OK || !srtp->previous)
		return verdict;
	memcpy(data, packet, *len);
	return better(verdict, receive_rtcp(srtp->previous, now_ns, ssrc, data, len));
}

void tp_srtp_resync(struct tp_srtp *srtp)
{
	struct receiver *receiver = srtp->receive;

	for (int i = 0; i < receiver->sources; i++) {
		tp_srtp_context_close(&receiver->source[i].own);
		tp_srtp_context_forget(&receiver->all, receiver->source[i].ssrc);
		receiver->source[i].anchored = false;
	}
	/* What is still on its way may be learnt first, wrongly: not to be the last word. */
	srtp->relearn_end_ns = INT64_MAX;
}

/* ---- Sending ------------------------------------------------------------------------------ */

int tp_srtp_protect(struct tp_srtp *srtp, uint8_t *data, size_t *len, size_t cap)
{
	if (*len < 12 || tp_octets_get32(data + 8) != srtp->own_ssrc)
		return TP_ERR_FORMAT;
	return tp_srtp_context_protect(&srtp->send->context, TP_RTP, data, len, cap);
}

int tp_srtp_protect_rtcp(struct tp_srtp *srtp, uint8_t *data, size_t *len, size_t cap)
{
	if (*len < 8 || tp_octets_get32(data + 4) != srtp->own_ssrc)
		return TP_ERR_FORMAT;
	return tp_srtp_context_protect(&srtp->send->context, TP_RTCP, data, len, cap);
}
