/* SPDX-License-Identifier: MIT */
/* For the static analyser only, before every file: tp_fail() returns the error that it is given. */
#include <talkpath/error.h>

#define tp_fail(error, ...) (tp_fail(error, __VA_ARGS__), (error))
