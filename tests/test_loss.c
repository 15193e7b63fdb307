/* SPDX-License-Identifier: MIT */
/* Lost packets in a call: the codec's own redundancy, both sides of a
 * gap, and what the sender hears. */
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
	SECONDS = 30,
	RATE_HZ = 16000,
};

static int16_t *give_speech(void)
{
	int16_t *said = calloc(RATE_HZ * SECONDS, sizeof(*said));

	stepped_call_speak(said, RATE_HZ * SECONDS, RATE_HZ, 11);
	fake_device[CALLER].mic = said;
	fake_device[CALLER].mic_n = RATE_HZ * SECONDS;
	return said;
}

static void begin(struct stepped_call *call, const char *codec, int pt, bool fec, int delay_ms)
{
	call->engine_config.rate_hz = RATE_HZ;
	stepped_call_codec(&call->session_config, codec, pt, 20);
	call->session_config.send.options.fec = fec;
	call->session_config.receive[0] = call->session_config.send;
	call->session_config.rtcp_interval_ms = 1000;
	call->session_config.jitter =
		(struct tp_jitter_config){TP_JITTER_FIXED, delay_ms, delay_ms, delay_ms};
	stepped_call_begin(call);
}

/* F28: at 5 % loss FEC is decoded, it costs no delay when the next packet is there, and the encoder
 * is told the loss that RTCP reports. */
static void field_28_opus_fec_is_decoded(void **state)
{
	struct stepped_call call;
	struct tp_session_stats before, after;
	int16_t *said;

	(void)state;
	stepped_call_init(&call);
	said = give_speech();
	begin(&call, "opus", 96, true, 40);
	stepped_call_run_ms(&call, 3000);
	before = stepped_call_stats(&call, CALLED);
	assert_int_equal(before.jitter.fec_ms, 0);
	assert_int_equal(stepped_call_stats(&call, CALLER).send.loss_told_percent, 0);
	fake_network_impair(call.net, stepped_call_address[CALLER],
			    &(struct fake_weather){.loss = 0.05});
	stepped_call_run_ms(&call, 25000);
	after = stepped_call_stats(&call, CALLED);
	uint32_t lost_ms = 20 * (after.receive.lost - before.receive.lost);
	assert_true(lost_ms > 600);
	if (after.jitter.fec_ms < lost_ms * 3 / 5)
		fail_msg("%u of %u ms lost are out of FEC", after.jitter.fec_ms, lost_ms);
	assert_true(after.jitter.concealed_ms + after.jitter.fec_ms <= lost_ms + 40);
	assert_true(fabs(after.jitter.delay_ms - before.jitter.delay_ms) < 1);
	assert_in_range(stepped_call_stats(&call, CALLER).send.loss_told_percent, 2, 15);
	stepped_call_end(&call);
	free(said);
}

/* What the encoder was told goes down again when nothing is lost any more. */
static void told_loss_falls_when_the_network_heals(void **state)
{
	struct stepped_call call;
	int16_t *said;

	(void)state;
	stepped_call_init(&call);
	said = give_speech();
	begin(&call, "opus", 96, true, 40);
	fake_network_impair(call.net, stepped_call_address[CALLER],
			    &(struct fake_weather){.loss = 0.3});
	stepped_call_run_ms(&call, 6000);
	assert_in_range(stepped_call_stats(&call, CALLER).send.loss_told_percent, 20, 45);
	fake_network_impair(call.net, stepped_call_address[CALLER],
			    &(struct fake_weather){.loss = 0});
	stepped_call_run_ms(&call, 22000);
	assert_in_range(stepped_call_stats(&call, CALLER).send.loss_told_percent, 0, 2);
	stepped_call_end(&call);
	free(said);
}

/* Share of the 20 ms pieces with a voice in them whose level in the
 * ear is off by more than 6 dB. */
static double share_off(const struct stepped_call *call, const int16_t *said)
{
	const int16_t *ear = call->ear[CALLED];
	int n = RATE_HZ / 50, off = 0, all = 0;
	double alike;
	int delay = stepped_call_delay(said + RATE_HZ, ear + RATE_HZ, RATE_HZ, RATE_HZ / 4, &alike);

	for (int at = RATE_HZ; at < RATE_HZ * (SECONDS - 2); at += n) {
		if (tp_level_db(said + at, n) < -35)
			continue;
		off += fabs(tp_level_db(said + at, n) - tp_level_db(ear + at + delay, n)) > 6;
		all++;
	}
	return (double)off / all;
}

