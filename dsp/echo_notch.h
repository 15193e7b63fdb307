/* SPDX-License-Identifier: MIT */
/* The notch at 0 Hz that libspeexdsp puts between the microphone and its
 * canceller, and the way back. */
#ifndef TP_ECHO_NOTCH_H
#define TP_ECHO_NOTCH_H

/* y = r (x - 2 x' + x'') + 2 r y' - d y''. Caller-owned, one thread at a time. */
struct tp_echo_notch {
	double radius, damping; /* r, d */
	double s1, s2;
	double leak; /* of the way back */
};

/* Both begin with silence. [any] */
void tp_echo_notch_init(struct tp_echo_notch *notch, int rate_hz);

/* What the library's filter is to predict, from a sample of the microphone. [any] */
double tp_echo_notch_next(struct tp_echo_notch *notch, double x);

/* The other way round, for another struct: which microphone gives this; true above 40 Hz. [any] */
double tp_echo_notch_undo(struct tp_echo_notch *notch, double y);

#endif
