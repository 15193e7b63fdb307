/* SPDX-License-Identifier: MIT */
/* Codecs as the command line names them, and the map of payload types. */
#include "formats.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The dynamic types: 96 is the first that most senders choose, 111 is every browser's
 * for Opus. L16 has static types for 44100 Hz alone (RFC 3551 6). The first of a
 * codec is the one that is sent. */
static const struct {
	const char *codec;
	int pt, rate_hz;
} defaults[] = {
	{"PCMU", 0, 0},
	{"PCMA", 8, 0},
	{"G722", 9, 0},
	{"opus", 96, 0},
	{"opus", 111, 0},
	{"L16", 98, 16000},
	{"L16", 99, 8000},
	{"L16", 100, 48000},
	{"CN", TP_FORMATS_CN_PT, 0},
	{"red", TP_FORMATS_RED_PT, 0},
};

/* What stands under a payload type and is no codec. */
static const char *const extras[] = {"CN", "red"};

enum {
	DEFAULTS_N = sizeof(defaults) / sizeof(defaults[0]),
};

_Static_assert((int)DEFAULTS_N <= (int)TP_FORMATS_MAX, "the default map fits a session");

static void set_name(struct tp_format *format, const char *name)
{
	size_t n = 0;

	memset(format, 0, sizeof(*format));
	for (; n < sizeof(format->codec) - 1 && name[n]; n++)
		format->codec[n] = name[n];
	format->ptime_ms = 20;
}

static const char *find_extra(const char *name)
{
	for (size_t i = 0; i < sizeof(extras) / sizeof(extras[0]); i++)
		if (!strcasecmp(name, extras[i]))
			return extras[i];
	return NULL;
}

bool tp_formats_is_codec(const struct tp_format *format)
{
	return !find_extra(format->codec);
}

void tp_formats_set(struct tp_format *format, const char *name)
{
	const struct tp_codec_ops *codec = tp_formats_codec(name);
	const char *extra = find_extra(name);

	set_name(format, codec ? codec->name : extra ? extra : "");
}

void tp_formats_init(struct tp_formats *formats)
{
	formats->n = 0;
	for (int i = 0; i < DEFAULTS_N; i++) {
		struct tp_format *format = &formats->format[formats->n];

		tp_formats_set(format, defaults[i].codec);
		if (!format->codec[0])
			continue;
		format->pt = defaults[i].pt;
		format->options.rate_hz = defaults[i].rate_hz;
		formats->n++;
	}
}

const struct tp_codec_ops *tp_formats_codec(const char *name)
{
	const struct tp_codec_ops *codec;

	for (int i = 0; (codec = tp_codec_builtin(i)); i++)
		if (!strcasecmp(codec->name, name))
			return codec;
	return NULL;
}

static int fail_unknown(const char *name)
{
	const struct tp_codec_ops *codec;
	char known[128] = "";
	size_t len = 0;

	for (int i = 0; (codec = tp_codec_builtin(i)) && len + 20 < sizeof(known); i++) {
		len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%.16s", i ? ", " : "",
					codec->name);
	}
	for (char *c = known; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return tp_fail(TP_ERR_UNSUPPORTED, "no codec \"%.40s\"; there are %s", name, known);
}

int tp_formats_shape(const struct tp_format *format, struct tp_codec_shape *shape)
{
	const struct tp_codec_ops *codec = tp_formats_codec(format->codec);

	return codec ? codec->describe(&format->options, shape) : fail_unknown(format->codec);
}

/* The type of the default map whose codec and rate are these; else 127, the last dynamic one. */
static int default_pt(const struct tp_format *format, const struct tp_codec_shape *shape)
{
	for (int i = 0; i < DEFAULTS_N; i++)
		if (!strcasecmp(defaults[i].codec, format->codec) &&
		    (!defaults[i].rate_hz || defaults[i].rate_hz == shape->rate_hz))
			return defaults[i].pt;
	return 127;
}

int tp_formats_parse(struct tp_format *format, const char *text)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	char name[sizeof(format->codec)];
	const struct tp_codec_ops *codec = NULL;
	struct tp_codec_shape shape;
	char *end;
	long rate;

	if (len < sizeof(name)) {
		memcpy(name, text, len);
		name[len] = '\0';
		codec = tp_formats_codec(name);
	}
	if (!codec)
		return fail_unknown(text);
	set_name(format, codec->name);
	if (slash) {
		rate = strtol(slash + 1, &end, 10);
		if (end == slash + 1 || *end || (rate != 8000 && rate != 16000 && rate != 48000))
			return tp_fail(TP_ERR_ARGUMENT,
				       "a codec's rate is 8000, 16000 or 48000, not \"%.20s\"",
				       slash + 1);
		format->options.rate_hz = (int)rate;
	}
	if (codec->describe(&format->options, &shape) ||
	    (slash && shape.rate_hz != format->options.rate_hz))
		return tp_fail(TP_ERR_UNSUPPORTED, "%s has no rate of %s Hz", codec->name,
			       slash ? slash + 1 : "0");
	format->pt = default_pt(format, &shape);
	return 0;
}

int tp_formats_parse_pt(struct tp_format *format, const char *text)
{
	char *end;
	long pt = strtol(text, &end, 10);
	int error;

	if (end == text || *end != '=' || pt < 0 || pt > 127)
		return tp_fail(TP_ERR_ARGUMENT,
			       "--pt wants N=CODEC with N from 0 to 127, not \"%.40s\"", text);
	if (pt >= 64 && pt <= 95)
		return tp_fail(TP_ERR_ARGUMENT,
			       "payload type %ld is RTCP's where both share a port (64 to 95)", pt);
	if (find_extra(end + 1))
		tp_formats_set(format, end + 1);
	error = find_extra(end + 1) ? 0 : tp_formats_parse(format, end + 1);
	format->pt = (int)pt;
	return error;
}

void tp_formats_put(struct tp_formats *formats, const struct tp_format *format)
{
	int i = 0;

	while (i < formats->n && formats->format[i].pt != format->pt)
		i++;
	if (i == TP_FORMATS_MAX)
		i--;
	formats->format[i] = *format;
	if (i == formats->n)
		formats->n++;
}

const struct tp_format *tp_formats_find(const struct tp_formats *formats, int pt)
{
	for (int i = 0; i < formats->n; i++)
		if (formats->format[i].pt == pt)
			return &formats->format[i];
	return NULL;
}
