/* SPDX-License-Identifier: MIT */
/* The echo verb: the live send path's voice processing on sound files, block by block. */
#include "command.h"
#include "echo_report.h"
#include "json.h"
#include "outputs.h"
#include "state_file.h"
#include "stats_json.h"

#include "dsp/voice.h"
#include "hal/wav.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	BLOCK_MS = 10,
	BLOCK_MAX_N = 48000 / 1000 * BLOCK_MS,
};

struct options {
	bool ns, agc, no_aec;
	enum tp_route route;
	const char *load, *save, *report, *stats;
};

struct echo {
	struct options options;
	struct tp_wav far, mic;
	struct tp_voice *voice;
	struct tp_wav_writer out;
	bool out_open;
	int block_n;
	struct tp_echo_report report;
	FILE *stats; /* NULL: not wanted */
};

/* ---- The canceller's state as a file -------------------------------------------------------- */

static int load_voice(void *voice, const uint8_t *octets, size_t len)
{
	return tp_voice_load(voice, octets, len);
}

static int save_voice(void *voice, uint8_t *octets, size_t cap)
{
	return (int)tp_voice_save(voice, octets, cap);
}

static struct tp_state_owner state_of(struct tp_voice *voice)
{
	return (struct tp_state_owner){.context = voice, .load = load_voice, .save = save_voice};
}

/* ---- The files ------------------------------------------------------------------------------ */

static int open_inputs(struct echo *echo, char *const paths[])
{
	int error = tp_wav_read(paths[0], &echo->far);

	if (!error)
		error = tp_wav_read(paths[1], &echo->mic);
	if (error)
		return error;
	tp_wav_mono(&echo->far);
	tp_wav_mono(&echo->mic);
	if (echo->far.rate_hz != echo->mic.rate_hz)
		return tp_fail(TP_ERR_FORMAT,
			       "%.80s has %d Hz and %.80s %d Hz; they must have the same rate",
			       paths[0], echo->far.rate_hz, paths[1], echo->mic.rate_hz);
	if (echo->far.rate_hz != 8000 && echo->far.rate_hz != 16000 && echo->far.rate_hz != 48000)
		return tp_fail(TP_ERR_FORMAT, "%.80s has %d Hz; 8000, 16000 or 48000 Hz are wanted",
			       paths[0], echo->far.rate_hz);
	if (echo->far.frames != echo->mic.frames)
		return tp_fail(
			TP_ERR_FORMAT,
			"%.80s is %lld samples long and %.80s %lld; they must be equally long",
			paths[0], (long long)echo->far.frames, paths[1],
			(long long)echo->mic.frames);
	return 0;
}

static int open_voice(struct echo *echo)
{
	struct tp_engine_config defaults;
	struct tp_state_owner owner;

	tp_engine_config_init(&defaults);
	defaults.voice.aec = !echo->options.no_aec;
	defaults.voice.ns = echo->options.ns;
	defaults.voice.agc = echo->options.agc;
	echo->block_n = echo->far.rate_hz / 1000 * BLOCK_MS;
	echo->voice = tp_voice_create_route(echo->options.route, echo->far.rate_hz, echo->block_n,
					    &defaults.voice);
	if (!echo->voice)
		return TP_ERR_MEMORY;
	owner = state_of(echo->voice);
	return echo->options.load ? tp_state_file_load(echo->options.load, &owner) : 0;
}

static int check_files(const struct options *options, char *const paths[])
{
	const struct tp_named_file files[] = {
		{"FAR.wav", paths[0], TP_FILE_READ},
		{"MIC.wav", paths[1], TP_FILE_READ},
		{"OUT.wav", paths[2], TP_FILE_WRITTEN},
		{"--stats", options->stats, TP_FILE_WRITTEN},
		{"--load", tp_state_file_only_read(options->load, options->save), TP_FILE_READ},
		{"--save", options->save, TP_FILE_LEFT},
		{"--report", options->report, TP_FILE_LEFT},
	};

	return tp_outputs_check(files, sizeof(files) / sizeof(files[0]));
}

static int set_up(struct echo *echo, char *const paths[])
{
	int error = check_files(&echo->options, paths);

	if (!error)
		error = open_inputs(echo, paths);
	if (!error)
		error = open_voice(echo);
	if (!error)
		error = tp_wav_writer_open(&echo->out, paths[2], echo->far.rate_hz, 1);
	echo->out_open = !error;
	if (!error && echo->options.report)
		error = tp_echo_report_open(&echo->report, echo->far.rate_hz, echo->far.frames,
					    tp_voice_delay_n(echo->voice));
	if (!error)
		error = tp_stats_json_open(&echo->stats, echo->options.stats);
	return error;
}

/* Block by block, as a device would give them; the last one is filled up with silence. */
static int process(struct echo *echo)
{
	int16_t far[BLOCK_MAX_N], mic[BLOCK_MAX_N], out[BLOCK_MAX_N];
	struct tp_voice_stats stats;
	int error = 0;

	for (int64_t at = 0; !error && at < echo->mic.frames; at += echo->block_n) {
		int64_t left = echo->mic.frames - at;
		size_t n = (size_t)(left < echo->block_n ? left : echo->block_n);

		memset(far, 0, sizeof(far));
		memset(mic, 0, sizeof(mic));
		memcpy(far, echo->far.samples + at, n * sizeof(*far));
		memcpy(mic, echo->mic.samples + at, n * sizeof(*mic));
		tp_voice_process(echo->voice, mic, far, out);
		error = tp_wav_writer_write(&echo->out, out, n);
		if (echo->options.report) {
			tp_voice_stats(echo->voice, &stats);
			tp_echo_report_add(&echo->report, echo->mic.samples, out, n, &stats);
		}
	}
	return error;
}

