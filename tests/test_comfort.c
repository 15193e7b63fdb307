/* SPDX-License-Identifier: MIT */
/* Comfort noise (RFC 3389): its octets, when it is sent, and that a
 * pause is neither loss nor delay. */
#include "dsp/activity.h"
#include "dsp/level.h"
#include "engine/comfort.h"
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
	RATE_HZ = 8000,
	SECONDS = 16,
	PAUSE_S = 4, /* talk and silence take turns of so long */
};

static void octets_are_those_of_the_rfc(void **state)
{
	static const uint8_t payload[] = {0x80 | 40, 127, 0, 254, 255};
	uint8_t written[TP_COMFORT_MAX];
	struct tp_comfort comfort;

	(void)state;
	assert_int_equal(tp_comfort_parse(&comfort, payload, 0), TP_ERR_FORMAT);
	assert_int_equal(tp_comfort_parse(&comfort, payload, sizeof(payload)), 0);
	assert_true(fabs(10 * log10((double)comfort.power / (32768.0 * 32768.0)) + 40) < 1e-4);
	assert_int_equal(comfort.order, 4);
	/* 3.2: k = 258 (N - 127) / 32768, of an A(z) whose signs are not the predictor's. */
	assert_float_equal(comfort.reflection[0], 0, 0);
	assert_float_equal(comfort.reflection[1], 258 * 127 / 32768.0, 1e-6);
	assert_float_equal(comfort.reflection[2], -258 * 127 / 32768.0, 1e-6);
	assert_float_equal(comfort.reflection[3], -258 * 127 / 32768.0, 1e-6);
	assert_int_equal(tp_comfort_write(&comfort, written), 5);
	assert_int_equal(written[0], 40);
	assert_memory_equal(written + 1, payload + 1, 3);
	assert_int_equal(written[4], 254); /* 255 is reserved */
}

static void any_payload_reads_as_a_stable_filter(void **state)
{
	uint8_t payload[40];
	struct tp_background background;
	struct tp_comfort comfort;
	struct tp_noise dice;

	(void)state;
	tp_noise_init(&dice, 5);
	for (int i = 0; i < 300; i++) {
		size_t len = 1 + tp_noise_bits(&dice) % sizeof(payload);
		double sum = 0;

		for (size_t k = 0; k < len; k++)
			payload[k] = i % 3 ? (uint8_t)tp_noise_bits(&dice) : i % 2 ? 0 : 255;
		assert_int_equal(tp_comfort_parse(&comfort, payload, len), 0);
		assert_in_range(comfort.order, 0, TP_COMFORT_READ_MAX);
		tp_background_init(&background, 8000);
		tp_background_tell(&background, comfort.power, comfort.reflection, comfort.order);
		tp_background_begin(&background);
		for (int k = 0; k < 4000; k++) {
			double y = (double)tp_background_next(&background);
			assert_true(isfinite(y));
			sum += y * y;
		}
		assert_true(sum / 4000 < 50 * fmax(100, (double)comfort.power));
	}
}

/* What one room is described as sounds like that room. */
static void a_described_room_sounds_like_it(void **state)
{
	static int16_t room[3 * 16000], made[16000];

	(void)state;
	for (int rate = 8000; rate <= 16000; rate *= 2) {
		struct tp_background here, there;
		struct tp_comfort comfort = {.order = TP_COMFORT_ORDER}, heard;
		uint8_t payload[TP_COMFORT_MAX];
		double low = 0;

		fake_noise(3, 400, room, 3 * rate);
		for (int i = 0; i < 3 * rate; i++)
			room[i] = (int16_t)(low = 0.7 * low + room[i]);
		tp_background_init(&here, rate);
		for (int at = 0; at + rate / 100 <= 3 * rate; at += rate / 100)
			tp_background_hear(&here, room + at);
		comfort.power = tp_background_describe(&here, comfort.reflection, comfort.order);
		int len = tp_comfort_write(&comfort, payload);
		assert_int_equal(tp_comfort_parse(&heard, payload, (size_t)len), 0);
		tp_background_init(&there, rate);
		tp_background_tell(&there, heard.power, heard.reflection, heard.order);
		tp_background_begin(&there);
		for (int i = 0; i < rate; i++)
			made[i] = (int16_t)lrintf(tp_background_next(&there));
		assert_true(fabs(tp_level_db(made, rate) - tp_level_db(room, 3 * rate)) < 2);
		/* its colour: how like its neighbour a sample is */
		double same[2] = {0}, all[2] = {0};
		for (int i = 1; i < rate; i++) {
			same[0] += room[i] * room[i - 1], all[0] += room[i] * room[i];
			same[1] += made[i] * made[i - 1], all[1] += made[i] * made[i];
		}
		assert_true(fabs(same[0] / all[0] - same[1] / all[1]) < 0.1);
	}
}

/* Speech of 4 s, then 4 s of the room alone, at -60 dB throughout. */
static int16_t *talk_in_turns(void)
{
	int16_t *pcm = calloc(RATE_HZ * SECONDS, sizeof(*pcm));
	int16_t *room = calloc(RATE_HZ * SECONDS, sizeof(*room));

	stepped_call_speak(pcm, RATE_HZ * SECONDS, RATE_HZ, 5);
	fake_noise(8, 33, room, RATE_HZ * SECONDS);
	for (int i = 0; i < RATE_HZ * SECONDS; i++)
		pcm[i] = (int16_t)(i / (RATE_HZ * PAUSE_S) % 2 ? room[i] : pcm[i] + room[i]);
	free(room);
	return pcm;
}

