/* SPDX-License-Identifier: MIT */
/* A run that the user may end: SIGINT, SIGTERM and SIGHUP as a descriptor instead of a death. */
#include "stop.h"

#include <talkpath/error.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

int tp_stop_open(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd >= 0 ? fd
		       : tp_fail(TP_ERR_SYSTEM, "no descriptor for signals: %s", strerror(errno));
}
