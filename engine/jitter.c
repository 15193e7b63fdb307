/* SPDX-License-Identifier: MIT */
/* The jitter buffer: packets in order of media time, and how long the
 * stream is worth waiting for. */
#include "engine/jitter.h"

#include <string.h>

/* Share of the newest packet in the statistics of loss and order: a memory of about 200 packets. */
static const float loss_weight = 0.005f;

/* How much less likely each further loss in a row is; Internet losses come in bursts of 1 to 3. */
static const float burst = 0.4f;

/* From the stamp of an arrival until the wire side has handed the packet over. */
static const int64_t hand_over_ns = 100000;

/* A drift stage wants a sample more than a block holds. */
static const int64_t ahead_ns = 125000;

/* A packet that is later than the fastest by this is counted with it,
 * so that room is left for it. */
static const int64_t same_ns = (int64_t)TP_DELAY_SAME_US * 1000;

void tp_jitter_init(struct tp_jitter *jitter, struct tp_jitter_entry *entries, int cap,
		    const struct tp_jitter_config *config, int64_t block_ns)
{
	*jitter = (struct tp_jitter){.entry = entries, .cap = cap, .block_ns = block_ns};
	tp_delay_init(&jitter->delay, config);
	tp_timeline_reset(&jitter->timeline);
}

void tp_jitter_reset(struct tp_jitter *jitter)
{
	tp_delay_reset(&jitter->delay);
	tp_timeline_reset(&jitter->timeline);
	jitter->skew = (struct tp_skew){.started = false};
	jitter->taken = false;
	jitter->loss = jitter->overtaken = 0;
}

/* The block that first sees a packet: blocks turn at now_ns plus whole multiples of block_ns,
 * however late the thread that turns them may wake. */
static int64_t first_block(const struct tp_jitter *jitter, int64_t stamp_ns, int64_t now_ns)
{
	int64_t ahead = stamp_ns + hand_over_ns - now_ns;
	int64_t blocks = ahead >= 0 ? (ahead + jitter->block_ns - 1) / jitter->block_ns
				    : -(-ahead / jitter->block_ns);

	return now_ns + blocks * jitter->block_ns;
}

static void insert(struct tp_jitter *jitter, int at, const struct tp_jitter_entry *entry)
{
	memmove(&jitter->entry[at + 1], &jitter->entry[at],
		(size_t)(jitter->n - at) * sizeof(*jitter->entry));
	jitter->entry[at] = *entry;
	jitter->n++;
}

/* While the sender's clock is like ours, a packet is late for a playout delay below the
 * time of the block that first sees it, and those times are whole blocks apart. Against a
 * clock that runs away the blocks' places in the stream move, so what counts is the
 * arrival, and a whole block behind it. */
static int64_t needed_ns(const struct tp_jitter *jitter, const struct tp_packet *packet,
			 int64_t now_ns)
{
	return jitter->skew.known ? packet->stamp_ns + jitter->block_ns + ahead_ns + same_ns
				  : first_block(jitter, packet->stamp_ns, now_ns);
}

static void learn_clock(struct tp_jitter *jitter, const struct tp_packet *packet,
			const struct tp_timeline_place *place)
{
	bool knew = jitter->skew.known;

	if (place->step == TP_TIMELINE_LEAP)
		tp_skew_break(&jitter->skew);
	if (!tp_skew_learn(&jitter->skew, packet->stamp_ns - place->media_ns, packet->stamp_ns))
		return;
	if (!knew)
		tp_delay_rescale(&jitter->delay,
				 tp_skew_fastest_ns(&jitter->skew) + jitter->block_ns + ahead_ns +
					 same_ns,
				 jitter->block_ns);
	tp_delay_follow(&jitter->delay, jitter->skew.ppm);
}

/* Since the arrival of the packet that it follows; negative if that is not the newest one. */
static int64_t since_last(const struct tp_timeline *timeline, const struct tp_packet *packet)
{
	if (!timeline->started || packet->seq != (uint16_t)(timeline->seq + 1))
		return -1;
	return packet->stamp_ns - timeline->stamp_ns;
}

