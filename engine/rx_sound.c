/* SPDX-License-Identifier: MIT */
/* What a receiver plays: decoded sound at the bus's rate, or what takes its place. */
#include "engine/rx_sound.h"
#include "engine/rx_again.h"

#include "dsp/resample.h"

#include <string.h>

enum { recall_ms = 5 /* of played sound fill a resampler */ };

void tp_rx_sound_add(struct tp_rx *rx, struct tp_coder *decoder, int n, int skip_n, int gap_n)
{
	int16_t *end = rx->fifo + rx->fifo_n + gap_n;
	int room = TP_RX_FIFO_MAX - rx->fifo_n - gap_n;

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
	if (gap_n > 0)
		tp_conceal_bridge(&rx->conceal, end - gap_n, gap_n, n);
	tp_conceal_good(&rx->conceal, end, n);
	rx->fifo_n += gap_n + n;
}

/* Tells a codec with predictors what was played in place of its packet, once it is known to be
 * lost: one that comes late goes on where the decoder is. */
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

void tp_rx_sound_count(struct tp_rx *rx, int64_t ns, int64_t due_ns, uint32_t timestamp)
{
	*(tp_jitter_next(&rx->jitter) ? &rx->count.concealed_ns : &rx->unsure_ns) += ns;
	tp_trace_put(&rx->tracer, TP_TRACE_CONCEALED, timestamp, due_ns, ns / 1000);
}

void tp_rx_sound_guess(struct tp_rx *rx, int gap_n)
{
	int16_t *end = rx->fifo + rx->fifo_n;

	if (rx->decoder->ops->absorb && rx->told_n < gap_n) {
		tp_conceal_guess(&rx->conceal, end, gap_n);
		absorb(rx, end + rx->told_n, gap_n - rx->told_n);
	}
	rx->told_n = gap_n;
}

void tp_rx_sound_lost(struct tp_rx *rx, int64_t ns)
{
	const struct tp_conceal *conceal = &rx->conceal;
	int n = tp_rx_n(rx, ns);

	n = n < conceal->history_n ? n : conceal->history_n;
	absorb(rx, conceal->history + conceal->history_n - n, n);
}

/* Nobody describes this pause. Opus would: it shows a sign of the room every 400 ms,
 * between which it must not sink. */
static void let_go(struct tp_rx *rx)
{
	if (rx->decoder && !tp_rx_again_may(rx->decoder))
		tp_background_let_go(&rx->conceal.background);
}

void tp_rx_sound_conceal(struct tp_rx *rx, int64_t ns, bool lost, int64_t due_ns,
			 uint32_t timestamp)
{
	struct tp_coder *decoder = rx->decoder;
	int n = tp_rx_n(rx, ns);
	int16_t *end = rx->fifo + rx->fifo_n;

	if (decoder && decoder->ops->conceal && ns % TP_RX_SOUND_GRAIN_NS == 0) {
		n = (int)(ns * decoder->shape.rate_hz / 1000000000);
		decoder->ops->conceal(decoder->state, rx->pcm, n);
		tp_rx_sound_add(rx, decoder, n, 0, 0);
	} else {
		tp_conceal_make(&rx->conceal, end, n);
		rx->fifo_n += n;
		if (lost)
			absorb(rx, end, n);
	}
	if (rx->gone_ns < (int64_t)tp_conceal_gone_ms(&rx->conceal) * 1000000) {
		tp_rx_sound_count(rx, ns, due_ns, timestamp);
		return;
	}
	let_go(rx);
	rx->count.noise_ns += ns;
	tp_trace_put(&rx->tracer, TP_TRACE_NOISE, timestamp, due_ns, ns / 1000);
}

void tp_rx_sound_noise(struct tp_rx *rx, int n)
{
	tp_conceal_make(&rx->conceal, rx->fifo + rx->fifo_n, n);
	if (rx->comfort)
		tp_gain_apply(&rx->pauses, rx->fifo + rx->fifo_n, n);
	rx->fifo_n += n;
	rx->count.noise_ns += tp_rx_ns(rx, n);
}

void tp_rx_sound_pause(struct tp_rx *rx, int64_t ns, int64_t due_ns)
{
	let_go(rx);
	tp_rx_sound_noise(rx, tp_rx_n(rx, ns));
	tp_trace_put(&rx->tracer, TP_TRACE_NOISE, 0, due_ns, ns / 1000);
}

void tp_rx_sound_settle(struct tp_rx *rx, bool pause)
{
	*(pause ? &rx->count.noise_ns : &rx->count.concealed_ns) += rx->unsure_ns;
	rx->unsure_ns = 0;
}

/* The last n samples that were played, as the decoder's rate would have them; picked one by one,
 * which is near enough for a filter's edge. */
static void recall(const struct tp_rx *rx, const struct tp_coder *decoder, int16_t *pcm, int n)
{
	const int16_t *end = rx->conceal.history + rx->conceal.history_n;
	int rate_hz = decoder->shape.rate_hz;

	for (int i = 0; i < n; i++)
		pcm[i] = end[-((n - i) * rx->rate_hz + rate_hz - 1) / rate_hz];
}

/* The sound goes on through a change of the codec. The decoder begins anew, because the
 * peer's encoder does. A resampler between the same rates goes with it, another one is filled
 * with what was played; what another way through the codecs makes of delay and waveform is
 * joined like the end of a loss. */
void tp_rx_sound_change(struct tp_rx *rx, struct tp_coder *decoder)
{
	struct tp_coder *before = rx->decoder;
	struct tp_resample *to_bus = decoder->to_bus;
	int n = decoder->shape.rate_hz / 1000 * recall_ms;

	rx->decoder = decoder;
	if (!before)
		return;
	if (decoder->ops->decoder_init) /* it went well once */
		(void)decoder->ops->decoder_init(decoder->state, &decoder->options);
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
