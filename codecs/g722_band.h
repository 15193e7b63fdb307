/* SPDX-License-Identifier: MIT */
/* One sub-band of G.722: adaptive quantizer and predictor, without the filters around them. */
#ifndef TP_G722_BAND_H
#define TP_G722_BAND_H

#include <stdint.h>

enum {
	TP_G722_BAND_LANES = 8, /* the zero section's six taps and two that only fill up a vector */
};

/* State between two samples of a band at 8 kHz, in the units of the Recommendation: signals have 15
 * bits, predictor weights are Q14, the scale is a step size and its logarithm (2048 an octave). */
struct tp_g722_band {
	int32_t s; /* prediction of the next sample */
	int32_t sz; /* its share from the zero section */
	int32_t scale, scale_log;
	int32_t a1, a2; /* pole section */
	int32_t r1; /* last reconstructed sample, doubled and saturated */
	int32_t p1, p2; /* last two sums of difference and zero section; their signs count */
	int32_t b[TP_G722_BAND_LANES]; /* zero section, newest first */
	int32_t d[TP_G722_BAND_LANES]; /* quantized differences, newest first */
	int32_t loud; /* samples for which a large difference stays in d */
};

/* The reset state. [any] */
void tp_g722_band_reset_low(struct tp_g722_band *band);
void tp_g722_band_reset_high(struct tp_g722_band *band);

/* n samples of -16384..16383 into codes of 6 bits (low) and 2 bits (high). [audio] */
void tp_g722_band_encode_low(struct tp_g722_band *band, const int16_t *x, uint8_t *code, int n);
void tp_g722_band_encode_high(struct tp_g722_band *band, const int16_t *x, uint8_t *code, int n);

/* n codes into samples of -16384..16383. Codes have 6 and 2 bits always; `mode` 2 and 3 leave the
 * last 1 and 2 bits of the low band out of account, where they carry data. [audio] */
void tp_g722_band_decode_low(struct tp_g722_band *band, int mode, const uint8_t *code, int16_t *r,
			     int n);
void tp_g722_band_decode_high(struct tp_g722_band *band, const uint8_t *code, int16_t *r, int n);

/* Moves what adapts slowly, step and weights, half way to the other's; of the
 * weights, of which rest is 0, it keeps the part `keep`, 0..1: the poles move so much
 * nearer to the origin. [audio] */
void tp_g722_band_meet_low(struct tp_g722_band *band, const struct tp_g722_band *other, float keep);
void tp_g722_band_meet_high(struct tp_g722_band *band, const struct tp_g722_band *other,
			    float keep);

#endif
