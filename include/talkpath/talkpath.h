/* SPDX-License-Identifier: MIT */
/* The application's whole interface to the audio core of a phone.
 *
 * An engine owns one sound device and the loops that serve it. A session is one RTP media stream.
 * Sound runs: device -> echo cancellation -> bus -> encoder -> SRTP -> network, and network -> SRTP
 * -> jitter buffer -> decoder -> bus -> device.
 *
 * Threads. Every function here is called from the application's threads, any of them, and none is
 * called back into it: events are polled. Marks: [any] any thread at any time; [control] any
 * thread, serialised by the engine itself; [one] any thread, but one at a time, which the
 * application sees to. What [control] changes in a running engine is applied between two blocks; of
 * a configure an event says when. In a stopped one up to 64 changes of its sessions wait for the
 * next start, because only a loop knows what time it is; more are TP_ERR_FULL. Nothing is called
 * beside or after the destroy or close of what it is about.
 *
 * Ownership. The engine copies every struct and string that it is given, except codec ops and
 * tp_engine_config.hal, which it borrows until it is destroyed, and a tp_transport, which the
 * session takes. Sessions belong to their engine.
 *
 * Times are monotonic nanoseconds, lengths of time say their unit, levels are dB relative to full
 * scale. Errors: error.h. */
#ifndef TALKPATH_H
#define TALKPATH_H

#include "codec.h"
#include "error.h"
#include "hal.h"
#include "transport.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tp_engine;
struct tp_session;

enum {
	TP_SESSIONS_MAX = 16, /* per engine */
	TP_FORMATS_MAX = 16, /* payload types that one session receives */
	TP_PTIME_MAX_MS = 60, /* no packet that we send carries more time */
	TP_CNAME_MAX = 64, /* octets, with the end */
	TP_TAP_CHANNELS = 3, /* near, ear, microphone */
	TP_GAIN_MIN = -9600, /* hundredths of a dB: silence */
	TP_GAIN_MAX = 2400,
	TP_SIDETONE_MIN = -4800,
	TP_SIDETONE_MAX = 0,
	/* What a handset of nominal loudness gives back: talkers neither
	 * raise nor lower their voice. */
	TP_SIDETONE_NATURAL = -1800,
	TP_SIDETONE_OFF = -9600,
};

/* "1.2.3". Static. [any] */
TP_API const char *tp_version(void);

/* ---- Engine ------------------------------------------------------------------------------- */

/* What is done to the sound. Each switch can be turned in a call, without a click. */
struct tp_voice_config {
	bool aec; /* microphone: cancel the loudspeaker's echo */
	bool ns; /* microphone: suppress stationary noise */
	bool agc; /* microphone: hold the talker's level, at -21 dBFS with -6 to +18 dB */
	bool vad; /* sending: silences are not sent, in streams that have a way for it: cn_pt of
		   * struct tp_format, or the codec's own */
	bool cng; /* receiving: pauses that the peer describes (RFC 3389) are heard as the noise
		   * that he describes, else as silence */
	bool limiter; /* ear: gain and mixing turn sound down before it would be cut off at full
		       * scale; no sample is over -1 dBFS, but for the sidetone on top of it */
	int tail_ms; /* echo tail that is cancelled hands-free, 32..512; other routes: up to 96 */
};

struct tp_engine_config {
	size_t size; /* of this struct */
	const char *device; /* "backend:args", see tp_device_list(); NULL: "null" */
	const struct tp_hal_ops *hal; /* an own backend, borrowed: its open gets all of `device` */
	int threads; /* 2: wire and audio side apart; 1: together; 0: tp_engine_step() */
	int realtime_priority; /* SCHED_FIFO 1..99 of the loops, tried and given up; 0: leave alone */
	int block_ms; /* 10 or 5 */
	int period_ms; /* wake-ups asked of the device, 5..60 */
	int rate_hz; /* of the bus: 8000, 16000, 48000; 0: 8000 if what the first configure sends is a
		      * codec of 8 kHz, else 16000, also if the engine starts before it. It stays while
		      * there is a stream or the engine runs; the next stream of a stopped one that has
		      * none settles it anew */
	int sessions_max; /* 1..TP_SESSIONS_MAX */
	int packets_max; /* receive slots of each session, 16..1024 */
	enum tp_route route; /* at first */
	uint32_t seed; /* 0: from the system; else every random number follows from it */
	struct tp_voice_config voice;
	char cname[TP_CNAME_MAX]; /* RTCP SDES; "": made from random numbers (RFC 7022) */
};

