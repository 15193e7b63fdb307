/* SPDX-License-Identifier: MIT */
/* From the options of a call to the settings of engine and session. */
#include "call_options.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool same_codec(const struct tp_format *a, const struct tp_format *b)
{
	struct tp_codec_shape shape_a, shape_b;

	return !strcasecmp(a->codec, b->codec) && !tp_formats_shape(a, &shape_a) &&
	       !tp_formats_shape(b, &shape_b) && shape_a.clock_hz == shape_b.clock_hz;
}

/* The first codec of a description, past what is none. */
static const struct tp_format *first_codec(const struct tp_formats *formats)
{
	int i = 0;

	while (i < formats->n - 1 && !tp_formats_is_codec(&formats->format[i]))
		i++;
	return &formats->format[i];
}

/* Comfort noise or redundancy of that clock, NULL if it is not in the map; 0: of any. */
static const struct tp_format *find_extra(const struct tp_formats *formats, const char *name,
					  int clock_hz)
{
	for (int i = 0; i < formats->n; i++) {
		const struct tp_format *format = &formats->format[i];
		int hz = format->options.rate_hz ? format->options.rate_hz : 8000;

		if (!strcasecmp(format->codec, name) && (!clock_hz || hz == clock_hz))
			return format;
	}
	return NULL;
}

static const struct tp_format *find_codec(const struct tp_formats *formats,
					  const struct tp_format *codec)
{
	for (int i = 0; i < formats->n; i++)
		if (same_codec(&formats->format[i], codec))
			return &formats->format[i];
	return NULL;
}

/* ---- Addresses ------------------------------------------------------------------------------ */

static int parse_local(struct tp_udp_config *udp, const char *text)
{
	char with_colon[TP_ADDRESS_TEXT];

	if (text[strspn(text, "0123456789")])
		return tp_address_parse(&udp->local, text);
	if (strlen(text) > 5)
		return tp_fail(TP_ERR_ARGUMENT, "--local wants a port up to 65535, not \"%.20s\"",
			       text);
	snprintf(with_colon, sizeof(with_colon), ":%.5s", text);
	return tp_address_parse(&udp->local, with_colon);
}

static int resolve(struct tp_address *address, const char *host, int port)
{
	char text[TP_SDP_HOST + 16];
	bool v6 = strchr(host, ':');

	snprintf(text, sizeof(text), "%s%s%s:%d", v6 ? "[" : "", host, v6 ? "]" : "", port);
	return tp_address_parse(address, text);
}

static int use_addresses(struct tp_call_settings *settings, const struct tp_sdp *sdp)
{
	struct tp_session_config *session = &settings->session;
	int error;

	if (!sdp->port)
		return tp_fail(TP_ERR_FORMAT, "the description refuses the stream: its port is 0");
	error = resolve(&session->remote, sdp->host, sdp->port);
	if (!error && sdp->rtcp_port)
		error = resolve(&session->remote_rtcp,
				sdp->rtcp_host[0] ? sdp->rtcp_host : sdp->host, sdp->rtcp_port);
	/* What the peer only sends we only receive. */
	session->flow =
		(enum tp_flow)((sdp->flow & TP_SENDONLY) << 1 | (sdp->flow & TP_RECVONLY) >> 1);
	settings->udp.mux |= sdp->rtcp_mux;
	settings->offered = sdp->formats;
	return error;
}

/* ---- Formats -------------------------------------------------------------------------------- */

/* A description's packet time is a recommendation (RFC 8866 6.4): what the codec can and comes
 * nearest to it, the longer of two. */
static int nearest_ptime_ms(const struct tp_format *send, int wanted_ms)
{
	struct tp_codec_shape shape;
	int best_ms = 0;

	if (tp_formats_shape(send, &shape))
		return wanted_ms;
	for (int ms = TP_CALL_PTIME_MIN_MS; ms <= TP_CALL_PTIME_MAX_MS; ms += 10) {
		int n = shape.rate_hz / 1000 * ms;

		if (n % shape.frame_n || n > shape.packet_n)
			continue;
		if (!best_ms || abs(ms - wanted_ms) <= abs(best_ms - wanted_ms))
			best_ms = ms;
	}
	return best_ms ? best_ms : wanted_ms;
}

/* What --pt gave to one meaning does not stand for another. */
static int check_free(const struct tp_formats *types, int pt, const char *codec)
{
	const struct tp_format *taken = tp_formats_find(types, pt);

	if (!taken)
		return 0;
	return tp_fail(TP_ERR_ARGUMENT,
		       "--pt gives type %d to %s; %s, which would be sent under it, wants another: "
		       "--pt N=%s",
		       pt, taken->codec, codec, codec);
}

