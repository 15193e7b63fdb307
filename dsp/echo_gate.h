/* SPDX-License-Identifier: MIT */
/* Keeps echo in while the canceller does not know the room yet. */
#ifndef TP_ECHO_GATE_H
#define TP_ECHO_GATE_H

#include <stdbool.h>
#include <stdint.h>

/* Until the canceller has settled (some 0.5 s of the far end's first words) nothing else holds the
 * echo: the library's post-filter expects none from an empty filter. So what the loudspeaker may be
 * heard in is turned down by 24 dB, unless the microphone is much louder than any echo would be.
 * Caller-owned; all of it [audio], but for init [any]. */
struct tp_echo_gate {
	double loudest,
		before; /* mean square of the loudspeaker's loudest block of this tail, the last */
	int tail_blocks, blocks;
	float gain, target;
};

/* tail_blocks: how long an echo lasts. */
void tp_echo_gate_init(struct tp_echo_gate *gate, int tail_blocks);

/* Decides about a block of n samples: as it came from the microphone, and what the loudspeaker played.
 * `settled`: the canceller can be trusted. */
void tp_echo_gate_listen(struct tp_echo_gate *gate, const int16_t *mic, const int16_t *ref, int n,
			 bool settled);

/* Turns n samples down or up, in place. Closed and opened without a click. */
void tp_echo_gate_apply(struct tp_echo_gate *gate, int16_t *pcm, int n);

#endif
