/* SPDX-License-Identifier: MIT */
/* Error codes, and the sentence that explains the last failure to a person. */
#ifndef TALKPATH_ERROR_H
#define TALKPATH_ERROR_H

#include "attributes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Set-up calls return 0, a documented count, or one of these. Weather (late, lost, forged packets,
 * an xrun) is never an error: it is counted in the statistics and carried on. */
enum tp_error {
	TP_ERR_ARGUMENT = -1, /* a value out of its documented range */
	TP_ERR_MEMORY = -2, /* an allocation failed */
	TP_ERR_STATE = -3, /* not possible now: engine running, session closed, ... */
	TP_ERR_UNSUPPORTED = -4, /* unknown codec, suite, device or rate */
	TP_ERR_DEVICE = -5, /* the device cannot be opened or refuses every format */
	TP_ERR_DEVICE_LOST = -6, /* the device went away while it ran */
	TP_ERR_XRUN = -7, /* HAL only: frames were lost, the position stepped, go on */
	TP_ERR_NETWORK = -8, /* port taken, no such host, no such address */
	TP_ERR_KEY = -9, /* key of a wrong length, or not base64 */
	TP_ERR_FULL = -10, /* no session, slot or message is free */
	TP_ERR_FORMAT = -11, /* a file, packet or description that is malformed */
	TP_ERR_SYSTEM = -12, /* any other system call */
};

/* The general meaning of a code, for instance "the device cannot be opened". Static. [any] */
TP_API const char *tp_error_text(int error);

/* One sentence about the calling thread's last failure: what is wrong and what would be right.
 * Valid until that thread's next failure; never NULL. [any] */
TP_API const char *tp_error_detail(void);

/* Remembers the sentence of a failure for tp_error_detail() and returns `error`, so that a backend,
 * a codec or a transport can write `return tp_fail(TP_ERR_DEVICE, "...", ...)`. Not for the two
 * loops. [control] */
TP_API int tp_fail(int error, const char *format, ...) TP_PRINTF(2, 3);

#ifdef __cplusplus
}
#endif
#endif
