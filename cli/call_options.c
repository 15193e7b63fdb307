/* SPDX-License-Identifier: MIT */
/* The options of a call as a table, and how each is read. */
#include "call_options.h"
#include "jitter_option.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	SECONDS_MAX = 31 * 86400, /* longer than any call, and its nanoseconds fit everywhere */
};

static int read_codec(void *target, char *value)
{
	struct tp_call_options *options = target;

	return tp_formats_parse(&options->codec, value);
}

static int read_receive_codec(void *target, char *value)
{
	struct tp_call_options *options = target;
	struct tp_format format;
	int error = tp_formats_parse(&format, value);

	if (!error)
		tp_formats_put(&options->receive, &format);
	return error;
}

static int read_pt(void *target, char *value)
{
	struct tp_call_options *options = target;
	struct tp_format format;
	int error = tp_formats_parse_pt(&format, value);

	if (error)
		return error;
	if (options->types.n == TP_FORMATS_MAX && !tp_formats_find(&options->types, format.pt))
		return tp_fail(TP_ERR_ARGUMENT, "--pt may be given %d times", TP_FORMATS_MAX);
	tp_formats_put(&options->types, &format);
	return 0;
}

static int read_device(void *target, char *value)
{
	struct tp_call_options *options = target;
	const char *args;

	if (!tp_hal_find(value, &args))
		return TP_ERR_UNSUPPORTED;
	options->device = value;
	return 0;
}

static int read_srtp(void *target, char *value)
{
	return tp_keys_parse(&((struct tp_call_options *)target)->keys, value);
}

static int read_network(void *target, char *value)
{
	struct tp_call_options *options = target;

	options->has_network = true;
	return tp_network_parse(&options->network, value);
}

static int read_jitter(void *target, char *value)
{
	return tp_jitter_option_parse(&((struct tp_call_options *)target)->jitter, value);
}

/* Hundredths of a dB, both bounds whole dB. */
static int read_db(const char *option, const char *value, int min, int max, int *centibel)
{
	char *end;
	double db = strtod(value, &end);

	if (end == value || *end || !(db >= min / 100 && db <= max / 100))
		return tp_fail(TP_ERR_ARGUMENT, "--%s wants %d to %d dB, not \"%.40s\"", option,
			       min / 100, max / 100, value);
	*centibel = (int)lrint(100 * db);
	return 0;
}

static int read_sidetone(void *target, char *value)
{
	struct tp_call_options *options = target;

	return read_db("sidetone", value, TP_SIDETONE_MIN, TP_SIDETONE_MAX,
		       &options->sidetone_centibel);
}

static int read_capture_gain(void *target, char *value)
{
	struct tp_call_options *options = target;

	return read_db("capture-gain", value, TP_GAIN_MIN, TP_GAIN_MAX,
		       &options->gain_centibel[TP_CAPTURE]);
}

static int read_playback_gain(void *target, char *value)
{
	struct tp_call_options *options = target;

	return read_db("playback-gain", value, TP_GAIN_MIN, TP_GAIN_MAX,
		       &options->gain_centibel[TP_PLAYBACK]);
}

static int read_seconds(void *target, char *value)
{
	struct tp_call_options *options = target;
	char *end;

	options->seconds = strtod(value, &end);
	if (end == value || *end || !(options->seconds > 0 && options->seconds <= SECONDS_MAX))
		return tp_fail(TP_ERR_ARGUMENT,
			       "--for wants seconds above 0, up to %d, not \"%.40s\"", SECONDS_MAX,
			       value);
	return 0;
}

#define FIELD(name) offsetof(struct tp_call_options, name)

