/* SPDX-License-Identifier: MIT */
/* Locks and clocks in front of the C library's, so that the guard hears of every one. */
#include "tests/guard/guard.h"

#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/time.h>
#include <time.h>

/* Libraries must find these first. */
#pragma GCC visibility push(default)

/* A function of the same name that tells the guard and then calls the C library's, which is looked
 * up before main() and at the latest by the first call. */
#define TELL(kind, type, name, parameters, arguments) \
	static type(*real_##name) parameters; \
	__attribute__((constructor)) static void find_##name(void) \
	{ \
		*(void **)&real_##name = dlsym(RTLD_NEXT, #name); \
	} \
	type name parameters \
	{ \
		tp_guard_notice(kind, #name); \
		if (!real_##name) \
			find_##name(); \
		return real_##name arguments; \
	}

#define TELL_LOCK(name, parameters, arguments) TELL(TP_GUARD_LOCK, int, name, parameters, arguments)

TELL_LOCK(pthread_mutex_lock, (pthread_mutex_t * mutex), (mutex))
TELL_LOCK(pthread_mutex_trylock, (pthread_mutex_t * mutex), (mutex))
TELL_LOCK(pthread_mutex_timedlock,
	  (pthread_mutex_t *restrict mutex, const struct timespec *restrict until), (mutex, until))
TELL_LOCK(pthread_cond_wait, (pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex),
	  (condition, mutex))
TELL_LOCK(pthread_cond_timedwait,
	  (pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
	   const struct timespec *restrict until),
	  (condition, mutex, until))
TELL_LOCK(pthread_rwlock_rdlock, (pthread_rwlock_t * lock), (lock))
TELL_LOCK(pthread_rwlock_wrlock, (pthread_rwlock_t * lock), (lock))
TELL_LOCK(pthread_spin_lock, (pthread_spinlock_t * lock), (lock))
TELL_LOCK(sem_wait, (sem_t * semaphore), (semaphore))
TELL_LOCK(sem_timedwait, (sem_t *restrict semaphore, const struct timespec *restrict until),
	  (semaphore, until))

TELL(TP_GUARD_CLOCK, int, clock_gettime, (clockid_t clock, struct timespec *now), (clock, now))
TELL(TP_GUARD_CLOCK, int, gettimeofday, (struct timeval *restrict now, void *restrict zone),
     (now, zone))
TELL(TP_GUARD_CLOCK, time_t, time, (time_t * now), (now))
