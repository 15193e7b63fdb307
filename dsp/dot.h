/* SPDX-License-Identifier: MIT */
/* The inner loop of every search: sums of products. */
#ifndef TP_DOT_H
#define TP_DOT_H

/* The sum of a[i] * b[i] over n >= 0 samples, in an order that suits vectors. [any] */
float tp_dot(const float *a, const float *b, int n);

#endif