/* Defaults: null device, 2 threads, 10 ms blocks and periods, rate of the first codec, 4 sessions,
 * 128 packets each, hands-free, echo cancellation with a 200 ms tail, no noise suppression, no AGC,
 * no limiter; silences are not sent where the stream has a way for it, and the peer's are noise.
 * [any] */
TP_API void tp_engine_config_init(struct tp_engine_config *config);

/* Octets that create will allocate for this config. Not in it are the states of codecs, the device,
 * and an echo canceller for each route and rate in use, which is taken when the rate of the bus is
 * settled or the route is first chosen, whether it is switched on or not: at 16 kHz some 395,000
 * octets with a tail of 200 ms, 518,000 with 512 ms. 0 if the config is out of range. [any] */
TP_API size_t tp_engine_size(const struct tp_engine_config *config);

/* Makes an engine; the device is opened by the first tp_engine_start(). Gives *engine, which
 * tp_engine_destroy() takes back. [control] */
TP_API TP_MUST_USE int tp_engine_create(struct tp_engine **engine,
					const struct tp_engine_config *config);

/* Stops, closes every session (RTCP BYE goes out), frees all. NULL is allowed. [control] */
TP_API void tp_engine_destroy(struct tp_engine *engine);

/* Adds a codec to this engine, before those of the same name. Borrows `codec` until destroy. Only
 * while stopped. [control] */
TP_API TP_MUST_USE int tp_engine_add_codec(struct tp_engine *engine,
					   const struct tp_codec_ops *codec);

/* Loads a shared object that exports `const struct tp_codec_ops *tp_codec_plugin(void)` and adds
 * that codec. [control] */
TP_API TP_MUST_USE int tp_engine_load_codec(struct tp_engine *engine, const char *path);

/* The i-th codec of this engine, added ones first; NULL past the last. [any] */
TP_API const struct tp_codec_ops *tp_engine_codec(const struct tp_engine *engine, int i);

/* Opens the device and, with threads, starts them. With threads = 0 time begins at the first
 * tp_engine_step(). [control] */
TP_API TP_MUST_USE int tp_engine_start(struct tp_engine *engine);

/* Ends the loops and closes the device; sessions stay and go on at the next start: a phone whose
 * calls are all held needs neither. Meanwhile nothing is sent, RTCP included. [control] */
TP_API void tp_engine_stop(struct tp_engine *engine);

/* threads = 0: turns both loops once at this time; call it at least once a block with times that
 * never fall. With the built-in UDP they must be those of CLOCK_MONOTONIC, because the socket's
 * stamps are; with a transport of one's own they may be virtual. Returns 0, TP_ERR_DEVICE_LOST,
 * what the device's start answers, or TP_ERR_STATE if the engine is not started or has threads.
 * [one], and not beside tp_engine_start() and tp_engine_stop() */
TP_API TP_MUST_USE int tp_engine_step(struct tp_engine *engine, int64_t now_ns);

/* ---- Device ------------------------------------------------------------------------------- */

/* Calls `each` for every backend (`name` is the form of its names, as "alsa:NAME"), and for every
 * device that it can list: `name` is then what tp_engine_config.device takes. The strings hold for
 * that call. Returns 0; a backend that cannot list has no devices. May ask the system, and so
 * block. [any] */
TP_API int tp_device_list(void (*each)(void *context, const char *name, const char *about),
			  void *context);

/* Chooses handset, headset or hands-free, running or not; a device with routes follows, and what it
 * refuses is refused. Each route keeps what its canceller has learnt, with its delay, until the
 * engine is destroyed; handset and headset cancel a tail of up to 96 ms and delay the near talker
 * by less than 1 ms, hands-free by 4 ms. In a call the microphone fades from one to the other
 * within 20 ms. Memory is taken at the first use of a route, here. [control] */
TP_API TP_MUST_USE int tp_engine_route(struct tp_engine *engine, enum tp_route route);

/* What the canceller of a route has learnt, for the next time that the phone starts: returns its
 * octets (some 13,000 for 200 ms at 16 kHz) and writes them if `cap` is enough. Of the route in use
 * only while the engine is stopped, and not before the engine has a rate: TP_ERR_STATE.
 * [control] */
