/* SPDX-License-Identifier: MIT */
/* The table of bench latency: one row per setting, by the clock or in virtual time. */
#include "latency.h"

#include "cli/json.h"

#include <math.h>

enum {
	VIRTUAL_S = 6, /* of each phase */
	LIVE_S = 6,
};

/* One thing differs from the row above or from the first. */
static const struct tp_bench_setting virtual_settings[] = {
	{.codec = "PCMU", .period_ms = 10, .ptime_ms = 20},
	{.codec = "PCMU", .period_ms = 5, .ptime_ms = 20},
	{.codec = "PCMU", .period_ms = 5, .ptime_ms = 10},
	{.codec = "PCMU", .period_ms = 20, .ptime_ms = 20},
	{.codec = "PCMU", .period_ms = TP_BENCH_PERIOD_1024, .ptime_ms = 20},
	{.codec = "PCMU", .period_ms = 10, .ptime_ms = 10},
	{.codec = "PCMU", .period_ms = 10, .ptime_ms = 40},
	{.codec = "PCMU", .period_ms = 10, .ptime_ms = 20, .jitter_ms = 40},
	{.codec = "PCMU", .period_ms = 10, .ptime_ms = 20, .voice = true},
	{.codec = "G722", .period_ms = 10, .ptime_ms = 20},
	{.codec = "G722", .period_ms = TP_BENCH_PERIOD_1024, .ptime_ms = 20},
	{.codec = "opus", .period_ms = 10, .ptime_ms = 20},
	{.codec = "opus", .period_ms = 5, .ptime_ms = 10},
	{.codec = "opus", .period_ms = 10, .ptime_ms = 20, .jitter_ms = 40},
};

static const struct tp_bench_setting live_settings[] = {
	{.codec = "PCMU", .period_ms = 10, .ptime_ms = 20, .threads = 2},
	{.codec = "PCMU", .period_ms = 10, .ptime_ms = 20, .threads = 1},
	{.codec = "PCMU", .period_ms = 5, .ptime_ms = 10, .threads = 2},
	{.codec = "PCMU", .period_ms = 5, .ptime_ms = 10, .threads = 1},
	{.codec = "PCMU", .period_ms = TP_BENCH_PERIOD_1024, .ptime_ms = 20, .threads = 2},
	{.codec = "PCMU", .period_ms = 10, .ptime_ms = 20, .voice = true, .threads = 2},
	{.codec = "G722", .period_ms = 10, .ptime_ms = 20, .threads = 2},
	{.codec = "G722", .period_ms = 10, .ptime_ms = 20, .threads = 1},
	{.codec = "opus", .period_ms = 10, .ptime_ms = 20, .threads = 2},
	{.codec = "opus", .period_ms = 10, .ptime_ms = 20, .threads = 1},
};

static const char *jitter_text(const struct tp_bench_setting *setting, char text[16])
{
	if (!setting->jitter_ms)
		return "adaptive";
	snprintf(text, 16, "fixed %d", setting->jitter_ms);
	return text;
}

static void print_head(FILE *to, bool live)
{
	fprintf(to,
		"Mouth to ear, ms, medians; %s.\n\n"
		"codec period ptime jitter   voice threads | packet   wire jitter   ring  fixed |"
		"    sum  sound   diff | packets chirps underruns\n",
		live ? "two engines in real time (SCHED_FIFO if granted), UDP on the loopback"
		     : "two engines in virtual time, five phases between their cards");
}

static void print_row(FILE *to, const struct tp_bench_setting *setting,
		      const struct tp_latency *latency, bool within)
{
	char text[16];

	fprintf(to,
		"%-5s %6.2f %5d %-8s %-5s %7d | %6.2f %6.2f %6.2f %6.2f %6.2f | %6.2f %6.2f %6.2f |"
		" %7d %6d %9d",
		setting->codec, tp_bench_period_ms(setting), setting->ptime_ms,
		jitter_text(setting, text), setting->voice ? "aec" : "-", setting->threads,
		latency->packet_ms, latency->wire_ms, latency->jitter_ms, latency->ring_ms,
		latency->fixed_ms, latency->sum_ms, latency->sound_ms, latency->difference_ms,
		latency->packets, latency->chirps, latency->underruns);
	if (latency->chirps_lost)
		fprintf(to, ", %d not found", latency->chirps_lost);
	fprintf(to, "%s\n", within ? "" : "  <- stamps and sound disagree");
	fflush(to);
}

