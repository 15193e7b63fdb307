/* SPDX-License-Identifier: MIT */
/* The sending half of a session on the audio side: bus blocks become RTP packets. */
#include "engine/tx.h"
#include "dsp/resample.h"
#include "engine/rtp.h"

#include <string.h>

void tp_tx_init(struct tp_tx *tx, struct tp_ring *out, struct tp_ring *pool, int rate_hz,
		int block_n, uint32_t ssrc, uint32_t timestamp)
{
	*tx = (struct tp_tx){
		.out = out,
		.pool = pool,
		.rate_hz = rate_hz,
		.block_n = block_n,
		.ssrc = ssrc,
		.timestamp = timestamp,
		.marker = true,
	};
}

static uint32_t ticks(const struct tp_coder *encoder, int n)
{
	return (uint32_t)((int64_t)n * encoder->shape.clock_hz / encoder->shape.rate_hz);
}

/* An empty slot; what it carried before has been sent by now, and says when. */
static struct tp_packet *empty_slot(struct tp_tx *tx)
{
	struct tp_packet *packet = tp_ring_pop(tx->pool);

	if (packet && packet->stamp_ns != 0)
		tp_trace_put(&tx->tracer, TP_TRACE_SENT, packet->timestamp, packet->stamp_ns, 0);
	return packet;
}

/* The wire side gives the sequence number: it counts packets that were really sent. */
static int send_frame(struct tp_tx *tx, int n, int64_t now_ns)
{
	const struct tp_codec_ops *ops = tx->encoder->ops;
	struct tp_packet *packet = tx->kept ? tx->kept : empty_slot(tx);
	struct tp_rtp rtp = {
		.pt = (uint8_t)tx->encoder->format.pt,
		.marker = tx->marker,
		.timestamp = tx->timestamp,
		.ssrc = tx->ssrc,
	};
	int len;

	tx->timestamp += ticks(tx->encoder, n);
	if (!packet) {
		tx->starved++;
		return 0;
	}
	len = ops->encode(tx->encoder->state, tx->frame, n, packet->data + TP_RTP_HEADER,
			  TP_CODEC_PAYLOAD_MAX);
	tx->kept = len <= 0 ? packet : NULL;
	if (len <= 0) {
		tx->marker = true;
		return 0;
	}
	tp_rtp_write(packet->data, &rtp);
	packet->timestamp = rtp.timestamp;
	packet->len = (uint16_t)(TP_RTP_HEADER + len);
	packet->payload_len = (uint16_t)len;
	packet->stamp_ns = now_ns;
	tp_trace_put(&tx->tracer, TP_TRACE_CAPTURED, rtp.timestamp, tx->captured_ns, 0);
	tp_trace_put(&tx->tracer, TP_TRACE_ENCODED, rtp.timestamp, now_ns, 0);
	tp_ring_push(tx->out, packet);
	tx->marker = false;
	return 1;
}

/* What has been collected goes out as a short packet if the encoder can make one; its time passes in
 * any case. */
static void end_frame(struct tp_tx *tx, int64_t now_ns)
{
	const struct tp_coder *encoder = tx->encoder;

	if (!encoder || tx->frame_n == 0)
		return;
	if (tx->sending && tx->frame_n % encoder->shape.frame_n == 0)
		send_frame(tx, tx->frame_n, now_ns);
	else
		tx->timestamp += ticks(encoder, tx->frame_n);
	tx->frame_n = 0;
}

/* The sound goes on through the change: a resampler between the same rates goes with it, another one
 * is filled with what came before. */
static void take_over(struct tp_tx *tx, struct tp_coder *before)
{
	struct tp_coder *encoder = tx->encoder;
	struct tp_resample *from_bus = encoder->from_bus;

	if (!from_bus)
		return;
	if (before && before->shape.rate_hz == encoder->shape.rate_hz) {
		encoder->from_bus = before->from_bus;
		before->from_bus = from_bus;
		return;
	}
	tp_resample_process(from_bus, tx->last, tx->block_n, tx->frame, TP_TX_FRAME_MAX);
}

struct tp_coder *tp_tx_set(struct tp_tx *tx, struct tp_coder *encoder, bool sending, int64_t now_ns)
{
	struct tp_coder *replaced = NULL;

	if (encoder != tx->encoder || !sending)
		end_frame(tx, now_ns);
	if (encoder != tx->encoder) {
		replaced = tx->encoder;
		tx->encoder = encoder;
		if (encoder)
			take_over(tx, replaced);
	}
	tx->sending = sending;
	return replaced;
}

static void pass_time(struct tp_tx *tx)
{
	if (tx->encoder)
		tx->timestamp += (uint32_t)((int64_t)tx->block_n * tx->encoder->shape.clock_hz /
					    tx->rate_hz);
	tx->marker = true;
}

int tp_tx_block(struct tp_tx *tx, const int16_t *pcm, const struct tp_block_time *time)
{
	int sent = 0, n, added;

	memcpy(tx->last, pcm, (size_t)tx->block_n * sizeof(*pcm));
	if (!tx->encoder || !tx->sending) {
		pass_time(tx);
		return 0;
	}
	if (tx->frame_n == 0)
		tx->captured_ns = time->captured_ns;
	n = tx->encoder->shape.rate_hz / 1000 * tx->encoder->format.ptime_ms;
	if (tx->encoder->from_bus) {
		added = tp_resample_process(tx->encoder->from_bus, pcm, tx->block_n,
					    tx->frame + tx->frame_n, TP_TX_FRAME_MAX - tx->frame_n);
	} else {
		memcpy(tx->frame + tx->frame_n, pcm, (size_t)tx->block_n * sizeof(*pcm));
		added = tx->block_n;
	}
	tx->frame_n += added;
	while (tx->frame_n >= n) {
		sent += send_frame(tx, n, time->now_ns);
		tx->frame_n -= n;
		memmove(tx->frame, tx->frame + n, (size_t)tx->frame_n * sizeof(*tx->frame));
	}
	return sent;
}
