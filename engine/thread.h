/* SPDX-License-Identifier: MIT */
/* What a loop's thread asks of the system for itself. */
#ifndef TP_THREAD_H
#define TP_THREAD_H

/* Names the calling thread, no longer than 15 characters, and tries SCHED_FIFO at `priority` (0:
 * does not); without the right to it the thread stays as it is. Called at a loop's start. [wire],
 * [audio] */
void tp_thread_prepare(const char *name, int priority);

#endif
