/* SPDX-License-Identifier: MIT */
/* Echo cancellation on scenes of hands-free phones, beside others', and what each stage costs. */
#ifndef BENCH_ECHO_H
#define BENCH_ECHO_H

#include <talkpath/attributes.h>

#include <stdbool.h>
#include <stdio.h>

/* Writes the table of the made scenes, mean of so many seeds; with `folder` not NULL of the scenes
 * in it instead, class by class. 0 or TP_ERR_*. */
TP_MUST_USE int tp_echo_report(FILE *file, int seeds, const char *folder, bool json);

#endif
