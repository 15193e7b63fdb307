/* SPDX-License-Identifier: MIT */
/* The demo's page: one HTML file with its pictures inside, computed from
 * the run's sound and stamps. */
#include "report.h"

#include "page.h"
#include "report_charts.h"
#include "report_figures.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const end_names[TP_DEMO_ENDS] = {"A", "B"};
static const char *const sound_names[TP_DEMO_ENDS] = {"a", "b"};

/* ---- Sections ------------------------------------------------------------------------------- */

static double mean(double a, double b)
{
	return isfinite(a) && isfinite(b) ? (a + b) / 2 : isfinite(a) ? a : b;
}

static void put_tiles(FILE *file, const struct tp_report_figures *figures)
{
	const struct tp_report_way *a = &figures->way[0], *b = &figures->way[1];
	int sent = a->sent + b->sent;

	fputs("<div class='tiles'>\n", file);
	tp_page_tile(file,
		     mean(a->clean_ms[TP_JOURNEY_STAGES], b->clean_ms[TP_JOURNEY_STAGES]) +
			     a->lookahead_ms,
		     0, " ms", "mouth to ear on the good network (median)");
	tp_page_tile(file,
		     mean(a->bad_ms[TP_JOURNEY_STAGES], b->bad_ms[TP_JOURNEY_STAGES]) +
			     a->lookahead_ms,
		     0, " ms", "mouth to ear on the bad network (median)");
	tp_page_tile(file, sent ? 100.0 * (a->lost + b->lost) / sent : NAN, 1, " %",
		     "of packets lost while it was bad");
	tp_page_tile(file, mean(figures->echo[0].reduction_db, figures->echo[1].reduction_db), 0,
		     " dB", "less echo (median of what came back)");
	fputs("</div>\n", file);
}

static void put_heard(FILE *file, const struct tp_report *report)
{
	fputs("<section><h2>What was said, what was heard</h2>\n<p>Above, each talker's recording; "
	      "below it, what came out of the other end's loudspeaker after microphone, echo "
	      "cancellation, Opus, SRTP, network, jitter buffer and decoder. The network was bad "
	      "in the shaded third.</p>\n",
	      file);
	for (int from = 0; from < TP_DEMO_ENDS; from++) {
		fprintf(file, "<h3>%s said, %s heard</h3>\n", end_names[from], end_names[!from]);
		tp_report_draw_heard(file, report, from);
	}
	fputs("<div class='sounds'>\n", file);
	for (int end = 0; end < TP_DEMO_ENDS; end++)
		fprintf(file,
			"<span>%s hears</span><audio controls preload='none' "
			"src='%s-hears.wav'></audio>\n"
			"<span>%s would hear without echo cancellation</span><audio controls "
			"preload='none' src='%s-hears-without-aec.wav'></audio>\n",
			end_names[end], sound_names[end], end_names[end], sound_names[end]);
	fputs("</div></section>\n", file);
}

static int put_echo(FILE *file, const struct tp_report *report,
		    const struct tp_report_figures *figures)
{
	int error;

	fputs("<section><h2>Echo</h2>\n<p>The loudspeaker of each phone plays into its own "
	      "microphone. Without cancellation the other side would hear itself.</p>\n"
	      "<h3>A's microphone</h3>\n",
	      file);
	error = tp_report_draw_spectrum(file, report, 0, TP_DEMO_MICROPHONE);
	if (error)
		return error;
	fputs("<h3>The same after echo cancellation: what is sent to B</h3>\n", file);
	error = tp_report_draw_spectrum(file, report, 0, TP_DEMO_NEAR);
	for (int end = 0; end < TP_DEMO_ENDS; end++) {
		fprintf(file, "<h3>Level at %s, ", end_names[end]);
		tp_page_key(file, "var(--grey)", "before");
		tp_page_key(file, "var(--b)", "after");
		tp_page_key(file, "var(--far)", "only the far end talks: ");
		tp_page_figure(file, figures->echo[end].reduction_db, 1, " dB less");
		fputs("</h3>\n", file);
		tp_report_draw_echo(file, report, figures, end);
	}
	fputs("</section>\n", file);
	return error;
}

static void put_budget(FILE *file, const struct tp_report_figures *figures)
{
	static const char *const stages[] = {
		"packet and encoder", "to the socket",      "network",
		"jitter buffer",      "loudspeaker's ring", "codec's look-ahead"};
	static const char *const colours[] = {"#2463d1", "#0e7490", "#b42323",
					      "#7c3aed", "#047857", "#6b7280"};

	fputs("<section><h2>Where the time goes</h2>\n<p>Medians by the stamps that each packet "
	      "carried: from its first sample at the microphone's converter to that sample at the "
	      "loudspeaker's, on one clock. The codec's look-ahead is its own figure; the rooms' "
	      "air is not in it.</p>\n",
	      file);
	tp_report_draw_budget(file, figures);
	fputs("<p>", file);
	for (int i = 0; i < 6; i++)
		tp_page_key(file, colours[i], stages[i]);
	fputs("</p></section>\n", file);
}

