/* SPDX-License-Identifier: MIT */
/* Whole calls in virtual time, judged by the sound that went through both devices. */
#include "tests/fixtures/stepped_call.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	SECONDS = 8,
};

static int16_t *speech(int rate_hz, uint32_t seed)
{
	int16_t *pcm = calloc((size_t)rate_hz * SECONDS, sizeof(*pcm));

	stepped_call_speak(pcm, rate_hz * SECONDS, rate_hz, seed);
	return pcm;
}

/* Gives both devices something to say. */
static void give_speech(int16_t *said[2], int rate_hz)
{
	for (int side = 0; side < 2; side++) {
		said[side] = speech(rate_hz, 1 + (uint32_t)side);
		fake_device[side].mic = said[side];
		fake_device[side].mic_n = (int64_t)rate_hz * SECONDS;
	}
}

static void free_speech(int16_t *said[2])
{
	free(said[0]);
	free(said[1]);
}

/* How like each second from `first` to `last` is what the other side said, after one alignment. */
static double worst_second(struct stepped_call *call, int16_t *const said[2], int listener,
			   int rate_hz, int first, int last)
{
	const int16_t *mouth = said[1 - listener], *ear = call->ear[listener];
	double likeness, worst = 1;
	int delay = stepped_call_delay(mouth + first * rate_hz, ear + first * rate_hz, rate_hz,
				       rate_hz / 2, &likeness);

	for (int s = first; s < last; s++) {
		stepped_call_delay(mouth + s * rate_hz, ear + s * rate_hz + delay, rate_hz, 0,
				   &likeness);
		if (likeness < worst)
			worst = likeness;
	}
	return worst;
}

struct codec_case {
	const char *codec;
	int pt, ptime_ms, rate_hz;
	double likeness;
};

/* F26: whatever packet time the peer has, the sound is there. */
static void field_26_every_codec_and_packet_time_is_heard_both_ways(void **state)
{
	static const struct codec_case cases[] = {
		{"PCMU", 0, 10, 8000, 0.99},   {"PCMU", 0, 20, 8000, 0.99},
		{"PCMU", 0, 30, 8000, 0.99},   {"PCMU", 0, 40, 8000, 0.99},
		{"PCMU", 0, 50, 8000, 0.99},   {"PCMU", 0, 60, 8000, 0.99},
		{"PCMA", 8, 20, 8000, 0.99},   {"G722", 9, 20, 16000, 0.96},
		{"G722", 9, 60, 16000, 0.96},  {"L16", 97, 20, 16000, 0.999},
		{"L16", 97, 10, 48000, 0.999}, {"opus", 96, 20, 16000, 0.9},
		{"opus", 96, 10, 48000, 0.9},  {"opus", 96, 60, 8000, 0.9},
		{"PCMU", 0, 20, 16000, 0.95},  {"G722", 9, 20, 48000, 0.95},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct codec_case *c = &cases[i];
		struct stepped_call call;
		int16_t *said[2];

		stepped_call_init(&call);
		give_speech(said, c->rate_hz);
		call.engine_config.rate_hz = c->rate_hz;
		stepped_call_codec(&call.session_config, c->codec, c->pt, c->ptime_ms);
		stepped_call_begin(&call);
		stepped_call_run_ms(&call, 7000);
		for (int side = 0; side < 2; side++) {
			double likeness = worst_second(&call, said, side, c->rate_hz, 1, 6);
			if (likeness < c->likeness)
				fail_msg("%s, %d ms at %d Hz: a second is only %.4f alike",
					 c->codec, c->ptime_ms, c->rate_hz, likeness);
			assert_int_equal(stepped_call_stats(&call, side).jitter.concealed_ms, 0);
		}
		stepped_call_end(&call);
		free_speech(said);
	}
}

/* How like the caller's last half second, but for what is still on its way,
 * is in the ear of the called. */
