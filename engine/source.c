/* SPDX-License-Identifier: MIT */
/* Who may send to us, and whom we send to: symmetric RTP with a guarded policy. */
#include "source.h"

#include "address.h"
#include "rtp.h"

#include <string.h>

enum {
	MS = 1000 * 1000,
	/* Sequence numbers that a consistent source may lose at once. */
	GAP = 100,
	/* Those that may pass between a move and the window in which it is followed: a minute. */
	MOVE_GAP = 3000,
	/* How far a source's timestamps may be from the time in which they came, beside a
	 * quarter. */
	PACE_SLACK_MS = 100,
};

void tp_source_init(struct tp_source *source, bool mux)
{
	memset(source, 0, sizeof(*source));
	source->mux = mux;
	source->heard_ns = INT64_MIN;
	source->window_ns = INT64_MIN;
}

static void forget_accepted(struct tp_source *source)
{
	memset(&source->accepted, 0, sizeof(source->accepted));
	memset(&source->learned_rtcp, 0, sizeof(source->learned_rtcp));
	source->has_ssrc = false;
	source->heard_ns = INT64_MIN;
}

static void open_window(struct tp_source *source, int64_t now_ns)
{
	source->window_ns = now_ns + (int64_t)TP_SOURCE_WINDOW_MS * MS;
	source->run = 0;
	memset(source->candidate, 0, sizeof(source->candidate));
}

void tp_source_signal(struct tp_source *source, int64_t now_ns, const struct tp_address *remote,
		      const struct tp_address *remote_rtcp)
{
	if (source->accepted.family && tp_address_equal(remote, &source->accepted)) {
		source->claim = TP_SOURCE_SIGNALLED; /* a call that waited answers who came */
	} else if (!tp_address_equal(remote, &source->signalled)) {
		/* What the former peer still sends is a stranger's, even if its SSRC goes on. */
		source->former = tp_source_destination(source);
		source->left_ns = now_ns;
		forget_accepted(source);
	}
	source->signalled = *remote;
	source->signalled_rtcp = *remote_rtcp;
	open_window(source, now_ns);
}

void tp_source_resync(struct tp_source *source, int64_t now_ns)
{
	forget_accepted(source);
	open_window(source, now_ns);
}

static bool accepted_is(const struct tp_source *source, const struct tp_address *from)
{
	return source->accepted.family && tp_address_equal(&source->accepted, from);
}

static bool signalled_is(const struct tp_source *source, const struct tp_address *from)
{
	return source->signalled.family && tp_address_equal(&source->signalled, from);
}

/* Nobody was accepted yet, and this is who signalling named, or it named nobody: there is nothing
 * to take from anyone, so the wait for the first packet has no end. */
static bool waiting(const struct tp_source *source, const struct tp_address *from)
{
	return source->window_ns != INT64_MIN && !source->accepted.family &&
	       (!source->signalled.family || signalled_is(source, from));
}

bool tp_source_open(const struct tp_source *source, int64_t now_ns, const struct tp_address *from)
{
	return accepted_is(source, from) || waiting(source, from) || now_ns < source->window_ns;
}

/* ---- Candidates of plain RTP ---- */

static enum tp_source_claim claim_of(const struct tp_source *source, const struct tp_sighting *seen)
{
	int16_t ahead = tp_rtp_seq_diff(seen->seq, source->seq);

	if (signalled_is(source, &seen->from))
		return TP_SOURCE_SIGNALLED;
	if (source->has_ssrc && seen->ssrc == source->ssrc && ahead > -GAP && ahead < MOVE_GAP)
		return TP_SOURCE_CONTINUING;
	if (source->signalled.family && tp_address_same_host(&source->signalled, &seen->from))
		return TP_SOURCE_NEIGHBOUR;
	return TP_SOURCE_STRANGER;
}

/* The place of this address, else a free one, else the oldest of the least claim, if that is not
 * above this one's: many strangers cannot crowd out who has more for it. NULL: none. */
static struct tp_source_candidate *
place_for(struct tp_source *source, const struct tp_address *from, enum tp_source_claim claim)
{
	struct tp_source_candidate *place = NULL;

	for (int i = 0; i < TP_SOURCE_CANDIDATES; i++) {
		struct tp_source_candidate *c = &source->candidate[i];

		if (c->address.family && tp_address_equal(&c->address, from))
			return c;
	}
	for (int i = 0; i < TP_SOURCE_CANDIDATES; i++) {
		struct tp_source_candidate *c = &source->candidate[i];

		if (!c->address.family)
			return c;
		if (c->claim <= claim &&
		    (!place || c->claim < place->claim ||
		     (c->claim == place->claim && c->last_ns < place->last_ns)))
			place = c;
	}
	return place;
}

