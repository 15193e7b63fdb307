/* SPDX-License-Identifier: MIT */
/* The inner loop of every search: sums of products. */
#include "dot.h"

enum { LANES = 8 }; /* independent sums, which a compiler may keep in vectors */

float tp_dot(const float *a, const float *b, int n)
{
	float sum[LANES] = {0}, all = 0;
	int i = 0;

	for (; i + LANES <= n; i += LANES)
		for (int k = 0; k < LANES; k++)
			sum[k] += a[i + k] * b[i + k];
	for (; i < n; i++)
		all += a[i] * b[i];
	for (int k = 0; k < LANES; k++)
		all += sum[k];
	return all;
}
