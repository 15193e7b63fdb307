/* SPDX-License-Identifier: MIT */
/* The writing half of sdp.h: what ffmpeg and GStreamer need to play a stream that we send. */
#include "sdp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct text {
	char *data;
	size_t cap, len; /* len counts on when data is full */
};

static void add(struct text *text, const char *format, ...) TP_PRINTF(2, 3);

static void add(struct text *text, const char *format, ...)
{
	size_t room = text->len < text->cap ? text->cap - text->len : 0;
	va_list args;

	va_start(args, format);
	text->len += (size_t)vsnprintf(room ? text->data + text->len : NULL, room, format, args);
	va_end(args);
}

/* What redundancy wraps stands in its fmtp, once for each packet that it carries (RFC 2198 5). */
static void add_extra(struct text *text, const struct tp_format *format,
		      const struct tp_formats *formats)
{
	struct tp_codec_shape shape;
	bool red = !strcasecmp(format->codec, "red");
	int i = 0, clock_hz = format->options.rate_hz ? format->options.rate_hz : 8000;

	while (i < formats->n && !tp_formats_is_codec(&formats->format[i]))
		i++;
	if (red && i < formats->n && !tp_formats_shape(&formats->format[i], &shape))
		clock_hz = shape.clock_hz;
	add(text, "a=rtpmap:%d %s/%d\r\n", format->pt, format->codec, clock_hz);
	if (red && i < formats->n)
		add(text, "a=fmtp:%d %d/%d\r\n", format->pt, formats->format[i].pt,
		    formats->format[i].pt);
}

static void add_format(struct text *text, const struct tp_format *format)
{
	const struct tp_codec_ops *codec = tp_formats_codec(format->codec);
	struct tp_codec_shape shape;

	if (!codec || codec->describe(&format->options, &shape))
		return;
	add(text, "a=rtpmap:%d %s/%d", format->pt, codec->name, shape.clock_hz);
	if (codec->channels > 1)
		add(text, "/%d", codec->channels);
	add(text, "\r\n");
	/* Two channels in rtpmap are RFC 7587's rule; the sound is mono. */
	if (!strcmp(codec->name, "opus"))
		add(text, "a=fmtp:%d stereo=0;sprop-stereo=0%s%s\r\n", format->pt,
		    format->options.fec ? ";useinbandfec=1" : "",
		    format->options.dtx ? ";usedtx=1" : "");
}

static void add_flow(struct text *text, enum tp_flow flow)
{
	static const char *const names[] = {"inactive", "sendonly", "recvonly", "sendrecv"};

	add(text, "a=%s\r\n", names[flow & TP_SENDRECV]);
}

static const char *address_type(const char *host)
{
	return strchr(host, ':') ? "IP6" : "IP4";
}

int tp_sdp_write(const struct tp_sdp *sdp, char *out, size_t cap)
{
	struct text text = {NULL, cap, 0};
	const char *type = address_type(sdp->host);
	char key[128];

	text.data = out;
	add(&text, "v=0\r\no=- 0 0 IN %s %s\r\ns=talkpath\r\nc=IN %s %s\r\nt=0 0\r\n", type,
	    sdp->host, type, sdp->host);
	add(&text, "m=audio %d RTP/%s", sdp->port, sdp->secure ? "SAVP" : "AVP");
	for (int i = 0; i < sdp->formats.n; i++)
		add(&text, " %d", sdp->formats.format[i].pt);
	add(&text, "\r\n");
	for (int i = 0; i < sdp->formats.n; i++)
		if (tp_formats_is_codec(&sdp->formats.format[i]))
			add_format(&text, &sdp->formats.format[i]);
		else
			add_extra(&text, &sdp->formats.format[i], &sdp->formats);
	if (sdp->ptime_ms)
		add(&text, "a=ptime:%d\r\n", sdp->ptime_ms);
	add_flow(&text, sdp->flow);
	if (sdp->rtcp_mux)
		add(&text, "a=rtcp-mux\r\n");
	if (sdp->rtcp_port)
		add(&text, "a=rtcp:%d\r\n", sdp->rtcp_port);
	if (sdp->secure && tp_srtp_key_format(&sdp->key, key, sizeof(key)) > 0)
		add(&text, "a=crypto:1 %s %s\r\n", tp_srtp_suite_name(sdp->key.suite), key);
	explicit_bzero(key, sizeof(key));
	if (text.len >= cap)
		return tp_fail(TP_ERR_ARGUMENT, "a description of %zu octets has no room in %zu",
			       text.len, cap);
	return (int)text.len;
}

int tp_sdp_write_file(const struct tp_sdp *sdp, const char *path)
{
	char text[4096];
	int len = tp_sdp_write(sdp, text, sizeof(text)), fd, error = 0;

	if (len < 0)
		return len;
	/* With a key in it the file is made anew: an old one may be open to others. */
	if (sdp->secure)
		unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, sdp->secure ? 0600 : 0644);
	if (fd < 0 || write(fd, text, (size_t)len) != len)
		error = tp_fail(TP_ERR_SYSTEM, "cannot write the description %.100s: %s", path,
				strerror(errno));
	if (fd >= 0 && close(fd) && !error)
		error = tp_fail(TP_ERR_SYSTEM, "cannot write the description %.100s: %s", path,
				strerror(errno));
	explicit_bzero(text, sizeof(text));
	return error;
}
