/* SPDX-License-Identifier: MIT */
/* Whether two names are one file: opening an output empties it, and must not lose an input. */
#ifndef TP_SAME_FILE_H
#define TP_SAME_FILE_H

#include <stdbool.h>

/* True if both names are the same regular file. [control] */
bool tp_same_file(const char *a, const char *b);

#endif