static void learn(struct tp_jitter *jitter, const struct tp_packet *packet,
		  const struct tp_timeline_place *place, int64_t duration_ns, int64_t after_ns,
		  int64_t now_ns)
{
	struct tp_delay_sample sample = {
		.duration_ns = duration_ns,
		.after_ns = after_ns,
		.overtaken = place->seq < jitter->timeline.seq,
	};
	struct tp_delay_loss loss = {jitter->loss, jitter->mended,
				     (float)(duration_ns - jitter->sure_ns) / 1e6f};

	jitter->overtaken += loss_weight * ((sample.overtaken ? 1.0f : 0.0f) - jitter->overtaken);
	learn_clock(jitter, packet, place);
	sample.creeps = !jitter->skew.settled;
	sample.delay_ns = needed_ns(jitter, packet, now_ns) - place->media_ns;
	tp_delay_learn(&jitter->delay, &sample, &loss, now_ns);
}

enum tp_jitter_verdict tp_jitter_put(struct tp_jitter *jitter, struct tp_packet *packet,
				     int clock_hz, int64_t duration_ns, int64_t now_ns,
				     int64_t played_ns, struct tp_packet **refused)
{
	int64_t after_ns = since_last(&jitter->timeline, packet);
	struct tp_timeline_place place =
		tp_timeline_place(&jitter->timeline, packet, clock_hz, duration_ns);
	struct tp_jitter_entry entry = {packet, place.seq, place.media_ns, duration_ns, place.step};
	enum tp_jitter_verdict verdict = TP_JITTER_STORED;
	int at;

	*refused = packet;
	for (at = jitter->n; at > 0 && jitter->entry[at - 1].seq >= place.seq; at--)
		if (jitter->entry[at - 1].seq == place.seq)
			return TP_JITTER_DUPLICATE;
	if (jitter->taken && place.seq == jitter->last_seq)
		return TP_JITTER_DUPLICATE;
	learn(jitter, packet, &place, duration_ns, after_ns, now_ns);
	if (played_ns != INT64_MIN && place.media_ns + duration_ns <= played_ns) {
		jitter->late++;
		return TP_JITTER_LATE;
	}
	*refused = NULL;
	if (jitter->n == jitter->cap) {
		*refused = tp_jitter_take(jitter);
		jitter->discarded++;
		verdict = TP_JITTER_DISPLACED;
		at -= at > 0;
	}
	insert(jitter, at, &entry);
	return verdict;
}

const struct tp_jitter_entry *tp_jitter_next(const struct tp_jitter *jitter)
{
	return jitter->n > 0 ? &jitter->entry[0] : NULL;
}

struct tp_packet *tp_jitter_take(struct tp_jitter *jitter)
{
	struct tp_jitter_entry first = jitter->entry[0];

	if (jitter->taken && first.seq > jitter->last_seq)
		for (int64_t seq = jitter->last_seq + 1; seq <= first.seq; seq++) {
			jitter->loss +=
				loss_weight * ((seq < first.seq ? 1.0f : 0.0f) - jitter->loss);
			if (first.seq - seq > 100)
				seq = first.seq - 100; /* the memory holds no more */
		}
	jitter->last_seq = first.seq;
	jitter->taken = true;
	jitter->n--;
	memmove(&jitter->entry[0], &jitter->entry[1], (size_t)jitter->n * sizeof(*jitter->entry));
	return first.packet;
}

int64_t tp_jitter_target_ns(const struct tp_jitter *jitter)
{
	return tp_delay_target_ns(&jitter->delay);
}

bool tp_jitter_worth_waiting(const struct tp_jitter *jitter, int64_t delay_ns, int missing)
{
	double lost = (double)jitter->loss;

	for (int i = 0; i < missing && i < 8; i++)
		lost *= (double)burst;
	return delay_ns <= tp_delay_held_ns(&jitter->delay) ||
	       tp_delay_share_later(&jitter->delay, delay_ns) + 1e-3 >= lost;
}
