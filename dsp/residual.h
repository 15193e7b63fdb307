/* SPDX-License-Identifier: MIT */
/* How much echo the linear canceller has left, band by band, and whether somebody talks here. */
#ifndef TP_RESIDUAL_H
#define TP_RESIDUAL_H

#include "residual_fit.h"
#include "residual_leak.h"
#include "residual_like.h"
#include "residual_prior.h"
#include "spectrum.h"

#include <stdbool.h>

/* One hop, as spectra: the canceller's error and prediction; powers of the
 * loudspeaker before alignment. */
struct tp_residual_frame {
	const float *error_re, *error_im;
	const float *echo_re, *echo_im;
	const float *far_power;
	const float
		*placed_power; /* the same delayed as its echo is; NULL: not known, or not needed */
	const float *noise; /* power of the room's noise in each bin */
};

/* Caller-owned, one thread at a time. */
struct tp_residual {
	const struct tp_spectrum *spectrum;
	float echo[TP_FFT_BINS_MAX]; /* prediction, with the decay of the room */
	float power[TP_FFT_BINS_MAX]; /* answer: residual echo */
	float error_power[TP_FFT_BINS_MAX];
	struct tp_residual_band {
		float error, echo, far; /* powers, this hop */
		float re; /* error times conjugate of prediction, this hop */
		struct tp_residual_cross {
			float re, im; /* error times conjugate of prediction */
			float error, echo, mic; /* powers */
		} fast, slow; /* 50 ms, 300 ms */
		struct tp_residual_leak leaks; /* while nobody talks here */
		float leak; /* of this frame, power */
		struct tp_residual_prior prior;
	} band[TP_SPECTRUM_BANDS_MAX];
	float leak_now; /* misadjustment: coherent part of the error over the prediction */
	float leak_slow;
	float alike_slow; /* share of the error that has something in common with the prediction */
	float fit_now; /* how much of the prediction is in the microphone, as power: 1 is all of it */
	struct tp_residual_fit quick;
	float fit_quick; /* the same of 10 ms, as amplitude */
	float far_loudest; /* of the bands, this hop */
	bool rich; /* the loudspeaker's sound fills the bands, which a tone does not */
	bool placed; /* where echo is to be expected is known, and of the filter not yet that it is right */
	bool weak; /* the prediction is nothing beside the microphone */
	float told_now;
	float told_slow; /* how much of the microphone the prediction explains */
	float all; /* echo of all bins */
	float loudest_db; /* all, falling slowly */
	float loudness; /* of this frame, 0 .. TP_RESIDUAL_LEAK_LOUDNESSES - 1 */
	struct tp_residual_like like;
	float likeness; /* of the rises and falls of the error to those of the echo, -1..1 */
	float excess_db; /* error over what echo and noise explain, mean of bands */
	bool lost; /* the filter knows nothing */
	bool cold; /* and never knew anything */
	bool far_active;
	bool near; /* somebody talks here */
	float maybe; /* how likely that is, 0..1: 1 when it is sure */
	int near_hops, far_hops; /* for so many hops more */
	float belief; /* power, 0..1: how much of the echo that could be is expected while the filter is lost */
	int hold_hops; /* so long after the loudspeaker its echo may come */
	int active_hops; /* of the loudspeaker, since it was silent */
	int loud_hops; /* in a row with more than echo */
	int found_hops, misfit_hops;
	int near_age; /* hops since somebody talks here */
	int proof_cold_hops; /* of proof that a filter needs that never was right */
	int proof_hops; /* as active_hops, since the filter was doubted */
	bool vouched; /* the prediction is strong enough to tell whether it fits */
	bool keep; /* the filter is right, and somebody talks here: it would learn what is wrong */
	int astray_hops; /* in a row in which it is not right, whoever talks */
	int learn_hops; /* for so many hops more it has to learn */
	bool jumped; /* what the filter says has nothing to do with the microphone any more */
};

/* Borrows `spectrum`. [any] */
void tp_residual_init(struct tp_residual *residual, const struct tp_spectrum *spectrum);

/* Echo begins at most so many hops after the loudspeaker, instead of 0.6 s. [control] */
void tp_residual_hold(struct tp_residual *residual, int hops);

/* What the microphone heard was for so many hops of the aligner (32 ms) unlike
 * all that was played. [audio] */
void tp_residual_strange(struct tp_residual *residual, int hops);

/* Takes a hop and gives residual->power, ->near, ->maybe, ->lost. [audio] */
void tp_residual_process(struct tp_residual *residual, const struct tp_residual_frame *frame);

/* Echo comes louder by this factor of power from now on, because an
 * amplifier was turned. [audio] */
void tp_residual_louder(struct tp_residual *residual, float power);

/* The filter is one that was learnt before. [control] */
void tp_residual_trust(struct tp_residual *residual);

/* Whether somebody has been talking here for a while, which no change of
 * the echo's path does. [audio] */
bool tp_residual_talker(const struct tp_residual *residual);

/* The filter was reset, or its reference moved: what it says is not to be believed. [audio] */
void tp_residual_doubt(struct tp_residual *residual);

#endif
