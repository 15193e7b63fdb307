/* SPDX-License-Identifier: MIT */
/* Noise and its echo over a known path, for a canceller to learn that path from. */
#ifndef TP_ECHO_LESSON_H
#define TP_ECHO_LESSON_H

#include <talkpath/attributes.h>

#include <stdint.h>

/* A stretch of noise, said again and again, so that its echo is
 * periodic too and is computed once. */
struct tp_echo_lesson {
	int n, rest_n;
	float *noise; /* n: to the loudspeaker */
	float *reply; /* n: to the microphone, from the second round on true for the first block too */
	float *rest; /* rest_n: to the microphone when the noise stops at the end of a round */
	float *memory; /* of all three */
};

/* path_n taps in 1 / 32767, as behind the library's notch (that is how it tells them). 0, or
 * TP_ERR_MEMORY with a sentence. Gives what tp_echo_lesson_free() takes. [control] */
TP_MUST_USE int tp_echo_lesson_make(struct tp_echo_lesson *lesson, const int32_t *taps, int path_n,
				    int rate_hz, uint32_t seed);

/* [control] */
void tp_echo_lesson_free(struct tp_echo_lesson *lesson);

#endif