/* Whether the packet is one of what this candidate sends; *ahead: by how many of its latest. */
static bool continues(const struct tp_source_candidate *c, const struct tp_sighting *seen,
		      int16_t *ahead)
{
	*ahead = tp_rtp_seq_diff(seen->seq, c->seq);
	if (!tp_address_equal(&c->address, &seen->from) || c->ssrc != seen->ssrc)
		return false;
	if (*ahead > 0 && tp_rtp_timestamp_diff(seen->timestamp, c->timestamp) < 0)
		return false;
	return *ahead > -GAP && *ahead < GAP;
}

/* Counts a packet of the candidate, or makes the place one of this source's. What comes late or
 * twice says nothing. */
static void track(struct tp_source_candidate *c, const struct tp_sighting *seen,
		  enum tp_source_claim claim)
{
	int16_t ahead;

	if (!continues(c, seen, &ahead)) {
		c->steady = !c->address.family;
		c->address = seen->from;
		c->claim = claim;
		c->ssrc = seen->ssrc;
		c->first_timestamp = seen->timestamp;
		c->first_ns = seen->now_ns;
		c->packets = 0;
	} else if (ahead <= 0) {
		return;
	}
	c->seq = seen->seq;
	c->timestamp = seen->timestamp;
	c->clock_hz = seen->clock_hz;
	c->last_ns = seen->now_ns;
	c->packets++;
}

/* Whether the accepted source has been silent so long. */
static bool quiet(const struct tp_source *source, int64_t now_ns, int ms)
{
	return source->heard_ns == INT64_MIN || now_ns - source->heard_ns >= (int64_t)ms * MS;
}

/* Whether a candidate, watched for as long as patience asks, sends what one talker would. */
static bool paced(const struct tp_source_candidate *c, int64_t now_ns)
{
	int64_t watched_ms = (c->last_ns - c->first_ns) / MS;
	int64_t media_ms = (int64_t)tp_rtp_timestamp_diff(c->timestamp, c->first_timestamp) * 1000 /
			   (int64_t)c->clock_hz;
	int64_t off_ms = media_ms > watched_ms ? media_ms - watched_ms : watched_ms - media_ms;

	return now_ns - c->first_ns >= (int64_t)TP_SOURCE_PATIENCE_MS * MS &&
	       off_ms <= watched_ms / 4 + PACE_SLACK_MS &&
	       c->packets <= watched_ms * TP_SOURCE_RATE_MAX_HZ / 1000 + 1;
}

/* Whether no other candidate could as well be the peer. */
static bool alone(const struct tp_source *source, const struct tp_source_candidate *c,
		  int64_t now_ns)
{
	for (int i = 0; i < TP_SOURCE_CANDIDATES; i++) {
		const struct tp_source_candidate *other = &source->candidate[i];

		if (other != c && other->address.family &&
		    now_ns - other->last_ns < (int64_t)TP_SOURCE_PATIENCE_MS * MS &&
		    paced(other, now_ns))
			return false;
	}
	return true;
}

static bool may_take_over(const struct tp_source *source, const struct tp_source_candidate *c,
			  int64_t now_ns)
{
	if (source->run >= TP_SOURCE_CONSISTENT && c->claim <= source->claim)
		return false;
	if (c->claim == TP_SOURCE_SIGNALLED)
		return true;
	if (c->packets < TP_SOURCE_CONSISTENT)
		return false;
	if (c->claim != TP_SOURCE_STRANGER)
		return quiet(source, now_ns, TP_SOURCE_QUIET_MS);
	if (source->accepted.family)
		return false;
	return !source->signalled.family || (paced(c, now_ns) && alone(source, c, now_ns));
}

/* Who speaks first, if signalling named nobody or this very host: heard at once, or each such call
 * would begin with a hole. It takes nothing from anyone, and gets our audio only as the consistent
 * source that it must yet become. */
static bool first_to_speak(const struct tp_source *source, const struct tp_source_candidate *c)
{
	if (source->accepted.family || !c->steady)
		return false;
	if (source->signalled.family && c->claim != TP_SOURCE_NEIGHBOUR)
		return false;
	for (int i = 0; i < TP_SOURCE_CANDIDATES; i++) {
		const struct tp_source_candidate *other = &source->candidate[i];

		if (other != c && other->address.family && other->first_ns <= c->first_ns &&
		    c->last_ns - other->last_ns < (int64_t)TP_SOURCE_QUIET_MS * MS)
			return false;
	}
	return true;
}

/* ---- Verdicts ---- */

/* A packet of the accepted source. */
static void hear(struct tp_source *source, const struct tp_sighting *seen)
{
	bool same = source->has_ssrc && source->ssrc == seen->ssrc;
	int16_t ahead = tp_rtp_seq_diff(seen->seq, source->seq);

	source->heard_ns = seen->now_ns;
	if (same && ahead <= 0 && ahead > -GAP)
		return;
	if (!same || ahead <= 0)
		source->run = 0;
	if (source->run < TP_SOURCE_CONSISTENT)
		source->run++;
	source->has_ssrc = true;
	source->ssrc = seen->ssrc;
	source->seq = seen->seq;
	if (source->run >= TP_SOURCE_CONSISTENT && source->claim == TP_SOURCE_SIGNALLED)
		source->window_ns = INT64_MIN;
}

