/* SPDX-License-Identifier: MIT */
/* Codecs as the command line names them, and the map of payload types. */
#ifndef CLI_FORMATS_H
#define CLI_FORMATS_H

#include <talkpath/talkpath.h>

#include <stdbool.h>

/* The option --pt, read by tp_formats_parse_pt. */
#define TP_FORMATS_PT_HELP \
	"payload type N is CODEC; may be given again. Known without:\n" \
	"0 pcmu, 8 pcma, 9 g722, 96 and 111 opus, 98 l16/16000,\n" \
	"99 l16/8000, 100 l16/48000, 13 cn, 121 red"

enum {
	TP_FORMATS_CN_PT = 13, /* RFC 3389 4, for codecs with a clock of 8000 Hz */
	TP_FORMATS_RED_PT = 121, /* dynamic: where nobody says another one */
};

/* What a session receives: `n` formats. All functions here are [any] and own nothing. */
struct tp_formats {
	struct tp_format format[TP_FORMATS_MAX];
	int n;
};

/* What is received unless options say otherwise: every built-in codec, under its static type (RFC
 * 3551) or the dynamic one that peers choose most. */
void tp_formats_init(struct tp_formats *formats);

/* Reads "opus", "l16/48000": codec without case, and a PCM rate where it has several. The payload
 * type becomes the static one or that of the default map. */
TP_MUST_USE int tp_formats_parse(struct tp_format *format, const char *text);

/* Whether it is a codec, and not comfort noise ("CN") or redundancy ("red") beside them. */
bool tp_formats_is_codec(const struct tp_format *format);

/* A format of that name with nothing chosen, payload type 0; codec "" if nothing here has it. */
void tp_formats_set(struct tp_format *format, const char *name);

/* Reads "N=CODEC", also of "cn" and "red". */
TP_MUST_USE int tp_formats_parse_pt(struct tp_format *format, const char *text);

/* Adds a format; one of the same payload type is replaced, and in a full map the last. */
void tp_formats_put(struct tp_formats *formats, const struct tp_format *format);

/* The format of a payload type, or NULL. */
const struct tp_format *tp_formats_find(const struct tp_formats *formats, int pt);

/* The built-in codec of a name, or NULL. */
const struct tp_codec_ops *tp_formats_codec(const char *name);

/* The shape of a format's codec. */
TP_MUST_USE int tp_formats_shape(const struct tp_format *format, struct tp_codec_shape *shape);

#endif
