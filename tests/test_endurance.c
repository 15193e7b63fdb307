/* SPDX-License-Identifier: MIT */
/* Long calls in virtual time: PCMU and SRTP in bad weather, rooms and echo cancellation; each twice
 * with one seed, the same bit for bit, and memory that stays as it was. `make endurance` takes an
 * hour and five minutes of call, the usual run a part of it. */
#include "tests/fixtures/stepped_call.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct outcome {
	uint64_t hash;
	uint64_t packets;
	size_t grown; /* memory in use at the end beyond that after a minute */
};

static void listen(struct stepped_call *call, struct outcome *outcome)
{
	static int16_t frames[4800 * TP_TAP_CHANNELS];

	for (int side = 0; side < 2; side++) {
		int n;
		while ((n = tp_engine_tap(call->engine[side], frames, 4800)) > 0)
			for (int i = 0; i < n * TP_TAP_CHANNELS; i++)
				outcome->hash =
					(outcome->hash ^ (uint16_t)frames[i]) * 0x100000001b3u;
	}
}

/* Seconds of call: the whole with TALKPATH_ENDURANCE in the environment, else a part. */
static int seconds(int whole, int part)
{
	return getenv("TALKPATH_ENDURANCE") ? whole : part;
}

static struct outcome long_call(struct stepped_call *call, int length_s)
{
	struct fake_weather weather = {.delay_ms = 40, .jitter_ms = 30, .loss = 0.02, .burst = 1.5};
	struct outcome outcome = {.hash = 0xcbf29ce484222325u};
	size_t before = 0;

	stepped_call_begin(call);
	for (int side = 0; side < 2; side++)
		fake_network_impair(call->net, stepped_call_address[side], &weather);
	for (int s = 0; s < length_s; s++) {
		stepped_call_run_ms(call, 1000);
		listen(call, &outcome);
		if (s == 20)
			before = mallinfo2().uordblks;
	}
	outcome.grown = mallinfo2().uordblks > before ? mallinfo2().uordblks - before : 0;
	outcome.packets = stepped_call_stats(call, CALLED).receive.packets;
	stepped_call_end(call);
	return outcome;
}

static void same_twice(struct outcome first, struct outcome again, int length_s)
{
	assert_true(first.hash == again.hash);
	assert_true(first.packets == again.packets);
	assert_true(first.packets > (uint64_t)length_s * 48);
	/* the fake network's queue breathes; a leak of one octet a packet would be far more */
	assert_true(first.grown < 100000);
}

static struct outcome hour(void)
{
	struct stepped_call call;

	stepped_call_init(&call);
	call.step_us = 10000;
	call.engine_config.hal = NULL;
	call.device_name[0] = "null:play_ppm=100,capture_ppm=0";
	call.device_name[1] = "null:play_ppm=0,capture_ppm=-100";
	call.session_config.send_key.suite = TP_SRTP_AES_CM_128_HMAC_SHA1_80;
	call.session_config.receive_key.suite = TP_SRTP_AES_CM_128_HMAC_SHA1_80;
	memset(call.session_config.send_key.key, 1, TP_SRTP_KEY_MAX);
	memset(call.session_config.receive_key.key, 2, TP_SRTP_KEY_MAX);
	return long_call(&call, seconds(3600, 240));
}

static void pcmu_and_srtp_in_bad_weather(void **state)
{
	(void)state;
	same_twice(hour(), hour(), seconds(3600, 240));
}

static struct outcome rooms(void)
{
	struct stepped_call call;

	stepped_call_init(&call);
	call.step_us = 10000;
	call.engine_config.hal = NULL;
	call.engine_config.voice.aec = true;
	call.device_name[0] = "room:noise=-65,erl=6,seed=1,play_ppm=20";
	call.device_name[1] = "room:noise=-60,erl=0,seed=2,capture_ppm=-20";
	stepped_call_codec(&call.session_config, "G722", 9, 20);
	return long_call(&call, seconds(300, 30));
}

static void rooms_and_echo_cancellation(void **state)
{
	(void)state;
	same_twice(rooms(), rooms(), seconds(300, 30));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcmu_and_srtp_in_bad_weather),
		cmocka_unit_test(rooms_and_echo_cancellation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
