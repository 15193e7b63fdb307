/* SPDX-License-Identifier: MIT */
/* The reading half of sdp.h: line by line, no octet trusted. */
#include "sdp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	LINE_MAX_LEN = 1024, /* longer lines are none that we read */
	COMFORT_PT = 13, /* RFC 3389 4 */
	TYPES_MAX = 32, /* payload types of one m= line that are looked at */
};

/* What is gathered before the stream is put together: the order of attributes is free. */
struct reader {
	struct tp_sdp *sdp;
	bool in_audio, past_audio; /* the first m=audio begins; a later m= ends it */
	int types[TYPES_MAX], types_n; /* of the m= line */
	struct tp_format format[TYPES_MAX]; /* by the index of its type; codec "": not known */
	bool mapped[TYPES_MAX]; /* an rtpmap was there, whether we know the codec or not */
	char media_host[TP_SDP_HOST];
	enum tp_flow media_flow;
	bool has_media_flow;
};

/* Returns what follows `prefix` in `line`, or NULL. */
static char *after(char *line, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(line, prefix, len) == 0 ? line + len : NULL;
}

/* Cuts the next word off *rest; "" at the end. */
static char *word(char **rest)
{
	char *start = *rest + strspn(*rest, " \t");
	size_t len = strcspn(start, " \t");

	*rest = start + len + (start[len] != '\0');
	start[len] = '\0';
	return start;
}

/* A whole number of 0..max, or -1. */
static int number(const char *text, int max)
{
	char *end;
	long value = strtol(text, &end, 10);

	return end == text || *end || value < 0 || value > max ? -1 : (int)value;
}

static int index_of(const struct reader *r, int pt)
{
	for (int i = 0; i < r->types_n; i++)
		if (r->types[i] == pt)
			return i;
	return -1;
}

/* Of addresses and names; whatever else stands there is no host. */
static const char host_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   ".:-_%";

/* c=IN IP4 host[/ttl[/count]] */
static void read_host(char host[TP_SDP_HOST], char *rest)
{
	char *text;

	if (strcmp(word(&rest), "IN") != 0 || strncmp(word(&rest), "IP", 2) != 0)
		return;
	text = word(&rest);
	text[strcspn(text, "/")] = '\0';
	if (strlen(text) < TP_SDP_HOST && !text[strspn(text, host_letters)])
		memcpy(host, text, strlen(text) + 1);
}

/* m=audio port[/count] RTP/AVP types... */
static void read_media(struct reader *r, char *rest)
{
	char *port, *profile, *type;

	if (r->in_audio || strcmp(word(&rest), "audio") != 0) {
		r->past_audio = r->in_audio;
		return;
	}
	r->in_audio = true;
	port = word(&rest);
	port[strcspn(port, "/")] = '\0';
	r->sdp->port = number(port, 65535);
	profile = word(&rest);
	r->sdp->secure = strstr(profile, "SAVP") != NULL;
	while (r->types_n < TYPES_MAX && *(type = word(&rest))) {
		int pt = number(type, 127);

		if (pt >= 0 && index_of(r, pt) < 0)
			r->types[r->types_n++] = pt;
	}
}

/* Comfort noise and redundancy are no codecs; whatever clock they have. */
static bool read_extra(struct tp_format *format, const char *name, int clock_hz)
{
	struct tp_format extra;

	tp_formats_set(&extra, name);
	if (!extra.codec[0] || tp_formats_is_codec(&extra) || clock_hz <= 0)
		return false;
	*format = extra;
	format->options.rate_hz = clock_hz;
	return true;
}

/* a=rtpmap:pt name/clock[/channels] */
static void read_rtpmap(struct reader *r, char *rest)
{
	int i = index_of(r, number(word(&rest), 127));
	char *name = word(&rest), *clock, *channels;
	const struct tp_codec_ops *codec;
	struct tp_format *format;
	struct tp_codec_shape shape;

	if (i < 0)
		return;
	format = &r->format[i];
	format->codec[0] = '\0';
	r->mapped[i] = true;
	clock = strchr(name, '/');
	if (!clock)
		return;
	*clock++ = '\0';
	channels = strchr(clock, '/');
	if (channels)
		*channels++ = '\0';
	if (read_extra(format, name, number(clock, 192000)))
		return;
	codec = tp_formats_codec(name);
	if (!codec || (channels ? number(channels, 255) : 1) != codec->channels)
		return;
	/* L16's clock is its rate; where a codec has one clock, the
	 * rate asked for changes nothing. */
	if (!strcasecmp(name, "L16"))
		format->options.rate_hz = number(clock, 192000);
	if (codec->describe(&format->options, &shape) || shape.clock_hz != number(clock, 192000))
		return;
	snprintf(format->codec, sizeof(format->codec), "%.15s", codec->name);
}

