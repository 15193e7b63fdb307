/* SPDX-License-Identifier: MIT */
/* The receiving half of a session on the audio side: packets become blocks of the bus.
 *
 *   rx ring -> jitter buffer -> decode | conceal -> to the bus's rate -> merge -> fifo -> block
 *
 * `tail_ns` is the media time behind the last sample in the fifo. A sample of media time m that is in
 * the block of time t has the playout delay t - m: that is what the jitter buffer's target speaks of. */
#include "engine/rx.h"
#include "dsp/level.h"
#include "dsp/resample.h"
#include "dsp/stretch.h"

#include <math.h>
#include <string.h>

/* Timestamps and durations round to less than this; nobody hears a step so small. */
static const int64_t same_ns = 500000;

/* One step of concealment, and what libopus's concealment counts in. */
static const int64_t conceal_ns = 10000000, conceal_grain_ns = 2500000;

/* From here on concealment has faded into the background's noise. */
static const int64_t faded_ns = 100000000;

/* After a second without packets the stream is over: the next one starts it anew. */
static const int64_t gone_max_ns = 1000000000;

/* The playout delay is left alone while it is this near to the target: less than a period of most
 * voices is not worth a seam even in a pause. */
static const int64_t slack_ns = 4000000;

/* In speech it is left alone up to here, a packet, and for so long: many talkers pause within it. */
static const int64_t usual_ns = 20000000, patience_ns = 1000000000;

/* From here on it alone is what ITU-T G.114 wants from mouth to ear, and is cut at once. */
static const int64_t hurry_ns = 150000000;

/* A stall is waited for up to here, so that no word is lost to a short one; after a longer one the talk
 * goes on where it is by then. */
static const int64_t stall_max_ns = 160000000;

/* Time between two cuts in speech, in lengths of the first: the sound is faster by 1/4 or 1/8. */
enum { hurry_rest = 4, usual_rest = 8 };

/* Playout delay that is off by a millisecond is worth 10 ppm: it is gone in a few minutes, and a quarter
 * of a cent off pitch. At most 50 ppm, and no finer than the ear of any filter. */
static const double steer_ppm_per_ms = 10, steer_max_ppm = 50, steer_step_ppb = 500;

/* What a cut looks at: two of the longest pitch periods. */
static const int64_t stretch_ns = (int64_t)TP_STRETCH_MAX_MS * 1000000;

/* Sound this little above the background is a pause. */
static const double quiet_over_background_db = 3;

enum {
	level_window_ms = 300, /* the ear's own integration time, and what a meter shows calmly */
	recall_ms = 5, /* of played sound fill a resampler */
};

static int64_t to_ns(const struct tp_rx *rx, int n)
{
	return (int64_t)n * 1000000000 / rx->rate_hz;
}

static int to_n(const struct tp_rx *rx, int64_t ns)
{
	return (int)((ns * rx->rate_hz + 500000000) / 1000000000);
}

void tp_rx_init(struct tp_rx *rx, struct tp_ring *in, struct tp_ring *back,
		struct tp_jitter_entry *entries, int cap, const struct tp_jitter_config *jitter,
		int rate_hz, int block_n)
{
	memset(rx, 0, sizeof(*rx));
	rx->in = in;
	rx->back = back;
	rx->rate_hz = rate_hz;
	rx->block_n = block_n;
	tp_jitter_init(&rx->jitter, entries, cap, jitter, to_ns(rx, block_n));
	tp_drift_init(&rx->drift, rate_hz);
	tp_conceal_init(&rx->conceal, rate_hz);
	tp_level_init(&rx->level, rate_hz, level_window_ms);
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
	rx->gone_ns = 0;
	rx->missing = 0;
}

