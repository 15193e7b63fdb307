/* SPDX-License-Identifier: MIT */
/* One direction of an ALSA device: moves frames, counts them, comes back from xruns. */
#ifndef TP_ALSA_PCM_H
#define TP_ALSA_PCM_H

#include "hal/alsa_params.h"

#include <talkpath/hal.h>

struct tp_alsa_pcm;

/* Opens a device by its ALSA name; not set up yet. Gives *pcm, which tp_alsa_pcm_close takes back.
 * An error has its sentence. [control] */
TP_MUST_USE int tp_alsa_pcm_open(struct tp_alsa_pcm **pcm, const char *name,
				 enum tp_direction direction);

/* The rate next to rate_hz that the device has, or a negative errno. [control] */
TP_MUST_USE int tp_alsa_pcm_rate(struct tp_alsa_pcm *pcm, int rate_hz, bool convert);

/* Sets the device up, ready to be prefilled and started. [control] */
TP_MUST_USE int tp_alsa_pcm_setup(struct tp_alsa_pcm *pcm, const struct tp_alsa_wish *wish,
				  struct tp_alsa_params *params);

/* The sound card's number, or -1 if alsa-lib does not know of a card
 * behind the device. [control] */
int tp_alsa_pcm_card(struct tp_alsa_pcm *pcm);

/* Starts both directions as one where the driver can, else right after one another. 0 or
 * TP_ERR_DEVICE_LOST. [audio] */
TP_MUST_USE int tp_alsa_pcm_start(struct tp_alsa_pcm *playback, struct tp_alsa_pcm *capture,
				  int64_t now_ns);

/* Sleeps until capture has a period or something to tell, at most timeout_ms: 0, or
 * TP_ERR_DEVICE_LOST. The only call that blocks and that reads the clock. [audio] */
TP_MUST_USE int tp_alsa_pcm_wait(struct tp_alsa_pcm *capture, int timeout_ms);

/* As capture and playback of struct tp_hal_ops. [audio] */
TP_MUST_USE int tp_alsa_pcm_read(struct tp_alsa_pcm *pcm, int64_t now_ns, int16_t *mono, int n);
TP_MUST_USE int tp_alsa_pcm_write(struct tp_alsa_pcm *pcm, int64_t now_ns, const int16_t *mono,
				  int n);

/* As position of struct tp_hal_ops. [audio] */
TP_MUST_USE int tp_alsa_pcm_position(struct tp_alsa_pcm *pcm, int64_t now_ns,
				     struct tp_hal_position *position);

/* Drops what is queued; the next start counts from 0. [audio] */
void tp_alsa_pcm_stop(struct tp_alsa_pcm *pcm);

/* NULL is allowed. [control] */
void tp_alsa_pcm_close(struct tp_alsa_pcm *pcm);

/* As list of struct tp_hal_ops: every device that alsa-lib's configuration shows and that has both
 * directions. [control] */
int tp_alsa_pcm_list(void (*each)(void *context, const char *args, const char *about),
		     void *context);

/* Keeps alsa-lib from printing to stderr from the calling thread until the matching loud; what it
 * would print comes back as error codes, and other threads of the application keep their handler.
 * Returns what loud wants. [any] */
typedef void tp_alsa_handler(void);
tp_alsa_handler *tp_alsa_pcm_hush(void);
void tp_alsa_pcm_loud(tp_alsa_handler *before);

#endif