static double newest_likeness(const struct stepped_call *call, const int16_t *said, int rate_hz)
{
	int now_n =
		(int)(call->now_ns / 1000000 - 1000) * (rate_hz / 1000); /* calls begin at 1 s */
	int from_n = now_n - rate_hz * 7 / 10;
	double likeness;

	stepped_call_delay(said + from_n, call->ear[CALLED] + from_n, rate_hz / 2, rate_hz / 5,
			   &likeness);
	return likeness;
}

/* F26: and when it changes in mid-stream, only what longer packets come later by is made up. */
static void field_26_the_packet_time_may_change_in_mid_stream(void **state)
{
	static const int ptimes_ms[] = {20, 60, 10, 40, 50, 30, 20};
	struct tp_session_config config;
	struct tp_session_stats stats;
	struct stepped_call call;
	int16_t *said[2];

	(void)state;
	stepped_call_init(&call);
	give_speech(said, 8000);
	stepped_call_begin(&call);
	config = call.session_config;
	for (size_t i = 0; i < sizeof(ptimes_ms) / sizeof(ptimes_ms[0]); i++) {
		int longer_ms = i > 0 ? ptimes_ms[i] - ptimes_ms[i - 1] : 0;
		uint32_t before_ms = stepped_call_stats(&call, CALLED).jitter.concealed_ms;
		double likeness;

		config.send.ptime_ms = ptimes_ms[i];
		stepped_call_configure(&call, CALLER, &config);
		stepped_call_run_ms(&call, 1000);
		stats = stepped_call_stats(&call, CALLED);
		likeness = newest_likeness(&call, said[CALLER], 8000);
		if (likeness < 0.95)
			fail_msg("%d ms: %.4f alike", ptimes_ms[i], likeness);
		assert_true(stats.jitter.concealed_ms - before_ms <=
			    (uint32_t)(longer_ms > 0 ? longer_ms : 0));
	}
	assert_int_equal(stats.receive.lost, 0);
	assert_int_equal(stats.jitter.late, 0);
	assert_int_equal(stats.jitter.discarded, 0);
	stepped_call_end(&call);
	free_speech(said);
}

/* Sound that is made up while a peer is silent only fills the time. */
static void nothing_is_cut_while_nothing_comes(void **state)
{
	struct tp_session_stats stats;
	struct stepped_call call;
	int16_t *said[2];

	(void)state;
	stepped_call_init(&call);
	give_speech(said, 8000);
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 3000);
	fake_network_impair(call.net, stepped_call_address[CALLED],
			    &(struct fake_weather){.loss = 1});
	stepped_call_run_ms(&call, 2000);
	stats = stepped_call_stats(&call, CALLER);
	assert_true(stats.jitter.noise_ms > 50); /* lost or not: nothing came that could say */
	assert_int_equal(stats.jitter.squeezed_ms, 0);
	stepped_call_end(&call);
	free_speech(said);
}

/* A click is sound far above the tone: what two second-order Butterworth high-passes at 2 kHz
 * leave of a signal at 16 kHz. */
static void keep_clicks(const int16_t *pcm, double *click, int n)
{
	static const double b = 0.5690355937288494, a1 = -0.9428090415820634,
			    a2 = 0.3333333333333334;

	for (int i = 0; i < n; i++)
		click[i] = pcm[i];
	for (int pass = 0; pass < 2; pass++) {
		double x1 = click[0], x2 = x1, y1 = 0, y2 = 0;
		for (int i = 0; i < n; i++) {
			double x = click[i], y = b * (x - 2 * x1 + x2) - a1 * y1 - a2 * y2;
			x2 = x1;
			x1 = x;
			y2 = y1;
			y1 = y;
			click[i] = y;
		}
	}
}

static double rms(const int16_t *pcm, int n)
{
	double sum = 0;

	for (int i = 0; i < n; i++)
		sum += (double)pcm[i] * pcm[i];
	return sqrt(sum / n);
}

