/* SPDX-License-Identifier: MIT */
/* The sending half of a session on the audio side: bus blocks become RTP packets. */
#include "engine/tx.h"
#include "dsp/resample.h"
#include "engine/comfort.h"
#include "engine/rtp.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum {
	COMFORT_HZ = 8000, /* the clock of payload type 13 (RFC 3389 4) */
	PERCENT = 0xff, /* of a report of the peer */
};

/* A room that grows louder or darker is described again after the first of these times, an even one
 * after the second: often enough for who joins late, and for a NAT. */
static const int64_t comfort_least_ns = 200000000, comfort_most_ns = 2000000000;

/* Less, in mean squares, is not heard as another room: 2 dB. */
static const float comfort_change = 1.6f;

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
		.loss_percent = -1,
		.burst = 1,
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
static void hand_over(struct tp_tx *tx, struct tp_packet *packet, int pt, int len, int64_t now_ns)
{
	struct tp_rtp rtp = {
		.pt = (uint8_t)pt,
		.marker = tx->marker,
		.timestamp = tx->timestamp,
		.ssrc = tx->ssrc,
	};

	tp_rtp_write(packet->data, &rtp);
	packet->timestamp = rtp.timestamp;
	packet->len = (uint16_t)(TP_RTP_HEADER + len);
	packet->payload_len = (uint16_t)len;
	packet->stamp_ns = now_ns;
	tp_ring_push(tx->out, packet);
}

/* The peer's newest report. The encoder is told more at once and less by and by: redundancy that
 * comes after the loss is of no use. */
static void tell_loss(struct tp_tx *tx)
{
	const struct tp_codec_ops *ops = tx->encoder->ops;
	uint32_t report =
		tx->peer_loss ? atomic_load_explicit(tx->peer_loss, memory_order_relaxed) : 0;
	int percent = (int)(report & PERCENT), slower = tx->loss_percent * 3 / 4;

	if (report == tx->peer_loss_seen)
		return;
	tx->peer_loss_seen = report;
	if (percent < slower)
		percent = slower;
	if (ops->control && percent != tx->loss_percent)
		(void)ops->control(tx->encoder->state, TP_CODEC_LOSS_PERCENT, percent);
	tx->loss_percent = percent;
}

/* ---- Silence ---- */

/* Whether the room sounds other than it was described, or the peer should hear of it again. */
static bool is_due(const struct tp_tx *tx, float power)
{
	bool other =
		power > comfort_change * tx->told_power || comfort_change * power < tx->told_power;

	if (tx->told_ns < 0 || tx->told_ns >= comfort_most_ns)
		return true;
	return other && tx->told_ns >= comfort_least_ns;
}

/* Describes the room in place of a packet of it. */
static int send_comfort(struct tp_tx *tx, int64_t now_ns)
{
	const struct tp_format *format = &tx->encoder->format;
	int clock_hz = format->cn_hz ? format->cn_hz : COMFORT_HZ;
	struct tp_comfort comfort = {
		.order = clock_hz == tx->encoder->shape.rate_hz ? TP_COMFORT_ORDER : 0,
	};
	struct tp_packet *packet;

	comfort.power =
		tp_background_describe(&tx->activity.room, comfort.reflection, comfort.order);
	if (!is_due(tx, comfort.power))
		return 0;
	packet = tx->kept ? tx->kept : empty_slot(tx);
	tx->kept = NULL;
	if (!packet) {
		tx->starved++;
		return 0;
	}
	tx->told_ns = 0;
	tx->told_power = comfort.power;
	tx->marker = false; /* of talk alone (RFC 3389 4) */
	hand_over(tx, packet, format->cn_pt,
		  tp_comfort_write(&comfort, packet->data + TP_RTP_HEADER), now_ns);
	return 1;
}

/* Whether a frame is silence that need not be sent. */
static bool is_silence(struct tp_tx *tx, int n)
{
	int64_t ns = (int64_t)n * 1000000000 / tx->encoder->shape.rate_hz;

	if (tx->encoder->format.cn_pt == 0 || !tx->vad)
		return false;
	if (tp_activity_hear(&tx->activity, tx->frame, n)) {
		tx->told_ns = -1;
		return false;
	}
	tx->silent_ns += ns;
	if (tx->told_ns >= 0)
		tx->told_ns += ns;
	return true;
}

/* ---- Sound ---- */

