/* SPDX-License-Identifier: MIT */
/* Routes: the device follows, each keeps its canceller over a change, a
 * call and a restart; sidetone. */
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
	RATE_HZ = 16000,
	TAP_MAX = RATE_HZ * 20,
};

/* ---- A device that counts what it is told ---------------------------------------------------- */

static struct tp_hal_ops routed_ops;
static int routes_told, last_route;
static int refuse; /* this route; -1: none */

static int told(void *device, enum tp_route route)
{
	(void)device;
	if ((int)route == refuse)
		return tp_fail(TP_ERR_UNSUPPORTED, "no such jack");
	routes_told++;
	last_route = (int)route;
	return 0;
}

static void begin_routed(struct stepped_call *call)
{
	stepped_call_init(call);
	routed_ops = fake_device_ops;
	routed_ops.route = told;
	routes_told = 0;
	refuse = last_route = -1;
	call->engine_config.hal = &routed_ops;
	call->engine_config.rate_hz = RATE_HZ;
}

/* ---- A call with echo at the caller ---------------------------------------------------------- */

static int16_t near_pcm[TAP_MAX], raw_pcm[TAP_MAX], ear_pcm[TAP_MAX];
static int taken;

static void begin_room(struct stepped_call *call)
{
	stepped_call_init(call);
	call->engine_config.hal = NULL;
	call->engine_config.rate_hz = RATE_HZ;
	call->engine_config.voice.aec = true;
	call->device_name[CALLER] = "room:noise=-70,erl=6,seed=1";
	call->device_name[CALLED] = "room:talker=speech/p225_003.wav,noise=-100,erl=80,seed=2";
	stepped_call_codec(&call->session_config, "G722", 9, 20);
	taken = 0;
}

/* Runs on and takes what the caller's bus had; `taken` begins anew. */
static void run_ms(struct stepped_call *call, int ms)
{
	int16_t frames[160][TP_TAP_CHANNELS];

	taken = 0;
	for (int done = 0; done < ms; done += 10) {
		int n;

		stepped_call_run_ms(call, 10);
		while ((n = tp_engine_tap(call->engine[CALLER], frames[0], 160)) > 0)
			for (int i = 0; i < n && taken < TAP_MAX; i++, taken++) {
				near_pcm[taken] = frames[i][0];
				ear_pcm[taken] = frames[i][1];
				raw_pcm[taken] = frames[i][2];
			}
	}
}

/* By how much the echo of the last run was reduced from `from_ms` on, 0.5 s. */
static double reduction(int from_ms)
{
	int from = from_ms * RATE_HZ / 1000, n = RATE_HZ / 2;

	assert_true(from + n <= taken);
	return tp_level_db(raw_pcm + from, n) - tp_level_db(near_pcm + from, n);
}

/* The least of them, where there is echo; there must be some. */
static double least_reduction(int from_ms, int to_ms)
{
	double least = INFINITY;

	for (int ms = from_ms; ms <= to_ms; ms += 100)
		if (tp_level_db(raw_pcm + ms * (RATE_HZ / 1000), RATE_HZ / 2) > -45)
			least = fmin(least, reduction(ms));
	assert_true(isfinite(least));
	return least;
}

static struct tp_engine_stats stats_of(struct stepped_call *call)
{
	struct tp_engine_stats stats;

	assert_int_equal(tp_engine_stats(call->engine[CALLER], &stats), 0);
	return stats;
}

/* ---- Tests ----------------------------------------------------------------------------------- */

static void the_device_is_told_its_route(void **state)
{
	struct stepped_call call;

	(void)state;
	begin_routed(&call);
	call.engine_config.route = TP_ROUTE_HEADSET;
	stepped_call_begin(&call);
	assert_int_equal(routes_told, 2); /* one for each end */
	assert_int_equal(last_route, TP_ROUTE_HEADSET);
	stepped_call_run_ms(&call, 100);
	assert_int_equal(stats_of(&call).route, TP_ROUTE_HEADSET);
	assert_int_equal(tp_engine_route(call.engine[CALLER], TP_ROUTE_HANDSET), 0);
	assert_int_equal(last_route, TP_ROUTE_HANDSET);
	assert_int_equal(tp_engine_route(call.engine[CALLER], TP_ROUTE_HANDSET), 0);
	assert_int_equal(routes_told, 3);
	stepped_call_run_ms(&call, 100);
	assert_int_equal(stats_of(&call).route, TP_ROUTE_HANDSET);

	refuse = TP_ROUTE_HANDSFREE;
	assert_int_equal(tp_engine_route(call.engine[CALLER], TP_ROUTE_HANDSFREE),
			 TP_ERR_UNSUPPORTED);
	stepped_call_run_ms(&call, 100);
	assert_int_equal(stats_of(&call).route, TP_ROUTE_HANDSET);
	assert_int_equal(tp_engine_route(call.engine[CALLER], (enum tp_route)3), TP_ERR_ARGUMENT);

	/* Chosen while nothing runs, told at the start. */
	tp_engine_stop(call.engine[CALLER]);
	refuse = -1;
	assert_int_equal(tp_engine_route(call.engine[CALLER], TP_ROUTE_HANDSFREE), 0);
	assert_int_equal(routes_told, 3);
	assert_int_equal(tp_engine_start(call.engine[CALLER]), 0);
	assert_int_equal(routes_told, 4);
	assert_int_equal(last_route, TP_ROUTE_HANDSFREE);
	stepped_call_end(&call);
}

