/* SPDX-License-Identifier: MIT */
/* Keeps echo in while the canceller does not know the room yet. */
#include "echo_gate.h"

#include "level.h"

#include <math.h>

/* The loudspeaker is silent under this mean square: -55 dB full scale. */
#define SILENT_POWER 3395.0
/* Microphone over loudspeaker, power, that no echo reaches: 12 dB. Hands-free phones have -20..+10. */
#define NEAR   16.0
#define CLOSED 0.063f /* -24 dB */

void tp_echo_gate_init(struct tp_echo_gate *gate, int tail_blocks)
{
	*gate = (struct tp_echo_gate){.tail_blocks = tail_blocks, .gain = 1.0f, .target = 1.0f};
}

void tp_echo_gate_listen(struct tp_echo_gate *gate, const int16_t *mic, const int16_t *ref, int n,
			 bool settled)
{
	double loudest;

	if (++gate->blocks > gate->tail_blocks) {
		gate->blocks = 0;
		gate->before = gate->loudest;
		gate->loudest = 0;
	}
	gate->loudest = fmax(gate->loudest, tp_level_energy(ref, n) / n);
	loudest = fmax(gate->loudest, gate->before);
	gate->target =
		settled || loudest < SILENT_POWER || tp_level_energy(mic, n) / n > NEAR * loudest
			? 1.0f
			: CLOSED;
}

void tp_echo_gate_apply(struct tp_echo_gate *gate, int16_t *pcm, int n)
{
	float step = (gate->target - gate->gain) / (float)n;

	if (gate->gain == 1.0f && gate->target == 1.0f)
		return;
	for (int i = 0; i < n; i++) {
		gate->gain += step;
		pcm[i] = (int16_t)lrintf(gate->gain * pcm[i]);
	}
	gate->gain = gate->target;
}
