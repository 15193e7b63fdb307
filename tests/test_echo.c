/* SPDX-License-Identifier: MIT */
/* The canceller in made-up rooms: how much echo it takes out, what it
 * learns, and that it is silent. */
#include "dsp/echo.h"
#include "dsp/echo_guard.h"
#include "dsp/level.h"
#include "tests/fixtures/fake_echo.h"
#include "tests/fixtures/fake_speech.h"
#include "tests/fixtures/stderr_trap.h"

#include <talkpath/error.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int rates[] = {8000, 16000, 48000};
enum { RATES = 3, SECONDS = 6, N_MAX = 48000 * SECONDS };

static int16_t far[N_MAX], mic[N_MAX], out[N_MAX];

/* A talker in a room with noise at -75 dB. */
static void make_scene(struct fake_echo *room, int rate_hz, int n, double gain_db)
{
	real_speech("p225_003", rate_hz, far, n);
	fake_noise(5, 6, mic, n);
	fake_echo_init(room, 3, rate_hz, 6, 90, 250, gain_db);
	fake_echo_add(room, far, mic, n);
}

static void run(struct tp_echo *echo, int n, int block_n)
{
	for (int at = 0; at + block_n <= n; at += block_n)
		tp_echo_process(echo, mic + at, far + at, out + at);
}

static double erle(int from, int to)
{
	return tp_level_db(mic + from, to - from) - tp_level_db(out + from, to - from);
}

static void echo_goes_away(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++)
		for (int block_ms = 5; block_ms <= 10; block_ms += 5) {
			struct fake_echo room;
			int rate = rates[r], n = rate * SECONDS, block_n = rate * block_ms / 1000;
			struct tp_echo *echo = tp_echo_create(rate, block_n, 128);

			assert_non_null(echo);
			assert_true(isnan(tp_echo_erle_db(echo)));
			assert_false(tp_echo_settled(echo));
			make_scene(&room, rate, n, -8);
			run(echo, n, block_n);
			double early = erle(rate, 3 * rate), late = erle(n - 2 * rate, n);

			if (early < 5 || late < 12)
				fail_msg("%d Hz, %d ms: ERLE %.1f dB in the 2nd second, %.1f at "
					 "the end",
					 rate, block_ms, early, late);
			/* The meter forgets in 1 s, and only counts speech. */
			assert_true(fabs(tp_echo_erle_db(echo) - late) < 8);
			assert_true(tp_echo_settled(echo));
			tp_echo_destroy(echo);
		}
}

static void near_talker_passes_when_far_is_silent(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = rate * 5, block_n = rate / 100;
		struct tp_echo *echo = tp_echo_create(rate, block_n, 200);

		memset(far, 0, sizeof(far));
		real_speech("p226_006", rate, mic, n);
		run(echo, n, block_n);
		/* What is missing is under the library's notch (some 200 Hz at 8 kHz). */
		assert_true(fabs(erle(0, n)) < (rate == 8000 ? 3 : 2));
		assert_true(isnan(tp_echo_erle_db(echo)));
		tp_echo_destroy(echo);
	}
}

static void in_place_is_the_same(void **state)
{
	static int16_t own[480 * 300];
	struct fake_echo room;
	struct tp_echo *a = tp_echo_create(16000, 160, 100), *b = tp_echo_create(16000, 160, 100);

	(void)state;
	make_scene(&room, 16000, 48000, -3);
	memcpy(own, mic, 48000 * 2);
	run(a, 48000, 160);
	for (int at = 0; at < 48000; at += 160)
		tp_echo_process(b, own + at, far + at, own + at);
	assert_memory_equal(own, out, 48000 * 2);
	tp_echo_destroy(a);
	tp_echo_destroy(b);
}

static int loudest_tap(const int32_t *taps, int n)
{
	int at = 0;

	for (int i = 0; i < n; i++)
		at = abs(taps[i]) > abs(taps[at]) ? i : at;
	return at;
}