static void a_route_keeps_what_it_learnt(void **state)
{
	struct stepped_call call;
	double learnt;

	(void)state;
	begin_room(&call);
	stepped_call_begin(&call);
	run_ms(&call, 8000);
	learnt = reduction(6000);
	assert_int_equal(tp_engine_route(call.engine[CALLER], TP_ROUTE_HANDSET), 0);
	run_ms(&call, 3200);
	assert_int_equal(tp_engine_route(call.engine[CALLER], TP_ROUTE_HANDSFREE), 0);
	run_ms(&call, 1700);
	if (least_reduction(100, 1000) < 20)
		fail_msg("%.1f dB after the route came back; %.1f dB before",
			 least_reduction(100, 1000), learnt);
	/* The next call of the same engine, with a new device. */
	tp_engine_stop(call.engine[CALLER]);
	assert_int_equal(tp_engine_start(call.engine[CALLER]), 0);
	run_ms(&call, 2700);
	if (least_reduction(0, 2000) < 20)
		fail_msg("%.1f dB in the next call", least_reduction(0, 2000));
	stepped_call_end(&call);
}

/* What the volume changes in the reference is seen there, what it changes behind it is told. */
static void own_volume_steps_bring_no_echo(void **state)
{
	static const struct {
		enum tp_direction direction;
		int centibel;
	} steps[] = {{TP_PLAYBACK, -600}, {TP_PLAYBACK, 0}, {TP_CAPTURE, 600}, {TP_CAPTURE, 0}};
	struct stepped_call call;

	(void)state;
	begin_room(&call);
	stepped_call_begin(&call);
	run_ms(&call, 8000);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(
			tp_engine_gain(call.engine[CALLER], steps[i].direction, steps[i].centibel),
			0);
		run_ms(&call, 2000);
		if (least_reduction(100, 1000) < 25)
			fail_msg("step %d: %.1f dB", i, least_reduction(100, 1000));
	}
	stepped_call_end(&call);
}

static void what_a_route_learnt_can_be_kept_in_a_file(void **state)
{
	static uint8_t kept[1 << 16];
	struct stepped_call call;
	int len;

	(void)state;
	begin_room(&call);
	stepped_call_begin(&call);
	run_ms(&call, 8000);
	assert_int_equal(
		tp_engine_route_save(call.engine[CALLER], TP_ROUTE_HANDSFREE, kept, sizeof(kept)),
		TP_ERR_STATE);
	assert_non_null(strstr(tp_error_detail(), "in use"));
	/* On its way out it is still in use; a moment later it is not. */
	assert_int_equal(tp_engine_route(call.engine[CALLER], TP_ROUTE_HEADSET), 0);
	assert_int_equal(
		tp_engine_route_save(call.engine[CALLER], TP_ROUTE_HANDSFREE, kept, sizeof(kept)),
		TP_ERR_STATE);
	run_ms(&call, 50);
	len = tp_engine_route_save(call.engine[CALLER], TP_ROUTE_HANDSFREE, kept, sizeof(kept));
	assert_true(len > 12000 && len < 14000);
	assert_int_equal(tp_engine_route_save(call.engine[CALLER], TP_ROUTE_HANDSFREE, NULL, 0),
			 len);
	stepped_call_end(&call);

	begin_room(&call);
	stepped_call_begin(&call);
	assert_int_equal(
		tp_engine_route_load(call.engine[CALLER], TP_ROUTE_HANDSET, kept, (size_t)len),
		TP_ERR_FORMAT);
	assert_int_equal(
		tp_engine_route_load(call.engine[CALLER], TP_ROUTE_HANDSFREE, kept, (size_t)len),
		TP_ERR_STATE);
	tp_engine_stop(call.engine[CALLER]);
	assert_int_equal(tp_engine_route_load(call.engine[CALLER], TP_ROUTE_HANDSFREE, kept,
					      (size_t)len - 1),
			 TP_ERR_FORMAT);
	assert_int_equal(
		tp_engine_route_load(call.engine[CALLER], TP_ROUTE_HANDSFREE, kept, (size_t)len),
		0);
	assert_int_equal(tp_engine_start(call.engine[CALLER]), 0);
	run_ms(&call, 3200);
	/* From the first word on. */
	if (least_reduction(0, 2500) < 20)
		fail_msg("%.1f dB in a call with a known path", least_reduction(0, 2500));
	stepped_call_end(&call);
}

