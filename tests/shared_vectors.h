/* SPDX-License-Identifier: MIT */
/* Conformance vectors that do not come with the repository. */
#ifndef TP_TESTS_SHARED_VECTORS_H
#define TP_TESTS_SHARED_VECTORS_H

#include <stddef.h>
#include <stdint.h>

/* Reads a file below vectors/ of $TALKPATH_SHARED, or else of ../shared. Gives *data, which free
 * takes back. Without the file the running cmocka test ends as skipped, and says so aloud. */
void shared_vectors_read(const char *path, uint8_t **data, size_t *len);

/* The same for a file of 16-bit words, low octet first; *n words. */
void shared_vectors_words(const char *path, int16_t **words, int *n);

#endif