static void learns_the_path_and_forgets_it(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		struct fake_echo room;
		int rate = rates[r], n = rate * SECONDS, block_n = rate / 100;
		struct tp_echo *echo = tp_echo_create(rate, block_n, 100);
		int taps_n = tp_echo_taps_n(echo);
		int32_t *taps = calloc((size_t)taps_n, sizeof(*taps));

		assert_int_equal(taps_n, rate / 10);
		make_scene(&room, rate, n, -6);
		fake_noise(9, 2000, far, n);
		memset(mic, 0, sizeof(mic));
		fake_echo_add(&room, far, mic, n);
		run(echo, n, block_n);
		tp_echo_taps(echo, 1, taps);
		int at = loudest_tap(taps, taps_n);

		assert_true(abs(at - room.delay_n[0]) <= 1);
		assert_true(fabs(taps[at] / 32767.0 / room.gain[0] - 1) < 0.15);
		tp_echo_reset(echo);
		assert_true(isnan(tp_echo_erle_db(echo)));
		assert_false(tp_echo_settled(echo));
		tp_echo_taps(echo, 1, taps);
		assert_int_equal(taps[loudest_tap(taps, taps_n)], 0);
		free(taps);
		tp_echo_destroy(echo);
	}
}

enum { TAPS_MAX = 4800 };

/* How much a filter that is right for this scene is moved by 4 s of a talker
 * beside its echo, in dB of itself. */
static double moved_db(int rate, int block_n, bool hold)
{
	static int32_t before[TAPS_MAX], after[TAPS_MAX];
	struct fake_echo room;
	int n = 4 * rate;
	struct tp_echo *echo = tp_echo_create(rate, block_n, 100);
	double all = 0, off = 0;

	make_scene(&room, rate, n, -8);
	run(echo, n, block_n);
	tp_echo_hold(echo, hold);
	/* From the block before the first that is held it still learns. */
	tp_echo_process(echo, mic, far, out);
	tp_echo_taps(echo, 1, before);
	real_speech("p226_006", rate, mic, n);
	fake_echo_add(&room, far, mic, n);
	run(echo, n, block_n);
	tp_echo_taps(echo, 1, after);
	for (int i = 0; i < tp_echo_taps_n(echo); i++) {
		all += (double)before[i] * before[i];
		off += (double)(after[i] - before[i]) * (after[i] - before[i]);
	}
	tp_echo_destroy(echo);
	return 10 * log10((off + 1) / all);
}

static void a_talker_teaches_nothing_while_it_is_held(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++)
		for (int block_ms = rates[r] > 16000 ? 10 : 5; block_ms <= 10; block_ms += 5) {
			int block_n = rates[r] * block_ms / 1000;
			double held_db = moved_db(rates[r], block_n, true);

			assert_true(held_db < -20);
			assert_true(held_db < moved_db(rates[r], block_n, false) - 6);
		}
}

/* What tells the library not to learn is a sample at full scale: a talker as loud as
 * there is room for hides nothing. */
static void nobody_hears_that_it_is_held(void **state)
{
	static int16_t free[N_MAX];

	(void)state;
	for (int r = 0; r < RATES; r++) {
		int rate = rates[r], n = rate * SECONDS, block_n = rate / 100;
		struct tp_echo *echo = tp_echo_create(rate, block_n, 100);

		real_speech("p226_006", rate, mic, n);
		for (int i = 0; i < n; i++)
			mic[i] = (int16_t)fmax(-32768, fmin(32767, 3.0 * mic[i]));
		memset(far, 0, sizeof(far));
		run(echo, n, block_n);
		memcpy(free, out, sizeof(free));
		tp_echo_reset(echo);
		tp_echo_hold(echo, true);
		run(echo, n / 2, block_n);
		/* And then not any more: the last mark rings out. */
		tp_echo_hold(echo, false);
		for (int at = n / 2; at + block_n <= n; at += block_n)
			tp_echo_process(echo, mic + at, far + at, out + at);
		for (int i = 0; i < n; i++)
			out[i] = (int16_t)(out[i] - free[i]);
		assert_true(tp_level_db(out, n) < tp_level_db(mic, n) - 50);
		assert_true(tp_level_db(out + n / 2 + rate / 10, n / 2 - rate / 10) < -80);
		tp_echo_destroy(echo);
	}
}

/* A voice that is cut off at full scale beside a loudspeaker that is all but silent: what is
 * missing of it is no prediction, and the filter need not go when the loudspeaker comes back. */
