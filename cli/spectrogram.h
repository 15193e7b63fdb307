/* SPDX-License-Identifier: MIT */
/* Which frequencies a sound had when, as a picture. */
#ifndef CLI_SPECTROGRAM_H
#define CLI_SPECTROGRAM_H

#include <talkpath/attributes.h>

#include <stdint.h>
#include <stdio.h>

/* The picture of n samples as a chart over time, on a page with a chart's style
 * sheet: 0 or TP_ERR_MEMORY. [any] */
TP_MUST_USE int tp_spectrogram_chart(FILE *file, const int16_t *samples, int64_t n, int rate_hz);

#endif