TP_API TP_MUST_USE int tp_engine_route_save(struct tp_engine *engine, enum tp_route route,
					    void *state, size_t cap);

/* Begins with what was saved; this takes some 0.1 s of computing. 0; TP_ERR_FORMAT: damaged, or of
 * another route or rate of the bus, which the first configure settles; TP_ERR_STATE as above.
 * [control] */
TP_API TP_MUST_USE int tp_engine_route_load(struct tp_engine *engine, enum tp_route route,
					    const void *state, size_t len);

/* Gain of a direction in hundredths of a dB, TP_GAIN_MIN..TP_GAIN_MAX, by the device where it can,
 * else in samples; kept over stop and start. 0, TP_ERR_ARGUMENT, or what the device answers.
 * [control] */
TP_API TP_MUST_USE int tp_engine_gain(struct tp_engine *engine, enum tp_direction direction,
				      int centibel);

/* Silences the microphone after echo cancellation; the canceller goes on adapting. [control] */
TP_API TP_MUST_USE int tp_engine_mute(struct tp_engine *engine, bool mute);

/* Own voice in the ear of a route, in hundredths of a dB of what is sent,
 * TP_SIDETONE_MIN..TP_SIDETONE_MAX; below: none, which is the default. Comes and goes within 10 ms.
 * Hands-free has none: the loudspeaker would say it into the microphone (TP_ERR_UNSUPPORTED).
 * [control] */
TP_API TP_MUST_USE int tp_engine_sidetone(struct tp_engine *engine, enum tp_route route,
					  int centibel);

/* Turns the switches, for every route and session; tail_ms must be what it was at create.
 * [control] */
TP_API TP_MUST_USE int tp_engine_voice(struct tp_engine *engine,
				       const struct tp_voice_config *voice);

/* ---- Session ------------------------------------------------------------------------------ */

struct tp_session_options {
	size_t size; /* of this struct */
	struct tp_udp_config udp; /* the built-in transport ... */
	/* ... or this one, if it has ops: taken, and closed with the session, unless open fails. */
	struct tp_transport transport;
};

/* Seen from here, RFC 8866 6.7. */
enum tp_flow {
	TP_INACTIVE = 0,
	TP_SENDONLY = 1,
	TP_RECVONLY = 2,
	TP_SENDRECV = 3,
};

/* A codec under a payload type. Two that are no codec stand only among those received: "CN",
 * comfort noise (RFC 3389; options.rate_hz: its clock, 0: 8000; type 13 is received unasked), and
 * "red", redundancy around any of the others (RFC 2198). */
struct tp_format {
	char codec[16]; /* SDP encoding name; "" : none */
	int pt; /* 0..127; not 64..95, which RTCP owns on a shared port (RFC 5761 4) */
	int ptime_ms; /* sending: a multiple of the block up to TP_PTIME_MAX_MS, which the codec must
		       * be able to; receiving: not used, a packet brings what it brings */
	struct tp_codec_config options;
	/* Sending only; 0: not done. */
	int cn_pt; /* silences are not sent, but described under this type (RFC 3389), while
		    * tp_voice_config.vad is on */
	int cn_hz; /* its clock: the spectrum is told if the codec has that rate; 0: 8000 */
	int red_pt; /* each packet carries an earlier one again, under this type (RFC 2198) */
};

enum tp_srtp_suite {
	TP_SRTP_NONE,
	TP_SRTP_AES_CM_128_HMAC_SHA1_80, /* RFC 4568 6.2 */
	TP_SRTP_AES_CM_128_HMAC_SHA1_32,
	TP_SRTP_AES_256_CM_HMAC_SHA1_80, /* RFC 6188 */
	TP_SRTP_AEAD_AES_128_GCM, /* RFC 7714 */
	TP_SRTP_AEAD_AES_256_GCM,
};

enum {
	TP_SRTP_KEY_MAX = 46, /* octets of master key and salt */
	TP_SRTP_MKI_MAX = 8,
};

struct tp_srtp_key {
	enum tp_srtp_suite suite;
	uint8_t key[TP_SRTP_KEY_MAX]; /* master key, then master salt */
	uint8_t mki[TP_SRTP_MKI_MAX]; /* in network order */
	uint8_t mki_len; /* octets on the wire; 0: no MKI */
};