/* The peer's own numbers rule what is sent to it; without a description ours do. */
static int choose_send(struct tp_call_settings *settings, const struct tp_call_options *options,
		       const struct tp_sdp *sdp)
{
	struct tp_format *send = &settings->session.send;
	const struct tp_format *codec = options->codec.codec[0] ? &options->codec : NULL, *known;
	int error = 0;

	if (sdp->formats.n) {
		known = codec ? find_codec(&sdp->formats, codec) : first_codec(&sdp->formats);
		if (!known)
			return tp_fail(TP_ERR_UNSUPPORTED,
				       "the peer's description does not take %s", codec->codec);
		*send = *known;
		if (codec)
			send->options.rate_hz = codec->options.rate_hz;
	} else {
		if (codec)
			*send = *codec;
		known = find_codec(&options->types, send);
		if (known)
			send->pt = known->pt;
		else
			error = check_free(&options->types, send->pt, send->codec);
	}
	send->ptime_ms = options->ptime_ms ? options->ptime_ms
			 : sdp->ptime_ms   ? nearest_ptime_ms(send, sdp->ptime_ms)
					   : 20;
	return error;
}

/* Silences of a codec with a way of its own are left to it. A peer's description must have the type
 * that is wanted; without one the usual numbers hold. */
bool tp_call_allow_pauses(const struct tp_call_settings *settings, struct tp_format *send)
{
	struct tp_codec_shape shape;
	const struct tp_format *cn;
	int pt;

	send->options.dtx |= !strcasecmp(send->codec, "opus");
	if (send->options.dtx)
		return true;
	if (tp_formats_shape(send, &shape))
		return false;
	cn = find_extra(&settings->types, "CN", shape.clock_hz);
	if (!cn && (settings->offered.n || shape.clock_hz != 8000 ||
		    tp_formats_find(&settings->types, TP_FORMATS_CN_PT)))
		return false;
	pt = cn ? cn->pt : TP_FORMATS_CN_PT;
	if (pt == send->pt || pt == send->red_pt)
		return false;
	send->cn_pt = pt;
	send->cn_hz = shape.clock_hz;
	return true;
}

static int choose_extras(struct tp_call_settings *settings, const struct tp_call_options *options)
{
	struct tp_format *send = &settings->session.send;
	const struct tp_format *red = find_extra(&settings->types, "red", 0);
	struct tp_codec_shape shape;
	int error = tp_formats_shape(send, &shape);

	if (error)
		return error;
	if (options->red && !red && settings->offered.n)
		return tp_fail(TP_ERR_UNSUPPORTED, "the peer's description does not take red");
	if (options->red && !red)
		error = check_free(&settings->types, TP_FORMATS_RED_PT, "red");
	if (error)
		return error;
	if (options->red)
		send->red_pt = red ? red->pt : TP_FORMATS_RED_PT;
	settings->engine.voice.vad = options->vad || send->options.dtx;
	if (!tp_call_allow_pauses(settings, send) && options->vad)
		return tp_fail(TP_ERR_UNSUPPORTED,
			       "--vad wants comfort noise of %d Hz, for which there is no type; "
			       "--pt N=cn names one",
			       shape.clock_hz);
	return 0;
}

static void choose_receive(struct tp_session_config *session, const struct tp_call_options *options,
			   const struct tp_sdp *sdp)
{
	struct tp_formats formats = options->receive;

	if (!formats.n)
		tp_formats_init(&formats);
	for (int i = 0; i < sdp->formats.n; i++)
		if (!options->receive.n || find_codec(&options->receive, &sdp->formats.format[i]))
			tp_formats_put(&formats, &sdp->formats.format[i]);
	for (int i = 0; i < options->types.n; i++)
		tp_formats_put(&formats, &options->types.format[i]);
	memcpy(session->receive, formats.format, sizeof(session->receive));
	session->receive_n = formats.n;
}

/* ---- Keys ----------------------------------------------------------------------------------- */

/* A peer's description holds the key that it sends with; ours is
 * given, or made and told by --sdp. */
static int use_peer_key(struct tp_session_config *session, const struct tp_call_options *options,
			const struct tp_sdp *sdp)
{
	session->receive_key = sdp->key;
	if (options->keys.n == 1) {
		if (options->keys.suite != sdp->key.suite)
			return tp_fail(TP_ERR_KEY,
				       "the key of --srtp is for %s, the peer's description for %s",
				       tp_srtp_suite_name(options->keys.suite),
				       tp_srtp_suite_name(sdp->key.suite));
		session->send_key = options->keys.key[0];
		return 0;
	}
	if (options->sdp)
		return tp_srtp_key_generate(&session->send_key, sdp->key.suite);
	return tp_fail(TP_ERR_KEY,
		       "the peer's description wants SRTP: give our key by --srtp "
		       "SUITE,inline:SENDKEY, or --sdp FILE, which will hold a new one");
}

