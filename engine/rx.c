/* SPDX-License-Identifier: MIT */
/* The receiving half of a session on the audio side: packets become blocks of the bus.
 *
 *   rx ring -> jitter buffer -> decode | conceal -> to the bus's rate -> merge -> fifo -> block
 *
 * `tail_ns` is the media time behind the last sample in the fifo. A sample of media time m that is in
 * the block of time t has the playout delay t - m: that is what the jitter buffer's target speaks of. */
#include "engine/rx.h"
#include "engine/rx_again.h"
#include "engine/rx_delay.h"
#include "engine/rx_gap.h"
#include "engine/rx_sound.h"
#include "engine/unwrap.h"

#include <math.h>
#include <string.h>

/* What the next packet does for a lost one: measured as E-model impairment by a P.862-like
 * distance, filling a gap from both sides takes a third of it away, redundancy nearly all. */
static const float mended_by_both_sides = 0.35f, mended_by_redundancy = 0.8f;

/* Less than this share of lost packets that were carried again is a sender that does not do so. */
static const float redundant_least = 0.1f;

/* The start of a gap is as good from one side: less than a pitch period on,
 * hardly anything has changed. */
static const int64_t sure_ns = 2500000;

/* Share of the newest run of losses in their mean length; a longer run
 * than the second is an outage. */
static const float burst_weight = 0.1f;
enum { burst_most = 10 };

enum {
	level_window_ms = 300, /* the ear's own integration time, and what a meter shows calmly */
};

int64_t tp_rx_ns(const struct tp_rx *rx, int n)
{
	return (int64_t)n * 1000000000 / rx->rate_hz;
}

int tp_rx_n(const struct tp_rx *rx, int64_t ns)
{
	return (int)((ns * rx->rate_hz + 500000000) / 1000000000);
}

void tp_rx_init(struct tp_rx *rx, struct tp_ring *in, struct tp_ring *back,
		struct tp_jitter_entry *entries, int cap, const struct tp_jitter_config *jitter,
		int rate_hz, int block_n)
{
	memset(rx, 0, sizeof(*rx));
	rx->pt = -1;
	rx->in = in;
	rx->back = back;
	rx->rate_hz = rate_hz;
	rx->block_n = block_n;
	rx->burst = 1;
	rx->redundant = 1; /* until it is known: who has such a codec uses it */
	tp_jitter_init(&rx->jitter, entries, cap, jitter, tp_rx_ns(rx, block_n));
	tp_drift_init(&rx->drift, rate_hz);
	tp_conceal_init(&rx->conceal, rate_hz);
	tp_level_init(&rx->level, rate_hz, level_window_ms);
	tp_gain_init(&rx->pauses, rate_hz);
}

void tp_rx_set_cng(struct tp_rx *rx, bool cng)
{
	if (cng == rx->pauses.mute)
		tp_gain_mute(&rx->pauses, !cng);
}

static void give_back(struct tp_rx *rx, struct tp_packet *packet)
{
	if (packet)
		tp_ring_push(rx->back, packet);
}

static void drop_waiting(struct tp_rx *rx)
{
	while (tp_jitter_next(&rx->jitter))
		give_back(rx, tp_jitter_take(&rx->jitter));
	tp_jitter_reset(&rx->jitter);
	rx->playing = false;
	rx->gone_ns = rx->waited_ns = 0;
	rx->comfort = false;
	tp_background_forget(&rx->conceal.background);
}

void tp_rx_flush(struct tp_rx *rx)
{
	struct tp_packet *packet;

	while ((packet = tp_ring_pop(rx->in)))
		give_back(rx, packet);
	drop_waiting(rx);
	rx->fifo_n = rx->ready_n = 0;
	rx->decoder = NULL;
}

struct tp_receive_map *tp_rx_set(struct tp_rx *rx, struct tp_receive_map *map, bool receiving,
				 const struct tp_jitter_config *jitter)
{
	struct tp_receive_map *replaced = rx->map;

	rx->map = map;
	rx->receiving = receiving;
	tp_delay_configure(&rx->jitter.delay, jitter);
	if (rx->decoder && tp_receive_map_find(map, rx->decoder->format.pt) != rx->decoder)
		rx->decoder = NULL;
	if (!receiving)
		tp_rx_flush(rx);
	return replaced;
}

