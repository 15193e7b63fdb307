/* SPDX-License-Identifier: MIT */
/* Redundant packets (RFC 2198): their octets, and calls in which lost sound comes again. */
#include "dsp/noise.h"
#include "engine/again.h"
#include "tests/fixtures/stepped_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	SECONDS = 20,
	RED_PT = 121,
};

/* RFC 2198 4: a primary of PCMU... laid out by hand: two earlier blocks of 2 and 3 octets. */
static void octets_are_those_of_the_rfc(void **state)
{
	static const uint8_t payload[] = {0x80 | 7,
					  320 >> 6,
					  (320 & 63) << 2,
					  2,
					  0x80 | 5,
					  160 >> 6,
					  (160 & 63) << 2,
					  3,
					  5,
					  1,
					  2,
					  3,
					  4,
					  5,
					  6,
					  7};
	struct tp_redundancy red;
	uint8_t written[16];

	(void)state;
	assert_int_equal(tp_redundancy_parse(&red, payload, sizeof(payload)), 0);
	assert_int_equal(red.own.pt, 5);
	assert_int_equal(red.own.at, 14);
	assert_int_equal(red.own.len, 2);
	assert_int_equal(red.n, 2);
	assert_int_equal(red.earlier[0].pt, 5); /* the newest first */
	assert_int_equal(red.earlier[0].back, 160);
	assert_int_equal(red.earlier[0].at, 11);
	assert_int_equal(red.earlier[0].len, 3);
	assert_int_equal(red.earlier[1].pt, 7);
	assert_int_equal(red.earlier[1].back, 320);
	assert_int_equal(red.earlier[1].at, 9);
	/* the oldest is written first */
	struct tp_redundancy_block newest = red.earlier[0];
	red.earlier[0] = red.earlier[1];
	red.earlier[1] = newest;
	assert_int_equal(tp_redundancy_write(&red, written), 9);
	assert_memory_equal(written, payload, 9);
}

static void broken_packets_are_refused(void **state)
{
	uint8_t payload[64];
	struct tp_redundancy red;
	struct tp_noise dice;

	(void)state;
	memset(payload, 0xff, sizeof(payload));
	for (size_t len = 0; len <= sizeof(payload); len++) /* headers without an end */
		assert_int_equal(tp_redundancy_parse(&red, payload, len), TP_ERR_FORMAT);
	memcpy(payload, (uint8_t[]){0x80, 2, 0x80, 9, 0}, 5); /* 9 octets that are not there */
	assert_int_equal(tp_redundancy_parse(&red, payload, 13), TP_ERR_FORMAT);
	assert_int_equal(tp_redundancy_parse(&red, payload, 14), 0);
	assert_int_equal(red.own.len, 0);
	tp_noise_init(&dice, 1);
	for (int i = 0; i < 20000; i++) {
		size_t len = tp_noise_bits(&dice) % sizeof(payload);

		for (size_t k = 0; k < len; k++)
			payload[k] = (uint8_t)tp_noise_bits(&dice) & (k % 4 ? 0x8f : 0xff);
		if (tp_redundancy_parse(&red, payload, len) < 0)
			continue;
		assert_true(red.own.at + red.own.len == (int)len);
		for (int k = 0; k < red.n; k++)
			assert_true(red.earlier[k].at + red.earlier[k].len <= red.own.at);
	}
}

static void what_was_sent_is_sent_again(void **state)
{
	struct tp_again again = {.newest = 0};
	uint8_t payload[1400], sound[300];
	struct tp_redundancy red;

	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		int distance = 1 + (int)i % TP_AGAIN_DISTANCE_MAX;
		int at = tp_again_begin(&again, distance, 0, 1000 + 160 * i, payload,
					sizeof(payload));

		assert_int_equal(tp_redundancy_parse(&red, payload, (size_t)at), 0);
		assert_int_equal(red.own.at, at);
		assert_int_equal(red.n, (int)i >= distance);
		if (red.n) {
			assert_int_equal(red.earlier[0].back, 160 * distance);
			assert_int_equal(red.earlier[0].len, 100 + (int)i - distance);
			assert_int_equal(payload[red.earlier[0].at], (int)i - distance);
		}
		memset(sound, (int)i, sizeof(sound));
		tp_again_keep(&again, 0, 1000 + 160 * i, sound, 100 + (int)i);
	}
	/* nothing was sent, or nothing that fits: nothing is repeated */
	tp_again_keep(&again, 0, 3000, NULL, 0);
	assert_int_equal(tp_again_begin(&again, 1, 0, 3160, payload, sizeof(payload)), 1);
	tp_again_keep(&again, 0, 3160, sound, 300);
	assert_int_equal(tp_again_begin(&again, 1, 0, 3320, payload, 500), 1);
	assert_int_equal(tp_again_begin(&again, 1, 0, 3160 + 20000, payload, 1400), 1);
}

