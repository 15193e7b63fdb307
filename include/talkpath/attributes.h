/* SPDX-License-Identifier: MIT */
/* Compiler attributes of the public headers: what is exported, what must be checked. */
#ifndef TALKPATH_ATTRIBUTES_H
#define TALKPATH_ATTRIBUTES_H

#if defined(__GNUC__)
#define TP_API               __attribute__((visibility("default")))
#define TP_MUST_USE          __attribute__((warn_unused_result))
#define TP_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define TP_API
#define TP_MUST_USE
#define TP_PRINTF(fmt, args)
#endif

#endif
