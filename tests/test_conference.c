/* SPDX-License-Identifier: MIT */
/* Several streams at one phone: who hears whom, by tones; in virtual time. */
#include "tests/fixtures/fake_device.h"
#include "tests/fixtures/fake_network.h"

#include <talkpath/talkpath.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
	RATE_HZ = 8000,
	SECONDS = 4,
	BLOCK_MS = 10,
	HUB = 0, /* has a stream to each of the others */
	PHONES = 3,
	AMPLITUDE = 4000,
};

/* Each has a tone of its own: whole periods in the 0.1 s that are listened to at a time. */
static const int tone_hz[PHONES] = {400, 700, 1100};
static const char *const at_hub[PHONES] = {NULL, "10.0.0.1:4000", "10.0.0.1:4010"};
static const char *const address[PHONES] = {NULL, "10.0.0.2:4000", "10.0.0.3:4000"};

static struct fake_network *net;
static struct tp_engine *engine[PHONES];
static struct tp_session *stream[PHONES]; /* of each phone to the hub */
static struct tp_session *branch[PHONES]; /* of the hub to each phone */
static int16_t mouth[PHONES][RATE_HZ * SECONDS], ear[PHONES][RATE_HZ * SECONDS];
static int64_t now_ns, began_ns;

/* ---- Three phones -------------------------------------------------------------------------------- */

static struct tp_session *open_stream(struct tp_engine *owner, const char *local)
{
	struct tp_session_options options;
	struct tp_session *opened;

	tp_session_options_init(&options);
	options.transport = fake_network_open(net, local, false);
	assert_int_equal(tp_session_open(&opened, owner, &options), 0);
	return opened;
}

static void point(struct tp_session *session, const char *remote)
{
	struct tp_session_config config;

	tp_session_config_init(&config);
	assert_int_equal(tp_address_parse(&config.remote, remote), 0);
	assert_int_equal(tp_session_configure(session, &config), 0);
}

static void run_ms(int ms)
{
	for (int64_t end_ns = now_ns + ms * 1000000LL; now_ns < end_ns;) {
		now_ns += 5000000;
		for (int i = 0; i < PHONES; i++)
			assert_int_equal(tp_engine_step(engine[i], now_ns), 0);
	}
}

/* All are there and nobody is connected yet. */
static void begin(double amplitude)
{
	static const char *const device[PHONES] = {"0", "1", "2"};
	struct tp_engine_config config;

	fake_device_reset();
	net = fake_network_create(3);
	now_ns = began_ns = 1000000000;
	for (int i = 0; i < PHONES; i++) {
		for (int n = 0; n < RATE_HZ * SECONDS; n++)
			mouth[i][n] = (int16_t)lrint(
				amplitude * sin(2 * 3.14159265358979 * tone_hz[i] * n / RATE_HZ));
		fake_device[i].mic = mouth[i];
		fake_device[i].mic_n = RATE_HZ * SECONDS;
		fake_device[i].ear = ear[i];
		fake_device[i].ear_cap = RATE_HZ * SECONDS;
		tp_engine_config_init(&config);
		config.threads = 0;
		config.hal = &fake_device_ops;
		config.device = device[i];
		config.voice.aec = false;
		config.seed = (uint32_t)i + 1;
		assert_int_equal(tp_engine_create(&engine[i], &config), 0);
		if (i == HUB)
			continue;
		branch[i] = open_stream(engine[HUB], at_hub[i]);
		stream[i] = open_stream(engine[i], address[i]);
	}
}

static void connect_all(void)
{
	for (int i = 1; i < PHONES; i++) {
		point(branch[i], address[i]);
		point(stream[i], at_hub[i]);
	}
	for (int i = 0; i < PHONES; i++)
		assert_int_equal(tp_engine_start(engine[i]), 0);
}

static void end(void)
{
	for (int i = 0; i < PHONES; i++)
		tp_engine_destroy(engine[i]);
	fake_network_destroy(net);
}

static int now_at(void)
{
	return (int)((now_ns - began_ns) * RATE_HZ / 1000000000);
}

/* Amplitude of a phone's tone in n samples of a listener's ear. */
static double amplitude_at(int listener, int talker, int at, int n)
{
	double re = 0, im = 0;

	for (int i = at; i < at + n; i++) {
		double phase = 2 * 3.14159265358979 * tone_hz[talker] * i / RATE_HZ;

		re += ear[listener][i] * cos(phase);
		im += ear[listener][i] * sin(phase);
	}
	return 2 * hypot(re, im) / n;
}

/* Whether the newest 0.1 s in the listener's ear have the talker's tone; there is no half. */
static bool hears(int listener, int talker)
{
	double amplitude = amplitude_at(listener, talker, now_at() - RATE_HZ / 5, RATE_HZ / 10);

	if (amplitude > AMPLITUDE * 0.02 && fabs(amplitude / AMPLITUDE - 1) > 0.1)
		fail_msg("%d hears %d at %.0f of %d", listener, talker, amplitude, AMPLITUDE);
	return amplitude > AMPLITUDE / 2.0;
}

