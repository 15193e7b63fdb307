/* SPDX-License-Identifier: MIT */
/* When received sound plays: stalls, spikes, rough patches, clocks that run apart, any network. */
#include "bench/line.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct tp_jitter_config adaptive = {TP_JITTER_ADAPTIVE, 0, 60, 400};

static struct tp_weather weather;
static struct tp_line line;

static void run(void)
{
	tp_weather_settle(&weather);
	assert_int_equal(tp_line_run(&line, &weather, &adaptive), 0);
}

/* Twenty milliseconds a packet, and no delay beyond the base. */
static void even(int seconds)
{
	memset(&weather, 0, sizeof(weather));
	weather.ptime_ms = 20;
	weather.n = seconds * 50;
}

/* Nothing arrives for length_ms. */
static void stall(int at_ms, int length_ms)
{
	for (int k = 0; k < weather.n; k++)
		if (k * 20 >= at_ms && k * 20 < at_ms + length_ms)
			weather.delay_ms[k] = at_ms + length_ms - k * 20;
}

static double delay_ms(int at_ms)
{
	return (double)line.block[at_ms / TP_LINE_BLOCK_MS].delay_ms;
}

/* From at_ms until the delay is, and stays until to_ms, at most this. */
static int back_after_ms(int at_ms, int to_ms, double limit_ms)
{
	int last_ms = at_ms;

	for (int ms = at_ms; ms < to_ms; ms += TP_LINE_BLOCK_MS)
		if (!(delay_ms(ms) <= limit_ms))
			last_ms = ms;
	return last_ms - at_ms;
}

static void nothing_happens_on_an_even_line(void **state)
{
	(void)state;
	even(60);
	run();
	print_message("delay at the end: %.1f ms\n", delay_ms(59000));
	assert_true(delay_ms(59000) <= 20 + TP_LINE_BLOCK_MS);
	assert_int_equal(line.stats.jitter.concealed_ms, 0);
	assert_int_equal(line.stats.jitter.stretched_ms, 0);
}

/* A fifth of the packets is lost, in runs of three on average, and none is late: nothing was waited
 * for, whatever a bet said while nothing came, and so nothing is cut. The next packet is there for
 * most of a gap, and no longer than that is waited. */
static void what_is_lost_is_no_wait(void **state)
{
	uint32_t random = 1;

	(void)state;
	even(60);
	for (int k = 0; k < weather.n; k++) {
		bool lost = k > 0 && isnan(weather.delay_ms[k - 1]);

		random = random * 1664525 + 1013904223;
		if ((random >> 8) % 12 < (lost ? 8 : 1))
			weather.delay_ms[k] = NAN;
	}
	run();
	print_message("a fifth lost: %u ms made up, %u stretched, %u squeezed, delay %.1f ms\n",
		      line.stats.jitter.concealed_ms, line.stats.jitter.stretched_ms,
		      line.stats.jitter.squeezed_ms, delay_ms(59000));
	assert_true(line.stats.jitter.concealed_ms > 10000);
	assert_true(line.stats.jitter.stretched_ms + line.stats.jitter.squeezed_ms <= 60);
	assert_true(delay_ms(59000) < 20 + TP_LINE_BLOCK_MS);
}

/* F10: the delay is back within 10 ms in 3 s, and no word is dropped: all that was waited is cut
 * again, and no media time was given up. */
static void field_10_after_a_stall_the_delay_comes_back(void **state)
{
	(void)state;
	for (int at_ms = 10000; at_ms < 13600; at_ms += 380) {
		double before_ms;
		int back_ms;

		even(20);
		stall(at_ms, 150);
		run();
		before_ms = delay_ms(at_ms);
		back_ms = back_after_ms(at_ms + 200, 19000, before_ms + 10);
		if (back_ms > 3000)
			fail_msg("a stall at %d ms: back after %d ms", at_ms, back_ms);
		assert_int_equal(line.stats.jitter.late, 0);
		assert_true(line.stats.jitter.concealed_ms <= 160);
		/* Every millisecond made up was waited, none replaced what came. */
		assert_true(line.stats.jitter.stretched_ms >= line.stats.jitter.concealed_ms);
	}
}

/* One packet that is late by less than three is an exception: what is made up for it stands for it, the
 * delay stays where it is, and nothing is cut. But twice within a second is another network,
 * which the delay follows, so that no more is missing. */
