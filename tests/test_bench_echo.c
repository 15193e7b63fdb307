/* SPDX-License-Identifier: MIT */
/* The scenes of bench echo are what they say, and its figures those of what was done to them. */
#include "bench/echo.h"
#include "bench/echo_score.h"
#include "dsp/level.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int find(const char *name)
{
	for (int i = 0; tp_echo_scene_name(i); i++)
		if (!strcmp(tp_echo_scene_name(i), name))
			return i;
	fail_msg("no scene \"%s\"", name);
	return -1;
}

static void make(struct tp_echo_scene *scene, const char *name, uint32_t seed)
{
	assert_int_equal(tp_echo_scene_make(scene, find(name), seed), 0);
}

static double level(const int16_t *pcm, const struct tp_echo_scene *scene, int from_s, int to_s)
{
	return tp_level_db(pcm + (int64_t)from_s * scene->rate_hz,
			   (to_s - from_s) * scene->rate_hz);
}

static void a_scene_is_the_sum_of_its_parts_by_seed(void **state)
{
	struct tp_echo_scene scene, again, other;
	size_t size;

	(void)state;
	make(&scene, "both ends, near -10 dB", 3);
	make(&again, "both ends, near -10 dB", 3);
	make(&other, "both ends, near -10 dB", 4);
	size = (size_t)scene.n * sizeof(*scene.mic);
	assert_memory_equal(scene.mic, again.mic, size);
	assert_memory_equal(scene.far, again.far, size);
	assert_true(memcmp(scene.mic, other.mic, size) != 0);
	for (int64_t i = 0; i < scene.n; i++)
		assert_int_equal(scene.mic[i], scene.echo[i] + scene.near[i] + scene.noise[i]);
	assert_true(fabs(level(scene.near, &scene, 6, 10) - level(scene.echo, &scene, 6, 10) + 10) <
		    0.5);
	assert_true(fabs(level(scene.noise, &scene, 0, 16) + 65) < 1);
	assert_true(fabs(level(scene.far, &scene, 6, 16) + 24) < 3);
	assert_true(level(scene.near, &scene, 0, 6) < -90);
	tp_echo_scene_free(&scene);
	tp_echo_scene_free(&again);
	tp_echo_scene_free(&other);
}

static void the_canceller_of_a_call_is_judged(void **state)
{
	struct tp_echo_scene scene;
	struct tp_echo_score score;

	(void)state;
	make(&scene, "drift +20 ppm", 5);
	assert_int_equal(tp_echo_score_scene(&score, &scene), 0);
	tp_echo_scene_free(&scene);
	assert_true(score.first > 15 && score.steady > 25);
	assert_true(fabs(score.over_noise) < 3);
	assert_true(fabs(score.drift_error_ppm) < 5);
	assert_true(isnan(score.near_loss) && isnan(score.after_jump));
	assert_true(score.added_ms <= 5);

	make(&scene, "both ends, equal", 5);
	assert_int_equal(tp_echo_score_scene(&score, &scene), 0);
	tp_echo_scene_free(&scene);
	assert_true(fabs(score.delay_error_ms) < 3);
	assert_true(score.near_loss < 3 && score.both_echo > 15);
}

/* What is judged is what the stages did: of an echo that nobody plays nothing is taken out. */
static void without_a_loudspeaker_nothing_is_gained(void **state)
{
	struct tp_echo_scene scene;
	struct tp_echo_score score;

	(void)state;
	make(&scene, "far end, 8 kHz", 5);
	memset(scene.far, 0, (size_t)scene.n * sizeof(*scene.far));
	assert_int_equal(tp_echo_score_scene(&score, &scene), 0);
	tp_echo_scene_free(&scene);
	assert_true(score.steady < 2 && score.over_noise > 25);
}

static void the_jump_moves_what_the_canceller_is_told(void **state)
{
	static const char *const names[] = {"jump +40 ms", "jump -40 ms"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct tp_echo_scene scene;
		struct tp_echo_score score;

		make(&scene, names[i], 5);
		assert_int_equal(tp_echo_score_scene(&score, &scene), 0);
		tp_echo_scene_free(&scene);
		assert_true(fabs(score.delay_error_ms) < 3);
		assert_true(isfinite(score.after_jump));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scene_is_the_sum_of_its_parts_by_seed),
		cmocka_unit_test(the_canceller_of_a_call_is_judged),
		cmocka_unit_test(without_a_loudspeaker_nothing_is_gained),
		cmocka_unit_test(the_jump_moves_what_the_canceller_is_told),
	};

	return cmocka_run_group_tests_name("bench_echo", tests, NULL, NULL);
}