/* The rows are listeners, the columns talkers. */
static void expect(const bool table[PHONES][PHONES])
{
	for (int i = 0; i < PHONES; i++)
		for (int k = 0; k < PHONES; k++)
			if (hears(i, k) != table[i][k])
				fail_msg("%d hears %d: %d", i, k, !table[i][k]);
}

/* ---- The tests --------------------------------------------------------------------------------- */

static void everybody_hears_all_others_and_not_himself(void **state)
{
	(void)state;
	begin(AMPLITUDE);
	connect_all();
	run_ms(1000);
	expect((const bool[PHONES][PHONES]){{0, 1, 1}, {1, 0, 1}, {1, 1, 0}});
	assert_int_equal(tp_engine_mute(engine[HUB], true), 0);
	run_ms(500);
	expect((const bool[PHONES][PHONES]){{0, 1, 1}, {0, 0, 1}, {0, 1, 0}});
	end();
}

static void who_is_out_of_focus_is_alone(void **state)
{
	(void)state;
	begin(AMPLITUDE);
	connect_all();
	run_ms(300);
	assert_int_equal(tp_session_focus(branch[2], false), 0);
	run_ms(700);
	expect((const bool[PHONES][PHONES]){{0, 1, 0}, {1, 0, 0}, {0, 0, 0}});
	assert_int_equal(tp_session_focus(branch[2], true), 0);
	run_ms(500);
	expect((const bool[PHONES][PHONES]){{0, 1, 1}, {1, 0, 1}, {1, 1, 0}});
	end();
}

/* A second call is opened without the ear, and told afterwards what it is. */
static void focus_may_be_chosen_before_the_stream_is_known(void **state)
{
	(void)state;
	begin(AMPLITUDE);
	assert_int_equal(tp_session_focus(branch[2], false), 0);
	connect_all();
	run_ms(1000);
	expect((const bool[PHONES][PHONES]){{0, 1, 0}, {1, 0, 0}, {0, 0, 0}});
	end();
}

static void who_leaves_is_heard_no_more(void **state)
{
	(void)state;
	begin(AMPLITUDE);
	connect_all();
	run_ms(1000);
	tp_session_close(branch[1]);
	run_ms(500);
	expect((const bool[PHONES][PHONES]){{0, 0, 1}, {0, 0, 0}, {1, 0, 0}});
	end();
}

/* Attended transfer: the focus goes over in one block, with no block of both or of neither. */
static void a_stream_takes_the_place_of_another_at_once(void **state)
{
	int both = 0, neither = 0, from, n = BLOCK_MS * RATE_HZ / 1000;

	(void)state;
	begin(AMPLITUDE);
	connect_all();
	assert_int_equal(tp_session_focus(branch[2], false), 0);
	run_ms(1000);
	expect((const bool[PHONES][PHONES]){{0, 1, 0}, {1, 0, 0}, {0, 0, 0}});
	from = now_at() - RATE_HZ / 10;
	assert_int_equal(tp_session_replace(branch[1], branch[2]), 0);
	run_ms(500);
	expect((const bool[PHONES][PHONES]){{0, 0, 1}, {0, 0, 0}, {1, 0, 0}});
	for (int at = from; at < now_at() - RATE_HZ / 10; at += n) {
		bool old = amplitude_at(HUB, 1, at, n) > AMPLITUDE / 2.0;
		bool new = amplitude_at(HUB, 2, at, n) > AMPLITUDE / 2.0;

		both += old && new;
		neither += !old && !new;
	}
	assert_in_range(both + neither, 0, 1); /* the block may be cut in two here */
	end();
}

/* Two at full scale are more than the ear can have: it gets what it
 * can, and no sample turns round. */
static void a_sum_over_full_scale_is_cut_off_there(void **state)
{
	int most = 0, least = 0;

	(void)state;
	begin(30000);
	connect_all();
	run_ms(1500);
	for (int i = RATE_HZ; i < now_at() - RATE_HZ / 10; i++) {
		most = ear[HUB][i] > most ? ear[HUB][i] : most;
		least = ear[HUB][i] < least ? ear[HUB][i] : least;
		/* The sum's own slope is 42,400 at most, a sample
		 * that turned round jumps 65,536. */
		assert_true(abs(ear[HUB][i] - ear[HUB][i - 1]) < 45000);
	}
	assert_int_equal(most, INT16_MAX);
	assert_int_equal(least, INT16_MIN);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_hears_all_others_and_not_himself),
		cmocka_unit_test(who_is_out_of_focus_is_alone),
		cmocka_unit_test(focus_may_be_chosen_before_the_stream_is_known),
		cmocka_unit_test(who_leaves_is_heard_no_more),
		cmocka_unit_test(a_stream_takes_the_place_of_another_at_once),
		cmocka_unit_test(a_sum_over_full_scale_is_cut_off_there),
	};

	return cmocka_run_group_tests_name("conference", tests, NULL, NULL);
}
