/* SPDX-License-Identifier: MIT */
/* A run that the user may end: SIGINT, SIGTERM and SIGHUP as a descriptor instead of a death. */
#ifndef CLI_STOP_H
#define CLI_STOP_H

#include <talkpath/attributes.h>

/* Blocks the three signals in this thread and all that it starts later, so call it before an engine
 * starts. Gives a descriptor that polls readable once one has come, or TP_ERR_SYSTEM. */
TP_MUST_USE int tp_stop_open(void);

#endif