void tp_rx_flush(struct tp_rx *rx)
{
	struct tp_packet *packet;

	while ((packet = tp_ring_pop(rx->in)))
		give_back(rx, packet);
	drop_waiting(rx);
	rx->fifo_n = 0;
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

static int64_t played_until(const struct tp_rx *rx)
{
	return rx->playing ? rx->tail_ns : INT64_MIN;
}

static void take_packet(struct tp_rx *rx, struct tp_packet *packet, int64_t now_ns)
{
	struct tp_coder *decoder = rx->receiving ? tp_receive_map_find(rx->map, packet->pt) : NULL;
	struct tp_packet *refused = packet;
	int n = decoder ? decoder->ops->samples(&decoder->shape, packet->data + packet->payload,
						packet->payload_len)
			: 0;

	if (n <= 0) {
		rx->count.malformed += decoder != NULL;
		give_back(rx, packet);
		return;
	}
	if (packet->ssrc != rx->ssrc) {
		rx->count.resyncs += rx->playing;
		drop_waiting(rx);
		rx->ssrc = packet->ssrc;
	}
	tp_trace_put(&rx->tracer, TP_TRACE_ARRIVED, packet->timestamp, packet->stamp_ns, 0);
	tp_jitter_put(&rx->jitter, packet, decoder->shape.clock_hz,
		      (int64_t)n * 1000000000 / decoder->shape.rate_hz, now_ns, played_until(rx),
		      &refused);
	give_back(rx, refused);
}

/* ---- Sound into the fifo ------------------------------------------------------------------ */

/* Takes decoded sound at the codec's rate, all but its first `skip_n` samples at the bus's rate. */
static void add_sound(struct tp_rx *rx, struct tp_coder *decoder, int n, int skip_n)
{
	int16_t *end = rx->fifo + rx->fifo_n;
	int room = TP_RX_FIFO_MAX - rx->fifo_n;

	if (decoder->to_bus) {
		n = tp_resample_process(decoder->to_bus, rx->pcm, n, end, room);
	} else {
		n = n < room ? n : room;
		memcpy(end, rx->pcm, (size_t)n * sizeof(*end));
	}
	if (skip_n > 0) {
		skip_n = skip_n < n ? skip_n : n;
		n -= skip_n;
		memmove(end, end + skip_n, (size_t)n * sizeof(*end));
	}
	tp_conceal_good(&rx->conceal, end, n);
	rx->fifo_n += n;
}

/* Tells a codec with predictors what was played in place of its packet. */
static void absorb(struct tp_rx *rx, const int16_t *pcm, int n)
{
	struct tp_coder *decoder = rx->decoder;

	if (!decoder || !decoder->ops->absorb)
		return;
	if (decoder->from_bus) {
		n = tp_resample_process(decoder->from_bus, pcm, n, rx->pcm, TP_RX_PCM_MAX);
		pcm = rx->pcm;
	}
	decoder->ops->absorb(decoder->state, pcm, n);
}

/* Makes up sound: by the codec's own concealment where it has one, else from what was played. It is due
 * at due_ns; `timestamp` is of the packet behind it, 0 if none is known. */
static void conceal(struct tp_rx *rx, int64_t ns, int64_t due_ns, uint32_t timestamp)
{
	struct tp_coder *decoder = rx->decoder;
	int n = to_n(rx, ns);
	int16_t *end = rx->fifo + rx->fifo_n;

	if (decoder && decoder->ops->conceal && ns % conceal_grain_ns == 0) {
		n = (int)(ns * decoder->shape.rate_hz / 1000000000);
		decoder->ops->conceal(decoder->state, rx->pcm, n);
		add_sound(rx, decoder, n, 0);
	} else {
		tp_conceal_make(&rx->conceal, end, n);
		rx->fifo_n += n;
		absorb(rx, end, n);
	}
	if (rx->gone_ns >= faded_ns) {
		rx->count.noise_ns += ns;
		return;
	}
	rx->count.concealed_ns += ns;
	tp_trace_put(&rx->tracer, TP_TRACE_CONCEALED, timestamp, due_ns, ns / 1000);
}

/* Fills a pause of the talker, or of the stream, with the room that was heard before it. */
static void add_noise(struct tp_rx *rx, int n)
{
	tp_conceal_make(&rx->conceal, rx->fifo + rx->fifo_n, n);
	rx->fifo_n += n;
	rx->count.noise_ns += to_ns(rx, n);
}

/* The last n samples that were played, as the decoder's rate would have them; picked one by one, which
 * is near enough for a filter's edge. */
static void recall(const struct tp_rx *rx, const struct tp_coder *decoder, int16_t *pcm, int n)
{
	const int16_t *end = rx->conceal.history + rx->conceal.history_n;
	int rate_hz = decoder->shape.rate_hz;

	for (int i = 0; i < n; i++)
		pcm[i] = end[-((n - i) * rx->rate_hz + rate_hz - 1) / rate_hz];
}

/* The sound goes on through a change of the codec. The decoder begins anew, because the peer's encoder
 * does. A resampler between the same rates goes with it, another one is filled with what was played; what
 * another way through the codecs makes of delay and waveform is joined like the end of a loss. */
static void change_decoder(struct tp_rx *rx, struct tp_coder *decoder)
{
	struct tp_coder *before = rx->decoder;
	struct tp_resample *to_bus = decoder->to_bus;
	int n = decoder->shape.rate_hz / 1000 * recall_ms;

	rx->decoder = decoder;
	if (!before)
		return;
	(void)decoder->ops->decoder_init(decoder->state, &decoder->options); /* went well once */
	if (to_bus && before->shape.rate_hz == decoder->shape.rate_hz) {
		decoder->to_bus = before->to_bus;
		before->to_bus = to_bus;
		return;
	}
	if (to_bus) {
		recall(rx, decoder, rx->pcm, n);
		tp_resample_process(to_bus, rx->pcm, n, rx->fifo + rx->fifo_n,
				    TP_RX_FIFO_MAX - rx->fifo_n);
	}
	tp_conceal_splice(&rx->conceal);
}

/* The next packet's sound, less what of its time has been played. */
static void decode_next(struct tp_rx *rx, const struct tp_block_time *time)
{
	struct tp_jitter_entry next = *tp_jitter_next(&rx->jitter);
	struct tp_packet *packet = tp_jitter_take(&rx->jitter);
	struct tp_coder *decoder = tp_receive_map_find(rx->map, packet->pt);
	int64_t overlap_ns = rx->tail_ns - next.media_ns, lead_ns = to_ns(rx, rx->fifo_n);
	int n = 0;

	if (decoder && decoder != rx->decoder)
		change_decoder(rx, decoder);
	if (decoder)
		n = decoder->ops->decode(decoder->state, packet->data + packet->payload,
					 packet->payload_len, false, rx->pcm, TP_RX_PCM_MAX);
	if (overlap_ns > same_ns)
		tp_trace_put(&rx->tracer, TP_TRACE_LATE, packet->timestamp, time->now_ns + lead_ns,
			     overlap_ns / 1000);
	if (n > 0) {
		tp_trace_put(&rx->tracer, TP_TRACE_DECODED, packet->timestamp,
			     time->now_ns + lead_ns, 0);
		tp_trace_put(&rx->tracer, TP_TRACE_PLAYED, packet->timestamp,
			     time->played_ns + lead_ns,
			     (time->now_ns + lead_ns - next.media_ns) / 1000);
		add_sound(rx, decoder, n, overlap_ns > same_ns ? to_n(rx, overlap_ns) : 0);
	} else {
		rx->count.malformed += n < 0;
		conceal(rx, next.duration_ns < conceal_ns ? next.duration_ns : conceal_ns,
			time->now_ns + lead_ns, packet->timestamp);
	}
	rx->tail_ns = next.media_ns + next.duration_ns;
	rx->gone_ns = 0;
	rx->missing = 0;
	give_back(rx, packet);
}

/* The packet before the next one, out of the redundancy that the next one carries. */
static bool recover(struct tp_rx *rx, const struct tp_jitter_entry *next)
{
	const struct tp_packet *packet = next->packet;
	struct tp_coder *decoder = tp_receive_map_find(rx->map, packet->pt);
	int n = decoder ? (int)(next->duration_ns * decoder->shape.rate_hz / 1000000000) : 0;

	if (!decoder || decoder != rx->decoder || !decoder->ops->conceal)
		return false;
	n = decoder->ops->decode(decoder->state, packet->data + packet->payload,
				 packet->payload_len, true, rx->pcm, n);
	if (n <= 0)
		return false;
	add_sound(rx, decoder, n, 0);
	rx->count.fec_ns += next->duration_ns;
	rx->tail_ns = next->media_ns;
	return true;
}

/* Nothing is here for the time before the next packet, and it will not come. */
static void bridge_loss(struct tp_rx *rx, const struct tp_jitter_entry *next, int64_t due_ns)
{
	int64_t gap_ns = next->media_ns - rx->tail_ns;
	int64_t step_ns = gap_ns < conceal_ns ? gap_ns : conceal_ns;

	if (gap_ns <= next->duration_ns + same_ns && recover(rx, next))
		return;
	if (step_ns > conceal_grain_ns)
		step_ns -= step_ns % conceal_grain_ns;
	conceal(rx, step_ns, due_ns, next->packet->timestamp);
	rx->tail_ns += step_ns;
}

/* The talker paused: the next packet may begin when the target says. */
static void bridge_pause(struct tp_rx *rx, const struct tp_jitter_entry *next, int64_t due_ns)
{
	int64_t wait_ns = next->media_ns + tp_jitter_target_ns(&rx->jitter) - due_ns;

	if (wait_ns <= same_ns)
		rx->tail_ns = next->media_ns;
	else
		add_noise(rx, to_n(rx, wait_ns < conceal_ns ? wait_ns : conceal_ns));
}

/* Nothing is here at all: made-up sound either replaces what is lost, or waits for what is late. */
static void bridge_silence(struct tp_rx *rx, int64_t due_ns)
{
	bool wait = rx->gone_ns < stall_max_ns &&
		    tp_jitter_worth_waiting(&rx->jitter, due_ns - rx->tail_ns,
					    (int)(rx->gone_ns / (2 * conceal_ns)));

	conceal(rx, conceal_ns, due_ns, 0);
	rx->gone_ns += conceal_ns;
	if (wait) {
		rx->count.stretched_ns += conceal_ns;
		tp_trace_put(&rx->tracer, TP_TRACE_WAITED, 0, due_ns, conceal_ns / 1000);
	} else
		rx->tail_ns += conceal_ns;
	if (rx->gone_ns >= gone_max_ns)
		rx->playing = false;
}

/* Adds sound to the fifo, or takes a packet from the buffer that has none to give. */
static void produce(struct tp_rx *rx, const struct tp_block_time *time)
{
	const struct tp_jitter_entry *next = tp_jitter_next(&rx->jitter);
	int64_t due_ns = time->now_ns + to_ns(rx, rx->fifo_n);

	if (!next) {
		bridge_silence(rx, due_ns);
	} else if (next->media_ns + next->duration_ns <= rx->tail_ns + same_ns) {
		rx->jitter.late++;
		give_back(rx, tp_jitter_take(&rx->jitter));
	} else if (next->media_ns <= rx->tail_ns + same_ns) {
		decode_next(rx, time);
	} else if (next->step != TP_TIMELINE_NEXT && next->seq == rx->jitter.last_seq + 1) {
		bridge_pause(rx, next, due_ns);
	} else {
		bridge_loss(rx, next, due_ns);
	}
}

/* ---- Playout delay ------------------------------------------------------------------------ */

static int64_t delay_ns(const struct tp_rx *rx, int64_t now_ns)
{
	return now_ns - (rx->tail_ns - to_ns(rx, rx->fifo_n + rx->ready_n));
}

/* Decodes ahead what a cut needs to look at; packets that are here too early are why it is made. */
static void decode_ahead(struct tp_rx *rx, const struct tp_block_time *time)
{
	const struct tp_jitter_entry *next;

	while (rx->fifo_n < to_n(rx, stretch_ns) && (next = tp_jitter_next(&rx->jitter)) &&
	       next->media_ns <= rx->tail_ns + same_ns &&
	       next->media_ns + next->duration_ns > rx->tail_ns + same_ns)
		decode_next(rx, time);
}

/* How much of the fifo a change of the time scale looks at. */
static int span_n(const struct tp_rx *rx)
{
	int most_n = to_n(rx, stretch_ns);

	return rx->fifo_n < most_n ? rx->fifo_n : most_n;
}

static void squeeze(struct tp_rx *rx, const struct tp_block_time *time, int64_t most_ns,
		    double quiet_db)
{
	int n = span_n(rx);
	int kept_n = tp_stretch_shorten(rx->fifo, n, rx->rate_hz, to_n(rx, most_ns), quiet_db);
	int64_t cut_ns = to_ns(rx, n - kept_n);

	if (kept_n == n)
		return;
	memmove(rx->fifo + kept_n, rx->fifo + n, (size_t)(rx->fifo_n - n) * sizeof(*rx->fifo));
	rx->fifo_n -= n - kept_n;
	rx->rest_ns = cut_ns;
	rx->count.squeezed_ns += cut_ns;
	tp_trace_put(&rx->tracer, TP_TRACE_SQUEEZED, 0, time->now_ns, cut_ns / 1000);
}

/* The sound behind the span steps aside for the longest that it may become. */
static void lengthen(struct tp_rx *rx, const struct tp_block_time *time, int64_t most_ns,
		     double quiet_db)
{
	int n = span_n(rx), rest_n = rx->fifo_n - n, room_n = TP_RX_FIFO_MAX - rx->fifo_n, new_n;
	int16_t *rest = rx->fifo + TP_RX_FIFO_MAX - rest_n;
	int64_t added_ns;

	memmove(rest, rx->fifo + n, (size_t)rest_n * sizeof(*rest));
	new_n = tp_stretch_lengthen(rx->fifo, n, n + room_n, rx->rate_hz, to_n(rx, most_ns),
				    quiet_db);
	memmove(rx->fifo + new_n, rest, (size_t)rest_n * sizeof(*rest));
	rx->fifo_n = new_n + rest_n;
	added_ns = to_ns(rx, new_n - n);
	if (added_ns == 0)
		return;
	rx->count.stretched_ns += added_ns;
	tp_trace_put(&rx->tracer, TP_TRACE_WAITED, 0, time->now_ns, added_ns / 1000);
}

/* Whether a delay that is too long by so much for so long is worth a seam in the middle of speech. */
static bool is_burden(const struct tp_rx *rx, int64_t excess_ns)
{
	return excess_ns > hurry_ns || (excess_ns > usual_ns && rx->over_ns > patience_ns);
}

/* Keeps the delay near its target. In a pause of the talker it goes there at once, up or down. In
 * speech only what is too long is cut, a pitch period at a time; what is too short mends itself,
 * because sound that waits for a late packet lengthens it. */
static void adjust_delay(struct tp_rx *rx, const struct tp_block_time *time)
{
	int64_t excess_ns = delay_ns(rx, time->now_ns) - tp_jitter_target_ns(&rx->jitter);
	int64_t block_ns = to_ns(rx, rx->block_n);
	double quiet_db;

	rx->rest_ns -= block_ns;
	rx->over_ns = excess_ns > slack_ns ? rx->over_ns + block_ns : 0;
	if (excess_ns < slack_ns && excess_ns > -slack_ns)
		return;
	decode_ahead(rx, time);
	quiet_db = tp_conceal_background_db(&rx->conceal) + quiet_over_background_db;
	if (tp_level_db(rx->fifo, span_n(rx)) < quiet_db) {
		if (excess_ns > 0)
			squeeze(rx, time, excess_ns, quiet_db);
		else
			lengthen(rx, time, -excess_ns, quiet_db);
	} else if (rx->rest_ns <= 0 && is_burden(rx, excess_ns)) {
		squeeze(rx, time, excess_ns, -INFINITY);
		rx->rest_ns *= excess_ns > hurry_ns ? hurry_rest : usual_rest;
	}
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
	if (wait_ns >= to_ns(rx, rx->block_n))
		return;
	rx->tail_ns = next->media_ns;
	rx->playing = true;
	rx->gone_ns = 0;
	if (rx->fifo_n == 0 && wait_ns > 0)
		add_noise(rx, to_n(rx, wait_ns));
}

/* ---- Out of the fifo ---------------------------------------------------------------------- */

static void take(struct tp_rx *rx, int n)
{
	rx->fifo_n -= n;
	memmove(rx->fifo, rx->fifo + n, (size_t)rx->fifo_n * sizeof(*rx->fifo));
}

/* How much sound a block may need: the drift stage plays by a hair faster or slower. */
static int need_n(const struct tp_rx *rx)
{
	return rx->block_n + (rx->drift.bypass ? 0 : 2);
}

/* The clocks' difference is known: the sound is played by so much slower, and by a hair more or less
 * until the delay is where it should be. That is done without any seam. */
static void steer(struct tp_rx *rx, const struct tp_block_time *time)
{
	int64_t excess_ns;
	double ppm;

	if (!rx->jitter.skew.known || !rx->playing || rx->gone_ns > 0)
		return;
	excess_ns = delay_ns(rx, time->now_ns) - tp_jitter_target_ns(&rx->jitter);
	ppm = (double)excess_ns * 1e-6 * steer_ppm_per_ms;
	ppm = fmax(-steer_max_ppm, fmin(steer_max_ppm, ppm)) - rx->jitter.skew.ppm;
	if (fabs(ppm * 1e3 - rx->drift_ppb) < steer_step_ppb)
		return;
	rx->drift_ppb = (int)(ppm * 1e3);
	tp_drift_set_ppm(&rx->drift, ppm);
	tp_trace_put(&rx->tracer, TP_TRACE_DRIFT, 0, time->now_ns, rx->drift_ppb);
}

static void take_block(struct tp_rx *rx, int16_t *pcm)
{
	int n;

	if (rx->drift.bypass) {
		tp_drift_process(&rx->drift, rx->fifo, rx->block_n, pcm, rx->block_n + 2);
		take(rx, rx->block_n);
	} else {
		while ((n = rx->block_n - rx->ready_n) > 0 && n <= rx->fifo_n) {
			rx->ready_n += tp_drift_process(&rx->drift, rx->fifo, n,
							rx->ready + rx->ready_n, n + 2);
			take(rx, n);
		}
		rx->ready_n -= rx->block_n;
		memcpy(pcm, rx->ready, (size_t)rx->block_n * sizeof(*pcm));
		memmove(rx->ready, rx->ready + rx->block_n,
			(size_t)rx->ready_n * sizeof(*rx->ready));
	}
	tp_level_add(&rx->level, pcm, rx->block_n);
}

void tp_rx_block(struct tp_rx *rx, const struct tp_block_time *time, int16_t *pcm)
{
	struct tp_packet *packet;

	while ((packet = tp_ring_pop(rx->in)))
		take_packet(rx, packet, time->now_ns);
	if (!rx->playing)
		start(rx, time);
	while (rx->fifo_n < need_n(rx) && rx->playing)
		produce(rx, time);
	/* What is made up while nothing comes is as long as the wait: there is nothing to cut. */
	if (rx->playing && rx->gone_ns == 0)
		adjust_delay(rx, time);
	steer(rx, time);
	while (rx->fifo_n < need_n(rx) && rx->playing)
		produce(rx, time);
	if (rx->fifo_n < need_n(rx))
		add_noise(rx, need_n(rx) - rx->fifo_n);
	if (rx->playing && rx->gone_ns == 0) {
		rx->count.delay_ms =
			(double)(delay_ns(rx, time->now_ns) - rx->jitter.delay.base_ns) / 1e6;
		tp_trace_put(&rx->tracer, TP_TRACE_DELAY, 0, time->now_ns,
			     (int64_t)(rx->count.delay_ms * 1000));
		tp_trace_put(&rx->tracer, TP_TRACE_TARGET, 0, time->now_ns,
			     rx->jitter.delay.extra_ns / 1000);
	}
	take_block(rx, pcm);
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
