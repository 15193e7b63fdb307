/* SPDX-License-Identifier: MIT */
/* What a call came to, in a few lines for people. */
#include "summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* ", name value unit", or nothing for what was never measured. */
static void print_figure(const char *name, double value, int digits, const char *unit)
{
	if (isfinite(value))
		printf(", %s %.*f %s", name, digits, value, unit);
}

/* ", n what", or nothing for none. */
static void print_count(uint32_t n, const char *what)
{
	if (n)
		printf(", %" PRIu32 " %s", n, what);
}

static void print_received(const struct tp_session_stats *s)
{
	double expected = (double)s->receive.packets + s->receive.lost;

	printf("received %" PRIu64 " packets", s->receive.packets);
	if (s->receive_codec[0])
		printf(" of %s", s->receive_codec);
	if (expected > 0)
		printf(", %" PRIu32 " lost (%.1f %%)", s->receive.lost,
		       100 * s->receive.lost / expected);
	print_count(s->receive.reordered, "out of order");
	print_count(s->receive.duplicate, "twice");
	print_count(s->jitter.late, "too late");
	print_figure("jitter", s->receive.jitter_ms, 1, "ms");
	print_figure("buffer", s->jitter.delay_ms, 0, "ms");
	print_count(s->jitter.concealed_ms, "ms concealed");
	print_count(s->jitter.fec_ms, "ms by FEC");
	putchar('\n');
}

static void print_refused(const struct tp_session_stats *s)
{
	uint32_t refused = s->receive.wrong_source + s->receive.wrong_payload_type +
			   s->receive.malformed + s->receive.overflow + s->receive.own_ssrc +
			   s->srtp.failed_auth + s->srtp.replayed + s->srtp.failed_other;

	if (!refused)
		return;
	printf("refused %" PRIu32 " packets", refused);
	print_count(s->receive.wrong_source, "from a stranger");
	print_count(s->receive.wrong_payload_type, "of an unknown payload type (see --pt)");
	print_count(s->receive.malformed, "malformed");
	print_count(s->receive.overflow, "too many");
	print_count(s->receive.own_ssrc, "of our own");
	print_count(s->srtp.failed_auth, "that the key does not fit");
	print_count(s->srtp.replayed, "replayed");
	print_count(s->srtp.failed_other, "that SRTP refused");
	putchar('\n');
}

static void print_sent(const struct tp_session_stats *s)
{
	printf("sent %" PRIu64 " packets", s->send.packets);
	if (s->send.packets)
		printf(" of %s", s->send_codec);
	print_count(s->send.failed, "failed");
	print_figure("lost on the way", s->rtcp.remote_loss_percent, 1, "%");
	print_figure("round trip", s->rtcp.round_trip_ms, 1, "ms");
	putchar('\n');
}

static void print_device(const struct tp_engine_stats *e)
{
	printf("device at %d Hz", e->device_rate_hz);
	print_count(e->capture_xruns, "capture xruns");
	print_count(e->playback_xruns, "playback xruns");
	print_count(e->late_blocks, "late blocks");
	print_figure("kept ahead", e->device_lead_ms, 0, "ms");
	putchar('\n');
}

static void print_echo(const struct tp_engine_stats *e)
{
	if (!isfinite(e->echo_reduction_db))
		return;
	printf("echo %.0f dB under the loudspeaker, reduced by %.0f dB", e->echo_loss_db,
	       e->echo_reduction_db);
	print_figure("by the canceller alone", e->echo_linear_db, 0, "dB");
	print_figure("after", e->echo_delay_ms, 0, "ms");
	if (fabs(e->echo_drift_ppm) >= 1)
		printf(", clocks apart by %+.0f ppm in the sound", e->echo_drift_ppm);
	print_figure("both ends talk in", e->double_talk_percent, 0, "% of its time");
	putchar('\n');
}

void tp_summary_print(const struct tp_engine_stats *engine, const struct tp_session_stats *session,
		      bool secure, double seconds)
{
	char remote[TP_ADDRESS_TEXT];

	if (session->remote.family)
		printf("call with %s, %.1f s, %s\n", tp_address_format(&session->remote, remote),
		       seconds, secure ? "SRTP" : "plain RTP");
	else
		printf("nobody called in %.1f s\n", seconds);
	print_received(session);
	print_refused(session);
	print_sent(session);
	print_device(engine);
	print_echo(engine);
}
