/* SPDX-License-Identifier: MIT */
/* What a receiver plays where no packet is next: the loss, the pause, the
 * comfort noise, or nothing at all. */
#include "engine/rx_gap.h"
#include "engine/comfort.h"
#include "engine/rx_again.h"
#include "engine/rx_delay.h"
#include "engine/rx_sound.h"
#include "engine/unwrap.h"

/* As much of the end of a gap is filled from both sides, once what follows it is here. */
static const int64_t bridge_ns = 60000000;

/* After a second without packets the stream is over: the next one starts it anew. */
static const int64_t gone_max_ns = 1000000000;

/* A stall is waited for up to here, so that no word is lost to a short one. After a
 * longer one the talk goes on where it is by then: what was said meanwhile is lost at
 * once, not cut out of what follows. */
static const int64_t stall_max_ns = TP_DELAY_STALL_MS * INT64_C(1000000);

/* What is late by no more than this, as one packet among many is, is played from where it would be
 * by now, and the delay stays: what is missing then is no longer than what was made up, and
 * nothing has to be cut. But if that comes again so soon, the network is another one, and
 * the delay follows it. */
static const int64_t exception_ns = 60000000, again_ns = 1000000000;

/* ---- A loss ---- */

/* Whether the gap before the next packet is one to be filled from both sides: by a codec with a
 * concealment of its own it is not. */
static bool bridges(const struct tp_rx *rx, const struct tp_jitter_entry *next)
{
	const struct tp_coder *decoder = tp_receive_map_find(rx->map, next->packet->pt);
	const struct tp_redundancy_block *block;
	int64_t gap_ns = next->media_ns - rx->tail_ns;

	return decoder && decoder == rx->decoder && !decoder->ops->conceal && gap_ns <= bridge_ns &&
	       !tp_unwrap_find(rx->map, &rx->jitter, rx->tail_ns, next->media_ns - 1, &block) &&
	       rx->fifo_n + tp_rx_n(rx, gap_ns + next->duration_ns) < TP_RX_FIFO_MAX;
}

/* Of a gap that is filled from both sides the next packet may carry the last lost one: what is
 * behind it is that one then. */
static bool bridge_to_again(struct tp_rx *rx, const struct tp_jitter_entry *next, int64_t due_ns)
{
	int64_t before_ns = next->media_ns - next->duration_ns - rx->tail_ns;
	int before_n = before_ns > TP_RX_SAME_NS ? tp_rx_n(rx, before_ns) : 0;

	if (before_n == 0 || !tp_rx_again_may(rx->decoder))
		return false;
	tp_rx_sound_guess(rx, before_n);
	if (!tp_rx_again_next(rx, next, next->duration_ns, before_n, due_ns))
		return false;
	rx->told_n = 0;
	tp_rx_sound_count(rx, before_ns, due_ns, next->packet->timestamp);
	return true;
}

bool tp_rx_gap_loss(struct tp_rx *rx, const struct tp_jitter_entry *next, int64_t due_ns)
{
	int64_t gap_ns = next->media_ns - rx->tail_ns;
	int64_t step_ns = gap_ns < TP_RX_SOUND_STEP_NS ? gap_ns : TP_RX_SOUND_STEP_NS;

	if (tp_rx_again_earlier(rx, due_ns))
		return true;
	if (gap_ns <= next->duration_ns + TP_RX_SAME_NS &&
	    tp_rx_again_next(rx, next, gap_ns, 0, due_ns))
		return true;
	if (bridges(rx, next))
		return bridge_to_again(rx, next, due_ns);
	if (step_ns > TP_RX_SOUND_GRAIN_NS)
		step_ns -= step_ns % TP_RX_SOUND_GRAIN_NS;
	tp_rx_sound_conceal(rx, step_ns, true, due_ns, next->packet->timestamp);
	rx->tail_ns += step_ns;
	return true;
}

/* ---- A pause ---- */

void tp_rx_gap_pause(struct tp_rx *rx, const struct tp_jitter_entry *next, int64_t due_ns)
{
	int64_t wait_ns = next->media_ns + tp_jitter_target_ns(&rx->jitter) - due_ns;

	if (wait_ns <= TP_RX_SAME_NS)
		rx->tail_ns = next->media_ns;
	else
		tp_rx_sound_pause(rx, wait_ns < TP_RX_SOUND_STEP_NS ? wait_ns : TP_RX_SOUND_STEP_NS,
				  due_ns);
}

void tp_rx_gap_comfort(struct tp_rx *rx)
{
	struct tp_packet *packet = tp_jitter_take(&rx->jitter);
	struct tp_comfort comfort;

	/* The filter holds for the rate of its clock; of another rate
	 * the level alone is believed. */
	if (tp_comfort_parse(&comfort, packet->data + packet->payload, packet->payload_len) == 0)
		tp_background_tell(&rx->conceal.background, comfort.power, comfort.reflection,
				   rx->map->comfort_hz[packet->pt] == rx->rate_hz ? comfort.order
										  : 0);
	tp_ring_push(rx->back, packet);
	tp_rx_sound_settle(rx, true);
	if (!rx->comfort) { /* from the sound before it: down, if it is to be silent */
		rx->pauses.now = 1;
		tp_gain_mute(&rx->pauses, rx->pauses.mute);
	}
	rx->comfort = true;
	rx->gone_ns = rx->waited_ns = 0;
}

