/* SPDX-License-Identifier: MIT */
/* replay and echo on files: what comes out, when it comes out, and that neither looks ahead. */
#include "tests/fixtures/spawned.h"

#include "engine/octets.h"
#include "engine/random.h"
#include "hal/wav.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	RATE = 8000,
	PACKETS = 400,
	PACKET_N = 160,
	PACKET_MS = 20,
	HEAD = 28 + 16, /* first line and binary head of an rtpdump file */
	RECORD = 8 + 12 + PACKET_N,
	ECHO_RATE = 16000,
	ECHO_N = 6 * ECHO_RATE + 77, /* no whole number of blocks */
};

static struct spawned outcome;

/* ---- Replay --------------------------------------------------------------------------------- */

static struct dump {
	uint8_t data[HEAD + PACKETS * RECORD];
	size_t end[PACKETS + 1]; /* of the file after so many packets */
	int arrival_ms[PACKETS];
	int n;
} dump;

/* A sweep in mu-law, so that no piece of it is like another. */
static uint8_t sweep(int i)
{
	double t = (double)i / RATE, x = 6000 * sin(2 * M_PI * (300 + 80 * t) * t);
	int magnitude = (int)fabs(x) + 132, exponent = 7;

	while (exponent > 0 && magnitude < 128 << exponent)
		exponent--;
	return (uint8_t) ~((x < 0 ? 0x80 : 0) | exponent << 4 | (magnitude >> (exponent + 3) & 15));
}

/* ITU-T G.711 table 2b, by its rule. */
static int decoded(uint8_t octet)
{
	int u = ~octet & 255, magnitude = ((u & 15) << 3) + 132;

	magnitude = (magnitude << (u >> 4 & 7)) - 132;
	return u & 128 ? -magnitude : magnitude;
}

/* Packets of the sweep that arrive delay_ms after they were sent, or later, or never. */
static void make_dump(int delay_ms, double loss, double jitter_ms)
{
	struct tp_random random;
	int last_ms = 0;

	tp_random_init(&random, 11, 0);
	memset(&dump, 0, sizeof(dump));
	memcpy(dump.data, "#!rtpplay1.0 127.0.0.1/5004\n", 28);
	dump.end[0] = HEAD;
	for (int i = 0; i < PACKETS; i++) {
		uint8_t *record = dump.data + dump.end[dump.n];
		double late = -log(1 - tp_random_unit(&random)) * jitter_ms;
		int at_ms = i * PACKET_MS + delay_ms + (int)late;

		if (tp_random_unit(&random) < loss)
			continue;
		last_ms = at_ms > last_ms ? at_ms : last_ms;
		tp_octets_put16(record, RECORD);
		tp_octets_put16(record + 2, RECORD - 8);
		tp_octets_put32(record + 4, (uint32_t)last_ms);
		record[8] = 0x80;
		tp_octets_put16(record + 10, (uint16_t)(65500 + i));
		tp_octets_put32(record + 12, (uint32_t)(i * PACKET_N) - 4000);
		tp_octets_put32(record + 16, 0x12345678);
		for (int k = 0; k < PACKET_N; k++)
			record[20 + k] = sweep(i * PACKET_N + k);
		dump.arrival_ms[dump.n++] = last_ms;
		dump.end[dump.n] = dump.end[dump.n - 1] + RECORD;
	}
}

static void replay(struct tp_wav *wav, size_t len, int code)
{
	char path[SPAWNED_PATH_CAP];

	spawned_put("in.rtpdump", dump.data, len);
	spawned_run(&outcome, "replay DIR/in.rtpdump DIR/out.wav");
	if (outcome.code != code)
		fail_msg("replay ended with %d and said: %s", outcome.code, outcome.err);
	spawned_path(path, "out.wav");
	assert_int_equal(tp_wav_read(path, wav), 0);
	assert_int_equal(wav->rate_hz, RATE);
}

/* Nothing lost, nothing late: the decoder's own samples, at sending
 * time plus one constant delay. */
static void a_clean_stream_comes_out_sample_by_sample(void **state)
{
	struct tp_wav wav;
	int best = -1;

	(void)state;
	make_dump(7, 0, 0);
	replay(&wav, dump.end[dump.n], 0);
	for (int delay = 0; best < 0 && delay < RATE / 5; delay++) {
		int same = 0;

		for (int i = RATE; i < 2 * RATE; i++)
			same += wav.samples[i + delay] == decoded(sweep(i));
		if (same == RATE)
			best = delay;
	}
	print_message("delay: %.1f ms, of which the network has 7\n", best * 1e3 / RATE);
	/* Never before it arrived, and not more than a start on a clean line asks for. */
	assert_true(best >= 7 * RATE / 1000 && best <= 47 * RATE / 1000);
	/* The very end runs into what is made up behind it. */
	for (int i = RATE / 2; i < (PACKETS - 2) * PACKET_N; i++)
		assert_int_equal(wav.samples[i + best], decoded(sweep(i)));
	assert_true(wav.frames >= (PACKETS * PACKET_MS + 200) * RATE / 1000);
	tp_wav_free(&wav);
}