static void talk_is_told_from_the_room(void **state)
{
	int16_t *pcm = talk_in_turns();
	struct tp_activity activity;
	int talk[2] = {0}, n = RATE_HZ / 50;

	(void)state;
	tp_activity_init(&activity, RATE_HZ);
	for (int at = 0; at + n <= RATE_HZ * SECONDS; at += n)
		talk[at / (RATE_HZ * PAUSE_S) % 2] += tp_activity_hear(&activity, pcm + at, n);
	/* 8 s each: all talk is found, and of the silences all but the hang-over, twice 250 ms */
	assert_int_equal(talk[0], 400);
	assert_in_range(talk[1], 4, 40);
	free(pcm);
}

enum pauses {
	DESCRIBED, /* by comfort noise */
	UNSAID, /* not sent at all, as some gateways do */
	OPUS, /* by a packet now and then */
};

/* A call in which one side talks in turns; both count what they should. */
static void call_with_pauses(struct stepped_call *call, enum pauses pauses)
{
	int16_t *said = talk_in_turns();

	stepped_call_init(call);
	if (pauses == OPUS) {
		stepped_call_codec(&call->session_config, "opus", 96, 20);
		call->session_config.send.options.dtx = true;
	}
	fake_device[CALLER].mic = said;
	fake_device[CALLER].mic_n = RATE_HZ * SECONDS;
	if (pauses != OPUS)
		call->session_config.send.cn_pt = pauses == DESCRIBED ? 13 : 100; /* unknown */
	stepped_call_begin(call);
	stepped_call_run_ms(call, SECONDS * 1000);
	free(said);
}

static void silences_are_described_and_not_sent(void **state)
{
	struct stepped_call call;

	(void)state;
	call_with_pauses(&call, DESCRIBED);
	struct tp_session_stats sender = stepped_call_stats(&call, CALLER);
	struct tp_session_stats heard = stepped_call_stats(&call, CALLED);

	/* two pauses of 4 s less the hang-over, described every 2 s at
	 * least, every 200 ms at most */
	assert_in_range(sender.send.silent_ms, 7000, 7900);
	assert_in_range(heard.receive.packets, 800 - 395 + 4, 800 - 350 + 40);
	assert_int_equal(heard.receive.lost, 0);
	assert_int_equal(heard.jitter.concealed_ms, 0);
	assert_int_equal(heard.jitter.late, 0);
	assert_in_range(heard.jitter.noise_ms, 7000, 8000);
	assert_true(heard.jitter.delay_ms < 40);
	for (int second = 1; second < SECONDS; second++) {
		double level = tp_level_db(call.ear[CALLED] + second * RATE_HZ, RATE_HZ);
		bool pause = second % (2 * PAUSE_S) > PAUSE_S;

		if (second % PAUSE_S && pause)
			assert_in_range(lrint(-level), 57, 63);
		else if (second % PAUSE_S)
			assert_true(level > -45);
	}
	stepped_call_end(&call);
}

/* Every 20 ms in the middle of a pause. */
static void expect_pause_db(const struct stepped_call *call, double wanted_db)
{
	for (int at = RATE_HZ * 5; at < RATE_HZ * 7; at += RATE_HZ / 50) {
		double level = tp_level_db(call->ear[CALLED] + at, RATE_HZ / 50);
		if (fabs(level - wanted_db) > 6)
			fail_msg("%.1f dB at %d ms of a pause", level, at / 8);
	}
}

/* Silence that nobody speaks of: the room goes on at a quarter of its loudness, nothing counts
 * as lost, and the delay stays. */
static void silences_without_a_word_are_no_loss(void **state)
{
	struct stepped_call call;

	(void)state;
	call_with_pauses(&call, UNSAID);
	struct tp_session_stats heard = stepped_call_stats(&call, CALLED);

	assert_int_equal(heard.jitter.concealed_ms, 0);
	assert_true(heard.jitter.noise_ms > 3000);
	if (heard.jitter.delay_ms >= 60)
		fail_msg("the delay is %.0f ms", heard.jitter.delay_ms);
	expect_pause_db(&call, -80);
	stepped_call_end(&call);
}

/* Opus shows a sign of the room every 400 ms: between them it is not let go, or it would pump. */
static void pauses_of_opus_are_even(void **state)
{
	struct stepped_call call;

	(void)state;
	call_with_pauses(&call, OPUS);
	expect_pause_db(&call, -60);
	stepped_call_end(&call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_are_those_of_the_rfc),
		cmocka_unit_test(any_payload_reads_as_a_stable_filter),
		cmocka_unit_test(a_described_room_sounds_like_it),
		cmocka_unit_test(talk_is_told_from_the_room),
		cmocka_unit_test(silences_are_described_and_not_sent),
		cmocka_unit_test(silences_without_a_word_are_no_loss),
		cmocka_unit_test(pauses_of_opus_are_even),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
