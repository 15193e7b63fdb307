/* SPDX-License-Identifier: MIT */
/* Which ALSA devices there are. */
#ifndef TP_ALSA_LIST_H
#define TP_ALSA_LIST_H

/* As list of struct tp_hal_ops: every device that alsa-lib's configuration shows and that has both
 * directions. [control] */
int tp_alsa_list(void (*each)(void *context, const char *args, const char *about), void *context);

#endif
