/* SPDX-License-Identifier: MIT */
/* The call verb: a full-duplex call from its options to its summary. */
#include "call_options.h"
#include "decisions.h"
#include "meter.h"
#include "outputs.h"
#include "record.h"
#include "state_file.h"
#include "stats_json.h"
#include "stop.h"
#include "summary.h"
#include "switches.h"
#include "terminal.h"

#include "engine/clock.h"
#include "hal/device_files.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	TURN_MS = 100, /* the meter and the recording are served so often */
};

struct call {
	struct tp_call_options options;
	struct tp_call_settings settings;
	struct tp_engine *engine;
	struct tp_session *session;
	struct tp_record record;
	struct tp_decisions decisions;
	struct tp_meter meter;
	FILE *stats; /* NULL: not wanted */
	int stop_fd;
	int64_t start_ns;
	struct tp_switches switches;
	bool held, ended;
	int codec_i; /* of the next codec key */
};

/* ---- What happens in a call ----------------------------------------------------------------- */

static int configure(struct call *call)
{
	struct tp_session_config config = call->settings.session;

	if (call->held)
		config.flow = TP_INACTIVE;
	return tp_session_configure(call->session, &config);
}

/* A call that waited answers whoever was accepted, which may be a
 * while after he was first heard. */
static int answer(struct call *call)
{
	struct tp_session_config *config = &call->settings.session;
	struct tp_session_stats stats;
	int error;

	if (config->remote.family)
		return 0;
	error = tp_session_stats(call->session, &stats);
	if (error || !stats.remote.family)
		return error;
	config->remote = stats.remote;
	config->flow = TP_SENDRECV;
	error = configure(call);
	if (!error && call->options.sdp)
		error = tp_call_write_sdp(&call->settings, call->options.sdp);
	return error;
}

static int take_events(struct call *call)
{
	struct tp_event event;
	int error = 0;

	while (!error && tp_engine_next_event(call->engine, &event) == 1) {
		if (event.kind == TP_EVENT_DEVICE_LOST)
			error = tp_fail(TP_ERR_DEVICE_LOST,
					"the device %s went away in the middle of the call",
					call->settings.engine.device);
	}
	return error ? error : answer(call);
}

static int toggle_hold(struct call *call)
{
	call->held = !call->held;
	return configure(call);
}

/* Sends another format in packets as long, and with redundancy and pauses as before; if it
 * is refused, nothing changes. */
static int send_as(struct call *call, const struct tp_format *format)
{
	struct tp_session_config *config = &call->settings.session;
	struct tp_format before = config->send;
	int error;

	config->send = *format;
	config->send.ptime_ms = before.ptime_ms;
	config->send.red_pt = before.red_pt;
	(void)tp_call_allow_pauses(&call->settings, &config->send);
	error = tp_session_configure(call->session, config);
	if (error)
		config->send = before;
	return error;
}

/* What the peer takes, if it told; else every built-in codec that sends. What is refused, L16 in
 * long packets say, is passed by; a call does not end for it. */
static int next_codec(struct call *call)
{
	struct tp_formats formats = call->settings.offered;
	const struct tp_format *send = &call->settings.session.send;

	if (!formats.n)
		for (int i = 0; i < call->settings.session.receive_n; i++)
			formats.format[formats.n++] = call->settings.session.receive[i];
	if (call->held)
		return 0;
	/* The next of another codec than now. */
	for (int i = 0; i < formats.n; i++) {
		const struct tp_format *format = &formats.format[call->codec_i++ % formats.n];

		if (!strcmp(format->codec, send->codec) || !tp_formats_is_codec(format))
			continue;
		int error = send_as(call, format);

		if (error != TP_ERR_ARGUMENT && error != TP_ERR_UNSUPPORTED)
			return error;
	}
	return 0;
}

static int take_keys(struct call *call)
{
	int error = 0, key;

	while (!error && (key = tp_terminal_key())) {
		if (key == 'q')
			call->ended = true;
		else if (key == 'h')
			error = toggle_hold(call);
		else if (key == 'c')
			error = next_codec(call);
		else
			error = tp_switches_key(&call->switches, key);
		error = error > 0 ? 0 : error;
	}
	return error;
}