enum tp_jitter_mode {
	TP_JITTER_ADAPTIVE,
	TP_JITTER_FIXED, /* stays at nominal */
};

/* Playout delay beyond the fastest packet, milliseconds: 0 <= min <= nominal <= max <= 1000. */
struct tp_jitter_config {
	enum tp_jitter_mode mode;
	int min_ms; /* with max_ms the bounds of the adaptive mode, which begins as the stream does */
	int nominal_ms; /* the delay of the fixed mode */
	int max_ms;
};

struct tp_session_config {
	size_t size; /* of this struct */
	/* Family 0: not known yet, sent to once a source is accepted. The old way to hold a stream,
	 * 0.0.0.0 (RFC 3264 8.4), is a flow here and refused as an address, as is port 0. */
	struct tp_address remote;
	struct tp_address remote_rtcp; /* family 0: remote's, by the rules of RFC 3550 11 or 5761 */
	enum tp_flow flow;
	struct tp_format send;
	struct tp_format receive[TP_FORMATS_MAX]; /* each under a type of its own */
	int receive_n;
	struct tp_srtp_key send_key,
		receive_key; /* suite NONE for both: plain RTP. Never a mixture */
	bool srtp_shared_key; /* allow one key for both directions (the SSRCs must differ) */
	struct tp_jitter_config jitter;
	int rtcp_interval_ms; /* mean time between reports; 0: none are sent */
};

/* Defaults: two UDP ports, any; [any] */
TP_API void tp_session_options_init(struct tp_session_options *options);

/* Defaults: send and receive, PCMU under its static type at 20 ms, plain, jitter buffer adaptive
 * from 0 to 400 ms (nominal 60), RTCP every 5 s. [any] */
TP_API void tp_session_config_init(struct tp_session_config *config);

/* Binds the ports of a new stream. Nothing is sent or heard before configure. Gives *session, which
 * tp_session_close() takes back. In a running engine the place of a closed one is free again when
 * both loops have let go of it, within some blocks; until then it counts, and one too many is
 * TP_ERR_FULL. [control] */
TP_API TP_MUST_USE int tp_session_open(struct tp_session **session, struct tp_engine *engine,
				       const struct tp_session_options *options);

/* The local RTP address, to be told to the peer. [any] */
TP_API TP_MUST_USE int tp_session_local(const struct tp_session *session,
					struct tp_address *address);

/* Says or changes what the stream is; may come any number of times: answer, hold, resume, retarget,
 * other codec, new keys. Only what differs is touched: sequence, timestamp, SSRC and rollover
 * counter go on, an identical key is not installed again. Opens a window of 5 s in which a new
 * source may be accepted. [control] */
TP_API TP_MUST_USE int tp_session_configure(struct tp_session *session,
					    const struct tp_session_config *config);

/* Whether the stream is in the ear and has the microphone. Several in focus are a conference: each
 * hears the microphone and the others. Opened sessions have it. [control] */
TP_API TP_MUST_USE int tp_session_focus(struct tp_session *session, bool focus);

/* Gives the focus of `old`, if it has it, to `session` of the same engine in one block (attended
 * transfer). [control] */
TP_API TP_MUST_USE int tp_session_replace(struct tp_session *old, struct tp_session *session);

/* Signalling says that the peer began anew: the source, its sequence numbers and the receiving
 * rollover counter are learnt again from the next packets. [control] */
TP_API TP_MUST_USE int tp_session_resync(struct tp_session *session);

/* Ends the stream: RTCP BYE, ports closed, keys wiped. NULL is allowed. [control] */
TP_API void tp_session_close(struct tp_session *session);

/* ---- SRTP keys as SDP writes them (RFC 4568) ---------------------------------------------- */

/* The suite of a name, TP_SRTP_NONE if it is unknown; and the name of a suite, NULL for NONE.
 * [any] */
TP_API enum tp_srtp_suite tp_srtp_suite_find(const char *name);
TP_API const char *tp_srtp_suite_name(enum tp_srtp_suite suite);

/* Octets of master key and salt that a suite wants; 0 for NONE. [any] */
TP_API size_t tp_srtp_key_len(enum tp_srtp_suite suite);

/* Reads "inline:BASE64[|lifetime][|MKI:length]" with or without the prefix and the padding.
 * [any] */