static void a_talker_cut_off_costs_no_filter(void **state)
{
	enum { BLOCK_N = 160, RATE = 16000 };
	struct tp_echo_guard guard;
	struct tp_echo_notch notch;

	(void)state;
	tp_echo_guard_init(&guard, RATE, 20);
	tp_echo_notch_init(&notch, RATE);
	fake_noise(9, 4, far, 2 * RATE);
	fake_noise(8, 3000, far + RATE, RATE);
	fake_tone(50, 16000, 0, RATE, mic, RATE);
	for (int i = 0; i < RATE; i++) {
		mic[i] = (int16_t)fmax(-32768, fmin(32767, 8.0 * (double)mic[i]));
		out[i] = (int16_t)fmax(-32768, fmin(32767, tp_echo_notch_next(&notch, mic[i])));
	}
	for (int at = 0; at < RATE; at += BLOCK_N) {
		assert_false(tp_echo_guard_before(&guard, far + at, BLOCK_N));
		(void)tp_echo_guard_after(&guard, mic + at, out + at, BLOCK_N);
	}
	for (int at = RATE; at < 2 * RATE; at += BLOCK_N)
		assert_false(tp_echo_guard_before(&guard, far + at, BLOCK_N));
}

/* A path taken from one call takes the echo out of the first words of the next. */
static void a_taught_path_works_at_once(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		struct fake_echo room;
		int rate = rates[r], n = rate * SECONDS, block_n = rate / 100;
		struct tp_echo *first = tp_echo_create(rate, block_n, 100);
		struct tp_echo *second = tp_echo_create(rate, block_n, 100);
		int32_t *taps = calloc((size_t)tp_echo_taps_n(first), sizeof(*taps));

		make_scene(&room, rate, n, -6);
		run(first, n, block_n);
		tp_echo_taps(first, 1, taps);
		assert_int_equal(tp_echo_teach(second, taps, 1), 0);
		assert_true(tp_echo_settled(second));
		assert_true(isnan(tp_echo_erle_db(second)));
		/* Nothing of the lesson is left to be heard. */
		static int16_t silence[480];

		tp_echo_process(second, silence, silence, out);
		assert_true(tp_level_db(out, block_n) < -75);
		run(second, 2 * rate, block_n);
		double warm = erle(rate, 2 * rate);

		tp_echo_reset(second);
		run(second, 2 * rate, block_n);
		double cold = erle(rate, 2 * rate);

		if (warm < 12 || warm < cold + 8)
			fail_msg("%d Hz: ERLE of the second second %.1f dB warm, %.1f dB cold",
				 rate, warm, cold);
		free(taps);
		tp_echo_destroy(first);
		tp_echo_destroy(second);
	}
}

/* ERLE in the second after 4 s, in which everything is louder by this factor. */
static double erle_after_turn(int rate_hz, double factor, double told)
{
	struct tp_echo *echo = tp_echo_create(rate_hz, rate_hz / 100, 128);
	int n = 5 * rate_hz, turn = 4 * rate_hz;
	struct fake_echo room;

	make_scene(&room, rate_hz, n, -8);
	for (int i = turn; i < n; i++)
		mic[i] = (int16_t)fmax(-32768, fmin(32767, factor * mic[i]));
	for (int at = 0; at < n; at += rate_hz / 100) {
		if (at == turn)
			tp_echo_louder(echo, told);
		tp_echo_process(echo, mic + at, far + at, out + at);
	}
	tp_echo_destroy(echo);
	return erle(turn, n);
}

static void a_turned_amplifier_is_known(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++) {
		double as_before = erle_after_turn(rates[r], 1, 1);
		double louder = erle_after_turn(rates[r], 2, 2);
		double softer = erle_after_turn(rates[r], 0.5, 0.5);
		double untold = erle_after_turn(rates[r], 2, 1);

		if (louder < as_before - 1.5 || softer < as_before - 1.5 || untold > as_before - 3)
			fail_msg("%d Hz: ERLE %.1f dB, louder %.1f, softer %.1f; not told %.1f",
				 rates[r], as_before, louder, softer, untold);
	}
}

/* The guard against the library's diagnostics must be deaf to speech, pauses, an echo as loud as
 * the loudspeaker's signal and near speech. settled() would fall if it had reset. */