/* F27: the codec changes with every packet. */
static void field_27_codec_swapped_on_consecutive_packets(void **state)
{
	static const struct codec_case swaps[][2] = {
		{{"PCMU", 0, 20, 0, 0}, {"PCMA", 8, 20, 0, 0}},
		{{"PCMU", 0, 20, 0, 0}, {"G722", 9, 20, 0, 0}},
		{{"G722", 9, 20, 0, 0}, {"opus", 96, 20, 0, 0}},
		{{"PCMU", 0, 20, 0, 0}, {"opus", 96, 20, 0, 0}},
	};
	enum { RATE_HZ = 16000, TONE_HZ = 500, MARGIN_DB = -40 };
	int16_t *tone = calloc(RATE_HZ * SECONDS, sizeof(*tone));
	double *click = calloc(RATE_HZ * 3, sizeof(*click));

	(void)state;
	for (int i = 0; i < RATE_HZ * SECONDS; i++)
		tone[i] = (int16_t)(8000 * sin(2 * M_PI * TONE_HZ * i / RATE_HZ));
	for (size_t k = 0; k < sizeof(swaps) / sizeof(swaps[0]); k++) {
		struct stepped_call call;

		stepped_call_init(&call);
		fake_device[CALLER].mic = tone;
		fake_device[CALLER].mic_n = RATE_HZ * SECONDS;
		call.engine_config.rate_hz = RATE_HZ;
		stepped_call_codec(&call.session_config, swaps[k][0].codec, swaps[k][0].pt, 20);
		for (int i = 0; i < 2; i++) {
			struct tp_format *format = &call.session_config.receive[i];
			strcpy(format->codec, swaps[k][i].codec);
			format->pt = swaps[k][i].pt;
		}
		call.session_config.receive_n = 2;
		stepped_call_begin(&call);
		stepped_call_run_ms(&call, 1000);
		for (int i = 0; i < 100; i++) {
			strcpy(call.session_config.send.codec, swaps[k][(i + 1) % 2].codec);
			call.session_config.send.pt = swaps[k][(i + 1) % 2].pt;
			stepped_call_configure(&call, CALLER, &call.session_config);
			stepped_call_run_ms(&call, 20);
		}
		stepped_call_run_ms(&call, 500);
		keep_clicks(call.ear[CALLED], click, RATE_HZ * 3);
		for (int at = RATE_HZ; at < RATE_HZ * 3; at++) {
			double click_db = 20 * log10(fabs(click[at]) / 32768 + 1e-9);
			if (at % 160 == 0 && rms(call.ear[CALLED] + at, 160) < 8000 / sqrt(2) / 4)
				fail_msg("%s/%s: a gap at %d ms", swaps[k][0].codec,
					 swaps[k][1].codec, at / (RATE_HZ / 1000));
			if (click_db > MARGIN_DB)
				fail_msg("%s/%s: a click of %.1f dBFS at %d ms", swaps[k][0].codec,
					 swaps[k][1].codec, click_db, at / (RATE_HZ / 1000));
		}
		assert_int_equal(stepped_call_stats(&call, CALLED).receive.lost, 0);
		stepped_call_end(&call);
	}
	free(tone);
	free(click);
}

/* ---- What signalling does in a call -------------------------------------------------------- */

static void hold_and_resume_keep_sequence_and_sound(void **state)
{
	struct stepped_call call;
	struct tp_session_config held;
	struct tp_session_stats before, after;
	int16_t *said[2];

	(void)state;
	stepped_call_init(&call);
	give_speech(said, 8000);
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 2000);
	held = call.session_config;
	held.flow = TP_INACTIVE;
	stepped_call_configure(&call, CALLER, &held);
	stepped_call_run_ms(&call, 100);
	before = stepped_call_stats(&call, CALLED);
	stepped_call_run_ms(&call, 1900);
	after = stepped_call_stats(&call, CALLED);
	assert_int_equal(after.receive.packets, before.receive.packets);
	assert_true(rms(call.ear[CALLER] + 8000 * 5 / 2, 8000) < 30);
	stepped_call_configure(&call, CALLER, &call.session_config);
	stepped_call_run_ms(&call, 3500);
	for (int side = 0; side < 2; side++) {
		assert_true(worst_second(&call, said, side, 8000, 5, 7) > 0.99);
		assert_int_equal(stepped_call_stats(&call, side).receive.lost, 0);
	}
	stepped_call_end(&call);
	free_speech(said);
}