void tp_rx_gap_pass_comfort(struct tp_rx *rx, const struct tp_jitter_entry *next, int64_t due_ns)
{
	int64_t wait_ns = TP_RX_SOUND_STEP_NS;

	if (next && tp_unwrap_is_comfort(rx->map, next->packet)) {
		tp_rx_gap_comfort(rx);
		return;
	}
	if (next)
		wait_ns = next->media_ns + tp_jitter_target_ns(&rx->jitter) - due_ns;
	if (wait_ns <= TP_RX_SAME_NS) {
		rx->comfort = false;
		rx->tail_ns = next->media_ns;
		return;
	}
	tp_rx_sound_pause(rx, wait_ns < TP_RX_SOUND_STEP_NS ? wait_ns : TP_RX_SOUND_STEP_NS,
			  due_ns);
}

/* ---- Nothing ---- */

/* As much as the block still needs: what comes meanwhile is then there for the rest. */
static int64_t needed_ns(const struct tp_rx *rx)
{
	int64_t need_ns = tp_rx_ns(rx, tp_rx_delay_need_n(rx) - rx->fifo_n);

	if (rx->decoder && rx->decoder->ops->conceal)
		need_ns = (need_ns + TP_RX_SOUND_GRAIN_NS - 1) / TP_RX_SOUND_GRAIN_NS *
			  TP_RX_SOUND_GRAIN_NS;
	return need_ns < TP_RX_SOUND_STEP_NS ? need_ns : TP_RX_SOUND_STEP_NS;
}

void tp_rx_gap_silence(struct tp_rx *rx, int64_t due_ns)
{
	int64_t step_ns = needed_ns(rx);
	bool wait = rx->gone_ns < stall_max_ns &&
		    tp_jitter_worth_waiting(&rx->jitter, due_ns - rx->tail_ns,
					    (int)(rx->gone_ns / (2 * TP_RX_SOUND_STEP_NS)));

	tp_rx_sound_conceal(rx, step_ns, !wait, due_ns, 0);
	rx->gone_ns += step_ns;
	*(wait ? &rx->waited_ns : &rx->tail_ns) += step_ns;
	if (rx->gone_ns >= gone_max_ns)
		rx->playing = false;
}

bool tp_rx_gap_is_pause(const struct tp_rx *rx, const struct tp_jitter_entry *next)
{
	return next->step != TP_TIMELINE_NEXT && next->seq == rx->jitter.last_seq + 1;
}

/* Whether what is late is an exception. */
static bool is_exception(struct tp_rx *rx, int64_t over_ns, int64_t now_ns)
{
	bool first = now_ns >= rx->again_until_ns;

	if (over_ns <= TP_RX_SAME_NS || over_ns > exception_ns)
		return false;
	rx->again_until_ns = now_ns + again_ns;
	return first;
}

/* How much of what was made up while nothing came stands for what is missing; it was no wait
 * then. What is missing before what is there was lost, not late, unless packets overtake
 * here. After a long stall, if what is there reaches up to now, the network is what it was
 * before, and so is the delay. */
static int64_t replaced_ns(struct tp_rx *rx, const struct tp_jitter_entry *next,
			   const struct tp_block_time *time, int64_t due_ns)
{
	const struct tp_jitter_entry *newest = next + rx->jitter.n - 1;
	int64_t target_ns = tp_jitter_target_ns(&rx->jitter);
	int64_t lost_ns = next->media_ns - rx->tail_ns;
	int64_t over_ns = due_ns - target_ns - rx->tail_ns;

	if (lost_ns > TP_RX_SAME_NS && !tp_rx_gap_is_pause(rx, next) &&
	    rx->jitter.loss >= rx->jitter.overtaken)
		return lost_ns < rx->waited_ns ? lost_ns : rx->waited_ns;
	if (is_exception(rx, over_ns, time->now_ns))
		return over_ns < rx->waited_ns ? over_ns : rx->waited_ns;
	if (rx->gone_ns >= stall_max_ns && over_ns > TP_RX_SAME_NS &&
	    time->now_ns - newest->media_ns <= target_ns)
		return over_ns;
	return 0;
}

void tp_rx_gap_end(struct tp_rx *rx, const struct tp_jitter_entry *next,
		   const struct tp_block_time *time, int64_t due_ns)
{
	int64_t replaced = replaced_ns(rx, next, time, due_ns), kept = rx->waited_ns - replaced;

	if (replaced > 0)
		tp_rx_sound_lost(rx, replaced);
	rx->tail_ns += replaced;
	rx->waited_ns = 0;
	if (kept > TP_RX_SAME_NS) {
		rx->count.stretched_ns += kept;
		tp_trace_put(&rx->tracer, TP_TRACE_WAITED, 0, due_ns, kept / 1000);
	} else if (kept < -TP_RX_SAME_NS) {
		rx->count.squeezed_ns -= kept;
		tp_trace_put(&rx->tracer, TP_TRACE_SQUEEZED, 0, due_ns, -kept / 1000);
	}
}