static void print_foot(FILE *to)
{
	fputs("\npacket: the packet's first sample at the microphone's converter to the transport\n"
	      "wire:   to its arrival's stamp\n"
	      "jitter: to the mixing bus: jitter buffer, wait for the next block\n"
	      "ring:   to the loudspeaker's converter\n"
	      "fixed:  what no stamp shows: codec look-ahead, resamplers, voice processing\n"
	      "sum:    the whole way of a packet, and fixed; sound: chirps found by correlation\n"
	      "underruns: the machine let the engine sleep for longer than its ring lasts\n"
	      "diff:   stamps of the packet that carried a chirp, less what the chirp took\n",
	      to);
}

static void write_row(struct tp_json *json, const struct tp_bench_setting *setting,
		      const struct tp_latency *latency)
{
	tp_json_open(json, NULL, '{');
	tp_json_text(json, "codec", setting->codec);
	tp_json_number(json, "period_ms", tp_bench_period_ms(setting));
	tp_json_count(json, "ptime_ms", (uint64_t)setting->ptime_ms);
	tp_json_text(json, "jitter", setting->jitter_ms ? "fixed" : "adaptive");
	tp_json_number(json, "jitter_fixed_ms",
		       setting->jitter_ms ? (double)setting->jitter_ms : (double)NAN);
	tp_json_count(json, "echo_cancellation", setting->voice);
	tp_json_count(json, "threads", (uint64_t)setting->threads);
	tp_json_number(json, "packet_ms", latency->packet_ms);
	tp_json_number(json, "wire_ms", latency->wire_ms);
	tp_json_number(json, "jitter_buffer_ms", latency->jitter_ms);
	tp_json_number(json, "ring_ms", latency->ring_ms);
	tp_json_number(json, "fixed_ms", latency->fixed_ms);
	tp_json_number(json, "sum_ms", latency->sum_ms);
	tp_json_number(json, "sound_ms", latency->sound_ms);
	tp_json_number(json, "difference_ms", latency->difference_ms);
	tp_json_count(json, "packets", (uint64_t)latency->packets);
	tp_json_count(json, "chirps", (uint64_t)latency->chirps);
	tp_json_count(json, "underruns", (uint64_t)latency->underruns);
	tp_json_count(json, "chirps_not_found", (uint64_t)latency->chirps_lost);
	tp_json_close(json, '}');
}

int tp_latency_report(FILE *to, bool live, bool json)
{
	const struct tp_bench_setting *settings = live ? live_settings : virtual_settings;
	size_t n = live ? sizeof(live_settings) / sizeof(*settings)
			: sizeof(virtual_settings) / sizeof(*settings);
	struct tp_json writer;
	bool all_within = true;
	int error = 0;

	if (json) {
		tp_json_begin(&writer, to);
		tp_json_open(&writer, NULL, '[');
	} else {
		print_head(to, live);
	}
	for (size_t i = 0; i < n && !error; i++) {
		struct tp_latency latency;
		bool within;

		error = tp_latency_measure(&latency, &settings[i], live ? LIVE_S : VIRTUAL_S);
		if (error)
			break;
		within = fabs(latency.difference_ms) <= tp_latency_tolerance_ms(&settings[i]);
		all_within = all_within && within;
		if (json)
			write_row(&writer, &settings[i], &latency);
		else
			print_row(to, &settings[i], &latency, within);
	}
	if (json)
		tp_json_close(&writer, ']');
	else if (!error)
		print_foot(to);
	if (!error && !all_within)
		error = tp_fail(TP_ERR_SYSTEM, "stamps and sound disagree");
	return error;
}