static void a_late_packet_is_an_exception_once(void **state)
{
	uint32_t cut_ms;

	(void)state;
	even(20);
	run();
	cut_ms = line.stats.jitter.squeezed_ms; /* after the start */
	for (int at_ms = 10000; at_ms < 13600; at_ms += 380) {
		even(20);
		stall(at_ms, 50);
		run();
		assert_true(fabs(delay_ms(at_ms + 200) - delay_ms(at_ms - 200)) < 1);
		assert_true(line.stats.jitter.concealed_ms > 0);
		assert_true(line.stats.jitter.concealed_ms <= 60);
		assert_int_equal(line.stats.jitter.stretched_ms, 0);
		assert_int_equal(line.stats.jitter.squeezed_ms, cut_ms);

		even(20);
		stall(at_ms, 50);
		stall(at_ms + 600, 50);
		run();
		assert_true(line.stats.jitter.stretched_ms > 20);
	}
}

/* What was said during a stall too long to wait for is lost at once, and nothing else is: the delay
 * is what it was, and no cut follows. */
static void a_lone_spike_is_soon_forgotten(void **state)
{
	double sum_ms = 0;
	int n = 0;

	(void)state;
	for (int at_ms = 10000; at_ms < 13600; at_ms += 380, n++) {
		even(20);
		stall(at_ms, 300);
		run();
		sum_ms += back_after_ms(at_ms + 350, 19000, delay_ms(at_ms) + 20);
		assert_true(line.stats.jitter.concealed_ms <= 300 + 20);
		assert_true(line.stats.jitter.late <= 300 / 20);
	}
	print_message("back after %.0f ms, mean of %d\n", sum_ms / n, n);
	assert_true(sum_ms / n <= 1500);
}

/* A way that becomes longer by more than what is waited for is no stall: the
 * delay goes where packets are. */
static void a_long_step_up_is_no_stall(void **state)
{
	(void)state;
	even(30);
	for (int k = 500; k < weather.n; k++)
		weather.delay_ms[k] = 250;
	run();
	assert_true(delay_ms(12000) >= 250);
	assert_true(delay_ms(29000) >= 250 && delay_ms(29000) <= 250 + 20 + TP_LINE_BLOCK_MS);
	assert_true(line.stats.jitter.concealed_ms <= 250 + 100);
}

/* The cost of a step up is paid once; a step down is followed in the next pause. */
static void a_step_is_followed_both_ways(void **state)
{
	(void)state;
	even(40);
	for (int k = 500; k < 1250; k++)
		weather.delay_ms[k] = 80;
	run();
	assert_true(delay_ms(12000) >= 80 && delay_ms(12000) <= 110);
	assert_true(line.stats.jitter.concealed_ms <= 100);
	assert_true(back_after_ms(25100, 39000, delay_ms(9900) + 20) <= 6000);
}

static void a_rough_patch_is_left_behind(void **state)
{
	double half_s = 0, all_s = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		int rough = 0;
		double low_ms, high_ms;

		while (strcmp(tp_weather_name(rough), "ratechange"))
			rough++;
		tp_weather_make(&weather, rough, 40, seed); /* rough from 10 to 20 s */
		assert_int_equal(tp_line_run(&line, &weather, &adaptive), 0);
		low_ms = delay_ms(9000);
		high_ms = delay_ms(19900);
		assert_true(high_ms > low_ms + 40);
		half_s += back_after_ms(20100, 39000, (low_ms + high_ms) / 2) / 4e3;
		all_s += back_after_ms(20100, 39000, low_ms + 10) / 4e3;
	}
	print_message("half way after %.2f s, all of it after %.2f s\n", half_s, all_s);
	assert_true(half_s <= 3 && all_s <= 6);
}

/* F11, five minutes of it: the clocks run apart by 200 ppm, that is 60 ms, and nothing is cut. The
 * first minute learns the clock. */
static void field_11_a_clock_that_runs_away_is_followed(void **state)
{
	(void)state;
	for (int ppm = -200; ppm <= 200; ppm += 400) {
		double least_ms = 1e9, most_ms = 0;

		even(120);
		weather.ppm = ppm;
		run();
		for (int ms = 70000; ms < 119000; ms += TP_LINE_BLOCK_MS) {
			least_ms = fmin(least_ms, delay_ms(ms));
			most_ms = fmax(most_ms, delay_ms(ms));
		}
		print_message("%+d ppm: %.1f to %.1f ms, %+.1f ppm found, %u ms cut\n", ppm,
			      least_ms, most_ms, line.stats.jitter.drift_ppm,
			      line.stats.jitter.squeezed_ms);
		assert_true(most_ms - least_ms <= 6);
		assert_true(most_ms <= 20 + TP_LINE_BLOCK_MS);
		assert_true(fabs(line.stats.jitter.drift_ppm + ppm) < 5);
		assert_int_equal(line.stats.jitter.concealed_ms,
				 line.block[70000 / TP_LINE_BLOCK_MS].concealed_ms);
	}
}