/* The next packet waits already at 40 ms: with what it says of the lost one hardly a gap is heard,
 * whatever the codec, and the delay stays what it was. */
static void a_gap_is_filled_from_both_sides(void **state)
{
	static const struct {
		const char *codec;
		int pt;
	} codecs[] = {{"PCMU", 0}, {"G722", 9}, {"L16", 97}, {"opus", 96}};

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct stepped_call call;
		struct tp_session_stats stats;
		int16_t *said;

		stepped_call_init(&call);
		said = give_speech();
		begin(&call, codecs[i].codec, codecs[i].pt, false, 40);
		fake_network_impair(call.net, stepped_call_address[CALLER],
				    &(struct fake_weather){.loss = 0.1});
		stepped_call_run_ms(&call, SECONDS * 1000);
		stats = stepped_call_stats(&call, CALLED);
		assert_in_range(stats.jitter.concealed_ms, 20 * stats.receive.lost - 60,
				20 * stats.receive.lost + 60);
		assert_int_equal(stats.jitter.stretched_ms, 0);
		double off = share_off(&call, said);
		if (off > 0.07) /* G.722: its predictors need a while */
			fail_msg("%s: %.1f %% of the voice are off", codecs[i].codec, 100 * off);
		stepped_call_end(&call);
		free(said);
	}
}

/* A voice whose pitch rises and falls by a fifth, which one side of a gap does not foretell. */
static int16_t *give_gliding_voice(void)
{
	int16_t *said = give_speech();
	double phase = 0;

	for (int i = 0; i < RATE_HZ * SECONDS; i++) {
		double hz = 160 * (1 + 0.2 * sin(2 * M_PI * 2.5 * i / RATE_HZ)), y = 0;

		phase += 2 * M_PI * hz / RATE_HZ;
		for (int k = 1; k <= 10; k++)
			y += sin(k * phase + k * k) / k;
		said[i] = (int16_t)(5000 * y);
	}
	return said;
}

/* What the called hears of that voice at so much loss, the next packet being there; to be freed. */
static int16_t *hear_gliding_voice(double loss)
{
	struct stepped_call call;
	int16_t *said, *heard = malloc(RATE_HZ * SECONDS * sizeof(*heard));

	stepped_call_init(&call);
	said = give_gliding_voice();
	begin(&call, "opus", 96, false, 40);
	fake_network_impair(call.net, stepped_call_address[CALLER],
			    &(struct fake_weather){.loss = loss});
	stepped_call_run_ms(&call, SECONDS * 1000);
	memcpy(heard, call.ear[CALLED], RATE_HZ * SECONDS * sizeof(*heard));
	stepped_call_end(&call);
	free(said);
	return heard;
}

/* Opus without FEC: libopus would go on from the one side that it knows, and be 10.7 dB off. */
static void a_gap_in_opus_is_filled_from_both_sides(void **state)
{
	int16_t *whole = hear_gliding_voice(0), *lossy = hear_gliding_voice(0.05);
	int n = RATE_HZ / 50, gaps = 0;
	double error = 1, sound = 1;

	(void)state;
	for (int at = RATE_HZ; at < RATE_HZ * (SECONDS - 2); at++) {
		if (whole[at] == lossy[at])
			continue;
		for (int i = at; i < at + n; i++) {
			sound += (double)whole[i] * whole[i];
			error += pow(whole[i] - lossy[i], 2);
		}
		at += 5 * n; /* behind which all is well again */
		gaps++;
	}
	assert_true(gaps > 30);
	if (sound < error * pow(10, 1.18))
		fail_msg("%.1f dB", 10 * log10(sound / error));
	free(whole);
	free(lossy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(field_28_opus_fec_is_decoded),
		cmocka_unit_test(told_loss_falls_when_the_network_heals),
		cmocka_unit_test(a_gap_is_filled_from_both_sides),
		cmocka_unit_test(a_gap_in_opus_is_filled_from_both_sides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
