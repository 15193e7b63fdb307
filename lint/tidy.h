/* SPDX-License-Identifier: MIT */
/* For the static analyser only, before every file: tp_fail() returns its error, which is negative. */
#include <talkpath/error.h>

#define tp_fail(error, ...) (error)
