/* SPDX-License-Identifier: MIT */
/* A hardware backend is one struct: it moves sound between the engine and the converters. */
#ifndef TALKPATH_HAL_H
#define TALKPATH_HAL_H

#include "error.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	TP_HAL_ABI = 1,
	TP_HAL_PERIOD_MAX = 4096, /* frames; a device that grants more is refused */
};

enum tp_direction {
	TP_CAPTURE,
	TP_PLAYBACK,
};

/* Where the sound goes in and out, as a desk phone knows it. */
enum tp_route {
	TP_ROUTE_HANDSET,
	TP_ROUTE_HEADSET,
	TP_ROUTE_HANDSFREE,
};

enum {
	TP_ROUTES = TP_ROUTE_HANDSFREE + 1,
};

/* "handset", "headset" or "handsfree"; NULL for what is no route. Static. [any] */
TP_API const char *tp_route_name(enum tp_route route);

/* The route of a name: TP_ROUTE_*, or TP_ERR_ARGUMENT with a sentence. [any] */
TP_API TP_MUST_USE int tp_route_find(const char *name);

/* Wishes; the device answers with what it grants. */
struct tp_hal_want {
	int rate_hz; /* 8000, 16000 or 48000 */
	int period_us; /* time between wake-ups, for instance 10000 */
	int buffer_us; /* room in the playback ring; the engine fills only what it needs */
	uint32_t seed; /* for backends that simulate */
};

struct tp_hal_got {
	int rate_hz; /* any rate: the engine resamples */
	int period_n; /* frames between wake-ups, 1..TP_HAL_PERIOD_MAX; need not be whole blocks */
	int buffer_n; /* frames that the playback ring holds */
	bool one_crystal; /* playback and capture count the same clock */
};

/* The state of one direction's frame counter. All three from one reading. */
struct tp_hal_position {
	int64_t frames; /* frames that crossed the converter since start; frames lost in an xrun are
			   * counted too, so they are a step between two readings */
	int64_t time_ns; /* when frame number `frames` crosses (or crossed) it, monotonic time */
	int queued_n; /* playback: frames written and not yet played, negative if a device that may be
		       * late, as a file, is owed some; capture: captured, not read */
};

/* Sound is mono int16 at got.rate_hz; a backend that has more channels copies or averages.
 *
 * Time is an argument: `now_ns` is monotonic time, real or virtual. A simulated device moves only
 * with it, so it can be stepped; only `wait` sleeps and may read the clock.
 *
 * Threads: start, wait, capture, playback and position are [audio], and playback before start.
 * open, stop and close are [control], while no loop runs. route and gain are [control] too, but a
 * loop may be in another call of the device meanwhile. list is [any] and knows no device. open
 * takes nothing and gives a device that close takes back. */
struct tp_hal_ops {
	unsigned abi; /* TP_HAL_ABI */
	const char *name; /* the part of a device name before the colon: "alsa" */
	const char *args; /* what may follow it, for people: "NAME" */
	const char *about; /* one line for people */

	/* `args` is what follows the colon, "" if nothing; for tp_engine_config.hal all of the
	 * device's name. On failure nothing is left open and tp_error_detail() has the sentence. */
	int (*open)(void **device, const char *args, const struct tp_hal_want *want,
		    struct tp_hal_got *got);

	/* Begins to count both directions, after the engine has
	 * prefilled playback. 0 or an error. */
	int (*start)(void *device, int64_t now_ns);

	/* Sleeps until a period has been captured (or, with no capture, played),
	 * at most timeout_ms. 0: look at the device; TP_ERR_DEVICE_LOST: it is
	 * gone. The only blocking call. */
	int (*wait)(void *device, int timeout_ms);

	/* Reads up to n frames that have been captured by now: returns 0..n, TP_ERR_XRUN (frames
	 * were lost; the counter stepped, call again) or TP_ERR_DEVICE_LOST. Never blocks. */
	int (*capture)(void *device, int64_t now_ns, int16_t *pcm, int n);

	/* Queues up to n frames: returns 0..n, TP_ERR_XRUN (the ring ran dry; the counter goes on,
	 * what is queued next plays at once) or TP_ERR_DEVICE_LOST. Never blocks. */
	int (*playback)(void *device, int64_t now_ns, const int16_t *pcm, int n);

	/* Reads a direction's counter: 0 or TP_ERR_DEVICE_LOST. */
	int (*position)(void *device, enum tp_direction direction, int64_t now_ns,
			struct tp_hal_position *position);

	/* Stops both directions, after the loops have ended; close follows, or start again. Not
	 * called if start never was. */
	void (*stop)(void *device);

	/* Switches to a route: 0, or TP_ERR_UNSUPPORTED. Called between open and start, and at
	 * every change in a call. NULL: the device has one route. */
	int (*route)(void *device, enum tp_route route);

	/* Analogue gain of a direction in hundredths of a dB, rounded to what the chip has and
	 * returned through *granted: 0 or an error. NULL: the engine scales samples itself. */
	int (*gain)(void *device, enum tp_direction direction, int centibel, int *granted);

	/* Calls `each` for every device that open could be given now: its args and one line about
	 * it. The strings are the backend's and hold for that call. 0 or an error, which is passed
	 * over. NULL: there is nothing to list. */
	int (*list)(void (*each)(void *context, const char *args, const char *about),
		    void *context);

	void (*close)(void *device);
};

/* The i-th built-in backend, or NULL past the last. [any] */
TP_API const struct tp_hal_ops *tp_hal_builtin(int i);

/* Finds the backend of a device name "backend:args" and points *args behind the colon. NULL with a
 * sentence in tp_error_detail() if there is none. [control] */
TP_API const struct tp_hal_ops *tp_hal_find(const char *name, const char **args);

#ifdef __cplusplus
}
#endif
#endif
