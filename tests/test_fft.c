/* SPDX-License-Identifier: MIT */
/* The transform against its definition, and back; and the filter that is made with it. */
#include "dsp/fft.h"
#include "dsp/noise.h"
#include "dsp/shape.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct tp_fft fft;
static float in[TP_FFT_MAX], back[TP_FFT_MAX], re[TP_FFT_BINS_MAX], im[TP_FFT_BINS_MAX];

static void it_is_the_sum_that_it_stands_for(void **state)
{
	const double pi = 3.14159265358979323846;
	struct tp_noise dice;

	(void)state;
	tp_noise_init(&dice, 1);
	for (int n = 16; n <= TP_FFT_MAX; n *= 2) {
		tp_fft_init(&fft, n);
		for (int i = 0; i < n; i++)
			in[i] = tp_noise_next(&dice);
		tp_fft_forward(&fft, in, re, im);
		for (int k = 0; k <= n / 2; k++) {
			double a = 0, b = 0;

			for (int i = 0; i < n; i++) {
				a += in[i] * cos(2 * pi * k * i / n);
				b -= in[i] * sin(2 * pi * k * i / n);
			}
			assert_true(fabs(a - re[k]) < 1e-4 && fabs(b - im[k]) < 1e-4);
		}
		tp_fft_inverse(&fft, re, im, back);
		for (int i = 0; i < n; i++)
			assert_true(fabsf(in[i] - back[i]) < 1e-5f);
	}
}

/* Noise through gains that are 1 below half the band and 0 above. */
static void gains_are_followed_with_even_delay(void **state)
{
	static struct tp_spectrum spectrum;
	static struct tp_shape shape;
	static float x[80 * 100], y[80 * 100], gain[TP_FFT_BINS_MAX];
	struct tp_noise dice;

	(void)state;
	tp_noise_init(&dice, 2);
	tp_spectrum_init(&spectrum, 16000);
	tp_shape_init(&shape, &spectrum, 64);
	for (int i = 0; i < 80 * 100; i++)
		x[i] = tp_noise_next(&dice);
	for (int k = 0; k < spectrum.bins; k++)
		gain[k] = 1;
	for (int hop = 0; hop < 100; hop++)
		tp_shape_process(&shape, gain, x + 80 * hop, y + 80 * hop);
	assert_memory_equal(y + 64, x, (80 * 100 - 64) * sizeof(*x));
	for (int k = 0; k < spectrum.bins; k++)
		gain[k] = k < spectrum.bins / 2;
	for (int hop = 0; hop < 100; hop++)
		tp_shape_process(&shape, gain, x + 80 * hop, y + 80 * hop);
	/* 256 samples of what comes out, when it has settled. */
	float low = 0, high = 0;

	for (int at = 800; at + 256 <= 8000; at += 256) {
		for (int i = 0; i < 256; i++)
			in[i] = y[at + i] * (1 - cosf(6.2831853f * (float)i / 256));
		tp_fft_forward(&spectrum.fft, in, re, im);
		for (int k = 8; k < 52; k++)
			low += re[k] * re[k] + im[k] * im[k];
		for (int k = 76; k < 120; k++)
			high += re[k] * re[k] + im[k] * im[k];
	}
	assert_true(high < 2e-3f * low);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_sum_that_it_stands_for),
		cmocka_unit_test(gains_are_followed_with_even_delay),
	};

	return cmocka_run_group_tests_name("fft", tests, NULL, NULL);
}
