/* SPDX-License-Identifier: MIT */
/* The options of a call, and the settings of engine and session that follow from them. */
#ifndef CLI_CALL_OPTIONS_H
#define CLI_CALL_OPTIONS_H

#include "command.h"
#include "formats.h"
#include "keys.h"
#include "network.h"
#include "sdp.h"

#include <stdbool.h>

/* As a session takes them. */
enum {
	TP_CALL_PTIME_MIN_MS = 10,
	TP_CALL_PTIME_MAX_MS = TP_PTIME_MAX_MS,
};

struct tp_call_options {
	const char *device;
	const char *local;
	struct tp_format codec; /* codec "": not given */
	struct tp_formats receive; /* --receive-codec; n 0: every codec */
	struct tp_formats types; /* --pt */
	int ptime_ms; /* 0: not given */
	struct tp_keys keys;
	bool srtp_shared, rtcp_mux, no_aec, ns, agc, vad, no_cng, limiter, red;
	enum tp_route route;
	int sidetone_centibel;
	int gain_centibel[2]; /* by direction */
	const char *load, *save; /* what the route learnt */
	int period_ms, threads;
	struct tp_network_config network;
	bool has_network;
	struct tp_jitter_config jitter;
	const char *record, *stats, *trace, *sdp, *sdp_in;
	double seconds; /* 0: until it is ended */
};

/* Targets a struct tp_call_options. */
extern const struct tp_option tp_call_option_table[];

void tp_call_options_init(struct tp_call_options *options);

/* What the options, the description of --sdp-in and the word HOST:PORT come to. */
struct tp_call_settings {
	struct tp_engine_config engine;
	struct tp_udp_config udp;
	struct tp_session_config session; /* flow TP_RECVONLY while there is no remote address */
	struct tp_formats offered; /* what the peer takes, by its description; n 0: not known */
	struct tp_formats types; /* that, or those of --pt */
};

/* `remote` is HOST:PORT or NULL. The caller wipes the keys in `settings`. May resolve names. */
TP_MUST_USE int tp_call_settings_make(struct tp_call_settings *settings,
				      const struct tp_call_options *options, const char *remote);

/* Gives a format to be sent a way for its silences, if the peer has one: false if he has none. */
bool tp_call_allow_pauses(const struct tp_call_settings *settings, struct tp_format *send);

/* Writes what is sent, and to where, as a description for --sdp. */
TP_MUST_USE int tp_call_write_sdp(const struct tp_call_settings *settings, const char *path);

#endif