/* However much of the recording is cut off, all that was heard before the first packet that
 * is missing stays bit for bit. */
static void replay_does_not_look_ahead(void **state)
{
	static const int cuts[] = {3, 50, 111, 222, 333};
	struct tp_wav whole, part;

	(void)state;
	make_dump(20, 0.05, 15);
	replay(&whole, dump.end[dump.n], 0);
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		/* Every other cut is in the middle of a record. */
		size_t len = dump.end[cuts[i]] + (i % 2 ? 30 : 0);
		int same_n = (dump.arrival_ms[cuts[i]] + 9) / 10 * 10 * RATE / 1000;

		replay(&part, len, i % 2);
		assert_true(part.frames >= same_n);
		assert_memory_equal(part.samples, whole.samples, (size_t)same_n * sizeof(int16_t));
		tp_wav_free(&part);
	}
	tp_wav_free(&whole);
}

static void a_replay_is_the_same_every_time(void **state)
{
	struct tp_wav first, second;

	(void)state;
	make_dump(20, 0.1, 30);
	replay(&first, dump.end[dump.n], 0);
	replay(&second, dump.end[dump.n], 0);
	assert_int_equal(first.frames, second.frames);
	assert_memory_equal(first.samples, second.samples, (size_t)first.frames * sizeof(int16_t));
	tp_wav_free(&first);
	tp_wav_free(&second);
}

/* Ten packets wait a second for the eleventh, and then play all the same. */
static void a_recording_shorter_than_its_delay_is_played(void **state)
{
	enum { SHORT = 10, WHOLE_N = (SHORT - 2) * PACKET_N, DELAY_N = RATE };
	char path[SPAWNED_PATH_CAP];
	struct tp_wav wav;
	int same = 0;

	(void)state;
	make_dump(0, 0, 0);
	spawned_put("in.rtpdump", dump.data, dump.end[SHORT]);
	spawned_run(&outcome, "replay DIR/in.rtpdump DIR/out.wav --jitter fixed:1000");
	assert_int_equal(outcome.code, 0);
	assert_non_null(strstr(outcome.out, "10 packets of PCMU"));
	spawned_path(path, "out.wav");
	assert_int_equal(tp_wav_read(path, &wav), 0);
	assert_true(wav.frames >= DELAY_N + SHORT * PACKET_N);
	/* Up to a block later; past the seam with what was made up before,
	 * up to what is made up behind. */
	for (int delay = DELAY_N; same < WHOLE_N && delay <= DELAY_N + RATE / 50; delay++)
		for (same = 0; same < WHOLE_N; same++)
			if (wav.samples[PACKET_N + same + delay] != decoded(sweep(PACKET_N + same)))
				break;
	assert_int_equal(same, WHOLE_N);
	tp_wav_free(&wav);
}

/* A reader of the decisions that goes away ends nothing: the sound and the report are
 * there, and what failed is told. */
static void a_closed_pipe_ends_no_replay(void **state)
{
	char path[SPAWNED_PATH_CAP];
	struct tp_wav wav;

	(void)state;
	make_dump(20, 0, 0);
	spawned_put("in.rtpdump", dump.data, dump.end[dump.n]);
	spawned_run_unread(&outcome, "replay DIR/in.rtpdump DIR/out.wav --trace DIR/pipe "
				     "--report DIR/piped.html");
	assert_int_equal(outcome.code, 1);
	assert_non_null(strstr(outcome.err, "Broken pipe"));
	spawned_path(path, "out.wav");
	assert_int_equal(tp_wav_read(path, &wav), 0);
	assert_true(wav.frames >= PACKETS * PACKET_N);
	tp_wav_free(&wav);
	spawned_path(path, "piped.html");
	assert_int_equal(access(path, F_OK), 0);
}

/* ---- Echo ----------------------------------------------------------------------------------- */

static int16_t far[ECHO_N], mic[ECHO_N];

/* Noise that comes and goes at the far end, its echo, and a near talker who is a sweep. */
static void make_echo(void)
{
	struct tp_random random;

	tp_random_init(&random, 5, 0);
	for (int i = 0; i < ECHO_N; i++) {
		double t = (double)i / ECHO_RATE, on = fmod(t, 1) < 0.7;
		double near = t > 1.5 && t < 1.8 ? 3000 * sin(2 * M_PI * (200 + 90 * t) * t) : 0;

		far[i] = (int16_t)(on * (tp_random_unit(&random) - 0.5) * 16000);
		mic[i] = (int16_t)(near + (i >= 100 ? 0.4 * far[i - 100] : 0) +
				   (i >= 371 ? 0.2 * far[i - 371] : 0));
	}
}

