/* SPDX-License-Identifier: MIT */
/* Gain of both directions: what the device's own steps give, the rest in
 * samples, through stop and start. */
#include "dsp/level.h"
#include "tests/fixtures/stepped_call.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	RATE_HZ = 8000,
	SECONDS = 4,
	STEP = 600, /* of the amplifier, hundredths of a dB: what it does alone is far off */
};

/* ---- A device with an amplifier in each direction -------------------------------------------- */

static const struct tp_hal_ops *inner; /* the device behind the amplifiers */
static struct tp_hal_ops amplified;
static int analogue[2]; /* hundredths of a dB, by direction */
static int asked; /* so often */

static void amplify(int16_t *pcm, int n, int centibel)
{
	for (int i = 0; i < n; i++)
		pcm[i] = (int16_t)lrint(pcm[i] * pow(10, centibel / 2000.0));
}

static int open_amplified(void **device, const char *args, const struct tp_hal_want *want,
			  struct tp_hal_got *got)
{
	memset(analogue, 0, sizeof(analogue)); /* the chip is reset */
	return inner->open(device, args, want, got);
}

static int capture_amplified(void *device, int64_t now_ns, int16_t *pcm, int n)
{
	n = inner->capture(device, now_ns, pcm, n);
	amplify(pcm, n, analogue[TP_CAPTURE]);
	return n;
}

static int play_amplified(void *device, int64_t now_ns, const int16_t *pcm, int n)
{
	int16_t louder[TP_HAL_PERIOD_MAX];

	n = n < TP_HAL_PERIOD_MAX ? n : TP_HAL_PERIOD_MAX;
	memcpy(louder, pcm, (size_t)n * sizeof(*pcm));
	amplify(louder, n, analogue[TP_PLAYBACK]);
	return inner->playback(device, now_ns, louder, n);
}

static int set_analogue(void *device, enum tp_direction direction, int centibel, int *granted)
{
	(void)device;
	asked++;
	*granted = analogue[direction] = centibel / STEP * STEP;
	return 0;
}

static void amplify_device(struct stepped_call *call, const struct tp_hal_ops *device)
{
	inner = device;
	amplified = *device;
	amplified.open = open_amplified;
	amplified.capture = capture_amplified;
	amplified.playback = play_amplified;
	amplified.gain = set_analogue;
	asked = 0;
	call->engine_config.hal = &amplified;
}

/* ---- A call in which the caller speaks --------------------------------------------------------- */

static int16_t said[RATE_HZ * SECONDS];

static void begin(struct stepped_call *call)
{
	stepped_call_speak(said, RATE_HZ * SECONDS, RATE_HZ, 1);
	fake_device[CALLER].mic = said;
	fake_device[CALLER].mic_n = RATE_HZ * SECONDS;
	stepped_call_begin(call);
}

static void begin_amplified(struct stepped_call *call)
{
	stepped_call_init(call);
	amplify_device(call, &fake_device_ops);
	begin(call);
}

/* Level from the mouth to the ear over the second from `at` on. */
static void expect_db(const struct stepped_call *call, int at, double db)
{
	const int16_t *ear = call->ear[CALLED] + at;
	double likeness, passed;
	int delay = stepped_call_delay(said + at, ear, RATE_HZ, RATE_HZ / 5, &likeness);

	assert_true(likeness > 0.99);
	passed = tp_level_db(ear + delay, RATE_HZ) - tp_level_db(said + at, RATE_HZ);
	if (fabs(passed - db) > 0.3)
		fail_msg("%.1f dB from mouth to ear, not %.1f", passed, db);
}

static void sound_leaves_at_the_gain_that_is_set(void **state)
{
	struct stepped_call call;

	(void)state;
	stepped_call_init(&call);
	begin(&call);
	assert_int_equal(tp_engine_gain(call.engine[CALLED], TP_PLAYBACK, -1200), 0);
	stepped_call_run_ms(&call, 3000);
	expect_db(&call, RATE_HZ, -12);
	assert_int_equal(tp_engine_gain(call.engine[CALLED], TP_PLAYBACK, 5000), TP_ERR_ARGUMENT);
	stepped_call_end(&call);
}

