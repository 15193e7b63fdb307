/* SPDX-License-Identifier: MIT */
/* The replay verb: a recorded stream through the receive path, in virtual time. */
#include "command.h"
#include "decisions.h"
#include "jitter_option.h"
#include "keys.h"
#include "outputs.h"
#include "recorded.h"
#include "replay_report.h"

#include "hal/wav.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
	BLOCK_MS = 10,
	TAIL_MS = 200, /* after the last packet has played */
	SILENCE_MAX_S = 3600, /* a longer gap in a recording is damage */
	BLOCK_MAX_N = 48000 / 1000 * BLOCK_MS,
};

/* Virtual time begins here: 0 could be taken for "never". */
static const int64_t zero_ns = INT64_C(1000000000);

struct options {
	struct tp_formats formats;
	struct tp_keys keys;
	const char *trace, *report;
	struct tp_jitter_config jitter;
};

struct replay {
	struct options options;
	struct tp_packetfile *file;
	struct tp_recorded recorded;
	struct tp_engine *engine;
	struct tp_session *session;
	struct tp_decisions decisions;
	struct tp_replay_report report;
	struct tp_wav_writer wav;
	bool wav_open;
	int rate_hz;
	int64_t written_n;
	struct tp_session_stats stats;
};

static int write_silence(struct replay *r, int64_t until_n)
{
	static const int16_t silence[BLOCK_MAX_N];
	int error = 0;

	while (!error && r->written_n < until_n) {
		int64_t n = until_n - r->written_n;

		n = n < BLOCK_MAX_N ? n : BLOCK_MAX_N;
		error = tp_wav_writer_write(&r->wav, silence, (size_t)n);
		r->written_n += n;
	}
	return error;
}

/* What went to the ear in the step at this trace time is heard from then on. */
static int write_ear(struct replay *r, int64_t trace_ms)
{
	int16_t tap[BLOCK_MAX_N * TP_TAP_CHANNELS], ear[BLOCK_MAX_N];
	int error = 0, n;

	while (!error && (n = tp_engine_tap(r->engine, tap, BLOCK_MAX_N)) > 0) {
		error = write_silence(r, trace_ms * r->rate_hz / 1000);
		for (int i = 0; i < n; i++)
			ear[i] = tap[TP_TAP_CHANNELS * i + 1];
		if (!error)
			error = tp_wav_writer_write(&r->wav, ear, (size_t)n);
		r->written_n += n;
	}
	return error;
}

static bool has_begun(const struct replay *r)
{
	return isfinite(r->stats.jitter.delay_ms);
}

/* Trace time at which the last packet begins to play, once it is out; until then the end of time. A
 * buffer that has packets and does not play yet begins within its longest delay. */
static int64_t last_played_ms(const struct replay *r)
{
	double delay_ms = has_begun(r)               ? r->stats.jitter.delay_ms
			  : r->stats.receive.packets ? r->options.jitter.max_ms
						     : 0;

	if (!r->recorded.ended || r->recorded.has_pending)
		return INT64_MAX;
	return r->recorded.last_ns / 1000000 + (int64_t)ceil(delay_ms);
}

static int check_gap(const struct tp_recorded *recorded, int64_t ms)
{
	int64_t gap_s = (recorded->pending_ns / 1000000 - ms) / 1000;

	if (!recorded->has_pending || gap_s < SILENCE_MAX_S)
		return 0;
	return tp_fail(TP_ERR_FORMAT,
		       "the recording is damaged: %" PRId64 " s pass before packet %" PRIu64, gap_s,
		       recorded->packets + 1);
}

static int run_replay(struct replay *r)
{
	int64_t last_ms = INT64_MAX;
	bool begun = false;
	int error = 0;

	for (int64_t ms = 0; !error && ms - TP_CODEC_PACKET_MAX_MS - TAIL_MS < last_ms;
	     ms += BLOCK_MS) {
		error = tp_engine_step(r->engine, zero_ns + ms * 1000000);
		if (!error)
			error = write_ear(r, ms);
		tp_decisions_drain(&r->decisions, r->engine);
		/* What is made up after the last packet is no figure of the stream. */
		if (!error && ms < last_ms)
			error = tp_session_stats(r->session, &r->stats);
		if (last_ms == INT64_MAX || !begun)
			last_ms = last_played_ms(r);
		begun = has_begun(r);
		if (!error)
			error = check_gap(&r->recorded, ms);
	}
	return error;
}