TP_API TP_MUST_USE int tp_srtp_key_parse(struct tp_srtp_key *key, enum tp_srtp_suite suite,
					 const char *text);

/* A random key from the system. [any] */
TP_API TP_MUST_USE int tp_srtp_key_generate(struct tp_srtp_key *key, enum tp_srtp_suite suite);

/* Writes "inline:BASE64" with padding, and the MKI if there is one; returns the length or
 * TP_ERR_ARGUMENT if `cap` is too small. [any] */
TP_API int tp_srtp_key_format(const struct tp_srtp_key *key, char *text, size_t cap);

/* ---- Events ------------------------------------------------------------------------------- */

enum tp_event_kind {
	TP_EVENT_APPLIED = 1, /* value: how many configures of this session are in force */
	TP_EVENT_MEDIA_STARTED, /* the first packet that was accepted */
	TP_EVENT_MEDIA_SILENT, /* value: milliseconds since the last accepted packet */
	TP_EVENT_MEDIA_RESUMED,
	TP_EVENT_SOURCE_CHANGED, /* the peer's address moved, see tp_session_stats */
	TP_EVENT_SSRC_CHANGED, /* value: the new SSRC */
	TP_EVENT_CODEC_CHANGED, /* value: the payload type received from now on */
	TP_EVENT_BYE, /* the peer's RTCP said goodbye */
	/* The calls go on without sound; stop and start take the device
	 * back when it is there again. */
	TP_EVENT_DEVICE_LOST,
	/* Blocks that took longer than they last, at most once a second; value: how many since it
	 * was told last. Never with threads = 0, where time is what the caller says. */
	TP_EVENT_OVERLOAD,
};

struct tp_event {
	enum tp_event_kind kind;
	struct tp_session *session; /* NULL: the engine */
	int64_t time_ns;
	uint32_t value;
};

/* A descriptor that polls readable while events wait. Belongs to the engine. [any] */
TP_API int tp_engine_descriptor(const struct tp_engine *engine);

/* Takes the next event: 1, or 0 if there is none. Those of the network and those of the sound are
 * each in order, and told by time_ns from each other; 128 of both are kept, and what comes while
 * they wait is lost. [control] */
TP_API int tp_engine_next_event(struct tp_engine *engine, struct tp_event *event);

/* ---- Statistics --------------------------------------------------------------------------- */

/* What was never measured reads as -1 (integers that cannot be negative) or NAN; 0 is a measurement
 * or a count. */
struct tp_session_stats {
	uint32_t ssrc, remote_ssrc;
	struct tp_address remote; /* where packets are sent now */
	char send_codec[16], receive_codec[16];
	struct {
		uint64_t packets, octets; /* accepted */
		uint32_t lost; /* by RFC 3550 A.3: expected minus received, not below 0 */
		uint32_t duplicate, reordered;
		double jitter_ms; /* RFC 3550 A.8 */
		uint32_t wrong_source, wrong_payload_type, malformed, overflow, own_ssrc;
		uint32_t source_moves, ssrc_changes;
	} receive;
	struct {
		uint32_t failed_auth, replayed, failed_other; /* receiving: refused packets */
		uint32_t send_failed;
	} srtp;
	struct {
		double target_ms,
			delay_ms; /* wanted and true playout delay beyond the fastest packet */
		uint32_t late,
			discarded; /* packets that came after their turn; that found no room */
		/* Of sound played: made up for what was lost; out of redundancy, the codec's
		 * own or RFC 2198; the noise of pauses; longer and shorter than it was. A
		 * pause of the talker is no loss. */
		uint32_t concealed_ms, fec_ms, noise_ms, stretched_ms, squeezed_ms;
		uint32_t resyncs; /* timeline found anew: new SSRC, leap of the timestamp */
		double drift_ppm; /* the sender's clock against ours */
	} jitter;
	struct {
		uint64_t packets, octets;
		uint32_t failed; /* refused by the transport */
		uint32_t silent_ms; /* not sent because nobody talked */
		int loss_told_percent; /* to the codec, from RTCP reports */
		int red_distance; /* packets between the newest sound and the repetition beside
				   * it; 0: none was sent */
	} send;
	struct {
		uint32_t sent, received, malformed;
		double round_trip_ms; /* from LSR and DLSR, RFC 3550 6.4.1 */
		double remote_loss_percent; /* what the peer reports of what we send */
		double remote_jitter_ms;
		int remote_lost;
	} rtcp;
	double level_db; /* of what is received, after decoding */
};

