/* SPDX-License-Identifier: MIT */
/* The switches of a phone in a call: each takes effect, and no switch can be heard by itself. */
#include "dsp/level.h"
#include "dsp/limiter.h"
#include "tests/fixtures/fake_speech.h"
#include "tests/fixtures/stepped_call.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	RATE_HZ = 16000,
	MS = RATE_HZ / 1000,
	SAID_N = RATE_HZ * 20,
};

static int16_t said[SAID_N], other[SAID_N];
static struct tp_voice_config voice;

static void begin(struct stepped_call *call)
{
	stepped_call_init(call);
	call->engine_config.rate_hz = RATE_HZ;
	stepped_call_codec(&call->session_config, "L16", 98, 20);
	call->session_config.send.options.rate_hz = RATE_HZ;
	call->session_config.receive[0].options.rate_hz = RATE_HZ;
	fake_device[CALLER].mic = said;
	fake_device[CALLER].mic_n = SAID_N;
	fake_device[CALLED].mic = other;
	fake_device[CALLED].mic_n = SAID_N;
	memset(other, 0, sizeof(other));
	voice = call->engine_config.voice;
}

static void turn(struct stepped_call *call, int side)
{
	assert_int_equal(tp_engine_voice(call->engine[side], &voice), 0);
}

static double heard_db(const struct stepped_call *call, int from_ms, int to_ms)
{
	return tp_level_db(call->ear[CALLED] + from_ms * MS, (to_ms - from_ms) * MS);
}

/* The highest step between two samples of the called one's ear. */
static int worst_step(const struct stepped_call *call, int from_ms, int to_ms)
{
	const int16_t *ear = call->ear[CALLED];
	int worst = 0;

	for (int i = from_ms * MS + 1; i < to_ms * MS; i++)
		worst = abs(ear[i] - ear[i - 1]) > worst ? abs(ear[i] - ear[i - 1]) : worst;
	return worst;
}

/* No step while switches are turned is higher than those before. */
static void no_click(const struct stepped_call *call, int from_ms, int turned_ms, int to_ms)
{
	int before = worst_step(call, from_ms, turned_ms);
	int at = worst_step(call, turned_ms, to_ms);

	if (at > 1.4 * before + 2)
		fail_msg("a step of %d at the switch, of %d before", at, before);
}

static void noise_suppression(void **state)
{
	struct stepped_call call;

	(void)state;
	fake_noise(3, 100, said, SAID_N);
	begin(&call);
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 3000);
	voice.ns = true;
	turn(&call, CALLER);
	stepped_call_run_ms(&call, 4000);
	double before = heard_db(&call, 1000, 3000), after = heard_db(&call, 5000, 7000);
	voice.ns = false;
	turn(&call, CALLER);
	stepped_call_run_ms(&call, 2000);
	if (after > before - 8 || fabs(heard_db(&call, 7500, 9000) - before) > 0.5)
		fail_msg("noise of %.1f dB, then %.1f, then %.1f", before, after,
			 heard_db(&call, 7500, 9000));
	no_click(&call, 1000, 3000, 3500);
	no_click(&call, 1000, 7000, 7500);
	stepped_call_end(&call);
}

static void gain_control(void **state)
{
	struct stepped_call call;

	(void)state;
	fake_speech(31, RATE_HZ, said, SAID_N);
	for (int i = 0; i < SAID_N; i++)
		said[i] /= 16;
	begin(&call);
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 3000);
	voice.agc = true;
	turn(&call, CALLER);
	stepped_call_run_ms(&call, 8000);
	if (heard_db(&call, 8000, 11000) < tp_level_db(said + 8000 * MS, 3000 * MS) + 6)
		fail_msg("%.1f dB became %.1f dB", tp_level_db(said + 8000 * MS, 3000 * MS),
			 heard_db(&call, 8000, 11000));
	no_click(&call, 1000, 3000, 3300);
	stepped_call_end(&call);
}