/* It waits as long as it has to, and answering whoever came costs no packet. */
static void a_call_that_waits_answers_who_comes(void **state)
{
	struct stepped_call call;
	struct tp_session_config config;
	int16_t *said[2];

	(void)state;
	stepped_call_init(&call);
	give_speech(said, 8000);
	stepped_call_begin(&call);
	config = call.session_config;
	config.flow = TP_INACTIVE;
	stepped_call_configure(&call, CALLER, &config);
	config = call.session_config;
	config.flow = TP_RECVONLY;
	assert_int_equal(tp_session_configure(call.session[CALLED], &config), 0);
	stepped_call_run_ms(&call, 60000);
	stepped_call_configure(&call, CALLER, &call.session_config);
	stepped_call_run_ms(&call, 500);
	config.remote = stepped_call_stats(&call, CALLED).remote;
	assert_int_equal(config.remote.port, 4000);
	config.flow = TP_SENDRECV;
	assert_int_equal(tp_session_configure(call.session[CALLED], &config), 0);
	stepped_call_run_ms(&call, 500);
	assert_int_equal(stepped_call_stats(&call, CALLED).receive.lost, 0);
	assert_true(stepped_call_stats(&call, CALLER).receive.packets > 20);
	stepped_call_end(&call);
	free_speech(said);
}

static void mute_silences_the_microphone_only(void **state)
{
	struct stepped_call call;
	int16_t *said[2];

	(void)state;
	stepped_call_init(&call);
	give_speech(said, 8000);
	stepped_call_begin(&call);
	assert_int_equal(tp_engine_mute(call.engine[CALLER], true), 0);
	stepped_call_run_ms(&call, 3000);
	assert_true(rms(call.ear[CALLED] + 8000, 16000) < 4);
	assert_true(worst_second(&call, said, CALLER, 8000, 1, 2) > 0.99);
	assert_true(stepped_call_stats(&call, CALLED).receive.packets > 140);
	stepped_call_end(&call);
	free_speech(said);
}

/* Time in ms from the change until the ear hears the far end again,
 * after the last time it did not. */
static int silent_ms(const struct stepped_call *call, int from_ms, int to_ms, double floor)
{
	int quiet = 0;

	for (int ms = from_ms; ms < to_ms; ms += 10)
		if (rms(call->ear[CALLED] + ms * 8, 80) < floor)
			quiet += 10;
	return quiet;
}

static int16_t *steady_tone(int rate_hz, double hz)
{
	int16_t *pcm = calloc((size_t)rate_hz * SECONDS, sizeof(*pcm));

	for (int i = 0; i < rate_hz * SECONDS; i++)
		pcm[i] = (int16_t)(8000 * sin(2 * M_PI * hz * i / rate_hz));
	return pcm;
}

/* F08: the peer begins again under another SSRC, from the same address. */
static void field_08_ssrc_change_is_heard_within_60_ms(void **state)
{
	struct stepped_call call;
	struct tp_engine *successor;
	struct tp_session *session;
	struct tp_session_options options;
	int16_t *tone = steady_tone(8000, 440);

	(void)state;
	stepped_call_init(&call);
	fake_device[CALLER].mic = fake_device[2].mic = tone;
	fake_device[CALLER].mic_n = fake_device[2].mic_n = 8000 * SECONDS;
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 2000);

	tp_session_close(call.session[CALLER]);
	stepped_call_run_ms(&call, 5);
	call.engine_config.device = "2";
	call.engine_config.seed = 77;
	assert_int_equal(tp_engine_create(&successor, &call.engine_config), 0);
	tp_session_options_init(&options);
	options.transport = fake_network_open(call.net, stepped_call_address[CALLER], false);
	assert_int_equal(tp_session_open(&session, successor, &options), 0);
	call.session[CALLER] = session;
	stepped_call_configure(&call, CALLER, &call.session_config);
	assert_int_equal(tp_engine_start(successor), 0);
	tp_engine_destroy(call.engine[CALLER]);
	call.engine[CALLER] = successor;
	stepped_call_run_ms(&call, 1000);

	/* the successor's own first packet takes a packet time and a
	 * block; from there on it counts */
	assert_true(silent_ms(&call, 2000, 3000, 1000) <= 60 + 30);
	assert_int_equal(stepped_call_stats(&call, CALLED).receive.ssrc_changes, 1);
	stepped_call_end(&call);
	free(tone);
}