/* A call over a lossy network, both ends with a fixed delay in which the
 * next two packets are there. */
static struct tp_session_stats lossy_call(const char *codec, int pt, int rate_hz, double burst,
					  bool red, int *distance)
{
	int16_t *said = calloc((size_t)rate_hz * SECONDS, sizeof(*said));
	struct stepped_call call;
	struct tp_session_stats stats;

	stepped_call_speak(said, rate_hz * SECONDS, rate_hz, 3);
	stepped_call_init(&call);
	for (int side = 0; side < 2; side++) {
		fake_device[side].mic = said;
		fake_device[side].mic_n = (int64_t)rate_hz * SECONDS;
	}
	call.engine_config.rate_hz = rate_hz;
	stepped_call_codec(&call.session_config, codec, pt, 20);
	call.session_config.jitter = (struct tp_jitter_config){TP_JITTER_FIXED, 60, 60, 60};
	if (red) {
		call.session_config.send.red_pt = RED_PT;
		strcpy(call.session_config.receive[1].codec, "red");
		call.session_config.receive[1].pt = RED_PT;
		call.session_config.receive_n = 2;
	}
	stepped_call_begin(&call);
	for (int side = 0; side < 2; side++)
		fake_network_impair(call.net, stepped_call_address[side],
				    &(struct fake_weather){.loss = 0.08, .burst = burst});
	stepped_call_run_ms(&call, SECONDS * 1000);
	stats = stepped_call_stats(&call, CALLED);
	*distance = stats.send.red_distance;
	stepped_call_end(&call);
	free(said);
	return stats;
}

/* Any codec: nearly all that is lost alone comes again in time. */
static void lost_sound_comes_again(void **state)
{
	static const struct {
		const char *codec;
		int pt, rate_hz;
	} codecs[] = {{"PCMU", 0, 8000}, {"G722", 9, 16000}, {"opus", 96, 16000}};
	int distance;

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct tp_session_stats without = lossy_call(
			codecs[i].codec, codecs[i].pt, codecs[i].rate_hz, 1, false, &distance);
		assert_int_equal(distance, 0);
		struct tp_session_stats with = lossy_call(codecs[i].codec, codecs[i].pt,
							  codecs[i].rate_hz, 1, true, &distance);
		assert_int_equal(distance, 1);
		assert_true(without.jitter.concealed_ms > 600);
		assert_int_equal(without.jitter.fec_ms, 0);
		if (with.jitter.concealed_ms * 5 > without.jitter.concealed_ms)
			fail_msg("%s: %u ms concealed, %u without redundancy", codecs[i].codec,
				 with.jitter.concealed_ms, without.jitter.concealed_ms);
		assert_true(with.jitter.fec_ms > without.jitter.concealed_ms / 2);
		assert_int_equal(with.receive.malformed, 0);
		assert_string_equal(with.receive_codec, codecs[i].codec);
	}
}

/* Losses in runs: a repetition right behind would be lost as well. */
static void distance_follows_the_bursts(void **state)
{
	int distance;

	(void)state;
	lossy_call("PCMU", 0, 8000, 2, true, &distance);
	assert_int_equal(distance, 2);
	lossy_call("PCMU", 0, 8000, 4, true, &distance);
	assert_int_equal(distance, TP_AGAIN_DISTANCE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_are_those_of_the_rfc),
		cmocka_unit_test(broken_packets_are_refused),
		cmocka_unit_test(what_was_sent_is_sent_again),
		cmocka_unit_test(lost_sound_comes_again),
		cmocka_unit_test(distance_follows_the_bursts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
