/* SPDX-License-Identifier: MIT */
/* Mono int16 to and from the frames of a sound card. */
#include "hal/alsa_frame.h"

#include <string.h>

enum {
	PACKED_LEN = 3,
};

static int sample_len(enum tp_alsa_sample sample)
{
	switch (sample) {
	case TP_ALSA_S16:
		return 2;
	case TP_ALSA_S24_3:
		return PACKED_LEN;
	case TP_ALSA_S32:
	case TP_ALSA_S24:
		break;
	}
	return 4;
}

int tp_alsa_frame_len(const struct tp_alsa_layout *layout)
{
	return layout->channels * sample_len(layout->sample);
}

static void put(uint8_t *to, enum tp_alsa_sample sample, int16_t value)
{
	int32_t wide = (int32_t)value * 256;

	switch (sample) {
	case TP_ALSA_S16:
		memcpy(to, &value, sizeof(value));
		return;
	case TP_ALSA_S24_3:
		to[0] = 0;
		to[1] = (uint8_t)value;
		to[2] = (uint8_t)(value >> 8);
		return;
	case TP_ALSA_S32:
		wide *= 256;
		break;
	case TP_ALSA_S24:
		break;
	}
	memcpy(to, &wide, sizeof(wide));
}

static int16_t get(const uint8_t *from, enum tp_alsa_sample sample)
{
	int16_t value;
	int32_t wide;

	switch (sample) {
	case TP_ALSA_S16:
		memcpy(&value, from, sizeof(value));
		return value;
	case TP_ALSA_S24_3:
		wide = (int8_t)from[2] * 65536 + from[1] * 256 + from[0];
		break;
	case TP_ALSA_S32:
		memcpy(&wide, from, sizeof(wide));
		wide >>= 8;
		break;
	default:
		/* The fourth octet of S24 is not defined on capture:
		 * take the sign from the third. */
		memcpy(&wide, from, sizeof(wide));
		wide = (int32_t)((uint32_t)wide << 8) >> 8;
		break;
	}
	wide = (wide + 128) >> 8;
	return (int16_t)(wide > INT16_MAX ? INT16_MAX : wide);
}

void tp_alsa_frame_pack(void *frames, const struct tp_alsa_layout *layout, const int16_t *mono,
			int n)
{
	size_t sample = (size_t)sample_len(layout->sample), len = (size_t)tp_alsa_frame_len(layout);
	uint8_t *to = frames;

	for (int i = 0; i < n; i++, to += len) {
		put(to, layout->sample, mono[i]);
		if (layout->channels > 1)
			put(to + sample, layout->sample, mono[i]);
		if (layout->channels > 2)
			memset(to + 2 * sample, 0, len - 2 * sample);
	}
}

void tp_alsa_frame_unpack(int16_t *mono, const struct tp_alsa_layout *layout, const void *frames,
			  int n)
{
	int len = tp_alsa_frame_len(layout);
	const uint8_t *from = frames;

	for (int i = 0; i < n; i++, from += len)
		mono[i] = get(from, layout->sample);
}
