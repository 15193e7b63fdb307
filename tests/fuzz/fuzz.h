/* SPDX-License-Identifier: MIT */
/* What a fuzz target, tests/fuzz/fuzz_NAME.c, defines; its corpus is tests/fuzz/corpus/NAME/. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Feeds one input; aborts or trips a sanitizer if something is wrong. Returns 0. The result may
 * depend on nothing but the input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif
