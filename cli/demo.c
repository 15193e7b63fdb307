/* SPDX-License-Identifier: MIT */
/* The demo verb: two phones in one process call each other, and a page tells how it went. */
#include "command.h"
#include "demo_end.h"
#include "demo_script.h"
#include "meter.h"
#include "report.h"
#include "stop.h"
#include "terminal.h"

#include "engine/clock.h"
#include "hal/wav.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	TURN_MS = 100,
	PATH_CAP = 4096,
	SECONDS = 36,
};

static const enum tp_srtp_suite suite = TP_SRTP_AEAD_AES_128_GCM;

/* The trouble of the middle third. */
static const struct tp_network_config trouble = {
	.loss_percent = 5, .burst = 2, .jitter_ms = 12, .reorder_percent = 1, .seed = 7};
static const char trouble_text[] =
	"5 % of packets lost in bursts of 2, 12 ms of mean jitter, 1 % out of order";

/* B's crystal is 30 ppm fast, as any two phones differ. */
static const char *const rooms[TP_DEMO_ENDS] = {
	"size=office,near=-24,noise=-62,seed=1",
	"size=small,near=-24,noise=-62,seed=2,play_ppm=30,capture_ppm=30",
};
static const char *const titles[TP_DEMO_ENDS] = {"A, in an office", "B, in a small room"};
static const char *const names[TP_DEMO_ENDS] = {"a", "b"};

struct demo {
	const char *folder, *speech;
	int seconds;
	struct tp_demo_script script;
	struct tp_demo_end ends[TP_DEMO_ENDS];
	struct tp_meter meter;
	int stop_fd;
	int64_t start_ns;
	bool ended;
};

static void path_of(char path[PATH_CAP], const struct demo *demo, const char *name,
		    const char *rest)
{
	snprintf(path, PATH_CAP, "%.3800s/%s%s", demo->folder, name, rest);
}

/* ---- Before --------------------------------------------------------------------------------- */

static int write_says(const struct demo *demo, int end)
{
	struct tp_wav_writer writer;
	char path[PATH_CAP];
	int error, closed;

	path_of(path, demo, names[end], "-says.wav");
	error = tp_wav_writer_open(&writer, path, TP_DEMO_RATE_HZ, 1);
	if (error)
		return error;
	error = tp_wav_writer_write(&writer, demo->script.says[end], (size_t)demo->script.n);
	closed = tp_wav_writer_close(&writer);
	return error ? error : closed;
}

static int connect_ends(struct demo *demo)
{
	struct tp_srtp_key keys[TP_DEMO_ENDS];
	int error = 0;

	for (int end = 0; !error && end < TP_DEMO_ENDS; end++)
		error = tp_srtp_key_generate(&keys[end], suite);
	for (int end = 0; !error && end < TP_DEMO_ENDS; end++)
		error = tp_demo_end_connect(&demo->ends[end], &demo->ends[!end], &keys[end],
					    &keys[!end]);
	explicit_bzero(keys, sizeof(keys));
	return error;
}

static int set_up(struct demo *demo)
{
	struct tp_network_config network = trouble;
	char says[PATH_CAP];
	int error;

	if (mkdir(demo->folder, 0777) && errno != EEXIST)
		return tp_fail(TP_ERR_SYSTEM, "cannot make the folder %.150s: %s", demo->folder,
			       strerror(errno));
	error = tp_demo_script_make(&demo->script, demo->speech, demo->seconds);
	if (error)
		return error;
	demo->stop_fd = tp_stop_open();
	if (demo->stop_fd < 0)
		return demo->stop_fd;
	network.from_s = demo->script.bad_from_s;
	network.to_s = demo->script.bad_to_s;
	for (int end = 0; !error && end < TP_DEMO_ENDS; end++, network.seed++) {
		error = write_says(demo, end);
		path_of(says, demo, names[end], "-says.wav");
		if (!error)
			error = tp_demo_end_open(&demo->ends[end], rooms[end], says, &network);
	}
	demo->start_ns = tp_clock_now_ns();
	return error ? error : connect_ends(demo);
}

/* ---- During --------------------------------------------------------------------------------- */

static const char *network_now(const struct demo *demo, double s)
{
	return s < demo->script.bad_from_s ? "the network is good"
	       : s < demo->script.bad_to_s ? "the network is bad: loss, jitter, reordering"
					   : "the network is good again";
}

static void draw(struct demo *demo, double s)
{
	struct tp_meter_end ends[TP_DEMO_ENDS];
	char foot[128];

	if (!demo->meter.shown)
		return;
	for (int end = 0; end < TP_DEMO_ENDS; end++) {
		ends[end] = (struct tp_meter_end){.title = titles[end], .note = "", .secure = true};
		ends[end].engine = demo->ends[end].engine_stats;
		ends[end].session = demo->ends[end].session_stats;
	}
	snprintf(foot, sizeof(foot), "%.0f of %d s   %s   q quit", s, demo->seconds,
		 network_now(demo, s));
	tp_meter_draw(&demo->meter, ends, TP_DEMO_ENDS, foot);
}

