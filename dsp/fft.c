/* SPDX-License-Identifier: MIT */
/* Fourier transform of real sound: as a complex one of half the length, radix 2. */
#include "fft.h"

#include <math.h>

void tp_fft_init(struct tp_fft *fft, int n)
{
	const double pi = 3.14159265358979323846;
	int half = n / 2;

	fft->n = n;
	for (int i = 0; i < half; i++) {
		fft->cosine[i] = (float)cos(2 * pi * i / n);
		fft->sine[i] = (float)sin(2 * pi * i / n);
	}
	for (int span = 4; span < half; span *= 2)
		for (int k = 0; k < span; k++) {
			fft->stage_cosine[span + k] = fft->cosine[k * (half / span)];
			fft->stage_sine[span + k] = fft->sine[k * (half / span)];
		}
	fft->place[0] = 0;
	for (int i = 1; i < half; i++)
		fft->place[i] = (uint16_t)(fft->place[i >> 1] >> 1 | (i & 1 ? half >> 1 : 0));
}

/* The first two stages have only the factors 1 and -i. */
static void first_stages(float *restrict re, float *restrict im, int half)
{
	for (int i = 0; i < half; i += 4) {
		float *a = re + i, *b = im + i;
		float r0 = a[0] + a[1], i0 = b[0] + b[1], r1 = a[0] - a[1], i1 = b[0] - b[1];
		float r2 = a[2] + a[3], i2 = b[2] + b[3], r3 = a[2] - a[3], i3 = b[2] - b[3];

		a[0] = r0 + r2;
		b[0] = i0 + i2;
		a[2] = r0 - r2;
		b[2] = i0 - i2;
		a[1] = r1 + i3;
		b[1] = i1 - r3;
		a[3] = r1 - i3;
		b[3] = i1 + r3;
	}
}

/* One butterfly for each factor, with the second half of the group. Apart,
 * so that it becomes vectors. */
static void butterflies(float *restrict re0, float *restrict im0, float *restrict re1,
			float *restrict im1, const float *restrict cosine,
			const float *restrict sine, int span)
{
	for (int k = 0; k < span; k++) {
		float re = re1[k] * cosine[k] + im1[k] * sine[k];
		float im = im1[k] * cosine[k] - re1[k] * sine[k];

		re1[k] = re0[k] - re;
		im1[k] = im0[k] - im;
		re0[k] += re;
		im0[k] += im;
	}
}

/* In place, bit-reversed order in, natural order out. */
static void transform(const struct tp_fft *fft, float *re, float *im)
{
	int half = fft->n / 2;

	first_stages(re, im, half);
	for (int span = 4; span < half; span *= 2)
		for (int i = 0; i < half; i += 2 * span)
			butterflies(re + i, im + i, re + i + span, im + i + span,
				    fft->stage_cosine + span, fft->stage_sine + span, span);
}

void tp_fft_forward(const struct tp_fft *fft, const float *in, float *re, float *im)
{
	float x[TP_FFT_MAX / 2] = {0}, y[TP_FFT_MAX / 2] = {0};
	int half = fft->n / 2;

	for (int i = 0; i < half; i++) {
		x[fft->place[i]] = in[2 * i];
		y[fft->place[i]] = in[2 * i + 1];
	}
	transform(fft, x, y);
	re[0] = x[0] + y[0];
	re[half] = x[0] - y[0];
	im[0] = im[half] = 0;
	for (int k = 1; k < half; k++) {
		int m = half - k;
		float even_re = 0.5f * (x[k] + x[m]), even_im = 0.5f * (y[k] - y[m]);
		float odd_re = 0.5f * (y[k] + y[m]), odd_im = 0.5f * (x[m] - x[k]);
		float c = fft->cosine[k], s = fft->sine[k];

		re[k] = even_re + c * odd_re + s * odd_im;
		im[k] = even_im + c * odd_im - s * odd_re;
	}
}

void tp_fft_inverse(const struct tp_fft *fft, const float *re, const float *im, float *out)
{
	float x[TP_FFT_MAX / 2], y[TP_FFT_MAX / 2], scale = 1.0f / (float)fft->n;
	int half = fft->n / 2;

	/* The conjugate of what forward() untangled, so that the same transform serves; two at
	 * a time, because mirrored the same sums come again with other signs. */
	x[fft->place[0]] = re[0] + re[half];
	y[fft->place[0]] = re[half] - re[0];
	for (int k = 1, m = half - 1; k <= m; k++, m--) {
		float even_re = re[k] + re[m], even_im = im[k] - im[m];
		float diff_re = re[k] - re[m], diff_im = im[k] + im[m];
		float c = fft->cosine[k], s = fft->sine[k];
		float odd_re = diff_re * c - diff_im * s, odd_im = diff_im * c + diff_re * s;

		x[fft->place[m]] = even_re + odd_im;
		y[fft->place[m]] = even_im - odd_re;
		x[fft->place[k]] = even_re - odd_im;
		y[fft->place[k]] = -(even_im + odd_re);
	}
	transform(fft, x, y);
	for (int i = 0; i < half; i++) {
		out[2 * i] = scale * x[i];
		out[2 * i + 1] = -scale * y[i];
	}
}
