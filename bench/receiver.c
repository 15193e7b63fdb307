/* SPDX-License-Identifier: MIT */
/* A receive path by itself: its rings, its packets, and one codec under payload type 0. */
#include "receiver.h"

#include <string.h>

int tp_receiver_open(struct tp_receiver *receiver, const struct tp_receiver_setup *setup)
{
	struct tp_format format = {.ptime_ms = setup->ptime_ms};

	strncpy(format.codec, setup->codec->name, sizeof(format.codec) - 1);
	tp_ring_init(&receiver->in, receiver->in_cell, TP_RECEIVER_SLOTS);
	tp_ring_init(&receiver->back, receiver->back_cell, TP_RECEIVER_SLOTS);
	for (int i = 0; i < TP_RECEIVER_SLOTS; i++)
		tp_ring_push(&receiver->back, &receiver->packet[i]);
	tp_rx_init(&receiver->rx, &receiver->in, &receiver->back, receiver->entry,
		   TP_RECEIVER_SLOTS / 2, setup->jitter, setup->rate_hz, setup->block_n);
	memset(receiver->map.by_pt, -1, sizeof(receiver->map.by_pt));
	receiver->map.by_pt[0] = 0;
	receiver->map.n = 1;
	tp_rx_set(&receiver->rx, &receiver->map, true, setup->jitter);
	return tp_decoder_create(&receiver->map.decoder[0], setup->codec, &format, setup->rate_hz);
}

void tp_receiver_close(struct tp_receiver *receiver)
{
	tp_coder_destroy(receiver->map.decoder[0]);
}