static int use_keys(struct tp_session_config *config, const struct tp_keys *keys)
{
	if (!keys->n)
		return 0;
	/* The last key given is the receiving one, as in a call. Nothing is sent, but a session has
	 * keys for both directions or for none. */
	config->receive_key = keys->key[keys->n - 1];
	return tp_srtp_key_generate(&config->send_key, keys->suite);
}

static int open_session(struct replay *r)
{
	struct tp_session_options options;
	struct tp_session_config config;
	int error;

	tp_session_options_init(&options);
	tp_recorded_transport(&options.transport, &r->recorded);
	error = tp_session_open(&r->session, r->engine, &options);
	if (error)
		return error;
	tp_session_config_init(&config);
	tp_recorded_source(&config.remote);
	config.flow = TP_RECVONLY;
	memcpy(config.receive, r->options.formats.format, sizeof(config.receive));
	config.receive_n = r->options.formats.n;
	config.rtcp_interval_ms = 0;
	config.jitter = r->options.jitter;
	error = use_keys(&config, &r->options.keys);
	if (!error)
		error = tp_session_configure(r->session, &config);
	explicit_bzero(&config, sizeof(config));
	return error;
}

static int open_engine(struct replay *r)
{
	struct tp_engine_config config;
	struct tp_codec_shape shape;
	int error = tp_formats_shape(&r->recorded.format, &shape);

	if (error)
		return error;
	r->rate_hz = shape.rate_hz;
	tp_engine_config_init(&config);
	config.device = "null";
	config.threads = 0;
	config.block_ms = config.period_ms = BLOCK_MS;
	config.rate_hz = r->rate_hz;
	config.sessions_max = 1;
	config.seed = 1;
	config.voice.aec = config.voice.ns = config.voice.agc = false;
	error = tp_engine_create(&r->engine, &config);
	if (!error)
		error = open_session(r);
	return error ? error : tp_engine_start(r->engine);
}

static int set_up_report(struct replay *r, const char *in)
{
	struct tp_codec_shape shape;
	int error = tp_formats_shape(&r->recorded.format, &shape);

	if (error || !r->options.report)
		return error;
	r->report = (struct tp_replay_report){
		.path = r->options.report,
		.recording = in,
		.zero_ns = zero_ns,
		.clock_hz = shape.clock_hz,
	};
	r->decisions.each = tp_replay_report_take;
	r->decisions.context = &r->report;
	return 0;
}

static int check_files(const struct options *options, const char *in, const char *out)
{
	const struct tp_named_file files[] = {
		{"the recording", in, TP_FILE_READ},
		{"the key of --srtp", options->keys.file[0], TP_FILE_READ},
		{"the key of --srtp", options->keys.file[1], TP_FILE_READ},
		{"OUT.wav", out, TP_FILE_WRITTEN},
		{"--trace", options->trace, TP_FILE_WRITTEN},
		{"--report", options->report, TP_FILE_LEFT},
	};

	return tp_outputs_check(files, sizeof(files) / sizeof(files[0]));
}

static int set_up(struct replay *r, const char *in, const char *out)
{
	int error = check_files(&r->options, in, out);

	if (!error)
		error = tp_packetfile_open(&r->file, in);
	if (!error)
		error = tp_recorded_find(&r->recorded, r->file, &r->options.formats);
	r->recorded.zero_ns = zero_ns;
	if (!error)
		error = open_engine(r);
	if (!error) {
		error = tp_wav_writer_open(&r->wav, out, r->rate_hz, 1);
		r->wav_open = !error;
	}
	if (!error)
		error = tp_decisions_open(&r->decisions, r->options.trace, zero_ns);
	if (!error)
		error = set_up_report(r, in);
	return error;
}