/* A sender whose audio comes in frames of frame_ms and whose timer ticks every tick_ms: a packet
 * leaves at the first tick at which it is full. */
static void send_in_bunches(double frame_ms, double tick_ms, double phase_ms)
{
	even(8);
	for (int k = 0; k < weather.n; k++) {
		double full_ms = ceil((k + 1) * 20 / frame_ms) * frame_ms;

		weather.delay_ms[k] =
			ceil(full_ms / tick_ms) * tick_ms + phase_ms + k * 0.01 - k * 20;
	}
	run();
}

/* The first bunch shows what the sender does: its words are not cut into,
 * and nothing moves after them. */
static void a_sender_of_bunches_is_heard_from_its_first_word(void **state)
{
	static const double frames_ms[] = {40, 42.67, 46.44, 60};

	(void)state;
	for (int i = 0; i < 4; i++)
		for (double phase_ms = 0; phase_ms < 10; phase_ms += 1.7) {
			send_in_bunches(frames_ms[i], 10.14, phase_ms);
			if (line.stats.jitter.concealed_ms + line.stats.jitter.stretched_ms +
				    line.stats.jitter.squeezed_ms >
			    0)
				fail_msg("frames of %.2f ms, phase %.1f: the delay moved",
					 frames_ms[i], phase_ms);
			/* What each packet needs, and no more than a packet and a block of room. */
			assert_true(delay_ms(7000) <= frames_ms[i] + 20 + 10 + 30);
		}
}

/* A bunch that the network made is not taken for the sender's: three packets that waited for the
 * way to open, and then one by one. The next one shows it. */
static void a_bunch_at_the_start_is_not_taken_for_a_habit(void **state)
{
	(void)state;
	even(20);
	for (int k = 0; k < 3; k++)
		weather.delay_ms[k] = 40 - k * 20 + k * 0.01;
	run();
	assert_true(delay_ms(200) <= 40 + 20);
	assert_true(delay_ms(19000) <= 20 + TP_LINE_BLOCK_MS);
	assert_int_equal(line.stats.jitter.concealed_ms, 0);
}

/* On every kind of network: no delay that sticks, no dead silence. */
static void no_network_gets_it_stuck(void **state)
{
	(void)state;
	for (int i = 0; tp_weather_name(i); i++)
		for (uint64_t seed = 1; seed <= 2; seed++) {
			struct tp_line_figures figures;

			tp_weather_make(&weather, i, 30, seed);
			assert_int_equal(tp_line_run(&line, &weather, &adaptive), 0);
			tp_line_figures(&figures, &line, &weather);
			if (figures.delay_95_ms > tp_weather_fixed_ms(&weather, 0.002) + 100)
				fail_msg("%s, seed %d: the delay is up to %.0f ms",
					 tp_weather_name(i), (int)seed, figures.delay_95_ms);
			if (line.silent_ms > 200)
				fail_msg("%s, seed %d: silent for %d ms", tp_weather_name(i),
					 (int)seed, line.silent_ms);
		}
}

static void the_same_network_is_played_the_same(void **state)
{
	static struct tp_line_block first[TP_LINE_BLOCKS_MAX];
	int n;

	(void)state;
	tp_weather_make(&weather, 5, 20, 7);
	assert_int_equal(tp_line_run(&line, &weather, &adaptive), 0);
	n = line.blocks;
	memcpy(first, line.block, sizeof(first));
	assert_int_equal(tp_line_run(&line, &weather, &adaptive), 0);
	assert_int_equal(line.blocks, n);
	assert_memory_equal(first, line.block, (size_t)n * sizeof(*first));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_happens_on_an_even_line),
		cmocka_unit_test(what_is_lost_is_no_wait),
		cmocka_unit_test(field_10_after_a_stall_the_delay_comes_back),
		cmocka_unit_test(a_late_packet_is_an_exception_once),
		cmocka_unit_test(a_lone_spike_is_soon_forgotten),
		cmocka_unit_test(a_long_step_up_is_no_stall),
		cmocka_unit_test(a_step_is_followed_both_ways),
		cmocka_unit_test(a_rough_patch_is_left_behind),
		cmocka_unit_test(field_11_a_clock_that_runs_away_is_followed),
		cmocka_unit_test(a_sender_of_bunches_is_heard_from_its_first_word),
		cmocka_unit_test(a_bunch_at_the_start_is_not_taken_for_a_habit),
		cmocka_unit_test(no_network_gets_it_stuck),
		cmocka_unit_test(the_same_network_is_played_the_same),
	};

	return cmocka_run_group_tests_name("receive timing", tests, NULL, NULL);
}
