/* SPDX-License-Identifier: MIT */
/* Mouth to ear, twice: by the sound itself, and as the sum of what every stage's stamps say. */
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include "bench_call.h"

#include <stdio.h>

/* Medians over packets or chirps, ms. */
struct tp_latency {
	double packet_ms; /* microphone's converter to the transport: capture, packet, wake-up */
	double wire_ms; /* to the arrival's stamp */
	double jitter_ms; /* to the bus: jitter buffer, wait for the next block */
	double ring_ms; /* to the loudspeaker's converter */
	double fixed_ms; /* see tp_bench_call_fixed_ms() */
	double sum_ms; /* whole way of each packet, and fixed_ms */
	double sound_ms;
	double difference_ms; /* of a chirp and the stamps of the packet that carried it */
	int packets, chirps; /* measured */
	int chirps_lost; /* not found again, or damaged */
	int underruns; /* of the loudspeaker's ring: the machine let the engine sleep too long */
};

/* Measures one setting for `seconds` after the call has settled; in virtual time once for each of
 * several phases between the two cards' periods. [control] */
TP_MUST_USE int tp_latency_measure(struct tp_latency *latency,
				   const struct tp_bench_setting *setting, int seconds);

/* How far stamps may be from the sound: 1 ms in virtual time, one period in real time. [any] */
double tp_latency_tolerance_ms(const struct tp_bench_setting *setting);

/* Measures and prints a table of settings, or JSON. An error also if stamps are further from the
 * sound than they may be. */
TP_MUST_USE int tp_latency_report(FILE *to, bool live, bool json);

#endif
