/* SPDX-License-Identifier: MIT */
/* What arrives of one stream: sequence, loss, duplicates, jitter (RFC 3550 A.1, A.3, A.8). */
#include "reception.h"

#include <math.h>
#include <string.h>

static int64_t expected(const struct tp_reception *r)
{
	return r->highest - r->base + 1;
}

static bool seen(const struct tp_reception *r, int64_t seq)
{
	return r->seen[seq / 64 % 2] >> seq % 64 & 1;
}

static void see(struct tp_reception *r, int64_t seq)
{
	r->seen[seq / 64 % 2] |= (uint64_t)1 << seq % 64;
}

static void advance(struct tp_reception *r, int64_t seq)
{
	if (seq - r->highest >= TP_RECEPTION_SEEN)
		memset(r->seen, 0, sizeof(r->seen));
	else
		for (int64_t i = r->highest + 1; i <= seq; i++)
			r->seen[i / 64 % 2] &= ~((uint64_t)1 << i % 64);
	r->highest = seq;
	see(r, seq);
}

void tp_reception_end(struct tp_reception *r)
{
	if (r->started)
		r->lost_before += expected(r) - r->received;
	r->started = false;
}

/* Counts anew from `seq`, of which nothing was received yet. */
static void begin(struct tp_reception *r, uint16_t seq)
{
	tp_reception_end(r);
	r->started = true;
	/* Cycle 1, so that no earlier number is negative. */
	r->base = 0x10000 + (int64_t)seq;
	r->highest = r->base - 1;
	r->received = 0;
	r->expected_prior = r->received_prior = 0;
	r->jumped = -1;
	memset(r->seen, 0, sizeof(r->seen));
}

void tp_reception_start(struct tp_reception *r, uint32_t ssrc, uint16_t seq)
{
	begin(r, seq);
	r->ssrc = ssrc;
	r->timed = false;
	r->jitter_ns = -1;
}

static enum tp_reception_verdict count_jump(struct tp_reception *r, uint16_t seq)
{
	if (r->jumped != seq) {
		r->jumped = (uint16_t)(seq + 1);
		return TP_RECEPTION_JUMPED;
	}
	begin(r, (uint16_t)(seq - 1));
	for (int i = 0; i < 2; i++) {
		advance(r, r->highest + 1);
		r->received++;
	}
	return TP_RECEPTION_RESTARTED;
}

enum tp_reception_verdict tp_reception_packet(struct tp_reception *r, uint16_t seq)
{
	int64_t extended = tp_rtp_extend_seq(r->highest, seq);
	int64_t ahead = extended - r->highest;

	if (ahead >= TP_RECEPTION_DROPOUT || ahead <= -TP_RECEPTION_MISORDER)
		return count_jump(r, seq);
	r->received++;
	if (ahead > 0) {
		advance(r, extended);
		r->jumped = -1;
		return TP_RECEPTION_NEXT;
	}
	if (seen(r, extended)) {
		r->duplicate++;
		return TP_RECEPTION_DUPLICATE;
	}
	see(r, extended);
	/* It began before what we took for its beginning. */
	if (extended < r->base)
		r->base = extended;
	r->reordered++;
	return TP_RECEPTION_REORDERED;
}

void tp_reception_arrival(struct tp_reception *r, int64_t stamp_ns, uint32_t timestamp,
			  uint32_t clock_hz)
{
	int32_t media = tp_rtp_timestamp_diff(timestamp, r->timestamp);
	double off_ns;

	if (r->timed && !media && clock_hz == r->clock_hz)
		return;
	if (r->timed && clock_hz == r->clock_hz) {
		off_ns = fabs((double)(stamp_ns - r->stamp_ns) - media * 1e9 / clock_hz);
		if (r->jitter_ns < 0)
			r->jitter_ns = 0;
		if (off_ns < 2e9)
			r->jitter_ns += (off_ns - r->jitter_ns) / 16;
	}
	r->timed = true;
	r->stamp_ns = stamp_ns;
	r->timestamp = timestamp;
	r->clock_hz = clock_hz;
}

uint32_t tp_reception_lost(const struct tp_reception *r)
{
	int64_t lost = r->lost_before + (r->started ? expected(r) - r->received : 0);

	return lost > 0 ? (uint32_t)lost : 0;
}

double tp_reception_jitter_ms(const struct tp_reception *r)
{
	return r->started && r->jitter_ns >= 0 ? r->jitter_ns / 1e6 : NAN;
}

static int32_t clamp24(int64_t value)
{
	if (value > 0x7fffff)
		return 0x7fffff;
	return value < -0x800000 ? -0x800000 : (int32_t)value;
}

void tp_reception_report(struct tp_reception *r, struct tp_rtcp_block *block)
{
	int64_t all = expected(r);
	int64_t due = all - r->expected_prior;
	int64_t lost = due - (r->received - r->received_prior);

	block->ssrc = r->ssrc;
	block->fraction_lost = 0;
	if (due > 0 && lost > 0) /* 256 of 256, all lost, does not fit */
		block->fraction_lost = (uint8_t)(lost < due ? (lost << 8) / due : 255);
	block->lost = clamp24(all - r->received);
	/* Cycles are counted from 0 there. */
	block->highest_seq = (uint32_t)(r->highest - 0x10000);
	block->jitter = r->jitter_ns > 0 ? (uint32_t)(r->jitter_ns * r->clock_hz / 1e9) : 0;
	r->expected_prior = all;
	r->received_prior = r->received;
}
