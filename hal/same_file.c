/* SPDX-License-Identifier: MIT */
/* Whether two names are one file: opening an output empties it, and must not lose an input. */
#include "same_file.h"

#include <sys/stat.h>

bool tp_same_file(const char *a, const char *b)
{
	struct stat of_a, of_b;

	return !stat(a, &of_a) && !stat(b, &of_b) && of_a.st_dev == of_b.st_dev &&
	       of_a.st_ino == of_b.st_ino && S_ISREG(of_a.st_mode);
}