static int draw(struct call *call, int64_t now_ns)
{
	struct tp_meter_end end = {.title = "", .note = ""};
	int s = (int)((now_ns - call->start_ns) / 1000000000);
	char foot[160], local[TP_ADDRESS_TEXT] = "", text[TP_SWITCHES_TEXT];
	struct tp_address address;
	int error;

	if (!call->meter.shown)
		return 0;
	error = tp_engine_stats(call->engine, &end.engine);
	if (!error)
		error = tp_session_stats(call->session, &end.session);
	if (error)
		return error;
	end.secure = call->settings.session.send_key.suite != TP_SRTP_NONE;
	end.note = call->held ? "held" : tp_switches_text(&call->switches, text);
	if (!call->settings.session.remote.family && !tp_session_local(call->session, &address))
		snprintf(local, sizeof(local), "waiting on port %d   ", address.port);
	snprintf(foot, sizeof(foot), "%s%d:%02d  " TP_SWITCHES_KEYS "  h hold  c codec  q quit",
		 local, s / 60, s % 60);
	tp_meter_draw(&call->meter, &end, 1, foot);
	return 0;
}

static int record(struct call *call)
{
	struct tp_engine_stats stats;
	int error;

	if (!call->options.record)
		return 0;
	if (!call->record.is_open) {
		error = tp_engine_stats(call->engine, &stats);
		if (error || stats.rate_hz <= 0)
			return error;
		error = tp_record_open(&call->record, call->options.record, stats.rate_hz);
		if (error)
			return error;
	}
	return tp_record_drain(&call->record, call->engine);
}

/* Turns until the user, the clock or a failure ends it. */
static int run_call(struct call *call)
{
	struct pollfd fds[] = {
		{.fd = call->stop_fd, .events = POLLIN},
		{.fd = tp_engine_descriptor(call->engine), .events = POLLIN},
		{.fd = call->meter.shown ? STDIN_FILENO : -1, .events = POLLIN},
	};
	int64_t end_ns = call->options.seconds > 0
				 ? call->start_ns + (int64_t)(call->options.seconds * 1e9)
				 : INT64_MAX;
	int error = 0;

	while (!error && !call->ended) {
		int64_t now_ns = tp_clock_now_ns();
		int64_t left_ms = (end_ns - now_ns + 999999) / 1000000;

		if (left_ms <= 0)
			break;
		poll(fds, 3, left_ms < TURN_MS ? (int)left_ms : TURN_MS);
		call->ended = fds[0].revents != 0;
		/* A terminal that hung up is no source of keys. */
		if (fds[2].revents & (POLLHUP | POLLERR))
			fds[2].fd = -1;
		error = take_events(call);
		if (!error)
			error = take_keys(call);
		if (!error)
			error = record(call);
		tp_decisions_drain(&call->decisions, call->engine);
		if (!error)
			error = draw(call, tp_clock_now_ns());
	}
	return error;
}

/* ---- From the options to the call, and its end ---------------------------------------------- */

static int open_session(struct call *call)
{
	const struct tp_call_settings *settings = &call->settings;
	struct tp_session_options options;
	struct tp_transport udp;
	int error;

	tp_session_options_init(&options);
	options.udp = settings->udp;
	if (call->options.has_network) {
		error = tp_udp_open(&udp, &settings->udp);
		if (error)
			return error;
		error = tp_network_wrap(&options.transport, &udp, &call->options.network);
		if (error) {
			udp.ops->close(udp.state);
			return error;
		}
	}
	return tp_session_open(&call->session, call->engine, &options);
}

static int load_route(void *context, const uint8_t *octets, size_t len)
{
	struct call *call = context;

	return tp_engine_route_load(call->engine, call->options.route, octets, len);
}

static int save_route(void *context, uint8_t *octets, size_t cap)
{
	struct call *call = context;

	return tp_engine_route_save(call->engine, call->options.route, octets, cap);
}

/* Sidetone, and what the route learnt: after the first configure the rate is known. */
static int prepare_route(struct call *call)
{
	const struct tp_call_options *options = &call->options;
	const struct tp_state_owner owner = {.context = call, .load = load_route};
	int error = 0;

	for (int direction = TP_CAPTURE; !error && direction <= TP_PLAYBACK; direction++)
		if (options->gain_centibel[direction] != 0)
			error = tp_engine_gain(call->engine, (enum tp_direction)direction,
					       options->gain_centibel[direction]);
	if (!error && options->sidetone_centibel != TP_SIDETONE_OFF)
		error = tp_engine_sidetone(call->engine, options->route,
					   options->sidetone_centibel);
	return !error && options->load ? tp_state_file_load(options->load, &owner) : error;
}

static int leave_route(struct call *call)
{
	const struct tp_state_owner owner = {.context = call, .save = save_route};

	if (!call->options.save)
		return 0;
	tp_engine_stop(call->engine);
	return tp_state_file_save(call->options.save, &owner);
}

