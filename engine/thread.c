/* SPDX-License-Identifier: MIT */
/* What a loop's thread asks of the system for itself. */
#include "engine/thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

void tp_thread_prepare(const char *name, int priority)
{
	struct sched_param param = {.sched_priority = priority};
	sigset_t all;

	sigfillset(&all); /* signals are the application's */
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	pthread_setname_np(pthread_self(), name);
	if (priority > 0)
		pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
}