/* A handset may be lifted before anybody knows what the call will be: the first
 * codec still chooses the rate. */
static void a_route_chosen_early_settles_no_rate(void **state)
{
	struct tp_engine_config config;
	struct tp_session_options options;
	struct tp_session_config narrow;
	struct tp_session *session;
	struct tp_engine_stats stats;
	struct tp_engine *engine;
	uint8_t kept[16];

	(void)state;
	tp_engine_config_init(&config);
	config.threads = 0;
	tp_session_options_init(&options);
	tp_session_config_init(&narrow);
	assert_int_equal(tp_address_parse(&narrow.remote, "127.0.0.1:4000"), 0);
	assert_int_equal(tp_engine_create(&engine, &config), 0);
	assert_int_equal(tp_engine_route(engine, TP_ROUTE_HANDSET), 0);
	assert_int_equal(tp_engine_route_save(engine, TP_ROUTE_HANDSET, kept, sizeof(kept)),
			 TP_ERR_STATE);
	assert_int_equal(tp_engine_route_load(engine, TP_ROUTE_HANDSET, kept, sizeof(kept)),
			 TP_ERR_STATE);
	assert_int_equal(tp_session_open(&session, engine, &options), 0);
	assert_int_equal(tp_session_configure(session, &narrow), 0);
	assert_int_equal(tp_engine_start(engine), 0);
	for (int64_t ms = 1000; ms < 1100; ms += 5)
		assert_true(tp_engine_step(engine, ms * 1000000) >= 0);
	assert_int_equal(tp_engine_stats(engine, &stats), 0);
	assert_int_equal(stats.rate_hz, 8000);
	assert_int_equal(stats.route, TP_ROUTE_HANDSET);
	tp_engine_destroy(engine);
}

static void make_tone(int16_t *pcm, int n)
{
	for (int i = 0; i < n; i++)
		pcm[i] = (int16_t)(8000 * sin(2 * M_PI * 500 * i / RATE_HZ));
}

/* Under a steady tone no step is higher than the tone's own, the hole is short, and the
 * sound is whole again after it. */
static void a_change_does_not_click(void **state)
{
	static int16_t tone[RATE_HZ * 5];
	const double own = 8000 * 2 * M_PI * 500 / RATE_HZ;

	(void)state;
	make_tone(tone, RATE_HZ * 5);
	for (int block_ms = 5; block_ms <= 10; block_ms += 5) {
		struct stepped_call call;
		int worst = 0, quiet = 0;

		begin_routed(&call);
		call.engine_config.block_ms = block_ms;
		call.engine_config.voice.aec = true;
		fake_device[CALLER].mic = tone;
		fake_device[CALLER].mic_n = RATE_HZ * 5;
		stepped_call_begin(&call);
		run_ms(&call, 1000);
		for (int i = 0; i < 6; i++)
			assert_int_equal(tp_engine_route(call.engine[CALLER],
							 (enum tp_route)(i % TP_ROUTES)),
					 0);
		assert_int_equal(tp_engine_route(call.engine[CALLER], TP_ROUTE_HANDSET), 0);
		run_ms(&call, 500);
		for (int i = 1; i < taken; i++)
			worst = abs(near_pcm[i] - near_pcm[i - 1]) > worst
					? abs(near_pcm[i] - near_pcm[i - 1])
					: worst;
		for (int i = 0; i + 80 <= taken; i += 80)
			quiet += tp_level_db(near_pcm + i, 80) < tp_level_db(tone, 80) - 3;
		if (worst > 1.3 * own || quiet > 5)
			fail_msg("blocks of %d ms: a step of %d, the tone's are %.0f; %d ms soft",
				 block_ms, worst, own, 5 * quiet);
		assert_true(quiet > 0);
		stepped_call_end(&call);
	}
}