/* Counts are since create, over stop and start. */
struct tp_engine_stats {
	uint64_t blocks;
	uint32_t capture_xruns, playback_xruns;
	uint32_t late_blocks; /* see TP_EVENT_OVERLOAD */
	uint32_t tap_lost, trace_lost; /* frames and records that nobody drained in time */
	int rate_hz, device_rate_hz, period_n; /* of the newest block; 0: none has run yet */
	enum tp_route route; /* in use */
	double device_lead_ms; /* sound kept ahead of the playback converter */
	double device_drift_ppm; /* playback crystal against the capture crystal */
	double near_db, ear_db, microphone_db; /* after voice processing; to the ear; raw */
	/* Of the echo; NAN until 0.3 s of the far end alone were heard, and without echo
	 * cancellation. The room's noise counts as echo: what is told is the least that it can be.
	 * Means of a second in which only the far end talks. */
	double echo_loss_db; /* ERL: the loudspeaker's signal over its echo in the microphone */
	double echo_reduction_db; /* ERLE: that echo over what all stages leave of it ... */
	double echo_linear_db; /* ... over what the canceller alone leaves */
	double echo_delay_ms; /* from a block to the ear until its echo is captured */
	double echo_drift_ppm; /* loudspeaker's clock against the microphone's, by the sound: what the
				* counters of the device do not tell; 0 until it is known */
	double double_talk_percent; /* of the time in which the far end talks, the near end does too */
	/* Blocks that took less than 2^i microseconds, the last one
	 * all others; with threads only. */
	uint32_t block_us_histogram[16];
};

/* Both copy the newest snapshot, at most one block old, and never wait for the loops. [control] */
TP_API TP_MUST_USE int tp_session_stats(struct tp_session *session, struct tp_session_stats *stats);
TP_API TP_MUST_USE int tp_engine_stats(struct tp_engine *engine, struct tp_engine_stats *stats);

/* ---- Taps --------------------------------------------------------------------------------- */

/* Sound of the bus at its rate, as frames of TP_TAP_CHANNELS samples: the processed microphone,
 * what goes to the ear, and the raw microphone, of the same block. Takes up to n frames, returns
 * how many. Recording begins with the first call; a second's worth at least is kept. [one] */
TP_API int tp_engine_tap(struct tp_engine *engine, int16_t *frames, int n);

/* What happened to a packet, by the stamps that it carries. */
enum tp_trace_kind {
	TP_TRACE_CAPTURED, /* its first sample crossed the microphone's converter */
	TP_TRACE_ENCODED, /* handed to the wire side */
	TP_TRACE_SENT, /* handed to the transport */
	TP_TRACE_ARRIVED, /* the transport's stamp */
	TP_TRACE_DECODED, /* its first sample went to the bus */
	TP_TRACE_PLAYED, /* that sample crosses the loudspeaker's converter; value: playout delay beyond
			  * the fastest packet, us */
	TP_TRACE_CONCEALED, /* value: microseconds of sound made up */
	TP_TRACE_DELAY, /* once a block: value: playout delay beyond the fastest packet, us */
	TP_TRACE_TARGET, /* once a block: value: wanted playout delay, us */
	TP_TRACE_WAITED, /* made-up sound let the delay grow by value, us */
	TP_TRACE_SQUEEZED, /* a cut made the delay shorter by value, us */
	TP_TRACE_LATE, /* it came after its turn, by value, us */
	TP_TRACE_NOISE, /* background in a pause of the stream; value: us */
	TP_TRACE_RECOVERED, /* from what a later packet carries; value: us */
	TP_TRACE_RESYNC, /* a new timeline began */
	TP_TRACE_DRIFT, /* value: parts per billion that the resampler takes out from now on */
	TP_TRACE_KINDS,
};

struct tp_trace {
	enum tp_trace_kind kind;
	struct tp_session *session;
	uint32_t timestamp; /* RTP */
	int64_t time_ns;
	int32_t value;
};

/* Takes up to n records, returns how many. Tracing begins with the first call; 4096 are kept of
 * each loop's. [one] */
TP_API int tp_engine_trace(struct tp_engine *engine, struct tp_trace *records, int n);

#ifdef __cplusplus
}
#endif
#endif