/* The mean burst, so that sound and repetition are not lost together. */
static int choose_distance(const struct tp_tx *tx)
{
	int distance = (int)lrintf(tx->burst);

	return distance < 1                       ? 1
	       : distance > TP_AGAIN_DISTANCE_MAX ? TP_AGAIN_DISTANCE_MAX
						  : distance;
}

/* Encodes a frame into a payload: its length; 0 or less: there is nothing to send. */
static int encode(struct tp_tx *tx, int n, uint8_t *payload)
{
	const struct tp_format *format = &tx->encoder->format;
	int at = 0, len;

	tx->red_distance = 0;
	if (format->red_pt) {
		tx->red_distance = choose_distance(tx);
		at = tp_again_begin(&tx->again, tx->red_distance, (uint8_t)format->pt,
				    tx->timestamp, payload, TP_CODEC_PAYLOAD_MAX);
	}
	len = tx->encoder->ops->encode(tx->encoder->state, tx->frame, n, payload + at,
				       (size_t)(TP_CODEC_PAYLOAD_MAX - at));
	if (format->red_pt)
		tp_again_keep(&tx->again, (uint8_t)format->pt, tx->timestamp, payload + at, len);
	return len > 0 ? at + len : len;
}

static int send_sound(struct tp_tx *tx, int n, int64_t now_ns)
{
	const struct tp_format *format = &tx->encoder->format;
	struct tp_packet *packet = tx->kept ? tx->kept : empty_slot(tx);
	int len;

	if (!packet) {
		tx->starved++;
		return 0;
	}
	len = encode(tx, n, packet->data + TP_RTP_HEADER);
	tx->kept = len <= 0 ? packet : NULL;
	if (len <= 0) {
		tx->marker = true;
		return 0;
	}
	tp_trace_put(&tx->tracer, TP_TRACE_CAPTURED, tx->timestamp, tx->captured_ns, 0);
	tp_trace_put(&tx->tracer, TP_TRACE_ENCODED, tx->timestamp, now_ns, 0);
	hand_over(tx, packet, format->red_pt ? format->red_pt : format->pt, len, now_ns);
	tx->marker = false;
	return 1;
}

static int send_frame(struct tp_tx *tx, int n, int64_t now_ns)
{
	int sent;

	tell_loss(tx);
	if (is_silence(tx, n)) {
		sent = send_comfort(tx, now_ns);
		tx->marker = true;
		tp_again_keep(&tx->again, 0, tx->timestamp, NULL, 0);
	} else {
		sent = send_sound(tx, n, now_ns);
	}
	tx->timestamp += ticks(tx->encoder, n);
	return sent;
}

/* What has been collected goes out as a short packet if the encoder can make one;
 * its time passes in any case. */
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

/* The sound goes on through the change: a resampler between the same rates goes with it, another
 * one is filled with what came before. */
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

/* Silences that the codec has its own way for. */
static void tell_dtx(struct tp_tx *tx)
{
	struct tp_coder *encoder = tx->encoder;

	if (encoder && encoder->ops->control && encoder->format.options.dtx)
		(void)encoder->ops->control(encoder->state, TP_CODEC_DTX, tx->vad);
}

/* What was learnt of the old encoder's sound and sent by it says nothing of the new one's. */
static void begin_encoder(struct tp_tx *tx)
{
	tx->again = (struct tp_again){.newest = 0};
	tx->told_ns = -1;
	tx->peer_loss_seen = 0; /* it is told the newest report, whatever its predecessor knew */
	tx->loss_percent = -1;
	if (tx->encoder)
		tp_activity_init(&tx->activity, tx->encoder->shape.rate_hz);
	tell_dtx(tx);
}

void tp_tx_set_vad(struct tp_tx *tx, bool vad)
{
	if (vad == tx->vad)
		return;
	tx->vad = vad;
	tx->told_ns = -1;
	if (tx->encoder) /* it has not listened for a while */
		tp_activity_init(&tx->activity, tx->encoder->shape.rate_hz);
	tell_dtx(tx);
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
		begin_encoder(tx);
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

void tp_tx_stats(const struct tp_tx *tx, struct tp_session_stats *stats)
{
	stats->send.silent_ms = (uint32_t)(tx->silent_ns / 1000000);
	stats->send.loss_told_percent = tx->loss_percent;
	stats->send.red_distance = tx->red_distance;
}
