/* SPDX-License-Identifier: MIT */
/* Scenes of a hands-free phone: what its loudspeaker plays, and the parts
 * of what its microphone hears. */
#ifndef BENCH_ECHO_SCENE_H
#define BENCH_ECHO_SCENE_H

#include <talkpath/attributes.h>

#include <stdint.h>

/* All the same length, at rate_hz. */
struct tp_echo_scene {
	char name[64];
	int rate_hz;
	int64_t n;
	int16_t *far, *mic, *near, *echo, *noise; /* owned; mic is the sum of the three after it */
	double jump_s; /* the delay jumps then; 0: it does not */
	double delay_ms, drift_ppm; /* true at the end; NAN: not known */
};

/* The i-th made scene's name; NULL past the last. [any] */
const char *tp_echo_scene_name(int i);

/* Makes the i-th scene in the room device, in virtual time: the same seed is the same, bit for bit.
 * Gives what tp_echo_scene_free() takes back, whatever it returns. 0 or TP_ERR_*. [control] */
TP_MUST_USE int tp_echo_scene_make(struct tp_echo_scene *scene, int i, uint32_t seed);

/* Reads far.wav, mic.wav, near.wav, echo.wav and noise.wav of a folder. As above. [control] */
TP_MUST_USE int tp_echo_scene_read(struct tp_echo_scene *scene, const char *folder,
				   const char *name);

void tp_echo_scene_free(struct tp_echo_scene *scene);

#endif