static int run_demo(struct demo *demo)
{
	struct pollfd fds[] = {
		{.fd = demo->stop_fd, .events = POLLIN},
		{.fd = demo->meter.shown ? STDIN_FILENO : -1, .events = POLLIN},
	};
	double s = 0;
	int error = 0;

	while (!error && !demo->ended && s < demo->seconds) {
		poll(fds, 2, TURN_MS);
		demo->ended = fds[0].revents || tp_terminal_key() == 'q';
		for (int end = 0; !error && end < TP_DEMO_ENDS; end++)
			error = tp_demo_end_take(&demo->ends[end], tp_clock_now_ns());
		s = (double)(tp_clock_now_ns() - demo->start_ns) * 1e-9;
		draw(demo, s);
	}
	return error;
}

/* ---- After ---------------------------------------------------------------------------------- */

static int write_one(const struct demo *demo, int end, enum tp_demo_channel channel,
		     const char *name, const char *rest, const char *about)
{
	char path[PATH_CAP];
	int error;

	path_of(path, demo, name, rest);
	error = tp_demo_end_write(&demo->ends[end], channel, path);
	if (!error)
		printf("  %-32s %s\n", path, about);
	return error;
}

static int write_results(const struct demo *demo)
{
	struct tp_report report = {
		.script = &demo->script,
		.ends = demo->ends,
		.network = trouble_text,
		.suite = tp_srtp_suite_name(suite),
		.start_ns = demo->start_ns,
	};
	char path[PATH_CAP];
	int error = 0;

	printf("Listen, and look:\n");
	for (int end = 0; !error && end < TP_DEMO_ENDS; end++) {
		error = write_one(demo, end, TP_DEMO_EAR, names[end], "-hears.wav",
				  end ? "what B heard" : "what A heard");
		/* What one hears of the other's microphone, had nobody cancelled the echo there. */
		if (!error)
			error = write_one(demo, !end, TP_DEMO_MICROPHONE, names[end],
					  "-hears-without-aec.wav",
					  "the same without echo cancellation");
	}
	path_of(path, demo, "report", ".html");
	if (!error)
		error = tp_report_write(&report, path);
	if (!error)
		printf("  %-32s the report, for a browser\n", path);
	return error;
}

/* A demo in which nothing was heard has failed, whatever else went well. */
static int judge(const struct demo *demo)
{
	for (int end = 0; end < TP_DEMO_ENDS; end++)
		if (!demo->ends[end].session_stats.receive.packets)
			return tp_fail(TP_ERR_STATE, "%s received nothing", titles[end]);
	return 0;
}

static int run(const struct tp_command *command, int argc, char **argv)
{
	struct demo demo = {.folder = "out", .seconds = SECONDS, .stop_fd = -1};
	int error = tp_command_parse(command, &demo, argc, argv);

	if (error >= 0)
		error = set_up(&demo);
	if (!error) {
		tp_meter_open(&demo.meter);
		if (!demo.meter.shown)
			printf("Two phones are talking for %d s ...\n", demo.seconds);
		fflush(stdout);
		error = run_demo(&demo);
		tp_meter_close(&demo.meter);
	}
	if (!error)
		error = write_results(&demo);
	if (!error)
		error = judge(&demo);
	if (error)
		error = tp_command_fail(command, error);
	for (int end = 0; end < TP_DEMO_ENDS; end++)
		tp_demo_end_close(&demo.ends[end]);
	tp_demo_script_free(&demo.script);
	if (demo.stop_fd >= 0)
		close(demo.stop_fd);
	return error;
}

#define FIELD(name) offsetof(struct demo, name)

static const struct tp_option options[] = {
	{"out", TP_OPTION_TEXT, "DIR", "where the sound files and the report go; default: out",
	 FIELD(folder), 0, 0, NULL},
	{"for", TP_OPTION_NUMBER, "SECONDS", "how long they talk, 6 to 600; default: 36",
	 FIELD(seconds), TP_DEMO_SECONDS_MIN, TP_DEMO_SECONDS_MAX, NULL},
	{"speech", TP_OPTION_TEXT, "DIR", "where the recorded speech is", FIELD(speech), 0, 0,
	 NULL},
	{.name = NULL},
};

const struct tp_command tp_command_demo = {
	.name = "demo",
	.args = "",
	.about = "two phones call each other here; then listen, and read the report",
	.more = "No sound card, network or second machine is needed: both phones run in this "
		"process, each\nin its own simulated room, and talk Opus under SRTP over UDP on "
		"the "
		"loopback. In the middle\nthird the network between them is bad.\n",
	.options = options,
	.run = run,
};