static void three_phones_confer(void **state)
{
	/* One engine with two sessions hears both and lets them hear each other. */
	struct stepped_call left;
	struct tp_session_options options;
	struct tp_session_config config;
	struct tp_session *second;
	int16_t *tone[3] = {steady_tone(8000, 440), steady_tone(8000, 700),
			    steady_tone(8000, 1000)};

	(void)state;
	stepped_call_init(&left);
	for (int i = 0; i < 3; i++) {
		fake_device[i].mic = tone[i];
		fake_device[i].mic_n = 8000 * SECONDS;
	}
	stepped_call_begin(&left);
	/* the third phone */
	struct tp_engine *third;
	int16_t *ear = calloc(CALL_EARS_MAX, sizeof(*ear));
	fake_device[2].ear = ear;
	fake_device[2].ear_cap = CALL_EARS_MAX;
	left.engine_config.device = "2";
	left.engine_config.seed = 300;
	assert_int_equal(tp_engine_create(&third, &left.engine_config), 0);
	tp_session_options_init(&options);
	options.transport = fake_network_open(left.net, "10.0.0.3:4000", false);
	struct tp_session *remote;
	assert_int_equal(tp_session_open(&remote, third, &options), 0);
	options.transport = fake_network_open(left.net, "10.0.0.1:5000", false);
	assert_int_equal(tp_session_open(&second, left.engine[CALLER], &options), 0);
	config = left.session_config;
	assert_int_equal(tp_address_parse(&config.remote, "10.0.0.1:5000"), 0);
	stepped_call_codec(&config, "PCMA", 8, 30);
	assert_int_equal(tp_session_configure(remote, &config), 0);
	assert_int_equal(tp_address_parse(&config.remote, "10.0.0.3:4000"), 0);
	assert_int_equal(tp_session_configure(second, &config), 0);
	assert_int_equal(tp_engine_start(third), 0);
	for (int i = 0; i < 600; i++) {
		stepped_call_run_ms(&left, 5);
		assert_int_equal(tp_engine_step(third, left.now_ns), 0);
	}
	/* each ear holds both other tones: taking both away leaves little */
	const int16_t *ears[3] = {left.ear[CALLER], left.ear[CALLED], ear};
	for (int i = 0; i < 3; i++) {
		double hz[3] = {440, 700, 1000};
		for (int k = 0; k < 3; k++) {
			double c = 0, s = 0;
			for (int n = 0; n < 8000; n++) {
				c += ears[i][16000 + n] * cos(2 * M_PI * hz[k] * n / 8000) / 4000;
				s += ears[i][16000 + n] * sin(2 * M_PI * hz[k] * n / 8000) / 4000;
			}
			double level = sqrt(c * c + s * s);
			if (k == i)
				assert_true(level < 80);
			else
				assert_true(level > 7000 && level < 9000);
		}
	}
	tp_engine_destroy(third);
	stepped_call_end(&left);
	free(ear);
	for (int i = 0; i < 3; i++)
		free(tone[i]);
}

/* ---- Sound cards --------------------------------------------------------------------------- */

