/* SPDX-License-Identifier: MIT */
/* A stand-in for the engine's audio loop: a call on the test sound card, through the ALSA backend. */
#ifndef TP_FAKE_CALL_H
#define TP_FAKE_CALL_H

#include "hal/alsa.h"
#include "tests/fake_card.h"

enum {
	PLAY = 0, /* the card's directions, as snd_pcm_stream_t counts */
	CAPT = 1,
	HEARD_MAX = 48000 * 3,
};

struct fake_call {
	struct fake_card card;
	void *device;
	struct tp_hal_got got;
	int16_t heard[HEARD_MAX];
	int heard_n, written_n, capture_xruns, playback_xruns;
	int lost; /* TP_ERR_DEVICE_LOST came */
};

/* The one call: it is large, and there is one test at a time. */
extern struct fake_call call;

/* 16 kHz, 10 ms, and more than a second of lead: a machine that stands still for less does not disturb
 * a call. */
extern const struct tp_hal_want usual;

/* Monotonic time, as the engine hands it to the backend. */
int64_t fake_call_now(void);

/* The parts of a call: open the card, fill and start, take what was captured and keep the lead, so
 * for a while, stop and close. */
void fake_call_open(const char *name, const struct tp_hal_want *want);
void fake_call_begin(void);
void fake_call_turn(void);
void fake_call_talk(int ms);
void fake_call_hang_up(void);

/* Plays the next n frames of the test's sound: as playback of struct tp_hal_ops. */
int fake_call_play(int n);

/* Keeps the usual lead in the ring. */
void fake_call_fill(void);

/* A call of `ms` on a card with these fields, still open; made again if the machine disturbed it. */
void fake_call_make(const char *fields, const struct tp_hal_want *want, int ms);

/* Skips the test if the machine has disturbed the call: an xrun that the card did not ask for. */
void fake_call_expect_calm(void);

/* Closes it and removes the card. */
void fake_call_end(void);

/* Every captured sample is the played one that the loop has at its place, and silence before and
 * after; returns how many were sound. */
int fake_call_check_loop(int delay_n);

/* How far a position is from the card's own clock, in frames; `base` is the number of the first frame
 * since the card's latest start. A reading that was interrupted between counter and stamp is off;
 * their median is not. */
double fake_call_position_error(enum tp_direction direction, int64_t base);

/* Sorts the values. */
double fake_call_median(double *values, int n);

#endif
