/* SPDX-License-Identifier: MIT */
/* The ALSA backend. */
#ifndef TP_ALSA_H
#define TP_ALSA_H

#include <talkpath/hal.h>

extern const struct tp_hal_ops tp_hal_alsa;

#endif