/* F18, F20: periods that are no whole blocks, rates that nobody asked for. */
static void field_18_20_any_period_and_rate_of_the_device(void **state)
{
	static const struct {
		int rate_hz, period_n;
	} cards[] = {{8000, 37},   {8000, 800},   {16000, 441},
		     {44100, 441}, {48000, 1024}, {32000, 64}};

	(void)state;
	for (size_t i = 0; i < sizeof(cards) / sizeof(cards[0]); i++) {
		struct stepped_call call;
		int rate_hz = cards[i].rate_hz;
		int16_t *said[2];

		stepped_call_init(&call);
		give_speech(said, rate_hz);
		for (int side = 0; side < 2; side++) {
			fake_device[side].rate_hz = rate_hz;
			fake_device[side].period_n = cards[i].period_n;
		}
		stepped_call_begin(&call);
		/* By then the delay has found its place, in a pause. */
		stepped_call_run_ms(&call, 7500);
		for (int side = 0; side < 2; side++) {
			double likeness = worst_second(&call, said, side, rate_hz, 5, 7);
			if (likeness < 0.93)
				fail_msg("%d frames at %d Hz: a second is only %.4f alike",
					 cards[i].period_n, rate_hz, likeness);
			assert_int_equal(fake_device[side].xruns, 0);
		}
		stepped_call_end(&call);
		free_speech(said);
	}
}

/* F19: audio is back within one period of an xrun, and both sides are counted. */
static void field_19_xruns_cost_one_period(void **state)
{
	struct stepped_call call;
	struct tp_engine_stats stats;
	int16_t *tone = steady_tone(8000, 440);

	(void)state;
	stepped_call_init(&call);
	fake_device[CALLER].mic = tone;
	fake_device[CALLER].mic_n = 8000 * SECONDS;
	fake_device[CALLED].playback_xrun_at = 8000 * 3;
	fake_device[CALLER].capture_xrun_at = 8000 * 4;
	fake_device[CALLER].xrun_n = 160;
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 6000);
	assert_true(silent_ms(&call, 2900, 3900, 1000) <= 20);
	assert_true(silent_ms(&call, 3900, 5500, 1000) <= 20 + 10);
	assert_int_equal(tp_engine_stats(call.engine[CALLED], &stats), 0);
	assert_int_equal(stats.playback_xruns, 1);
	assert_int_equal(tp_engine_stats(call.engine[CALLER], &stats), 0);
	assert_int_equal(stats.capture_xruns, 1);
	/* time went on while frames were lost: no packet is missing, none was late */
	assert_int_equal(stepped_call_stats(&call, CALLED).receive.lost, 0);
	stepped_call_end(&call);
	free(tone);
}

static void two_crystals_are_made_one(void **state)
{
	struct stepped_call call;
	struct tp_engine_stats stats;
	int16_t *said[2];

	(void)state;
	stepped_call_init(&call);
	give_speech(said, 8000);
	for (int side = 0; side < 2; side++) {
		fake_device[side].two_crystals = true;
		fake_device[side].playback_ppm = side ? -150 : 200;
	}
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 40000);
	for (int side = 0; side < 2; side++) {
		assert_int_equal(tp_engine_stats(call.engine[side], &stats), 0);
		assert_int_equal(stats.playback_xruns, 0);
		assert_true(fabs(stats.device_drift_ppm - (side ? -150 : 200)) < 3);
		assert_true(fabs(stats.device_lead_ms - 8) < 3);
	}
	stepped_call_end(&call);
	free_speech(said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_cut_while_nothing_comes),
		cmocka_unit_test(field_27_codec_swapped_on_consecutive_packets),
		cmocka_unit_test(hold_and_resume_keep_sequence_and_sound),
		cmocka_unit_test(a_call_that_waits_answers_who_comes),
		cmocka_unit_test(mute_silences_the_microphone_only),
		cmocka_unit_test(field_08_ssrc_change_is_heard_within_60_ms),
		cmocka_unit_test(three_phones_confer),
		cmocka_unit_test(field_18_20_any_period_and_rate_of_the_device),
		cmocka_unit_test(field_19_xruns_cost_one_period),
		cmocka_unit_test(two_crystals_are_made_one),
		cmocka_unit_test(field_26_the_packet_time_may_change_in_mid_stream),
		cmocka_unit_test(field_26_every_codec_and_packet_time_is_heard_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
