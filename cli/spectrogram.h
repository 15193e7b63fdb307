/* SPDX-License-Identifier: MIT */
/* Which frequencies a sound had when, as a picture. */
#ifndef CLI_SPECTROGRAM_H
#define CLI_SPECTROGRAM_H

#include "png.h"

#include <stdint.h>

enum {
	TP_SPECTROGRAM_HEIGHT = 96, /* rows: 0 Hz below, half the rate on top */
};

/* Fills `pixels` (width * TP_SPECTROGRAM_HEIGHT, from the top) with the levels of n samples, 0 for
 * -100 dBFS and below, 255 for -20 and above: a window of 32 ms for each column. [any] */
void tp_spectrogram_draw(uint8_t *pixels, int width, const int16_t *samples, int64_t n,
			 int rate_hz);

/* From near black over violet and orange to pale yellow, lighter at every step. [any] */
void tp_spectrogram_palette(uint8_t palette[TP_PNG_PALETTE]);

/* The picture of n samples as a chart over time, on a page with a chart's style
 * sheet: 0 or TP_ERR_MEMORY. [any] */
TP_MUST_USE int tp_spectrogram_chart(FILE *file, const int16_t *samples, int64_t n, int rate_hz);

#endif
