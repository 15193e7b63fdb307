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
	fft->place[0] = 0;
	for (int i = 1; i < half; i++)
		fft->place[i] = (uint16_t)(fft->place[i >> 1] >> 1 | (i & 1 ? half >> 1 : 0));
}

/* The first two stages have only the factors 1 and -i. */
static void first_stages(float *z, int half)
{
	for (int i = 0; i < 2 * half; i += 8) {
		float *a = z + i;
		float r0 = a[0] + a[2], i0 = a[1] + a[3], r1 = a[0] - a[2], i1 = a[1] - a[3];
		float r2 = a[4] + a[6], i2 = a[5] + a[7], r3 = a[4] - a[6], i3 = a[5] - a[7];

		a[0] = r0 + r2;
		a[1] = i0 + i2;
		a[4] = r0 - r2;
		a[5] = i0 - i2;
		a[2] = r1 + i3;
		a[3] = i1 - r3;
		a[6] = r1 - i3;
		a[7] = i1 + r3;
	}
}

/* In place, bit-reversed order in, natural order out; z is half pairs of real and imaginary. */
static void transform(const struct tp_fft *fft, float *z)
{
	int half = fft->n / 2;

	first_stages(z, half);
	for (int span = 4; span < half; span *= 2) {
		int step = half / span;

		for (int k = 0; k < span; k++) {
			float c = fft->cosine[k * step], s = fft->sine[k * step];

			for (int i = k; i < half; i += 2 * span) {
				float *a = z + 2 * i, *b = a + 2 * span;
				float re = b[0] * c + b[1] * s, im = b[1] * c - b[0] * s;

				b[0] = a[0] - re;
				b[1] = a[1] - im;
				a[0] += re;
				a[1] += im;
			}
		}
	}
}

void tp_fft_forward(const struct tp_fft *fft, const float *in, float *re, float *im)
{
	float z[TP_FFT_MAX];
	int half = fft->n / 2;

	for (int i = 0; i < half; i++) {
		z[2 * fft->place[i]] = in[2 * i];
		z[2 * fft->place[i] + 1] = in[2 * i + 1];
	}
	transform(fft, z);
	re[0] = z[0] + z[1];
	re[half] = z[0] - z[1];
	im[0] = im[half] = 0;
	for (int k = 1; k < half; k++) {
		const float *a = z + 2 * k, *b = z + 2 * (half - k);
		float even_re = 0.5f * (a[0] + b[0]), even_im = 0.5f * (a[1] - b[1]);
		float odd_re = 0.5f * (a[1] + b[1]), odd_im = 0.5f * (b[0] - a[0]);
		float c = fft->cosine[k], s = fft->sine[k];

		re[k] = even_re + c * odd_re + s * odd_im;
		im[k] = even_im + c * odd_im - s * odd_re;
	}
}

void tp_fft_inverse(const struct tp_fft *fft, const float *re, const float *im, float *out)
{
	float z[TP_FFT_MAX], scale = 1.0f / (float)fft->n;
	int half = fft->n / 2;

	/* The conjugate of what forward() untangled, so that the same transform serves. */
	for (int k = 0; k < half; k++) {
		float b_re = re[half - k], b_im = k ? -im[half - k] : 0, a_im = k ? im[k] : 0;
		float even_re = re[k] + b_re, even_im = a_im + b_im;
		float diff_re = re[k] - b_re, diff_im = a_im - b_im;
		float c = fft->cosine[k], s = fft->sine[k];
		float odd_re = diff_re * c - diff_im * s, odd_im = diff_im * c + diff_re * s;

		z[2 * fft->place[k]] = even_re - odd_im;
		z[2 * fft->place[k] + 1] = -(even_im + odd_re);
	}
	transform(fft, z);
	for (int i = 0; i < half; i++) {
		out[2 * i] = scale * z[2 * i];
		out[2 * i + 1] = -scale * z[2 * i + 1];
	}
}
