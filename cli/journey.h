/* SPDX-License-Identifier: MIT */
/* The way of each packet from microphone to loudspeaker, put together from both ends' traces. */
#ifndef CLI_JOURNEY_H
#define CLI_JOURNEY_H

#include <talkpath/talkpath.h>

#include <stdbool.h>
#include <stddef.h>

enum {
	TP_JOURNEY_STAMPS = (int)TP_TRACE_PLAYED + 1,
	TP_JOURNEY_STAGES = (int)TP_TRACE_PLAYED, /* from each stamp to the next */
};

struct tp_journey {
	uint32_t timestamp;
	int64_t at_ns[TP_JOURNEY_STAMPS]; /* by enum tp_trace_kind; 0: it never came so far */
};

/* One journey for every packet that `sender` began and sent, in their order. Gives *journeys, which
 * free() takes back: returns how many, or TP_ERR_MEMORY. Both traces must know one clock. [any] */
TP_MUST_USE int tp_journey_collect(struct tp_journey **journeys, const struct tp_trace *sender,
				   size_t sender_n, const struct tp_trace *receiver,
				   size_t receiver_n);

/* The median time of a stage, in ms, among journeys that began within a span and were played; NAN
 * if there are none. TP_JOURNEY_STAGES itself stands for the whole way. [any] */
double tp_journey_median_ms(const struct tp_journey *journeys, int n, int stage, int64_t from_ns,
			    int64_t to_ns);

#endif
