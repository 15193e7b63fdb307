/* SPDX-License-Identifier: MIT */
/* How a learnt echo path is kept in a file or in flash. */
#ifndef TP_ECHO_PATH_H
#define TP_ECHO_PATH_H

#include <talkpath/hal.h>

#include <stddef.h>
#include <stdint.h>

/* Little-endian: "tpep", version, rate, number of taps, ERLE in hundredths of a dB (INT32_MIN: not
 * measured), the two times, the route, each 32 bits; the taps, 32 bits each, in 1 / 32767; CRC-32
 * (IEEE 802.3) of all before it. */
struct tp_echo_path {
	int rate_hz;
	int taps_n;
	double erle_db; /* NAN: not measured */
	int64_t delay_us; /* by which the loudspeaker's signal is held back before the filter */
	int64_t lead_us; /* from there to the loudest of the echo; negative: not measured */
	enum tp_route route; /* that it was learnt on */
};

/* Octets of a path with so many taps. [any] */
size_t tp_echo_path_size(int taps_n);

/* Writes tp_echo_path_size(path->taps_n) octets. [any] */
void tp_echo_path_write(const struct tp_echo_path *path, const int32_t *taps, void *buf);

/* Checks all and reads the head: 0, or TP_ERR_FORMAT with a sentence. [control] */
TP_MUST_USE int tp_echo_path_read(struct tp_echo_path *path, const void *buf, size_t len);

/* Reads n taps of a checked path: fewer if it has more, zeros after them if it has fewer. [any] */
void tp_echo_path_taps(const void *buf, int32_t *taps, int n);

#endif