static void the_device_takes_its_steps_and_samples_the_rest(void **state)
{
	struct stepped_call call;

	(void)state;
	begin_amplified(&call);
	assert_int_equal(tp_engine_gain(call.engine[CALLED], TP_PLAYBACK, -1000), 0);
	assert_int_equal(analogue[TP_PLAYBACK], -600);
	stepped_call_run_ms(&call, 3000);
	expect_db(&call, RATE_HZ, -10);
	stepped_call_end(&call);
}

/* The next call's device comes up at its own default. */
static void gain_outlives_a_stop(void **state)
{
	struct stepped_call call;

	(void)state;
	begin_amplified(&call);
	assert_int_equal(asked, 0); /* a mixer that nobody wants moved is let be */
	assert_int_equal(tp_engine_gain(call.engine[CALLED], TP_PLAYBACK, -1000), 0);
	stepped_call_run_ms(&call, 200);
	for (int side = CALLER; side <= CALLED; side++)
		tp_engine_stop(call.engine[side]);
	for (int side = CALLER; side <= CALLED; side++)
		assert_int_equal(tp_engine_start(call.engine[side]), 0);
	assert_int_equal(analogue[TP_PLAYBACK], -600);
	stepped_call_run_ms(&call, 3000);
	expect_db(&call, RATE_HZ, -10);

	/* 0 dB is told too, to what was moved once. */
	tp_engine_stop(call.engine[CALLED]);
	assert_int_equal(tp_engine_gain(call.engine[CALLED], TP_PLAYBACK, 0), 0);
	assert_int_equal(analogue[TP_PLAYBACK], -600);
	assert_int_equal(tp_engine_start(call.engine[CALLED]), 0);
	assert_int_equal(analogue[TP_PLAYBACK], 0);
	stepped_call_end(&call);
}

static void gain_chosen_before_the_start_reaches_the_device(void **state)
{
	struct stepped_call call;

	(void)state;
	begin_amplified(&call);
	tp_engine_stop(call.engine[CALLER]);
	assert_int_equal(tp_engine_gain(call.engine[CALLER], TP_CAPTURE, 700), 0);
	assert_int_equal(tp_engine_start(call.engine[CALLER]), 0);
	assert_int_equal(analogue[TP_CAPTURE], 600);
	stepped_call_end(&call);
}

/* ---- Behind the amplifiers is a room ----------------------------------------------------------- */

static double linear_db(struct stepped_call *call)
{
	struct tp_engine_stats stats;

	assert_int_equal(tp_engine_stats(call->engine[CALLER], &stats), 0);
	return stats.echo_linear_db;
}

/* An echo that a step of the amplifier made louder or softer is predicted as such: the filter,
 * which does not see the amplifier, is told. */
static void steps_of_the_amplifier_are_told_to_the_canceller(void **state)
{
	static const struct {
		enum tp_direction direction;
		int centibel;
	} steps[] = {{TP_CAPTURE, -1200}, {TP_PLAYBACK, -600}, {TP_CAPTURE, 0}, {TP_PLAYBACK, 0}};
	struct stepped_call call;
	const char *args;

	(void)state;
	stepped_call_init(&call);
	amplify_device(&call, tp_hal_find("room:", &args));
	call.engine_config.voice.aec = true;
	call.device_name[CALLER] = "noise=-80,erl=6,seed=1";
	call.device_name[CALLED] = "talker=speech/p225_003.wav,noise=-100,erl=80,seed=2";
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 6000);
	for (int i = 0; i < 4; i++) {
		double before = linear_db(&call), least = before;

		assert_int_equal(
			tp_engine_gain(call.engine[CALLER], steps[i].direction, steps[i].centibel),
			0);
		for (int ms = 0; ms < 1000; ms += 50) {
			stepped_call_run_ms(&call, 50);
			least = fmin(least, linear_db(&call));
		}
		if (least < before - 3)
			fail_msg("step %d: %.1f dB before, %.1f dB after", i, before, least);
	}
	stepped_call_end(&call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_leaves_at_the_gain_that_is_set),
		cmocka_unit_test(the_device_takes_its_steps_and_samples_the_rest),
		cmocka_unit_test(gain_outlives_a_stop),
		cmocka_unit_test(gain_chosen_before_the_start_reaches_the_device),
		cmocka_unit_test(steps_of_the_amplifier_are_told_to_the_canceller),
	};

	return cmocka_run_group_tests_name("gain", tests, NULL, NULL);
}