/* Level of a tone said into the handset, in the ear. */
static double ear_level(struct stepped_call *call)
{
	run_ms(call, 200);
	return tp_level_db(ear_pcm + taken / 2, taken / 2);
}

static void sidetone_is_of_its_route_and_bounded(void **state)
{
	static int16_t tone[RATE_HZ * 20];
	struct stepped_call call;
	double said;

	(void)state;
	make_tone(tone, RATE_HZ * 20);
	said = tp_level_db(tone, RATE_HZ);
	begin_routed(&call);
	call.engine_config.route = TP_ROUTE_HANDSET;
	fake_device[CALLER].mic = tone;
	fake_device[CALLER].mic_n = RATE_HZ * 20;
	stepped_call_begin(&call);
	struct tp_engine *engine = call.engine[CALLER];

	run_ms(&call, 500);
	assert_true(ear_level(&call) < -90);
	assert_int_equal(tp_engine_sidetone(engine, TP_ROUTE_HANDSET, TP_SIDETONE_NATURAL), 0);
	assert_true(fabs(ear_level(&call) - said + 18) < 0.3);
	assert_int_equal(tp_engine_sidetone(engine, TP_ROUTE_HEADSET, TP_SIDETONE_MAX), 0);
	assert_true(fabs(ear_level(&call) - said + 18) < 0.3);
	assert_int_equal(tp_engine_route(engine, TP_ROUTE_HEADSET), 0);
	run_ms(&call, 50);
	assert_true(fabs(ear_level(&call) - said) < 0.3);
	assert_int_equal(tp_engine_mute(engine, true), 0);
	run_ms(&call, 50);
	assert_true(ear_level(&call) < -90);
	assert_int_equal(tp_engine_mute(engine, false), 0);
	assert_int_equal(tp_engine_route(engine, TP_ROUTE_HANDSFREE), 0);
	run_ms(&call, 50);
	assert_true(ear_level(&call) < -90);
	assert_int_equal(tp_engine_route(engine, TP_ROUTE_HANDSET), 0);
	run_ms(&call, 50);
	assert_true(fabs(ear_level(&call) - said + 18) < 0.3);
	assert_int_equal(tp_engine_sidetone(engine, TP_ROUTE_HANDSET, TP_SIDETONE_OFF), 0);
	run_ms(&call, 50);
	assert_true(ear_level(&call) < -90);

	assert_int_equal(tp_engine_sidetone(engine, TP_ROUTE_HANDSFREE, -1800), TP_ERR_UNSUPPORTED);
	assert_int_equal(tp_engine_sidetone(engine, TP_ROUTE_HANDSFREE, TP_SIDETONE_OFF), 0);
	assert_int_equal(tp_engine_sidetone(engine, TP_ROUTE_HANDSET, 100), TP_ERR_ARGUMENT);
	assert_int_equal(tp_engine_sidetone(engine, (enum tp_route)7, -1800), TP_ERR_ARGUMENT);
	stepped_call_end(&call);
}

/* The canceller does not take the talker for the far end because he hears himself. */
static void sidetone_is_no_echo_reference(void **state)
{
	static int16_t said[RATE_HZ * 4], without[TAP_MAX];

	(void)state;
	stepped_call_speak(said, RATE_HZ * 4, RATE_HZ, 3);
	for (int with = 0; with < 2; with++) {
		struct stepped_call call;

		begin_routed(&call);
		call.engine_config.route = TP_ROUTE_HANDSET;
		call.engine_config.voice.aec = true;
		fake_device[CALLER].mic = said;
		fake_device[CALLER].mic_n = RATE_HZ * 4;
		stepped_call_begin(&call);
		if (with)
			assert_int_equal(
				tp_engine_sidetone(call.engine[CALLER], TP_ROUTE_HANDSET, -300), 0);
		run_ms(&call, 3500);
		if (!with)
			memcpy(without, near_pcm, sizeof(without));
		else
			assert_memory_equal(without, near_pcm, (size_t)taken * 2);
		assert_true((tp_level_db(ear_pcm, taken) > -60) == (with == 1));
		stepped_call_end(&call);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_device_is_told_its_route),
		cmocka_unit_test(a_route_keeps_what_it_learnt),
		cmocka_unit_test(own_volume_steps_bring_no_echo),
		cmocka_unit_test(what_a_route_learnt_can_be_kept_in_a_file),
		cmocka_unit_test(a_route_chosen_early_settles_no_rate),
		cmocka_unit_test(a_change_does_not_click),
		cmocka_unit_test(sidetone_is_of_its_route_and_bounded),
		cmocka_unit_test(sidetone_is_no_echo_reference),
	};

	return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