/* a=fmtp:pt name=value;... (RFC 7587 6.1: what the described end wants to receive) */
static void read_fmtp(struct reader *r, char *rest)
{
	int i = index_of(r, number(word(&rest), 127));
	char *item, *value;

	if (i < 0)
		return;
	while ((item = strsep(&rest, "; \t"))) {
		value = strchr(item, '=');
		if (!value)
			continue;
		*value++ = '\0';
		if (!strcasecmp(item, "useinbandfec"))
			r->format[i].options.fec = number(value, 1) == 1;
		else if (!strcasecmp(item, "usedtx"))
			r->format[i].options.dtx = number(value, 1) == 1;
		else if (!strcasecmp(item, "maxaveragebitrate") && number(value, 510000) >= 6000)
			r->format[i].options.bit_rate = number(value, 510000);
	}
}

/* a=crypto:tag suite inline:key[|life][|mki:len] [session parameters] (RFC 4568 9.1) */
static void read_crypto(struct reader *r, char *rest)
{
	enum tp_srtp_suite suite;
	struct tp_srtp_key key;
	char *params, *more;

	if (r->sdp->key.suite || number(word(&rest), 999999999) < 0)
		return;
	suite = tp_srtp_suite_find(word(&rest));
	params = word(&rest);
	/* Several keys, or a session parameter that must be obeyed: a line that we cannot do. One
	 * that begins with "-" may be ignored (RFC 4568 6.3.7). */
	while (*(more = word(&rest)))
		if (*more != '-')
			return;
	if (!suite || !after(params, "inline:") || strchr(params, ';'))
		return;
	if (!tp_srtp_key_parse(&key, suite, params))
		r->sdp->key = key;
	explicit_bzero(&key, sizeof(key));
}

/* a=rtcp:port [IN IP4 host] (RFC 3605) */
static void read_rtcp(struct tp_sdp *sdp, char *rest)
{
	int port = number(word(&rest), 65535);

	if (port > 0)
		sdp->rtcp_port = port;
	read_host(sdp->rtcp_host, rest);
}

static bool read_flow(struct reader *r, const char *name)
{
	static const char *const names[] = {"inactive", "sendonly", "recvonly", "sendrecv"};

	for (int i = 0; i < 4; i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*(r->in_audio ? &r->media_flow : &r->sdp->flow) = (enum tp_flow)i;
		r->has_media_flow |= r->in_audio;
		return true;
	}
	return false;
}

static void read_attribute(struct reader *r, char *text)
{
	char *rest;

	if (read_flow(r, text) || !r->in_audio)
		return;
	if ((rest = after(text, "rtpmap:")))
		read_rtpmap(r, rest);
	else if ((rest = after(text, "fmtp:")))
		read_fmtp(r, rest);
	else if ((rest = after(text, "crypto:")))
		read_crypto(r, rest);
	else if ((rest = after(text, "ptime:")))
		r->sdp->ptime_ms = number(rest, 1000) > 0 ? number(rest, 1000) : 0;
	else if (!strcmp(text, "rtcp-mux"))
		r->sdp->rtcp_mux = true;
	else if ((rest = after(text, "rtcp:")))
		read_rtcp(r->sdp, rest);
}

static void read_line(struct reader *r, char *line)
{
	if (r->past_audio)
		return;
	if (!strncmp(line, "m=", 2))
		read_media(r, line + 2);
	else if (!strncmp(line, "c=", 2))
		read_host(r->in_audio ? r->media_host : r->sdp->host, line + 2);
	else if (!strncmp(line, "a=", 2))
		read_attribute(r, line + 2);
}