/* ---- What it came to ------------------------------------------------------------------------ */

static int write_stats(struct echo *echo)
{
	struct tp_voice_stats stats;
	struct tp_json json;

	tp_voice_stats(echo->voice, &stats);
	tp_json_begin(&json, echo->stats);
	tp_json_open(&json, NULL, '{');
	tp_json_number(&json, "seconds", (double)echo->far.frames / echo->far.rate_hz);
	tp_json_count(&json, "rate_hz", (uint64_t)echo->far.rate_hz);
	tp_json_number(&json, "echo_loss_db", stats.erl_db);
	tp_json_number(&json, "echo_reduction_db", stats.erle_db);
	tp_json_number(&json, "echo_linear_db", stats.linear_erle_db);
	tp_json_number(&json, "echo_delay_ms", stats.delay_ms);
	tp_json_number(&json, "echo_drift_ppm", stats.drift_ppm);
	tp_json_number(&json, "double_talk_percent", 100 * stats.double_talk);
	tp_json_number(&json, "near_db", stats.near_db);
	tp_json_number(&json, "microphone_db", stats.microphone_db);
	tp_json_number(&json, "far_db", stats.far_db);
	tp_json_number(&json, "added_delay_ms",
		       1e3 * tp_voice_delay_n(echo->voice) / echo->far.rate_hz);
	tp_json_close(&json, '}');
	return tp_stats_json_check(echo->stats, echo->options.stats);
}

static int leave_results(struct echo *echo, const char *mic_path)
{
	const struct options *options = &echo->options;
	struct tp_state_owner owner = state_of(echo->voice);
	int error = 0;

	if (options->save)
		error = tp_state_file_save(options->save, &owner);
	if (!error && echo->stats)
		error = write_stats(echo);
	if (!error && options->report)
		error = tp_echo_report_write(&echo->report, options->report, mic_path,
					     echo->far.samples, echo->mic.samples);
	return error;
}

static int tear_down(struct echo *echo)
{
	int error = echo->out_open ? tp_wav_writer_close(&echo->out) : 0;

	tp_voice_destroy(echo->voice);
	tp_wav_free(&echo->far);
	tp_wav_free(&echo->mic);
	tp_echo_report_free(&echo->report);
	if (echo->stats)
		fclose(echo->stats);
	return error;
}

static int run(const struct tp_command *command, int argc, char **argv)
{
	struct echo echo = {.options = {.route = TP_ROUTE_HANDSFREE}};
	int error = tp_command_parse(command, &echo.options, argc, argv), closed;

	if (error >= 0)
		error = set_up(&echo, argv);
	if (!error)
		error = process(&echo);
	if (!error)
		error = leave_results(&echo, argv[1]);
	/* Only the first failure is told. */
	if (error) {
		error = tp_command_fail(command, error);
		(void)!tear_down(&echo);
		return error;
	}
	closed = tear_down(&echo);
	return closed ? tp_command_fail(command, closed) : TP_EXIT_OK;
}

#define FIELD(name) offsetof(struct options, name)

static const struct tp_option options[] = {
	{"ns", TP_OPTION_SWITCH, NULL, "suppress the microphone's noise", FIELD(ns), 0, 0, NULL},
	{"agc", TP_OPTION_SWITCH, NULL, "hold the talker's level", FIELD(agc), 0, 0, NULL},
	{"no-aec", TP_OPTION_SWITCH, NULL, "no echo cancellation", FIELD(no_aec), 0, 0, NULL},
	{"route", TP_OPTION_ROUTE, "ROUTE",
	 "handset, headset or handsfree (default): what the canceller is\n"
	 "made for",
	 FIELD(route), 0, 0, NULL},
	{"load", TP_OPTION_TEXT, "STATE", "begin with a canceller that --save left", FIELD(load), 0,
	 0, NULL},
	{"save", TP_OPTION_TEXT, "STATE", "leave the canceller to a later run", FIELD(save), 0, 0,
	 NULL},
	{"report", TP_OPTION_TEXT, "FILE.html",
	 "draws echo return loss, levels, delay and drift over time,\n"
	 "and spectrograms before and after",
	 FIELD(report), 0, 0, NULL},
	{"stats", TP_OPTION_TEXT, "FILE.json", "writes the figures at the end", FIELD(stats), 0, 0,
	 NULL},
	{.name = NULL},
};

const struct tp_command tp_command_echo = {
	.name = "echo",
	.args = "FAR.wav MIC.wav OUT.wav",
	.about = "echo cancellation on sound files, as in a call",
	.more = "FAR is what the loudspeaker plays, MIC what the microphone hears. Both have the "
		"same "
		"length\nand rate, 8000, 16000 or 48000 Hz, and so has OUT. Every 10 ms of OUT "
		"follow "
		"from what\ncame before them.\n",
	.options = options,
	.args_min = 3,
	.args_max = 3,
	.run = run,
};