static int choose_keys(struct tp_session_config *session, const struct tp_call_options *options,
		       const struct tp_sdp *sdp)
{
	const struct tp_keys *keys = &options->keys;

	session->srtp_shared_key = options->srtp_shared;
	if (sdp->secure && keys->n < 2)
		return use_peer_key(session, options, sdp);
	if (keys->n == 1 && !options->srtp_shared)
		return tp_fail(TP_ERR_KEY, "--srtp wants two keys, one to send with and one to "
					   "receive with; --srtp-shared allows one for both");
	if (keys->n) {
		session->send_key = keys->key[0];
		session->receive_key = keys->key[keys->n - 1];
	} else if (options->srtp_shared) {
		return tp_fail(TP_ERR_KEY, "--srtp-shared wants a key that both directions have: "
					   "--srtp SUITE,inline:KEY");
	}
	return 0;
}

/* ---- All of it ------------------------------------------------------------------------------ */

static void choose_engine(struct tp_engine_config *engine, const struct tp_call_options *options)
{
	tp_engine_config_init(engine);
	engine->device = options->device;
	engine->threads = options->threads;
	engine->period_ms = options->period_ms;
	engine->sessions_max = 1;
	engine->voice.aec = !options->no_aec;
	engine->voice.ns = options->ns;
	engine->voice.agc = options->agc;
	engine->voice.cng = !options->no_cng;
	engine->voice.limiter = options->limiter;
	engine->route = options->route;
}

int tp_call_settings_make(struct tp_call_settings *settings, const struct tp_call_options *options,
			  const char *remote)
{
	struct tp_session_config *session = &settings->session;
	struct tp_sdp sdp = {.port = 0};
	int error = 0;

	memset(settings, 0, sizeof(*settings));
	choose_engine(&settings->engine, options);
	tp_udp_config_init(&settings->udp);
	tp_session_config_init(session);
	settings->udp.mux = options->rtcp_mux;
	session->jitter = options->jitter;
	if (options->local)
		error = parse_local(&settings->udp, options->local);
	if (!error && options->sdp_in) {
		error = tp_sdp_read_file(&sdp, options->sdp_in);
		if (!error)
			error = use_addresses(settings, &sdp);
	}
	if (!error && remote) {
		memset(&session->remote_rtcp, 0, sizeof(session->remote_rtcp));
		error = tp_address_parse(&session->remote, remote);
		if (!error && !session->remote.family)
			error = tp_fail(TP_ERR_ARGUMENT, "\"%.64s\" names no host to call", remote);
	}
	if (!session->remote.family)
		session->flow = TP_RECVONLY;
	settings->types = sdp.formats.n ? sdp.formats : options->types;
	if (!error)
		error = choose_send(settings, options, &sdp);
	if (!error)
		error = choose_extras(settings, options);
	choose_receive(session, options, &sdp);
	if (!error)
		error = choose_keys(session, options, &sdp);
	explicit_bzero(&sdp, sizeof(sdp));
	return error;
}

static void add_extra(struct tp_formats *formats, const char *name, int pt, int clock_hz)
{
	struct tp_format format;

	if (pt == 0)
		return;
	tp_formats_set(&format, name);
	format.pt = pt;
	format.options.rate_hz = clock_hz;
	tp_formats_put(formats, &format);
}

int tp_call_write_sdp(const struct tp_call_settings *settings, const char *path)
{
	const struct tp_session_config *session = &settings->session;
	struct tp_sdp sdp = {
		.port = session->remote.port,
		.rtcp_mux = settings->udp.mux,
		.flow = TP_SENDRECV,
		.ptime_ms = session->send.ptime_ms,
		.secure = session->send_key.suite != TP_SRTP_NONE,
		.key = session->send_key,
	};
	struct tp_format send = session->send;
	int error;

	if (!settings->engine.voice.vad) {
		send.cn_pt = 0;
		send.options.dtx = false;
	}
	inet_ntop(session->remote.family == 6 ? AF_INET6 : AF_INET, session->remote.ip, sdp.host,
		  sizeof(sdp.host));
	tp_formats_put(&sdp.formats, &send);
	add_extra(&sdp.formats, "CN", send.cn_pt, send.cn_hz);
	add_extra(&sdp.formats, "red", send.red_pt, 0);
	error = tp_sdp_write_file(&sdp, path);
	explicit_bzero(&sdp.key, sizeof(sdp.key));
	return error;
}