static int check_files(const struct tp_call_options *options)
{
	struct tp_device_files device;
	const struct tp_named_file files[] = {
		{"the device's input", device.read, TP_FILE_READ},
		{"the device's output", device.written, TP_FILE_WRITTEN},
		{"the key of --srtp", options->keys.file[0], TP_FILE_READ},
		{"the key of --srtp", options->keys.file[1], TP_FILE_READ},
		{"--sdp-in", options->sdp_in, TP_FILE_READ},
		{"--sdp", options->sdp, TP_FILE_LEFT}, /* when somebody calls */
		{"--record", options->record, TP_FILE_WRITTEN},
		{"--stats", options->stats, TP_FILE_WRITTEN},
		{"--trace", options->trace, TP_FILE_WRITTEN},
		{"--load", tp_state_file_only_read(options->load, options->save), TP_FILE_READ},
		{"--save", options->save, TP_FILE_LEFT},
	};

	tp_device_files_find(&device, options->device);
	return tp_outputs_check(files, sizeof(files) / sizeof(files[0]));
}

static int set_up(struct call *call, const char *remote)
{
	struct tp_call_settings *settings = &call->settings;
	int error = tp_call_settings_make(settings, &call->options, remote);

	if (!error)
		error = check_files(&call->options);
	if (!error)
		error = tp_stats_json_open(&call->stats, call->options.stats);
	if (error)
		return error;
	/* Before any thread is there: all of them must leave the signals to this one. */
	call->stop_fd = tp_stop_open();
	if (call->stop_fd < 0)
		return call->stop_fd;
	error = tp_engine_create(&call->engine, &settings->engine);
	if (error)
		return error;
	tp_switches_init(&call->switches, call->engine, &settings->engine);
	error = open_session(call);
	if (!error)
		error = tp_session_configure(call->session, &settings->session);
	if (!error)
		error = prepare_route(call);
	if (!error && call->options.sdp && settings->session.remote.family)
		error = tp_call_write_sdp(settings, call->options.sdp);
	call->start_ns = tp_clock_now_ns();
	if (!error)
		error = tp_decisions_open(&call->decisions, call->options.trace, call->start_ns);
	if (!error)
		error = tp_engine_start(call->engine);
	return error;
}

/* The figures and files of a call that ran, whatever ended it. */
static int report(struct call *call)
{
	struct tp_engine_stats engine;
	struct tp_session_stats session;
	double seconds = (double)(tp_clock_now_ns() - call->start_ns) * 1e-9;
	int error = tp_engine_stats(call->engine, &engine), saved;

	if (!error)
		error = tp_session_stats(call->session, &session);
	if (error)
		return error;
	tp_summary_print(&engine, &session, call->settings.session.send_key.suite != TP_SRTP_NONE,
			 seconds);
	if (call->stats) {
		tp_stats_json_write(call->stats, &engine, &session);
		error = tp_stats_json_check(call->stats, call->options.stats);
	}
	saved = leave_route(call);
	return error ? error : saved;
}

static void tear_down(struct call *call)
{
	tp_engine_destroy(call->engine);
	if (call->stats)
		fclose(call->stats);
	if (call->stop_fd >= 0)
		close(call->stop_fd);
	tp_keys_wipe(&call->options.keys);
	explicit_bzero(&call->settings.session, sizeof(call->settings.session));
}

static int run(const struct tp_command *command, int argc, char **argv)
{
	struct call call = {.stop_fd = -1};
	int error, words, code = TP_EXIT_OK;

	tp_call_options_init(&call.options);
	words = tp_command_parse(command, &call.options, argc, argv);
	error = words < 0 ? words : set_up(&call, words ? argv[0] : NULL);
	if (!error) {
		int first, later, last;

		tp_meter_open(&call.meter);
		error = run_call(&call);
		tp_meter_close(&call.meter);
		if (error)
			code = tp_command_fail(command, error);
		first = report(&call);
		later = tp_record_close(&call.record);
		last = tp_decisions_close(&call.decisions);
		error = error ? 0 : first ? first : later ? later : last;
	}
	if (error)
		code = tp_command_fail(command, error);
	tear_down(&call);
	return code;
}

const struct tp_command tp_command_call = {
	.name = "call",
	.args = "[HOST:PORT]",
	.about = "a full-duplex call; without HOST:PORT it waits for one",
	.more = "Without HOST:PORT (or --sdp-in) nothing is sent until somebody's packets are "
		"accepted;\nthen the call answers to where they came from. In a terminal a meter "
		"shows the call,\nand keys mute it, hold it, change its codec and route, and "
		"turn\nthe switches of echo cancellation, noise suppression, gain control and VAD. "
		"Ctrl-C\nends it.\n\n"
		"Two terminals, no sound card needed:\n"
		"  talkpath call --device room:talker=speech/p225_003.wav --local 5004\n"
		"  talkpath call --device room:talker=speech/p226_006.wav --codec opus "
		"127.0.0.1:5004\n",
	.options = tp_call_option_table,
	.args_max = 1,
	.run = run,
};