/* ---- Packets in --------------------------------------------------------------------------- */

/* After a pause there is no time that was played: the talker begins anew. */
static int64_t played_until(const struct tp_rx *rx)
{
	return rx->playing && !rx->comfort ? rx->tail_ns : INT64_MIN;
}

static void take_packet(struct tp_rx *rx, struct tp_packet *packet, int64_t now_ns)
{
	struct tp_packet *refused = packet;
	int64_t usual_ns = rx->jitter.timeline.duration_ns, lasts_ns = 0;
	int clock_hz = 0;
	bool known = rx->receiving && tp_receive_map_clock(rx->map, packet->pt) > 0;

	packet->earlier_n = 0;
	if (known && (!rx->map->red[packet->pt] || tp_unwrap_red(packet)))
		lasts_ns = tp_unwrap_duration(rx->map, packet, usual_ns, &clock_hz);
	if (lasts_ns <= 0) {
		rx->count.malformed += known;
		give_back(rx, packet);
		return;
	}
	if (packet->ssrc != rx->ssrc) {
		if (rx->playing) {
			rx->count.resyncs++;
			tp_trace_put(&rx->tracer, TP_TRACE_RESYNC, packet->timestamp,
				     packet->stamp_ns, 0);
		}
		drop_waiting(rx);
		rx->ssrc = packet->ssrc;
	}
	tp_trace_put(&rx->tracer, TP_TRACE_ARRIVED, packet->timestamp, packet->stamp_ns, 0);
	tp_jitter_put(&rx->jitter, packet, clock_hz, lasts_ns, now_ns, played_until(rx), &refused);
	give_back(rx, refused);
}

/* What waiting for the packet behind a lost one is worth with this codec. Where packets
 * carry the one before them again, those that do not are left out because nobody spoke: both
 * sides are worth nothing there. */
static void value_next(struct tp_rx *rx, const struct tp_packet *packet)
{
	const struct tp_coder *decoder = rx->decoder;
	bool own = decoder && decoder->ops->conceal, again = packet->earlier_n > 0;
	bool fec = decoder && tp_rx_again_may(decoder) && rx->redundant > redundant_least;

	rx->jitter.mended = again ? mended_by_redundancy
			    : fec ? mended_by_redundancy * rx->redundant
			    : own ? 0.0f
				  : mended_by_both_sides;
	rx->jitter.sure_ns = again || fec || own ? 0 : sure_ns;
}

/* The next packet's sound, less what of its time has been played, or
 * with the gap before it filled. */
static void decode_next(struct tp_rx *rx, const struct tp_block_time *time)
{
	struct tp_jitter_entry next = *tp_jitter_next(&rx->jitter);
	int64_t lost = rx->jitter.taken ? next.seq - rx->jitter.last_seq - 1 : 0;
	struct tp_packet *packet = tp_jitter_take(&rx->jitter);
	struct tp_coder *decoder = tp_receive_map_find(rx->map, packet->pt);
	int64_t overlap_ns = rx->tail_ns - next.media_ns, lead_ns = tp_rx_ns(rx, rx->fifo_n);
	int gap_n = overlap_ns < -TP_RX_SAME_NS ? tp_rx_n(rx, -overlap_ns) : 0, n = 0;

	/* A pause is longer than the packets that are missing. */
	tp_rx_sound_settle(rx,
			   next.media_ns - rx->end_ns >
				   (lost > 0 ? lost : 0) * next.duration_ns + next.duration_ns / 2);
	tp_background_forget(&rx->conceal.background);
	if (lost > 0 && lost <= burst_most)
		rx->burst += burst_weight * ((float)lost - rx->burst);
	if (gap_n > 0) {
		rx->count.concealed_ns -= overlap_ns;
		tp_trace_put(&rx->tracer, TP_TRACE_CONCEALED, next.packet->timestamp,
			     time->now_ns + lead_ns, -overlap_ns / 1000);
		lead_ns -= overlap_ns;
		tp_rx_sound_guess(rx, gap_n);
	}
	if (decoder && decoder != rx->decoder)
		tp_rx_sound_change(rx, decoder);
	if (decoder)
		n = decoder->ops->decode(decoder->state, packet->data + packet->payload,
					 packet->payload_len, false, rx->pcm, TP_RX_PCM_MAX);
	if (overlap_ns > TP_RX_SAME_NS)
		tp_trace_put(&rx->tracer, TP_TRACE_LATE, packet->timestamp, time->now_ns + lead_ns,
			     overlap_ns / 1000);
	if (n > 0) {
		tp_trace_put(&rx->tracer, TP_TRACE_DECODED, packet->timestamp,
			     time->now_ns + lead_ns, 0);
		tp_trace_put(&rx->tracer, TP_TRACE_PLAYED, packet->timestamp,
			     time->played_ns + lead_ns,
			     (time->now_ns + lead_ns - next.media_ns -
			      tp_delay_base_ns(&rx->jitter.delay)) /
				     1000);
		tp_rx_sound_add(rx, decoder, n,
				overlap_ns > TP_RX_SAME_NS ? tp_rx_n(rx, overlap_ns) : 0, gap_n);
	} else {
		rx->count.malformed += n < 0;
		tp_conceal_make(&rx->conceal, rx->fifo + rx->fifo_n, gap_n);
		rx->fifo_n += gap_n;
		tp_rx_sound_conceal(rx,
				    next.duration_ns < TP_RX_SOUND_STEP_NS ? next.duration_ns
									   : TP_RX_SOUND_STEP_NS,
				    true, time->now_ns + lead_ns, packet->timestamp);
	}
	rx->pt = packet->pt;
	value_next(rx, packet);
	rx->tail_ns = rx->end_ns = next.media_ns + next.duration_ns;
	rx->gone_ns = rx->waited_ns = 0;
	rx->told_n = 0;
	give_back(rx, packet);
}

