/* SPDX-License-Identifier: MIT */
/* A lost packet, out of what a later one carries of it. */
#include "engine/rx_again.h"
#include "engine/rx_sound.h"
#include "engine/unwrap.h"

/* Share of the newest loss in `redundant`. */
static const float redundant_weight = 0.2f;

bool tp_rx_again_may(const struct tp_coder *decoder)
{
	return decoder->ops->control || decoder->ops->conceal;
}

static void count_recovered(struct tp_rx *rx, int64_t ns, int64_t due_ns, uint32_t timestamp)
{
	rx->count.fec_ns += ns;
	tp_trace_put(&rx->tracer, TP_TRACE_RECOVERED, timestamp, due_ns, ns / 1000);
}

bool tp_rx_again_next(struct tp_rx *rx, const struct tp_jitter_entry *next, int64_t gap_ns,
		      int before_n, int64_t due_ns)
{
	const struct tp_packet *packet = next->packet;
	struct tp_coder *decoder = tp_receive_map_find(rx->map, packet->pt);
	int n = decoder ? (int)(next->duration_ns * decoder->shape.rate_hz / 1000000000) : 0;

	if (!decoder || decoder != rx->decoder || !tp_rx_again_may(decoder))
		return false;
	n = decoder->ops->decode(decoder->state, packet->data + packet->payload,
				 packet->payload_len, true, rx->pcm, n);
	rx->redundant += redundant_weight * ((n > 0 ? 1.0f : 0.0f) - rx->redundant);
	if (n <= 0)
		return false;
	tp_rx_sound_add(rx, decoder, n, tp_rx_n(rx, next->duration_ns - gap_ns), before_n);
	count_recovered(rx, gap_ns, due_ns + tp_rx_ns(rx, before_n), packet->timestamp);
	rx->tail_ns = next->media_ns;
	return true;
}

bool tp_rx_again_earlier(struct tp_rx *rx, int64_t due_ns)
{
	const struct tp_redundancy_block *block;
	const struct tp_jitter_entry *entry =
		tp_unwrap_find(rx->map, &rx->jitter, rx->tail_ns - TP_RX_SOUND_STEP_NS,
			       rx->tail_ns + TP_RX_SAME_NS, &block);
	struct tp_coder *decoder;
	int64_t over_ns, lasts_ns;
	int n;

	if (!entry)
		return false;
	decoder = tp_receive_map_find(rx->map, block->pt);
	over_ns = rx->tail_ns - tp_unwrap_media_ns(rx->map, entry, block);
	n = decoder->ops->samples(&decoder->shape, entry->packet->data + block->at, block->len);
	lasts_ns = n > 0 ? (int64_t)n * 1000000000 / decoder->shape.rate_hz : 0;
	if (lasts_ns <= over_ns + TP_RX_SAME_NS)
		return false;
	if (decoder != rx->decoder)
		tp_rx_sound_change(rx, decoder);
	n = decoder->ops->decode(decoder->state, entry->packet->data + block->at, block->len, false,
				 rx->pcm, TP_RX_PCM_MAX);
	if (n <= 0)
		return false;
	over_ns = over_ns > TP_RX_SAME_NS ? over_ns : 0;
	tp_rx_sound_add(rx, decoder, n, tp_rx_n(rx, over_ns), 0);
	count_recovered(rx, lasts_ns - over_ns, due_ns, entry->packet->timestamp);
	rx->tail_ns += lasts_ns - over_ns;
	return true;
}