const struct tp_option tp_call_option_table[] = {
	{"device", TP_OPTION_READ, "DEVICE",
	 "alsa:NAME (a sound card; alsa:default is the default),\n"
	 "room[:key=value,...] (a simulated desk phone in a room),\n"
	 "file:IN.wav,OUT.wav, null; see `talkpath devices`",
	 0, 0, 0, read_device},
	{"local", TP_OPTION_TEXT, "[ADDRESS:]PORT",
	 "port to receive on (even; RTCP takes the next); default: any", FIELD(local), 0, 0, NULL},
	{"codec", TP_OPTION_READ, "CODEC[/RATE]",
	 "what is sent: pcmu (default), pcma, g722, opus, l16;\n"
	 "RATE of l16 and opus: 8000, 16000 or 48000",
	 0, 0, 0, read_codec},
	{"receive-codec", TP_OPTION_READ, "CODEC[/RATE]",
	 "what is received; may be given again; default: all of them", 0, 0, 0, read_receive_codec},
	{"pt", TP_OPTION_READ, "N=CODEC", TP_FORMATS_PT_HELP, 0, 0, 0, read_pt},
	{"ptime", TP_OPTION_NUMBER, "MS",
	 "time in a sent packet, 10 to 60; default: the peer's wish or 20", FIELD(ptime_ms),
	 TP_CALL_PTIME_MIN_MS, TP_CALL_PTIME_MAX_MS, NULL},
	{"srtp", TP_OPTION_READ, "SUITE,inline:SENDKEY,inline:RECEIVEKEY",
	 "SRTP; @FILE in place of a key reads it from a file. Suites:\n"
	 "AES_CM_128_HMAC_SHA1_80, AES_CM_128_HMAC_SHA1_32,\n"
	 "AES_256_CM_HMAC_SHA1_80, AEAD_AES_128_GCM, AEAD_AES_256_GCM",
	 0, 0, 0, read_srtp},
	{"srtp-shared", TP_OPTION_SWITCH, NULL,
	 "allows one key for both directions, then given once or twice", FIELD(srtp_shared), 0, 0,
	 NULL},
	{"rtcp-mux", TP_OPTION_SWITCH, NULL, "RTP and RTCP share a port (RFC 5761)",
	 FIELD(rtcp_mux), 0, 0, NULL},
	{"no-aec", TP_OPTION_SWITCH, NULL, "no echo cancellation", FIELD(no_aec), 0, 0, NULL},
	{"ns", TP_OPTION_SWITCH, NULL, "suppress the microphone's noise", FIELD(ns), 0, 0, NULL},
	{"agc", TP_OPTION_SWITCH, NULL, "hold the talker's level", FIELD(agc), 0, 0, NULL},
	{"vad", TP_OPTION_SWITCH, NULL,
	 "silences are not sent but described: comfort noise (RFC 3389),\n"
	 "with opus its own",
	 FIELD(vad), 0, 0, NULL},
	{"no-cng", TP_OPTION_SWITCH, NULL, "pauses that the peer describes are heard as silence",
	 FIELD(no_cng), 0, 0, NULL},
	{"limiter", TP_OPTION_SWITCH, NULL, "nothing louder than -1 dBFS is heard of the calls",
	 FIELD(limiter), 0, 0, NULL},
	{"route", TP_OPTION_ROUTE, "ROUTE",
	 "handset, headset or handsfree (default); each has its own\n"
	 "echo canceller, and a device with routes follows",
	 FIELD(route), 0, 0, NULL},
	{"sidetone", TP_OPTION_READ, "DB",
	 "own voice in the ear, -48 to 0 dB, natural is -18; off unless\n"
	 "told; not hands-free",
	 0, 0, 0, read_sidetone},
	{"capture-gain", TP_OPTION_READ, "DB",
	 "of the microphone, -96 (silence) to 24 dB; by the device where\n"
	 "it can, else in samples behind the echo canceller",
	 0, 0, 0, read_capture_gain},
	{"playback-gain", TP_OPTION_READ, "DB", "of the ear or loudspeaker, likewise", 0, 0, 0,
	 read_playback_gain},
	{"load", TP_OPTION_TEXT, "STATE", "begin with what the route learnt in another call",
	 FIELD(load), 0, 0, NULL},
	{"save", TP_OPTION_TEXT, "STATE", "keep what the route has learnt for another call",
	 FIELD(save), 0, 0, NULL},
	{"red", TP_OPTION_SWITCH, NULL,
	 "every packet carries an earlier one again (RFC 2198), under\n"
	 "the peer's type or 121",
	 FIELD(red), 0, 0, NULL},
	{"period", TP_OPTION_NUMBER, "MS", "time between wake-ups asked of the device; default: 10",
	 FIELD(period_ms), 5, 60, NULL},
	{"threads", TP_OPTION_NUMBER, "N", "2: network and sound apart (default); 1: both in one",
	 FIELD(threads), 1, 2, NULL},
	{"net", TP_OPTION_READ, "loss=2,burst=3,jitter=20,reorder=1,seed=7",
	 "makes the network bad for what is received: loss and\n"
	 "reorder in %, burst in packets, jitter in ms (a mean);\n"
	 "from= and to= in s say when",
	 0, 0, 0, read_network},
	{"jitter", TP_OPTION_READ, TP_JITTER_OPTION_VALUE, TP_JITTER_OPTION_HELP, 0, 0, 0,
	 read_jitter},
	{"record", TP_OPTION_TEXT, "FILE.wav", "records both ends: near on the left, far right",
	 FIELD(record), 0, 0, NULL},
	{"stats", TP_OPTION_TEXT, "FILE.json", "writes all statistics at the end", FIELD(stats), 0,
	 0, NULL},
	{"trace", TP_OPTION_TEXT, "FILE.csv",
	 "writes every decision of the receive path, a line each", FIELD(trace), 0, 0, NULL},
	{"sdp", TP_OPTION_TEXT, "FILE",
	 "writes a description of what is sent, for ffmpeg or GStreamer", FIELD(sdp), 0, 0, NULL},
	{"sdp-in", TP_OPTION_TEXT, "FILE",
	 "takes address, payload types, direction, ptime, RTCP and\n"
	 "SRTP key of the peer from its description",
	 FIELD(sdp_in), 0, 0, NULL},
	{"for", TP_OPTION_READ, "SECONDS", "ends the call after that time", 0, 0, 0, read_seconds},
	{.name = NULL},
};

void tp_call_options_init(struct tp_call_options *options)
{
	memset(options, 0, sizeof(*options));
	options->device = "alsa:default";
	options->period_ms = 10;
	options->threads = 2;
	options->route = TP_ROUTE_HANDSFREE;
	options->sidetone_centibel = TP_SIDETONE_OFF;
	tp_jitter_option_init(&options->jitter);
}