/* The caller's room gives the called one his own voice back, or does not. */
static void echo_cancellation(void **state)
{
	struct stepped_call call;
	double with, without;

	(void)state;
	begin(&call);
	call.engine_config.hal = NULL;
	call.engine_config.voice.aec = voice.aec = true;
	call.device_name[CALLER] = "room:noise=-70,erl=6,seed=1";
	call.device_name[CALLED] = "room:talker=speech/p225_003.wav,noise=-100,erl=80,seed=2";
	stepped_call_begin(&call);
	struct tp_engine_stats stats;

	stepped_call_run_ms(&call, 6000);
	assert_int_equal(tp_engine_stats(call.engine[CALLER], &stats), 0);
	with = stats.microphone_db - stats.near_db;
	assert_true(stats.echo_reduction_db > 20);
	voice.aec = false;
	turn(&call, CALLER);
	stepped_call_run_ms(&call, 4000); /* until the meters have forgotten */
	assert_int_equal(tp_engine_stats(call.engine[CALLER], &stats), 0);
	without = stats.microphone_db - stats.near_db;
	assert_true(isnan(stats.echo_reduction_db) && isnan(stats.echo_loss_db));
	assert_true(fabs(without) < 0.5);
	assert_true(with > without + 3);
	voice.aec = true;
	turn(&call, CALLER);
	stepped_call_run_ms(&call, 5000);
	assert_int_equal(tp_engine_stats(call.engine[CALLER], &stats), 0);
	assert_true(stats.echo_reduction_db > 20);
	stepped_call_end(&call);
}

static uint64_t packets(struct stepped_call *call)
{
	return stepped_call_stats(call, CALLER).send.packets;
}

/* The caller is in a steady noise, and pauses may be sent as a description of it. */
static void begin_in_noise(struct stepped_call *call)
{
	fake_noise(3, 30, said, SAID_N);
	begin(call);
	call->session_config.send.cn_pt = 97;
	call->session_config.send.cn_hz = RATE_HZ;
	strcpy(call->session_config.receive[1].codec, "CN");
	call->session_config.receive[1].pt = 97;
	call->session_config.receive[1].options.rate_hz = RATE_HZ;
	call->session_config.receive_n = 2;
}

/* A soft steady room: described while the switch is on, sent while it is off. */
static void voice_activity(void **state)
{
	struct stepped_call call;
	uint64_t sent;

	(void)state;
	begin_in_noise(&call);
	call.engine_config.voice.vad = voice.vad = false;
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 4000);
	assert_true(packets(&call) > 190);
	voice.vad = true;
	turn(&call, CALLER);
	stepped_call_run_ms(&call, 3000);
	sent = packets(&call);
	stepped_call_run_ms(&call, 3000);
	assert_true(packets(&call) - sent < 30);
	assert_true(stepped_call_stats(&call, CALLER).send.silent_ms > 3000);
	voice.vad = false;
	turn(&call, CALLER);
	stepped_call_run_ms(&call, 100);
	sent = packets(&call);
	stepped_call_run_ms(&call, 2000);
	assert_true(packets(&call) - sent >= 99);
	/* The room is heard all the time, and none of this as such. */
	for (int ms = 1000; ms < 11500; ms += 500)
		assert_true(fabs(heard_db(&call, ms, ms + 500) - tp_level_db(said, SAID_N)) < 3);
	no_click(&call, 1000, 4000, 12000);
	stepped_call_end(&call);
}

/* A muted talker is a pause too: described instead of sent, and silent; and his
 * first word after it is sent. */
static void a_mute_is_a_pause(void **state)
{
	struct stepped_call call;
	uint64_t sent;

	(void)state;
	begin_in_noise(&call);
	stepped_call_speak(said, SAID_N, RATE_HZ, 1);
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 3000);
	assert_int_equal(tp_engine_mute(call.engine[CALLER], true), 0);
	stepped_call_run_ms(&call, 3000);
	sent = packets(&call);
	stepped_call_run_ms(&call, 3000);
	assert_true(packets(&call) - sent < 10);
	assert_true(heard_db(&call, 6500, 8900) < -60);
	sent = packets(&call);
	assert_int_equal(tp_engine_mute(call.engine[CALLER], false), 0);
	stepped_call_run_ms(&call, 1000);
	assert_true(packets(&call) - sent > 30);
	assert_true(fabs(heard_db(&call, 9200, 9900) -
			 tp_level_db(said + RATE_HZ / 10 * 91, RATE_HZ * 7 / 10)) < 3);
	stepped_call_end(&call);
}

