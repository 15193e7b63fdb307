/* SPDX-License-Identifier: MIT */
/* Agrees with an ALSA device on format, rate, period and ring. */
#ifndef TP_ALSA_PARAMS_H
#define TP_ALSA_PARAMS_H

#include "hal/alsa_frame.h"

#include <talkpath/attributes.h>

#include <stdbool.h>

struct _snd_pcm; /* alsa-lib's snd_pcm_t */

/* What is asked of one direction. */
struct tp_alsa_wish {
	const char *name; /* of the device, for the sentence of a failure */
	int rate_hz;
	bool convert; /* alsa-lib may resample; else only the device's own rates count */
	int period_us, buffer_us;
};

/* What it grants. */
struct tp_alsa_params {
	struct tp_alsa_layout layout;
	bool mmap; /* frames are copied in the ring itself, not by read and write */
	int rate_hz, period_n, buffer_n;
};

/* The rate next to the wished one that the device has, in Hz, without setting anything; a negative
 * errno if there is none. [control] */
TP_MUST_USE int tp_alsa_params_rate(struct _snd_pcm *pcm, const struct tp_alsa_wish *wish);

/* Sets the device up and leaves it prepared: 0, or an error with its sentence. [control] */
TP_MUST_USE int tp_alsa_params_install(struct _snd_pcm *pcm, const struct tp_alsa_wish *wish,
				       struct tp_alsa_params *params);

#endif