static void print_result(const struct replay *r)
{
	const struct tp_session_stats *s = &r->stats;
	double seconds = (double)r->written_n / r->rate_hz;

	printf("%.2f s, %" PRIu64 " packets%s%s, %" PRIu32 " lost, %" PRIu32 " late, ", seconds,
	       s->receive.packets, *s->receive_codec ? " of " : "", s->receive_codec,
	       s->receive.lost, s->jitter.late);
	if (isfinite(s->jitter.delay_ms))
		printf("buffer %.0f ms at the end, ", s->jitter.delay_ms);
	printf("%" PRIu32 " ms concealed\n", s->jitter.concealed_ms);
}

static int tear_down(struct replay *r)
{
	int error = r->wav_open ? tp_wav_writer_close(&r->wav) : 0;
	int trace_error = tp_decisions_close(&r->decisions);
	int report_error = tp_replay_report_write(&r->report, &r->stats);

	tp_engine_destroy(r->engine);
	tp_packetfile_close(r->file);
	tp_keys_wipe(&r->options.keys);
	return error ? error : trace_error ? trace_error : report_error;
}

/* A file that is cut off is played as far as it goes; nothing that fits is a failure too. */
static int judge(const struct replay *r)
{
	if (r->recorded.error)
		return r->recorded.error;
	if (!r->stats.receive.packets && r->stats.srtp.failed_auth)
		return tp_fail(TP_ERR_FORMAT,
			       "none of %" PRIu64 " packets could be decrypted: wrong key or suite",
			       r->recorded.packets);
	return 0;
}

static int run(const struct tp_command *command, int argc, char **argv)
{
	struct replay replay = {.wav_open = false};
	int error, closed;

	tp_formats_init(&replay.options.formats);
	tp_jitter_option_init(&replay.options.jitter);
	error = tp_command_parse(command, &replay.options, argc, argv);
	if (error >= 0)
		error = set_up(&replay, argv[0], argv[1]);
	if (!error)
		error = run_replay(&replay);
	if (!error) {
		print_result(&replay);
		error = judge(&replay);
	}
	/* Only the first failure is told. */
	if (error) {
		error = tp_command_fail(command, error);
		(void)!tear_down(&replay);
		return error;
	}
	closed = tear_down(&replay);
	return closed ? tp_command_fail(command, closed) : TP_EXIT_OK;
}

static int read_pt(void *target, char *value)
{
	struct options *options = target;
	struct tp_format format;
	int error = tp_formats_parse_pt(&format, value);

	if (!error)
		tp_formats_put(&options->formats, &format);
	return error;
}

static int read_srtp(void *target, char *value)
{
	return tp_keys_parse(&((struct options *)target)->keys, value);
}

static int read_jitter(void *target, char *value)
{
	return tp_jitter_option_parse(&((struct options *)target)->jitter, value);
}

static const struct tp_option options[] = {
	{"pt", TP_OPTION_READ, "N=CODEC", TP_FORMATS_PT_HELP, 0, 0, 0, read_pt},
	{"srtp", TP_OPTION_READ, "SUITE,inline:KEY",
	 "the stream is SRTP under this key; @FILE in place of a key\n"
	 "reads it from a file. Suites as in `talkpath call --help`",
	 0, 0, 0, read_srtp},
	{"jitter", TP_OPTION_READ, TP_JITTER_OPTION_VALUE, TP_JITTER_OPTION_HELP, 0, 0, 0,
	 read_jitter},
	{"trace", TP_OPTION_TEXT, "FILE.csv",
	 "writes every decision of the receive path, a line each", offsetof(struct options, trace),
	 0, 0, NULL},
	{"report", TP_OPTION_TEXT, "FILE.html", "draws arrivals, delays and concealment over time",
	 offsetof(struct options, report), 0, 0, NULL},
	{.name = NULL},
};

const struct tp_command tp_command_replay = {
	.name = "replay",
	.args = "IN.rtpdump|IN.pcap OUT.wav",
	.about = "plays a recorded RTP stream through the receive path, in virtual time",
	.more = "OUT.wav begins at trace time 0: the start of an rtpdump file; the zero of a "
		"pcap's "
		"stamps\nif they count from near it, and the stream's first packet if they are "
		"calendar time.\nEvery 10 ms of it follow from packets that had arrived by then. "
		"The "
		"first stream of\nknown payload types is played; a file that is cut off is played "
		"as "
		"far as it goes, with\nexit code 1.\n",
	.options = options,
	.args_min = 2,
	.args_max = 2,
	.run = run,
};