/* Its time has been played without it. */
static void drop_late(struct tp_rx *rx, const struct tp_jitter_entry *next)
{
	rx->jitter.late++;
	rx->end_ns = next->media_ns + next->duration_ns;
	give_back(rx, tp_jitter_take(&rx->jitter));
}

/* Adds sound to the fifo, or takes a packet from the buffer that has none to give. */
static void produce(struct tp_rx *rx, const struct tp_block_time *time)
{
	const struct tp_jitter_entry *next = tp_jitter_next(&rx->jitter);
	int64_t due_ns = time->now_ns + tp_rx_ns(rx, rx->fifo_n);
	bool gap;

	if (next && rx->waited_ns > 0 && !rx->comfort)
		tp_rx_gap_end(rx, next, time, due_ns);
	gap = next && next->media_ns > rx->tail_ns + TP_RX_SAME_NS;
	if (rx->comfort) {
		tp_rx_gap_pass_comfort(rx, next, due_ns);
	} else if (!next) {
		tp_rx_gap_silence(rx, due_ns);
	} else if (!gap && tp_unwrap_is_comfort(rx->map, next->packet)) {
		tp_rx_gap_comfort(rx);
	} else if (next->media_ns + next->duration_ns <= rx->tail_ns + TP_RX_SAME_NS) {
		drop_late(rx, next);
	} else if (gap && tp_rx_gap_is_pause(rx, next)) {
		tp_rx_gap_pause(rx, next, due_ns);
	} else if (!gap || !tp_rx_gap_loss(rx, next, due_ns)) {
		decode_next(rx, time);
	}
}

/* ---- Playout delay ------------------------------------------------------------------------ */

/* Decodes ahead what a cut needs to look at; packets that are here too early are why it is made. */
static void decode_ahead(struct tp_rx *rx, const struct tp_block_time *time)
{
	const struct tp_jitter_entry *next;

	while (rx->fifo_n < tp_rx_n(rx, TP_RX_DELAY_SPAN_NS) &&
	       (next = tp_jitter_next(&rx->jitter)) &&
	       next->media_ns <= rx->tail_ns + TP_RX_SAME_NS &&
	       next->media_ns + next->duration_ns > rx->tail_ns + TP_RX_SAME_NS)
		decode_next(rx, time);
}

/* Brings the delay nearer to its target, if it is off. */
static void adjust_delay(struct tp_rx *rx, const struct tp_block_time *time)
{
	int64_t excess_ns = tp_rx_delay_excess_ns(rx, time);

	if (excess_ns == 0)
		return;
	decode_ahead(rx, time);
	tp_rx_delay_change(rx, time, excess_ns);
}

