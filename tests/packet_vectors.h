/* SPDX-License-Identifier: MIT */
/* The packets of rtp/packets.json in the shared vectors: octets, and what a parser must find. */
#ifndef PACKET_VECTORS_H
#define PACKET_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet_vector {
	char name[64];
	bool rtcp; /* else RTP */
	bool malformed; /* must be refused */
	uint8_t data[1500];
	size_t len;
	char *text; /* its JSON object */
};

/* All of them, to be freed with packet_vectors_free(); NULL, with a loud note, where the shared
 * vectors are not: $TALKPATH_SHARED, or ../shared. */
struct packet_vector *packet_vectors_load(int *n);
void packet_vectors_free(struct packet_vector *vectors, int n);

/* The first value under this key, a number or a string of `base`; false if there is none. */
bool packet_vector_number(const struct packet_vector *v, const char *key, int base, int64_t *value);

#endif
