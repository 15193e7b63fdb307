/* SPDX-License-Identifier: MIT */
/* The engine from inside: what belongs to control, to the wire side and to the audio side. */
#ifndef TP_ENGINE_H
#define TP_ENGINE_H

#include "dsp/level.h"
#include "dsp/limiter.h"
#include "engine/bus.h"
#include "engine/command.h"
#include "engine/device.h"
#include "engine/microphone.h"
#include "engine/records.h"
#include "engine/ring.h"
#include "engine/rx.h"
#include "engine/snapshot.h"
#include "engine/trace.h"
#include "engine/tx.h"
#include "engine/wire.h"

#include <talkpath/talkpath.h>

#include <pthread.h>

struct tp_voice;

enum {
	TP_BUS_RATES = 3, /* 8, 16, 48 kHz */
	TP_CODECS_MAX = 32,
	TP_COMMANDS_MAX = 64, /* on their way; a power of two */
	TP_EVENTS_MAX = 128, /* of each side; a power of two */
	TP_SEND_SLOTS = 16, /* of each session; a power of two */
	TP_TAP_FRAMES = 65536, /* a second at 48 kHz, and some; a power of two */
};

struct tp_session {
	struct tp_engine *engine;
	int index;

	/* Control. */
	bool open, configured, encrypted;
	unsigned configures;
	struct tp_transport transport;
	struct tp_address local;
	uint32_t ssrc, timestamp; /* ours; the first timestamp */
	struct tp_receive_map *map; /* the newest one sent to the audio side */
	struct tp_coder *encoder;
	struct tp_command *closing; /* kept from open, so that closing cannot fail */

	/* Between the sides. */
	struct tp_ring rx, rx_back, tx, tx_back;
	struct tp_packet *receive_slots, *send_slots, **free_slots;
	struct tp_jitter_entry *entries;
	struct tp_snapshot wire_snapshot, audio_snapshot;
	_Atomic uint32_t peer_loss, round_trip; /* see struct tp_wire_setup */

	/* Wire side. */
	bool on_wire;
	struct tp_wire wire;

	/* Audio side. */
	bool on_bus, in_focus;
	int told_pt; /* payload type that an event told last; -1: none was heard yet */
	struct tp_rx receiver;
	struct tp_tx sender;
};

struct tp_engine {
	struct tp_engine_config
		config; /* fixed from create, but for the voice's switches [control] */
	char device_name[256];
	void *allocation;

	/* Control: under the mutex, which neither loop ever takes. */
	pthread_mutex_t control;
	const struct tp_codec_ops *codec[TP_CODECS_MAX];
	int codecs;
	void *plugin[TP_CODECS_MAX];
	int plugins;
	int rate_hz, block_n; /* of the bus; rate 0: not settled */
	int wanted_centibel[2]; /* gain, by direction, ... */
	int device_centibel[2]; /* ... and what of it the device itself has */
	int wanted_sidetone[TP_ROUTES]; /* hundredths of a dB */
	bool wanted_mute;
	bool running;
	int commands; /* on their way */
	enum tp_route route; /* the newest that was wanted */
	int route_changes; /* on their way */
	/* Kept by rate of the bus and route; that of microphone.in_use is the audio side's. */
	struct tp_voice *voice[TP_BUS_RATES][TP_ROUTES];
	struct tp_random random;
	struct tp_session *session; /* config.sessions_max of them */
	pthread_t wire_thread, audio_thread;

	/* Between the sides. */
	_Atomic bool stop;
	struct tp_ring to_wire, to_audio, done;
	int event_fd; /* readable while events wait */
	int wire_fd; /* wakes the wire loop */
	struct tp_records wire_events, audio_events;
	struct tp_records tap;
	_Atomic bool tap_enabled;
	struct tp_trace_ring trace; /* written by the audio side */
	struct tp_snapshot snapshot;

	/* Wire side. */
	int64_t wire_now_ns; /* of the running turn */
	bool wire_changed; /* sessions came or went: the loop's descriptors are stale */

	/* Audio side. */
	bool started; /* the device counts */
	struct tp_device device;
	struct tp_microphone microphone;
	struct tp_bus bus;
	struct tp_gain capture_gain, playback_gain, mute;
	struct tp_limiter limiter; /* of the ear */
	struct tp_level ear_level;
	uint64_t blocks;
	uint32_t late_blocks, tap_lost;
	struct {
		uint32_t told; /* late blocks, at the last event's time ... */
		int64_t since_ns; /* ... this */
	} overload;
	uint32_t block_us_histogram[16];
};

/* Settles the rate of the bus, if it is not, or if the engine is stopped and has no stream: the
 * application's wish, else 8 kHz if that is all the first session can speak (NULL: there is none
 * yet), else 16 kHz. On failure it is as it was. [control] */
TP_MUST_USE int tp_engine_settle_rate(struct tp_engine *engine,
				      const struct tp_session_config *first);

/* Publishes the wire side's statistics. [wire] */
void tp_session_publish_wire(struct tp_session *session);

/* Makes a session's slot as good as new: empty rings, full pools, unknown statistics. [control] */
void tp_session_reset(struct tp_session *session);

/* The engine's codec of that SDP name, NULL with a sentence if it has none. [control] */
const struct tp_codec_ops *tp_engine_find_codec(const struct tp_engine *engine, const char *name);

/* Gives a session the switches of the engine. [audio] */
void tp_engine_switch_session(struct tp_session *session);

/* Gives what has been built for a rate the sidetones and the mute that are wanted. [control], the
 * loops stopped */
void tp_engine_restore_settings(struct tp_engine *engine);

/* A device that has just been opened gets the gain that is wanted. [control], the loops stopped */
TP_MUST_USE int tp_engine_gain_begin(struct tp_engine *engine);

/* Who hears whom, from focus and flow of the sessions. [audio] */
void tp_engine_route_bus(struct tp_engine *engine);

/* Wire loop: one turn is receive, then send. [wire] */
void tp_wire_loop_receive(struct tp_engine *engine, int64_t now_ns);
void tp_wire_loop_send(struct tp_engine *engine, int64_t now_ns);
void *tp_wire_loop_thread(void *context);

/* Audio loop: one turn moves what the device has. 0 or TP_ERR_DEVICE_LOST; *sent counts
 * packets for the wire side. [audio] */
TP_MUST_USE int tp_audio_loop_turn(struct tp_engine *engine, int64_t now_ns, int *sent);
void *tp_audio_loop_thread(void *context);

/* Wakes the wire loop, or the application. Only an eventfd write. [any] */
void tp_engine_kick(int fd);

/* Puts an event of the audio side. [audio] */
void tp_engine_audio_event(struct tp_engine *engine, enum tp_event_kind kind,
			   struct tp_session *session, int64_t time_ns, uint32_t value);

#endif
