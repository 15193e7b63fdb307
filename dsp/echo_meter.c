/* SPDX-License-Identifier: MIT */
/* How an echo fares: loss on its way, reduction by the stages behind it,
 * and how often both ends talk. */
#include "echo_meter.h"

#include <math.h>

/* Mean square over the tail from which the loudspeaker counts as heard: -50 dB full scale. */
#define HEARD_POWER 10737.0
#define WINDOW_S    1.0
#define LEAST_S     0.3

enum {
	GROUP_MS = 50, /* once or twice as long nobody may be noticed for a block to count */
};

void tp_echo_meter_init(struct tp_echo_meter *meter, int rate_hz, int block_n, int tail_ms)
{
	*meter = (struct tp_echo_meter){
		.block_n = block_n,
		.block_s = (double)block_n / rate_hz,
	};
	meter->group_n = rate_hz * GROUP_MS / 1000 / block_n;
	meter->tail_share = fmin(1, meter->block_s * 1000 / tail_ms);
}

static void add(struct tp_echo_meter_block *sum, double keep,
		const struct tp_echo_meter_block *more)
{
	sum->reference = keep * sum->reference + more->reference;
	sum->microphone = keep * sum->microphone + more->microphone;
	sum->cancelled = keep * sum->cancelled + more->cancelled;
	sum->left = keep * sum->left + more->left;
}

static void close_group(struct tp_echo_meter *meter)
{
	double group_s = meter->group_n * meter->block_s;

	if (meter->young.reference > 0) {
		add(&meter->sum, 1 - group_s / WINDOW_S, &meter->young);
		meter->alone_s += group_s;
	}
	meter->young = meter->younger;
	meter->younger = (struct tp_echo_meter_block){0};
	meter->younger_n = 0;
}

void tp_echo_meter_add(struct tp_echo_meter *meter, const struct tp_echo_meter_block *block,
		       bool near)
{
	meter->heard += meter->tail_share * (block->reference / meter->block_n - meter->heard);
	if (!tp_echo_meter_far_talks(meter))
		return;
	meter->far_s += meter->block_s;
	if (near) {
		meter->both_s += meter->block_s;
		meter->young = meter->younger = (struct tp_echo_meter_block){0};
		meter->younger_n = 0;
		return;
	}
	add(&meter->younger, 1, block);
	if (++meter->younger_n == meter->group_n)
		close_group(meter);
}

/* Half a step of noise is added below: what 16 bits cannot hold is no merit of anybody. */
static double ratio_db(const struct tp_echo_meter *meter, double over, double under)
{
	if (meter->alone_s < LEAST_S || over <= 0)
		return NAN;
	return 10 * log10(over / (under + 0.25 * meter->block_n));
}

double tp_echo_meter_loss_db(const struct tp_echo_meter *meter)
{
	return ratio_db(meter, meter->sum.reference, meter->sum.microphone);
}

double tp_echo_meter_linear_db(const struct tp_echo_meter *meter)
{
	return ratio_db(meter, meter->sum.microphone, meter->sum.cancelled);
}

double tp_echo_meter_reduction_db(const struct tp_echo_meter *meter)
{
	return ratio_db(meter, meter->sum.microphone, meter->sum.left);
}

bool tp_echo_meter_far_talks(const struct tp_echo_meter *meter)
{
	return meter->heard >= HEARD_POWER;
}

double tp_echo_meter_double_talk(const struct tp_echo_meter *meter)
{
	return meter->far_s < LEAST_S ? (double)NAN : meter->both_s / meter->far_s;
}
