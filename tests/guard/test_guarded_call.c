/* SPDX-License-Identifier: MIT */
/* Whole calls under the guard: between capture and playback nothing allocates, locks or calls the
 * system, whatever the codec, the weather and the changes in mid-call are. */
#include "tests/fixtures/stepped_call.h"
#include "tests/guard/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct fake_weather weather = {.delay_ms = 30,
					    .jitter_ms = 30,
					    .loss = 0.05,
					    .burst = 2,
					    .reorder = 0.02,
					    .reorder_ms = 40};

/* To the ear and back, with sidetone: the route is built outside of the blocks, once. */
static void change_routes(struct stepped_call *call)
{
	struct tp_engine *engine = call->engine[CALLER];

	assert_int_equal(tp_engine_sidetone(engine, TP_ROUTE_HANDSET, TP_SIDETONE_NATURAL), 0);
	assert_int_equal(tp_engine_route(engine, TP_ROUTE_HANDSET), 0);
	stepped_call_run_ms(call, 500);
	assert_int_equal(tp_engine_route(engine, TP_ROUTE_HANDSFREE), 0);
	stepped_call_run_ms(call, 500);
}

/* Ten seconds of call with everything on. */
static void guarded_call(const char *codec, int pt, int rate_hz)
{
	struct stepped_call call;
	int16_t *said = calloc((size_t)rate_hz * 12, sizeof(*said));

	stepped_call_init(&call);
	stepped_call_speak(said, rate_hz * 12, rate_hz, 3);
	for (int side = 0; side < 2; side++) {
		fake_device[side].mic = said;
		fake_device[side].mic_n = (int64_t)rate_hz * 12;
		fake_device[side].two_crystals = side == 0;
		fake_device[side].playback_ppm = side == 0 ? 100 : 0;
	}
	call.engine_config.rate_hz = rate_hz;
	call.engine_config.voice =
		(struct tp_voice_config){.aec = true, .ns = true, .agc = true, .tail_ms = 200};
	stepped_call_codec(&call.session_config, codec, pt, 20);
	call.session_config.send.options.fec = true;
	strcpy(call.session_config.receive[1].codec, "PCMA");
	call.session_config.receive[1].pt = 8;
	call.session_config.receive_n = 2;
	stepped_call_begin(&call);
	for (int side = 0; side < 2; side++)
		fake_network_impair(call.net, stepped_call_address[side], &weather);
	tp_guard_begin();
	stepped_call_run_ms(&call, 5000);
	strcpy(call.session_config.send.codec, "PCMA");
	call.session_config.send.pt = 8;
	stepped_call_configure(&call, CALLER, &call.session_config);
	change_routes(&call);
	stepped_call_run_ms(&call, 4000);
	tp_guard_end();
	assert_true(tp_guard_stretches() > 1900);
	assert_int_equal(tp_guard_violations(TP_GUARD_ANY), 0);
	stepped_call_end(&call);
	free(said);
}

static void pcmu_at_8_khz(void **state)
{
	(void)state;
	guarded_call("PCMU", 0, 8000);
}

static void g722_at_16_khz(void **state)
{
	(void)state;
	guarded_call("G722", 9, 16000);
}

static void opus_at_16_khz(void **state)
{
	(void)state;
	guarded_call("opus", 96, 16000);
}

static void opus_at_48_khz(void **state)
{
	(void)state;
	guarded_call("opus", 96, 48000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcmu_at_8_khz),
		cmocka_unit_test(g722_at_16_khz),
		cmocka_unit_test(opus_at_16_khz),
		cmocka_unit_test(opus_at_48_khz),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
