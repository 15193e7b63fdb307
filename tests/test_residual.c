/* SPDX-License-Identifier: MIT */
/* What echo may be and whether a prediction fits, of bands whose echo and talker are known. */
#include "dsp/noise.h"
#include "dsp/residual_fit.h"
#include "dsp/residual_prior.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { BANDS = 18, BINS = 4, SEEDS = 50 };

static float db(float power)
{
	return 10 * log10f(power);
}

/* A hop whose microphone holds `there` of the prediction, and something else of
 * power `other` in every bin. */
static void add_hop(struct tp_residual_fit *fit, struct tp_noise *dice, float there, float other)
{
	for (int b = 0; b < BANDS; b++) {
		float error = 0, echo = 0, both = 0;

		for (int k = 0; k < 2 * BINS; k++) {
			float y = tp_noise_next(dice);
			float e = (there - 1) * y + sqrtf(other) * tp_noise_next(dice);

			error += e * e;
			echo += y * y;
			both += e * y;
		}
		tp_residual_fit_add(fit, error, echo, both);
	}
}

/* After ten hops in which it fits: the fit of the third hop of something else. */
static float fit_of(uint32_t seed, float there, float other)
{
	struct tp_residual_fit fit = {0};
	struct tp_noise dice;

	tp_noise_init(&dice, seed);
	for (int i = 0; i < 10; i++) {
		add_hop(&fit, &dice, 1, 0.001f);
		(void)tp_residual_fit_end(&fit);
	}
	for (int i = 0; i < 2; i++) {
		add_hop(&fit, &dice, there, other);
		(void)tp_residual_fit_end(&fit);
	}
	add_hop(&fit, &dice, there, other);
	return tp_residual_fit_end(&fit);
}

static void a_talker_fits_and_another_path_does_not(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= SEEDS; seed++) {
		float talker = fit_of(seed, 1, 1), loud = fit_of(seed, 1, 30);
		float jump = fit_of(seed, 0, 1);

		if (talker < 0.7f || loud < 0.7f || jump > 0.5f)
			fail_msg("seed %u: %.2f beside a talker as loud, %.2f beside a loud one, "
				 "%.2f after a jump",
				 seed, talker, loud, jump);
	}
}

/* Hops of a far end that comes and goes, echo at -6 dB give or take 4, a talker of
 * `near` in every other word. */
static void learn(struct tp_residual_prior *prior, uint32_t seed, float near)
{
	struct tp_noise dice;

	tp_noise_init(&dice, seed);
	for (int i = 0; i < 400; i++) {
		float far = i % 60 < 40 ? 1e6f : 1;
		float echo = far * powf(10, -0.6f + 0.4f * tp_noise_next(&dice));
		float error = echo + (i / 30 % 2 ? near : 0) + 1;

		tp_residual_prior_hear(prior, far);
		tp_residual_prior_place(prior, far, error, 1e3f);
		if (far > 1)
			tp_residual_prior_bound(prior, error, i > 80);
	}
}

static void a_talker_is_not_taken_for_what_echo_may_be(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= SEEDS; seed++) {
		struct tp_residual_prior prior;
		float bound, placed;

		tp_residual_prior_init(&prior);
		learn(&prior, seed, 1e7f);
		tp_residual_prior_hear(&prior, 1e6f);
		tp_residual_prior_place(&prior, 1e6f, 1e6f, INFINITY);
		bound = db(tp_residual_prior_power(&prior, false));
		placed = db(tp_residual_prior_power(&prior, true));
		/* Echo is at 54 dB; what was seen beside it at 70. */
		if (bound < 70 || placed < 50 || placed > 60)
			fail_msg("seed %u: %.1f dB where it is, %.1f dB at most", seed, placed,
				 bound);
	}
}

static void where_echo_is_not_little_of_it_is_expected(void **state)
{
	struct tp_residual_prior prior;
	float loud;

	(void)state;
	tp_residual_prior_init(&prior);
	learn(&prior, 1, 0);
	tp_residual_prior_place(&prior, 1e6f, 1e6f, INFINITY);
	loud = db(tp_residual_prior_power(&prior, true));
	for (int i = 0; i < 20; i++) {
		tp_residual_prior_hear(&prior, 1);
		tp_residual_prior_place(&prior, 1, 1, 1e3f);
	}
	assert_true(db(tp_residual_prior_power(&prior, true)) < loud - 10);
	assert_true(db(tp_residual_prior_power(&prior, false)) > loud - 2);
	/* Where it is now is not known yet. */
	tp_residual_prior_moved(&prior);
	assert_float_equal(tp_residual_prior_power(&prior, true),
			   tp_residual_prior_power(&prior, false), 1e-3);
	tp_residual_prior_louder(&prior, 4);
	assert_float_equal(
		db(tp_residual_prior_power(&prior, false) / (prior.gain / 4 * prior.heard)), db(4),
		0.01);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_talker_fits_and_another_path_does_not),
		cmocka_unit_test(a_talker_is_not_taken_for_what_echo_may_be),
		cmocka_unit_test(where_echo_is_not_little_of_it_is_expected),
	};

	return cmocka_run_group_tests_name("residual", tests, NULL, NULL);
}