/* The same room at the other end: his switch says whether the pause is noise or silence. */
static void comfort_noise(void **state)
{
	struct stepped_call call;

	(void)state;
	begin_in_noise(&call);
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 8000);
	assert_true(fabs(heard_db(&call, 6000, 7900) - tp_level_db(said, SAID_N)) < 3);
	voice.cng = false;
	turn(&call, CALLED);
	stepped_call_run_ms(&call, 3000);
	assert_true(heard_db(&call, 8200, 10800) < -90);
	voice.cng = true;
	turn(&call, CALLED);
	stepped_call_run_ms(&call, 2000);
	assert_true(fabs(heard_db(&call, 11200, 12800) - tp_level_db(said, SAID_N)) < 3);
	no_click(&call, 5000, 8000, 12800);
	stepped_call_end(&call);
}

/* A tone that 12 dB of gain carry over full scale: cut off, or turned down whole. */
static void limiter(void **state)
{
	struct stepped_call call;
	double power = 0, cut, whole;
	int most = 0;

	(void)state;
	for (int i = 0; i < SAID_N; i++)
		said[i] = (int16_t)(16000 * sin(2 * M_PI * 400 * i / RATE_HZ));
	begin(&call);
	stepped_call_begin(&call);
	assert_int_equal(tp_engine_gain(call.engine[CALLED], TP_PLAYBACK, 1200), 0);
	stepped_call_run_ms(&call, 2000);
	voice.limiter = true;
	turn(&call, CALLED);
	stepped_call_run_ms(&call, 2000);
	voice.limiter = false;
	turn(&call, CALLED);
	stepped_call_run_ms(&call, 2000);
	cut = heard_db(&call, 1000, 1900);
	whole = heard_db(&call, 2500, 3900);
	for (int i = 2100 * MS; i < 3900 * MS; i++) {
		int loud = abs(call.ear[CALLED][i]);

		most = loud > most ? loud : most;
		power += (double)loud * loud / (1800 * MS);
	}
	assert_true(most <= TP_LIMITER_PEAK + 1);
	assert_true(most > TP_LIMITER_PEAK - 300);
	/* A sine has 3 dB less than its peak, a cut one nearly as much. */
	assert_true(fabs(10 * log10(power) - 20 * log10(most) + 3.01) < 0.2);
	assert_true(whole < cut - 2);
	assert_true(fabs(heard_db(&call, 5000, 5900) - cut) < 0.1);
	/* From cut to whole and back, slowly: no step but the sine's own. */
	no_click(&call, 1000, 1990, 6000);
	stepped_call_end(&call);
}

/* Under the bound not a bit is changed. */
/* At every rate it comes back to where nothing is touched, after the loudest peak. */
static void a_limiter_lets_go(void **state)
{
	static const int rates[] = {8000, 16000, 48000};

	(void)state;
	for (int r = 0; r < 3; r++) {
		struct tp_limiter limits;
		float peak = 1e6f, in = 20000;
		int16_t out;

		tp_limiter_init(&limits, rates[r]);
		tp_limiter_set(&limits, true);
		tp_limiter_process(&limits, &peak, &out, 1);
		assert_int_equal(out, TP_LIMITER_PEAK);
		for (int i = 0; i < 2 * rates[r]; i++)
			tp_limiter_process(&limits, &in, &out, 1);
		assert_int_equal(out, 20000);
		tp_limiter_set(&limits, false);
		assert_true(tp_limiter_idle(&limits));
	}
}

static void a_limiter_with_nothing_to_do(void **state)
{
	struct tp_limiter limits;
	float in[1000];
	int16_t out[1000], expected[1000];

	(void)state;
	fake_noise(3, 5000, expected, 1000);
	for (int i = 0; i < 1000; i++)
		in[i] = expected[i];
	tp_limiter_init(&limits, RATE_HZ);
	tp_limiter_set(&limits, true);
	tp_limiter_process(&limits, in, out, 1000);
	assert_memory_equal(out, expected, sizeof(out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(noise_suppression),
		cmocka_unit_test(gain_control),
		cmocka_unit_test(echo_cancellation),
		cmocka_unit_test(voice_activity),
		cmocka_unit_test(a_mute_is_a_pause),
		cmocka_unit_test(comfort_noise),
		cmocka_unit_test(limiter),
		cmocka_unit_test(a_limiter_lets_go),
		cmocka_unit_test(a_limiter_with_nothing_to_do),
	};

	return cmocka_run_group_tests_name("switches", tests, NULL, NULL);
}