static void take(struct tp_source *source, const struct tp_sighting *seen,
		 enum tp_source_claim claim, int packets)
{
	source->accepted = seen->from;
	source->claim = claim;
	memset(&source->learned_rtcp, 0, sizeof(source->learned_rtcp));
	memset(source->candidate, 0, sizeof(source->candidate));
	source->has_ssrc = false;
	hear(source, seen);
	source->run = packets;
}

static enum tp_source_verdict judge_plain(struct tp_source *source, const struct tp_sighting *seen)
{
	enum tp_source_claim claim = claim_of(source, seen);
	struct tp_source_candidate *c;

	if (accepted_is(source, &seen->from)) {
		hear(source, seen);
		return TP_SOURCE_ACCEPTED;
	}
	if (!tp_source_open(source, seen->now_ns, &seen->from) ||
	    (!seen->clock_hz && claim != TP_SOURCE_SIGNALLED))
		return TP_SOURCE_REFUSED;
	c = place_for(source, &seen->from, claim);
	if (!c)
		return TP_SOURCE_REFUSED;
	track(c, seen, claim);
	if (!may_take_over(source, c, seen->now_ns))
		return first_to_speak(source, c) ? TP_SOURCE_ACCEPTED : TP_SOURCE_REFUSED;
	take(source, seen, c->claim, c->packets);
	return TP_SOURCE_MOVED;
}

/* Whether this is who signalling took us away from, while the new peer speaks or may be about
 * to. */
static bool just_left(const struct tp_source *source, const struct tp_sighting *seen)
{
	int64_t since_ms = (seen->now_ns - source->left_ns) / MS;

	if (!source->former.family || !tp_address_equal(&source->former, &seen->from))
		return false;
	return since_ms < TP_SOURCE_PATIENCE_MS ||
	       (since_ms < TP_SOURCE_WINDOW_MS &&
		!quiet(source, seen->now_ns, TP_SOURCE_PATIENCE_MS));
}

static enum tp_source_verdict judge_authenticated(struct tp_source *source,
						  const struct tp_sighting *seen)
{
	struct tp_source_candidate *c = &source->candidate[0];

	if (accepted_is(source, &seen->from)) {
		hear(source, seen);
		memset(c, 0, sizeof(*c));
		return TP_SOURCE_ACCEPTED;
	}
	if (just_left(source, seen))
		return TP_SOURCE_REFUSED;
	track(c, seen, TP_SOURCE_CONTINUING);
	if (source->accepted.family && c->packets < TP_SOURCE_AUTHENTICATED)
		return TP_SOURCE_ACCEPTED;
	take(source, seen, c->claim, c->packets);
	return TP_SOURCE_MOVED;
}

enum tp_source_verdict tp_source_judge(struct tp_source *source, const struct tp_sighting *seen)
{
	return seen->authenticated ? judge_authenticated(source, seen) : judge_plain(source, seen);
}

void tp_source_replayed(struct tp_source *source, const struct tp_address *from)
{
	if (accepted_is(source, from))
		memset(&source->candidate[0], 0, sizeof(source->candidate[0]));
}

bool tp_source_judge_rtcp(struct tp_source *source, const struct tp_address *from,
			  bool authenticated)
{
	struct tp_address rtp = tp_source_destination(source);
	struct tp_address rtcp = tp_source_destination_rtcp(source);

	if (rtcp.family && tp_address_equal(&rtcp, from))
		return true;
	if (source->mux)
		return authenticated;
	/* Symmetric RTCP: its port, too, may be another than told. Once learned it stays. */
	if (!authenticated &&
	    (!rtp.family || !tp_address_same_host(&rtp, from) || source->learned_rtcp.family))
		return false;
	source->learned_rtcp = *from;
	return true;
}

/* No NAT stands on the loopback: a peer there that sends from another port than signalled still
 * listens where signalling said, as a program does that sends and receives by two sockets. */
struct tp_address tp_source_destination(const struct tp_source *source)
{
	if (!source->accepted.family || tp_address_is_loopback(&source->signalled))
		return source->signalled;
	return source->accepted;
}

struct tp_address tp_source_destination_rtcp(const struct tp_source *source)
{
	struct tp_address to = tp_source_destination(source);

	if (source->learned_rtcp.family)
		return source->learned_rtcp;
	if (source->signalled_rtcp.family && tp_address_equal(&to, &source->signalled))
		return source->signalled_rtcp;
	if (!source->mux && to.family)
		to.port++; /* RFC 3550 11 */
	return to;
}
