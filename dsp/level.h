/* SPDX-License-Identifier: MIT */
/* How loud: level in dB full scale and a meter; and gain that moves without clicks. */
#ifndef TP_LEVEL_H
#define TP_LEVEL_H

#include <stdbool.h>
#include <stdint.h>

/* The level of digital silence: below what 16 bits can hold (one step of +-1 is -90.3 dB). */
#define TP_LEVEL_SILENT_DB (-100.0)

/* RMS level, 0 dB = a square wave of full scale (a full-scale sine is -3.01 dB), never under
 * TP_LEVEL_SILENT_DB. n >= 0. [any] */
double tp_level_db(const int16_t *pcm, int n);

/* The same from a mean square of samples. [any] */
double tp_level_power_db(double mean_square);

/* Sum of squares of n samples. [any] */
double tp_level_energy(const int16_t *pcm, int n);

/* A meter: mean square with exponential forgetting. Caller-owned, one thread at a time. */
struct tp_level {
	double power; /* mean square */
	double weight; /* how much of the window has been seen, 0..1: removes the bias of the start */
	double window_n; /* time constant, samples */
	double keep; /* of what was heard before the last add, */
	int keep_n; /* which was of so many samples */
};

/* [any] */
void tp_level_init(struct tp_level *level, int rate_hz, int window_ms);

/* [audio] */
void tp_level_add(struct tp_level *level, const int16_t *pcm, int n);

/* dB full scale, NAN before the first sample. [audio] */
double tp_level_get_db(const struct tp_level *level);

/* Digital gain. Caller-owned, one thread at a time. */
struct tp_gain {
	float now, target, step; /* factors; step per sample while now != target */
	float open; /* the factor when not muted */
	int ramp_n;
	bool mute;
};

/* 0 dB, not muted. Changes take 10 ms, whatever their size. [any] */
void tp_gain_init(struct tp_gain *gain, int rate_hz);

/* Hundredths of a dB; -9600 or less is silence. [audio] */
void tp_gain_set(struct tp_gain *gain, int centibel);

/* Silence, until taken back; the gain stays. [audio] */
void tp_gain_mute(struct tp_gain *gain, bool mute);

/* In place, saturating, rounding to the nearest. At 0 dB samples are not touched. [audio] */
void tp_gain_apply(struct tp_gain *gain, int16_t *pcm, int n);

/* The same for floats of 16-bit scale, and not saturated. [audio] */
void tp_gain_apply_wide(struct tp_gain *gain, float *pcm, int n);

#endif
