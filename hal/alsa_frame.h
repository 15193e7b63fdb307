/* SPDX-License-Identifier: MIT */
/* What one frame of a sound card's ring looks like, and the way between it and mono int16. */
#ifndef TP_ALSA_FRAME_H
#define TP_ALSA_FRAME_H

#include <stdint.h>

/* Samples are in the host's byte order, except the packed ones, which
 * exist as little endian only. */
enum tp_alsa_sample {
	TP_ALSA_S16,
	TP_ALSA_S32,
	TP_ALSA_S24, /* the lower three octets of four */
	TP_ALSA_S24_3, /* three octets, little endian */
};

struct tp_alsa_layout {
	enum tp_alsa_sample sample;
	int channels; /* interleaved */
};

/* Octets of a frame. [any] */
int tp_alsa_frame_len(const struct tp_alsa_layout *layout);

/* Writes n frames: the mono signal goes to the first two channels,
 * further ones are silent. [audio] */
void tp_alsa_frame_pack(void *frames, const struct tp_alsa_layout *layout, const int16_t *mono,
			int n);

/* Reads the first channel of n frames, rounded to 16 bits. [audio] */
void tp_alsa_frame_unpack(int16_t *mono, const struct tp_alsa_layout *layout, const void *frames,
			  int n);

#endif