static void speech_never_trips_the_guard(void **state)
{
	(void)state;
	for (int r = 0; r < RATES; r++)
		for (int gain_db = -20; gain_db <= 0; gain_db += 10) {
			struct fake_echo room;
			int rate = rates[r], n = rate * SECONDS, block_n = rate / 100;
			struct tp_echo *echo = tp_echo_create(rate, block_n, 128);
			bool settled = false;

			make_scene(&room, rate, n, gain_db);
			/* Far pauses in the 3rd second, near talks from there on. */
			memset(far + 2 * rate, 0, (size_t)rate * sizeof(*far));
			real_speech("p226_006", rate, mic + 2 * rate, n - 2 * rate);
			fake_echo_add(&room, far, mic, n);
			for (int at = 0; at + block_n <= n; at += block_n) {
				tp_echo_process(echo, mic + at, far + at, out + at);
				assert_false(settled && !tp_echo_settled(echo));
				settled = tp_echo_settled(echo);
			}
			assert_true(settled);
			tp_echo_destroy(echo);
		}
}

/* Garbage that makes the bare library print some thousand lines an hour. */
static void garbage_never_makes_the_library_print(void **state)
{
	static const struct {
		int rate_hz, block_n, tail_ms, blocks;
	} runs[] = {{8000, 80, 200, 10000},
		    {16000, 160, 200, 8000},
		    {16000, 80, 64, 10000},
		    {48000, 480, 128, 1500}};

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct tp_echo *echo =
			tp_echo_create(runs[i].rate_hz, runs[i].block_n, runs[i].tail_ms);
		static struct garbage garbage;

		garbage_init(&garbage, (uint32_t)i);
		stderr_trap_open();
		for (int b = 0; b < runs[i].blocks; b++) {
			garbage_fill(&garbage, mic, far, runs[i].block_n);
			tp_echo_hold(echo, b / 50 % 3 == 1);
			tp_echo_process(echo, mic, far, out);
		}
		assert_int_equal(stderr_trap_close(), 0);
		tp_echo_destroy(echo);
	}
	/* The trap does catch. */
	stderr_trap_open();
	fprintf(stderr, "caught");
	assert_int_equal(stderr_trap_close(), 6);
}

/* After garbage it works again. */
static void recovers_from_garbage(void **state)
{
	static struct garbage garbage;
	struct tp_echo *echo = tp_echo_create(16000, 160, 128);
	struct fake_echo room;

	(void)state;
	garbage_init(&garbage, 77);
	for (int b = 0; b < 2000; b++) {
		garbage_fill(&garbage, mic, far, 160);
		tp_echo_process(echo, mic, far, out);
	}
	make_scene(&room, 16000, 16000 * SECONDS, -8);
	run(echo, 16000 * SECONDS, 160);
	assert_true(erle(16000 * 4, 16000 * 6) > 11);
	tp_echo_destroy(echo);
}

static void bad_shapes_are_refused(void **state)
{
	(void)state;
	assert_null(tp_echo_create(4000, 40, 100));
	assert_null(tp_echo_create(96000, 960, 100));
	assert_null(tp_echo_create(16000, 0, 100));
	assert_null(tp_echo_create(16000, 16000, 100));
	assert_null(tp_echo_create(16000, 160, TP_ECHO_TAIL_MIN_MS - 1));
	assert_null(tp_echo_create(16000, 160, TP_ECHO_TAIL_MAX_MS + 1));
	assert_non_null(strstr(tp_error_detail(), "513"));
	tp_echo_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_talker_teaches_nothing_while_it_is_held),
		cmocka_unit_test(nobody_hears_that_it_is_held),
		cmocka_unit_test(a_talker_cut_off_costs_no_filter),
		cmocka_unit_test(echo_goes_away),
		cmocka_unit_test(near_talker_passes_when_far_is_silent),
		cmocka_unit_test(in_place_is_the_same),
		cmocka_unit_test(learns_the_path_and_forgets_it),
		cmocka_unit_test(a_taught_path_works_at_once),
		cmocka_unit_test(a_turned_amplifier_is_known),
		cmocka_unit_test(speech_never_trips_the_guard),
		cmocka_unit_test(garbage_never_makes_the_library_print),
		cmocka_unit_test(recovers_from_garbage),
		cmocka_unit_test(bad_shapes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
