/* SPDX-License-Identifier: MIT */
/* The way of sound from a desk phone's loudspeaker to its microphone. */
#ifndef TP_ROOM_ACOUSTICS_H
#define TP_ROOM_ACOUSTICS_H

#include "reverb.h"

enum {
	TP_ROOM_ACOUSTICS_BLOCK = TP_REVERB_BLOCK,
	TP_ROOM_ACOUSTICS_IMAGES = 24, /* of a box: 6 of one reflection, 18 of two */
	TP_ROOM_ACOUSTICS_SECTIONS = 3,
};

struct tp_room_acoustics_config {
	float length_m, width_m, height_m;
	float rt60_s; /* 0: no room, only the direct path */
	float erl_db; /* echo return loss: white noise comes back this much weaker */
	float distortion; /* third harmonic of a full-scale sine, 0..0.1 of its amplitude */
	uint32_t seed; /* places the phone in its room and tunes its loudspeaker */
};

struct tp_room_section {
	float b0, b1, b2, a1, a2;
	float z1, z2;
};

struct tp_room_image {
	int delay_n; /* behind the direct path */
	float gain;
};

/* Loudspeaker (cubic non-linearity, high-pass, two resonances), then direct path, images of the
 * loudspeaker in walls, floor and ceiling, and diffuse tail. Linear and constant but for the
 * non-linearity. */
struct tp_room_acoustics {
	float cubic, gain;
	struct tp_room_section section[TP_ROOM_ACOUSTICS_SECTIONS];
	struct tp_room_image image[TP_ROOM_ACOUSTICS_IMAGES];
	int images;
	float *history; /* of the loudspeaker, the newest at history[at - 1] */
	int history_n, longest_n, at;
	struct tp_reverb tail;
	float tail_gain;
};

/* Allocates; tp_room_acoustics_close() takes it back, also after a failure. [control] */
TP_MUST_USE int tp_room_acoustics_open(struct tp_room_acoustics *acoustics, int rate_hz,
				       const struct tp_room_acoustics_config *config);
void tp_room_acoustics_close(struct tp_room_acoustics *acoustics);

/* Silence again. [audio] */
void tp_room_acoustics_clear(struct tp_room_acoustics *acoustics);

/* The echo of n loudspeaker samples of full scale 32768, n up to TP_ROOM_ACOUSTICS_BLOCK. The
 * direct path has no delay. [audio] */
void tp_room_acoustics_run(struct tp_room_acoustics *acoustics, const float *speaker, float *echo,
			   int n);

#endif
