/* SPDX-License-Identifier: MIT */
/* The built-in hardware backends, each one struct at the end of its own file. */
#ifndef TP_BACKENDS_H
#define TP_BACKENDS_H

#include <talkpath/hal.h>

/* Constant, any thread. */
extern const struct tp_hal_ops tp_hal_alsa;
extern const struct tp_hal_ops tp_hal_chip;
extern const struct tp_hal_ops tp_hal_room;
extern const struct tp_hal_ops tp_hal_file;
extern const struct tp_hal_ops tp_hal_null;

#endif