/* RFC 3551 6: a static type needs no rtpmap. */
static void fill_static(struct reader *r, int i)
{
	const struct tp_codec_ops *codec;

	if (r->mapped[i] || r->types[i] > 95)
		return;
	if (r->types[i] == COMFORT_PT)
		tp_formats_set(&r->format[i], "CN");
	for (int k = 0; (codec = tp_codec_builtin(k)); k++)
		if (codec->static_pt == r->types[i])
			snprintf(r->format[i].codec, sizeof(r->format[i].codec), "%.15s",
				 codec->name);
}

static bool has_codec(const struct tp_formats *formats)
{
	for (int i = 0; i < formats->n; i++)
		if (tp_formats_is_codec(&formats->format[i]))
			return true;
	return false;
}

static int finish(struct reader *r)
{
	struct tp_sdp *sdp = r->sdp;

	if (!r->in_audio)
		return tp_fail(TP_ERR_FORMAT, "the description has no m=audio line");
	if (r->media_host[0])
		memcpy(sdp->host, r->media_host, sizeof(sdp->host));
	if (r->has_media_flow)
		sdp->flow = r->media_flow;
	if (sdp->port < 0 || !sdp->host[0])
		return tp_fail(TP_ERR_FORMAT, "the description does not say where it receives: "
					      "c=IN IP4 ADDRESS and m=audio PORT are wanted");
	for (int i = 0; i < r->types_n && sdp->formats.n < TP_FORMATS_MAX; i++) {
		fill_static(r, i);
		if (!r->format[i].codec[0])
			continue;
		r->format[i].pt = r->types[i];
		r->format[i].ptime_ms = 20;
		sdp->formats.format[sdp->formats.n++] = r->format[i];
	}
	if (!has_codec(&sdp->formats))
		return tp_fail(TP_ERR_UNSUPPORTED,
			       "the description offers no codec that talkpath has");
	/* A key beside plain RTP is a wish
	 * (draft-kaplan-mmusic-best-effort-srtp) that we do not grant. */
	if (!sdp->secure)
		explicit_bzero(&sdp->key, sizeof(sdp->key));
	if (sdp->secure && !sdp->key.suite)
		return tp_fail(TP_ERR_UNSUPPORTED, "the description wants SRTP, but none of its "
						   "a=crypto lines can be used");
	return 0;
}

int tp_sdp_read(struct tp_sdp *sdp, const char *text, size_t len)
{
	struct reader r = {.sdp = sdp};
	char line[LINE_MAX_LEN];
	int error;

	memset(sdp, 0, sizeof(*sdp));
	sdp->flow = TP_SENDRECV; /* RFC 8866 6.7: where nothing is said */
	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len, taken = n + (end != NULL);

		while (n && text[n - 1] == '\r')
			n--;
		if (n < sizeof(line) && !memchr(text, '\0', n)) {
			memcpy(line, text, n);
			line[n] = '\0';
			read_line(&r, line);
		}
		text += taken;
		len -= taken;
	}
	explicit_bzero(line, sizeof(line));
	error = finish(&r);
	if (error)
		explicit_bzero(&sdp->key, sizeof(sdp->key));
	return error;
}

int tp_sdp_read_file(struct tp_sdp *sdp, const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = malloc(TP_SDP_MAX), why[150];
	size_t len;
	int error;

	memset(sdp, 0, sizeof(*sdp));
	if (!file || !text) {
		error = tp_fail(TP_ERR_SYSTEM, "cannot read the description %.100s: %s", path,
				strerror(errno));
		goto done;
	}
	len = fread(text, 1, TP_SDP_MAX, file);
	if (ferror(file))
		error = tp_fail(TP_ERR_SYSTEM, "it cannot be read: %s", strerror(errno));
	else if (len == TP_SDP_MAX)
		error = tp_fail(TP_ERR_FORMAT, "it is longer than any session description");
	else
		error = tp_sdp_read(sdp, text, len);
	explicit_bzero(text, len);
	if (error) {
		snprintf(why, sizeof(why), "%s", tp_error_detail());
		error = tp_fail(error, "%.100s: %s", path, why);
	}
done:
	free(text);
	if (file)
		fclose(file);
	return error;
}
