/* SPDX-License-Identifier: MIT */
/* How an echo fares: loss on its way, reduction by the stages behind it,
 * and how often both ends talk. */
#ifndef TP_ECHO_METER_H
#define TP_ECHO_METER_H

#include <stdbool.h>

/* One block: energies, sums of squares of 16-bit samples. */
struct tp_echo_meter_block {
	double reference; /* the loudspeaker's signal, aligned to its echo */
	double microphone;
	double cancelled; /* what the linear canceller leaves */
	double left; /* what all stages leave */
};

/* Levels are means of the last second in which the loudspeaker was heard and nobody talked here.
 * Caller-owned, one thread at a time. */
struct tp_echo_meter {
	int block_n;
	double block_s;
	double tail_share; /* of a block in the tail */
	double heard; /* mean square of the loudspeaker over the tail */
	struct tp_echo_meter_block sum;
	/* The newest 50 ms and those before: a talker is known only a while after he began. */
	struct tp_echo_meter_block young, younger;
	int younger_n, group_n; /* blocks */
	double alone_s, far_s, both_s; /* far end alone; far end; both */
};

/* block_n samples a call; an echo lasts tail_ms. [any] */
void tp_echo_meter_init(struct tp_echo_meter *meter, int rate_hz, int block_n, int tail_ms);

/* `near`: somebody talks here. [audio] */
void tp_echo_meter_add(struct tp_echo_meter *meter, const struct tp_echo_meter_block *block,
		       bool near);

/* Echo return loss: the loudspeaker's signal over what the microphone hears of it. The room's noise
 * counts as echo, so it is a lower bound. NAN before 0.3 s. [audio] */
double tp_echo_meter_loss_db(const struct tp_echo_meter *meter);

/* Echo return loss enhancement: the microphone over what the canceller alone, what all stages
 * leave. NAN before 0.3 s. [audio] */
double tp_echo_meter_linear_db(const struct tp_echo_meter *meter);
double tp_echo_meter_reduction_db(const struct tp_echo_meter *meter);

/* Whether there is sound from the far end now, or was so lately that its
 * echo is still there. [audio] */
bool tp_echo_meter_far_talks(const struct tp_echo_meter *meter);

/* Share of the time with sound from the far end in which somebody talked here too, pauses within
 * his speech included; NAN before 0.3 s of sound. [audio] */
double tp_echo_meter_double_talk(const struct tp_echo_meter *meter);

#endif