static void echo(struct tp_wav *wav, int n, const char *options)
{
	char line[256], path[SPAWNED_PATH_CAP];

	spawned_put_wav("far.wav", ECHO_RATE, far, n);
	spawned_put_wav("mic.wav", ECHO_RATE, mic, n);
	snprintf(line, sizeof(line), "echo DIR/far.wav DIR/mic.wav DIR/out.wav %s", options);
	spawned_run(&outcome, line);
	if (outcome.code)
		fail_msg("echo ended with %d and said: %s", outcome.code, outcome.err);
	spawned_path(path, "out.wav");
	assert_int_equal(tp_wav_read(path, wav), 0);
	assert_int_equal(wav->frames, n);
	assert_int_equal(wav->rate_hz, ECHO_RATE);
}

/* Whole blocks before the cut stay bit for bit; the block that the cut goes through is not the same
 * block any more. */
static void echo_does_not_look_ahead(void **state)
{
	static const char *const options[] = {"", "--ns --agc"};
	static const int cuts[] = {1, 160, 161, 8000, 20007, 40000};
	const int block_n = ECHO_RATE / 100;
	struct tp_wav whole, part;

	(void)state;
	make_echo();
	for (size_t o = 0; o < sizeof(options) / sizeof(options[0]); o++) {
		echo(&whole, ECHO_N, options[o]);
		for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
			int same_n = cuts[i] / block_n * block_n;

			echo(&part, cuts[i], options[o]);
			assert_memory_equal(part.samples, whole.samples,
					    (size_t)same_n * sizeof(int16_t));
			tp_wav_free(&part);
		}
		tp_wav_free(&whole);
	}
}

static double power(const int16_t *samples, int from, int to)
{
	double sum = 0;

	for (int i = from; i < to; i++)
		sum += (double)samples[i] * samples[i];
	return sum / (to - from) + 1;
}

/* Echo that is left of the last second, in dB; the near talker is silent then. */
static double reduction_db(const struct tp_wav *wav)
{
	return 10 * log10(power(mic, ECHO_N - ECHO_RATE, ECHO_N) /
			  power(wav->samples, ECHO_N - ECHO_RATE, ECHO_N));
}

static void the_switches_of_echo_do_what_they_say(void **state)
{
	struct tp_wav fresh, loaded, off;

	(void)state;
	make_echo();
	echo(&fresh, ECHO_N, "--save DIR/state");
	echo(&loaded, ECHO_N, "--load DIR/state");
	echo(&off, ECHO_N, "--no-aec");
	print_message(
		"echo less by %.1f dB, with a saved state %.1f dB, without canceller %.1f dB\n",
		reduction_db(&fresh), reduction_db(&loaded), reduction_db(&off));
	assert_true(reduction_db(&fresh) > 20 && reduction_db(&loaded) > 20);
	assert_true(fabs(reduction_db(&off)) < 1);
	/* What was learnt is there from the beginning. */
	assert_memory_not_equal(fresh.samples, loaded.samples, ECHO_RATE * sizeof(int16_t));
	tp_wav_free(&fresh);
	tp_wav_free(&loaded);
	tp_wav_free(&off);
}

/* A slip of the keyboard loses nothing. */
static void an_output_is_no_input(void **state)
{
	struct tp_wav wav;
	char path[SPAWNED_PATH_CAP];

	(void)state;
	make_echo();
	spawned_put_wav("far.wav", ECHO_RATE, far, ECHO_N);
	spawned_put_wav("mic.wav", ECHO_RATE, mic, ECHO_N);
	spawned_run(&outcome, "echo DIR/far.wav DIR/mic.wav DIR/mic.wav");
	assert_int_equal(outcome.code, 2);
	assert_non_null(strstr(outcome.err, "should not be both MIC.wav and OUT.wav"));
	spawned_run(&outcome, "replay DIR/mic.wav DIR/mic.wav");
	assert_int_equal(outcome.code, 2);
	spawned_run(&outcome,
		    "replay DIR/nobody.pcap DIR/out.wav --trace DIR/mic.wav --report DIR/mic.wav");
	assert_int_equal(outcome.code, 2);
	spawned_run(&outcome, "echo DIR/far.wav DIR/mic.wav DIR/out.wav --report DIR/mic.wav");
	assert_int_equal(outcome.code, 2);
	assert_non_null(strstr(outcome.err, "should not be both MIC.wav and --report"));
	spawned_path(path, "mic.wav");
	assert_int_equal(tp_wav_read(path, &wav), 0);
	assert_int_equal(wav.frames, ECHO_N);
	assert_memory_equal(wav.samples, mic, sizeof(mic));
	tp_wav_free(&wav);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clean_stream_comes_out_sample_by_sample),
		cmocka_unit_test(replay_does_not_look_ahead),
		cmocka_unit_test(a_replay_is_the_same_every_time),
		cmocka_unit_test(a_recording_shorter_than_its_delay_is_played),
		cmocka_unit_test(a_closed_pipe_ends_no_replay),
		cmocka_unit_test(echo_does_not_look_ahead),
		cmocka_unit_test(the_switches_of_echo_do_what_they_say),
		cmocka_unit_test(an_output_is_no_input),
	};

	return cmocka_run_group_tests_name("replay", tests, spawned_begin, spawned_end);
}
