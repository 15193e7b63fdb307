/* SPDX-License-Identifier: MIT */
/* What error codes mean, and the sentence of each thread's last failure. */
#include <talkpath/error.h>

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char detail[256];

const char *tp_error_text(int error)
{
	switch (error) {
	case 0:
		return "no error";
	case TP_ERR_ARGUMENT:
		return "a value is out of its range";
	case TP_ERR_MEMORY:
		return "out of memory";
	case TP_ERR_STATE:
		return "not possible in this state";
	case TP_ERR_UNSUPPORTED:
		return "unknown or unsupported";
	case TP_ERR_DEVICE:
		return "the device cannot be opened";
	case TP_ERR_DEVICE_LOST:
		return "the device is gone";
	case TP_ERR_XRUN:
		return "the device lost frames";
	case TP_ERR_NETWORK:
		return "the network address cannot be used";
	case TP_ERR_KEY:
		return "the key is not valid";
	case TP_ERR_FULL:
		return "no room is left";
	case TP_ERR_FORMAT:
		return "malformed data";
	case TP_ERR_SYSTEM:
		return "a system call failed";
	default:
		return "unknown error";
	}
}

const char *tp_error_detail(void)
{
	return detail;
}

int tp_fail(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	return error;
}
