/* SPDX-License-Identifier: MIT */
/* Which files the name of a device speaks of, before any of them is opened. */
#ifndef TP_DEVICE_FILES_H
#define TP_DEVICE_FILES_H

#include "device_args.h"

/* "" where there is none. */
struct tp_device_files {
	char read[TP_DEVICE_TEXT_CAP];
	char written[TP_DEVICE_TEXT_CAP];
};

/* Never fails: what is wrong with a name is told when it is opened. [control] */
void tp_device_files_find(struct tp_device_files *files, const char *device);

#endif
