/* SPDX-License-Identifier: MIT */
/* Wolfson (now Cirrus Logic) WM8750: codec with headphone and speaker drivers. */
#ifndef TP_WM8750_H
#define TP_WM8750_H

#include "hal/chip.h"

extern const struct tp_chip_ops tp_wm8750_chip;

#endif