static int put_network(FILE *file, const struct tp_report *report,
		       const struct tp_report_figures *figures)
{
	int error = 0;

	fprintf(file,
		"<section><h2>Jitter, delay and loss</h2>\n<p>In the shaded third: %s, in both "
		"directions. Each dot is a packet, at the time by which it was later than the "
		"fastest; a packet above the line came too late to be heard.</p>\n",
		report->network);
	for (int from = 0; !error && from < TP_DEMO_ENDS; from++) {
		fprintf(file, "<h3>%s to %s: ", end_names[from], end_names[!from]);
		tp_page_key(file, "var(--grey)", "packets");
		tp_page_key(file, from ? "var(--b)" : "var(--a)", "playout delay");
		fputs(" (dashed: wanted)</h3>\n", file);
		error = tp_report_draw_buffer(file, report, figures, from);
		fputs("<h3>", file);
		tp_page_key(file, "var(--lost)", "lost on the way");
		tp_page_key(file, "var(--grey)", "made up by concealment, in every half second");
		fputs("</h3>\n", file);
		if (!error)
			error = tp_report_draw_loss(file, report, figures, from);
	}
	fputs("</section>\n", file);
	return error;
}

static void put_row(FILE *file, const char *name, double a, double b, int digits, const char *unit)
{
	fprintf(file, "<tr><td>%s</td><td>", name);
	tp_page_figure(file, a, digits, unit);
	fputs("</td><td>", file);
	tp_page_figure(file, b, digits, unit);
	fputs("</td></tr>\n", file);
}

static void put_table(FILE *file, const struct tp_report *report)
{
	const struct tp_session_stats *a = &report->ends[0].session_stats;
	const struct tp_session_stats *b = &report->ends[1].session_stats;
	const struct tp_engine_stats *ea = &report->ends[0].engine_stats;
	const struct tp_engine_stats *eb = &report->ends[1].engine_stats;

	fputs("<section><h2>Counted by the engines</h2>\n<table><tr><th></th><th>A</th><th>B</th>"
	      "</tr>\n",
	      file);
	put_row(file, "packets sent", (double)a->send.packets, (double)b->send.packets, 0, "");
	put_row(file, "packets received", (double)a->receive.packets, (double)b->receive.packets, 0,
		"");
	put_row(file, "lost", a->receive.lost, b->receive.lost, 0, "");
	put_row(file, "too late", a->jitter.late, b->jitter.late, 0, "");
	put_row(file, "recovered by FEC", a->jitter.fec_ms, b->jitter.fec_ms, 0, " ms");
	put_row(file, "concealed", a->jitter.concealed_ms, b->jitter.concealed_ms, 0, " ms");
	put_row(file, "round trip by RTCP", a->rtcp.round_trip_ms, b->rtcp.round_trip_ms, 1, " ms");
	put_row(file, "other end's clock", a->jitter.drift_ppm, b->jitter.drift_ppm, 0, " ppm");
	put_row(file, "kept ahead of the loudspeaker", ea->device_lead_ms, eb->device_lead_ms, 1,
		" ms");
	put_row(file, "late blocks", ea->late_blocks, eb->late_blocks, 0, "");
	put_row(file, "xruns", ea->capture_xruns + ea->playback_xruns,
		eb->capture_xruns + eb->playback_xruns, 0, "");
	fputs("</table></section>\n", file);
}

static int put_page(FILE *file, const struct tp_report *report,
		    const struct tp_report_figures *figures)
{
	int error;

	tp_page_begin(file, "talkpath demo");
	fprintf(file,
		"<h1>A call between two phones</h1>\n"
		"<p>%d s over UDP on the loopback, Opus at 16 kHz in 20 ms packets, SRTP with %s, "
		"each phone in a simulated room with a recorded talker. Everything below was "
		"computed from the sound and the stamps of this one run of talkpath %s.</p>\n",
		report->script->seconds, report->suite, tp_version());
	put_tiles(file, figures);
	put_heard(file, report);
	error = put_echo(file, report, figures);
	put_budget(file, figures);
	if (!error)
		error = put_network(file, report, figures);
	put_table(file, report);
	tp_page_end(file);
	return error;
}

int tp_report_write(const struct tp_report *report, const char *path)
{
	struct tp_report_figures figures;
	int error = tp_report_figures_make(&figures, report);
	FILE *file = error ? NULL : fopen(path, "w");

	if (file)
		error = put_page(file, report, &figures);
	if (!error && (!file || ferror(file)))
		error = tp_fail(TP_ERR_SYSTEM, "cannot write the report %.150s: %s", path,
				strerror(errno));
	if (file && fclose(file) && !error)
		error = tp_fail(TP_ERR_SYSTEM, "cannot write the report %.150s: %s", path,
				strerror(errno));
	tp_report_figures_free(&figures);
	return error;
}
