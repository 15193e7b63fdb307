/* SPDX-License-Identifier: MIT */
/* The echo of a whole engine on a simulated card: two crystals, and a process that stalls. */
#include "dsp/level.h"
#include "tests/fixtures/stepped_call.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	TAP_MAX = 48000 * 24,
	FRAME_MS = 20,
	NOISE_DB = -65,
	ECHO_DB = -55, /* frames of the microphone over it are echo */
	SETTLED_MS = 10000,
	END_MS = 18000,
	STALL_MS = 40,
};

static int16_t near_pcm[TAP_MAX], raw_pcm[TAP_MAX];
static int taken, rate_hz;

static void begin(struct stepped_call *call, int rate, const char *crystals)
{
	static char room[100];

	rate_hz = rate;
	snprintf(room, sizeof(room), "room:noise=%d,erl=6,seed=1%s", NOISE_DB, crystals);
	stepped_call_init(call);
	call->engine_config.hal = NULL;
	call->engine_config.rate_hz = rate;
	call->engine_config.voice.aec = true;
	call->device_name[CALLER] = room;
	call->device_name[CALLED] = "room:talker=speech/p225_003.wav,noise=-100,erl=80,seed=2";
	stepped_call_codec(&call->session_config, "L16", 98, 10);
	call->session_config.send.options.rate_hz = rate;
	call->session_config.receive[0].options.rate_hz = rate;
	taken = 0;
	stepped_call_begin(call);
}

static void take(struct stepped_call *call)
{
	int16_t frames[480][TP_TAP_CHANNELS];
	int n;

	while ((n = tp_engine_tap(call->engine[CALLER], frames[0], 480)) > 0)
		for (int i = 0; i < n && taken < TAP_MAX; i++, taken++) {
			near_pcm[taken] = frames[i][0];
			raw_pcm[taken] = frames[i][2];
		}
}

static void run_ms(struct stepped_call *call, int ms)
{
	for (int done = 0; done < ms; done += 20) {
		stepped_call_run_ms(call, 20);
		take(call);
	}
}

/* The caller's process does not run for a while; the world goes on. */
static void stall(struct stepped_call *call, int ms)
{
	int64_t end_ns = call->now_ns + (int64_t)ms * 1000000;

	for (; call->now_ns < end_ns; call->now_ns += 5000000)
		assert_int_equal(tp_engine_step(call->engine[CALLED], call->now_ns), 0);
}

/* What is sent over the room's noise, in frames with echo from one time to
 * another; NAN: there are none. */
static double over_noise_db(int from_ms, int to_ms)
{
	int n = rate_hz / 1000 * FRAME_MS, frames = 0;
	double power = 0;

	for (int at = rate_hz / 1000 * from_ms; at + n <= rate_hz / 1000 * to_ms; at += n) {
		assert_true(at + n <= taken);
		if (tp_level_db(raw_pcm + at, n) < ECHO_DB)
			continue;
		power += tp_level_energy(near_pcm + at, n) / n;
		frames++;
	}
	return frames ? tp_level_power_db(power / frames) - NOISE_DB : (double)NAN;
}

/* The bars of a live call: what is left is in the room's noise, and is so
 * again a second after a stall. */
static void two_crystals_and_a_stall(void **state)
{
	static const struct {
		int rate_hz;
		const char *crystals;
	} cards[] = {
		{8000, ",play_ppm=-50,capture_ppm=50"},
		{16000, ",play_ppm=50,capture_ppm=-50"},
		{16000, ",play_ppm=-50,capture_ppm=50"},
		{48000, ",play_ppm=50,capture_ppm=-50"},
	};

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct stepped_call call;
		struct tp_engine_stats stats;
		double settled, again;
		int stalled_ms;

		begin(&call, cards[i].rate_hz, cards[i].crystals);
		run_ms(&call, SETTLED_MS);
		stalled_ms = taken / (rate_hz / 1000);
		settled = over_noise_db(stalled_ms / 2, stalled_ms);
		stall(&call, STALL_MS);
		run_ms(&call, END_MS - SETTLED_MS);
		again = over_noise_db(stalled_ms + 1000, stalled_ms + 6000);
		assert_int_equal(tp_engine_stats(call.engine[CALLER], &stats), 0);
		/* It was a stall: the ring ran dry. */
		assert_true(stats.playback_xruns > 0);
		assert_true(fabs(fabs(stats.device_drift_ppm) - 100) < 3);
		/* What the counters tell the signals need not find again. */
		assert_true(fabs(stats.echo_drift_ppm) < 5);
		if (!(settled < 3 && again < 3))
			fail_msg("%d Hz%s: %.1f dB over the noise, %.1f dB after a stall", rate_hz,
				 cards[i].crystals, settled, again);
		stepped_call_end(&call);
	}
}

/* With echo cancellation off the same measure tells of the echo. */
static void the_measure_hears_echo(void **state)
{
	struct stepped_call call;
	struct tp_voice_config off;

	(void)state;
	begin(&call, 16000, "");
	off = call.engine_config.voice;
	off.aec = false;
	assert_int_equal(tp_engine_voice(call.engine[CALLER], &off), 0);
	run_ms(&call, 4000);
	assert_true(over_noise_db(1000, 3900) > 25);
	stepped_call_end(&call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_crystals_and_a_stall),
		cmocka_unit_test(the_measure_hears_echo),
	};

	return cmocka_run_group_tests_name("echo_device", tests, NULL, NULL);
}