/* Begins when the first packet's delay has grown to the target: its first sample is placed to the
 * sample, not to the block. */
static void start(struct tp_rx *rx, const struct tp_block_time *time)
{
	const struct tp_jitter_entry *next = tp_jitter_next(&rx->jitter);
	int64_t wait_ns;

	if (!next)
		return;
	wait_ns = next->media_ns + tp_jitter_target_ns(&rx->jitter) - time->now_ns;
	if (wait_ns >= tp_rx_ns(rx, rx->block_n))
		return;
	rx->tail_ns = next->media_ns;
	rx->playing = true;
	rx->gone_ns = rx->waited_ns = 0;
	if (rx->fifo_n == 0 && wait_ns > 0)
		tp_rx_sound_pause(rx, wait_ns, time->now_ns);
}

/* RTCP may have told how far away the peer is. */
static void learn_round_trip(struct tp_rx *rx)
{
	uint32_t trip =
		rx->round_trip ? atomic_load_explicit(rx->round_trip, memory_order_relaxed) : 0;

	if (trip)
		tp_delay_round_trip(&rx->jitter.delay, (int)trip - 1);
}

/* Has enough for a block in the fifo, if anything plays. Returns how much is missing. */
static int fill(struct tp_rx *rx, const struct tp_block_time *time)
{
	int need_n = tp_rx_delay_need_n(rx);

	while (rx->fifo_n < need_n && rx->playing)
		produce(rx, time);
	return need_n - rx->fifo_n;
}

void tp_rx_block(struct tp_rx *rx, const struct tp_block_time *time, int16_t *pcm)
{
	struct tp_packet *packet;
	int missing_n;

	learn_round_trip(rx);
	while ((packet = tp_ring_pop(rx->in)))
		take_packet(rx, packet, time->now_ns);
	if (!rx->playing)
		start(rx, time);
	(void)fill(rx, time);
	/* What is made up while nothing comes is as long as the wait: there is nothing to cut. */
	if (rx->playing && rx->gone_ns == 0 && !rx->comfort)
		adjust_delay(rx, time);
	tp_rx_delay_steer(rx, time);
	missing_n = fill(rx, time);
	if (missing_n > 0)
		tp_rx_sound_noise(rx, missing_n);
	if (rx->playing && rx->gone_ns == 0 && !rx->comfort) {
		rx->count.delay_ms = (double)(tp_rx_delay_ns(rx, time->now_ns) -
					      tp_delay_base_ns(&rx->jitter.delay)) /
				     1e6;
		tp_trace_put(&rx->tracer, TP_TRACE_DELAY, 0, time->now_ns,
			     (int64_t)(rx->count.delay_ms * 1000));
		tp_trace_put(&rx->tracer, TP_TRACE_TARGET, 0, time->now_ns,
			     rx->jitter.delay.extra_ns / 1000);
	}
	tp_rx_delay_take(rx, pcm);
}

void tp_rx_stats(const struct tp_rx *rx, struct tp_session_stats *stats)
{
	stats->jitter.target_ms = rx->playing ? (double)rx->jitter.delay.extra_ns / 1e6 : NAN;
	stats->jitter.delay_ms = rx->playing ? rx->count.delay_ms : NAN;
	stats->jitter.late = rx->jitter.late;
	stats->jitter.discarded = rx->jitter.discarded;
	stats->jitter.concealed_ms = (uint32_t)(rx->count.concealed_ns / 1000000);
	stats->jitter.fec_ms = (uint32_t)(rx->count.fec_ns / 1000000);
	stats->jitter.noise_ms = (uint32_t)(rx->count.noise_ns / 1000000);
	stats->jitter.stretched_ms = (uint32_t)(rx->count.stretched_ns / 1000000);
	stats->jitter.squeezed_ms = (uint32_t)(rx->count.squeezed_ns / 1000000);
	stats->jitter.resyncs = rx->count.resyncs;
	stats->jitter.drift_ppm = rx->jitter.skew.known ? -rx->jitter.skew.ppm : NAN;
	stats->receive.malformed += rx->count.malformed;
	stats->level_db = tp_level_get_db(&rx->level);
	strcpy(stats->receive_codec, rx->decoder ? rx->decoder->ops->name : "");
}
