/* SPDX-License-Identifier: MIT */
/* Sound that goes on beyond its end: its last pitch periods, again and again. */
#include "extend.h"

#include "dot.h"
#include "lpc.h"
#include "pitch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* G.711 Appendix I 2.3: pitch of 66..200 Hz. The upper end is 400 Hz here, for children. */
	PITCH_MIN_US = 2500,
	PITCH_MAX_US = 15000,
	/* Appendix I compares over 20 ms. What is nearest to the end is most like what came after
	 * it: with 8 ms the sound made from it was nearer to the true one by every distance. */
	COMPARE_MS = 8,
	COMPARE_LEAST_MS = 5, /* of a packet that is the only one there */
	NOISE_US =
		10000, /* without a pitch: this long a loop hardly buzzes, and is of one sound still */
	STAGE_MS =
		20, /* one period is repeated at first, then two (ibid. 2.5 after 10 ms, but what is older
			* is less like it; three, to which it goes on, gain nothing) */
	SPECTRUM_MS = 20, /* that the ringing is learnt from */
	ORDER = 16,
	COARSE_HZ = 8000, /* resolution of a phase */
	ALIGN_MS = 10, /* of sound are compared to find it */
	ALIGN_MAX_N = COARSE_HZ / 1000 * (ALIGN_MS + PITCH_MAX_US / 1000 + 1),
};

/* Over so short a comparison two periods are often as alike as one. */
#define NEARER 0.2f

/* A pitch changes by less than this from one side of a gap to the other. */
#define PITCH_CHANGE 1.25f

static int ms(const struct tp_extend *extend, int time_ms)
{
	return extend->rate_hz * time_ms / 1000;
}

static int us(const struct tp_extend *extend, int time_us)
{
	return (int)((int64_t)extend->rate_hz * time_us / 1000000);
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* How the short-time spectrum alone would go on: the join between the sound and its repetition. */
static void ring_out(struct tp_extend *extend)
{
	int n = least(ms(extend, SPECTRUM_MS), extend->n);
	const int16_t *end = extend->sound + extend->n;
	float correlation[ORDER + 1], predictor[ORDER + 1], memory[ORDER];

	tp_lpc_correlate(end - n, n, ORDER, correlation);
	tp_lpc_solve(correlation, ORDER, predictor);
	for (int k = 0; k < ORDER; k++)
		memory[k] = end[-1 - k];
	for (int i = 0; i < extend->ring_n; i++)
		extend->ring[i] = tp_lpc_synthesise(predictor, ORDER, memory, 0.0f);
}

/* Looks for a pitch of `shortest` to `longest` samples, as far as the sound is long enough. */
static void find_pitch(struct tp_extend *extend, int shortest, int longest)
{
	int compare = least(ms(extend, COMPARE_MS), extend->n - longest);

	if (compare < ms(extend, COMPARE_LEAST_MS)) {
		compare = ms(extend, COMPARE_LEAST_MS);
		longest = extend->n - compare;
	}
	shortest = least(shortest, longest);
	extend->period_n =
		tp_pitch_find(extend->sound + extend->n - longest - compare, longest + compare,
			      extend->rate_hz, shortest, longest, NEARER, &extend->voiced);
	if (extend->voiced < TP_EXTEND_VOICED)
		extend->period_n = least(us(extend, NOISE_US), extend->n * 3 / 4);
}

static void begin(struct tp_extend *extend, int rate_hz, int n)
{
	extend->rate_hz = rate_hz;
	extend->n = least(n, ms(extend, TP_EXTEND_SOUND_MS));
	extend->stage_n = ms(extend, STAGE_MS);
	extend->ring_n = ms(extend, TP_EXTEND_RING_MS);
}

void tp_extend_forward(struct tp_extend *extend, int rate_hz, const int16_t *pcm, int n)
{
	begin(extend, rate_hz, n);
	memcpy(extend->sound, pcm + n - extend->n, (size_t)extend->n * sizeof(*pcm));
	find_pitch(extend, us(extend, PITCH_MIN_US), us(extend, PITCH_MAX_US));
	ring_out(extend);
}

void tp_extend_backward(struct tp_extend *extend, int rate_hz, const int16_t *pcm, int n,
			const struct tp_extend *like)
{
	int shortest, longest;

	begin(extend, rate_hz, n);
	for (int i = 0; i < extend->n; i++)
		extend->sound[extend->n - 1 - i] = pcm[i];
	shortest = us(extend, PITCH_MIN_US);
	longest = us(extend, PITCH_MAX_US);
	if (like->voiced >= TP_EXTEND_VOICED) {
		int lower = (int)((float)like->period_n / PITCH_CHANGE);

		shortest = lower > shortest ? lower : shortest;
		longest = least((int)((float)like->period_n * PITCH_CHANGE), longest);
	}
	find_pitch(extend, shortest, longest);
	ring_out(extend);
}

/* The last `periods` periods as an endless loop, whose last quarter period fades into what came
 * before its beginning (G.711 Appendix I 2.4). */
static float loop(const struct tp_extend *extend, int periods, int t)
{
	int length = periods * extend->period_n, at = t % length;
	int seam = least(extend->period_n / 4, extend->n - length);
	const int16_t *x = extend->sound + extend->n - length + at;
	int into = at - (length - seam) + 1;

	if (into <= 0)
		return x[0];
	return x[0] + (float)into / (float)(seam + 1) * (float)(x[-length] - x[0]);
}

float tp_extend_at(const struct tp_extend *extend, int t)
{
	int late = t - extend->stage_n, ring_n = extend->ring_n, seam = extend->period_n / 4;
	float y;

	if (late < 0 || 2 * extend->period_n > extend->n) {
		y = loop(extend, 1, t);
	} else {
		y = loop(extend, 2, t);
		if (late < seam)
			y += (1.0f - (float)late / (float)seam) * (loop(extend, 1, t) - y);
	}
	if (t < ring_n)
		y += (1.0f - (float)(t + 1) / (float)(ring_n + 1)) * (extend->ring[t] - y);
	return y;
}

float tp_extend_between(const struct tp_extend *extend, float t)
{
	int whole = t > 0 ? (int)t : 0;
	float rest = t > 0 ? t - (float)whole : 0.0f, y = tp_extend_at(extend, whole);

	return rest > 0 ? y + rest * (tp_extend_at(extend, whole + 1) - y) : y;
}

static float likeness_of(float both, float of_made, float of_wanted)
{
	return of_made > 0 && of_wanted > 0 ? both / sqrtf(of_made * of_wanted) : 0.0f;
}

/* The extension at every step-th sample from `first` on. */
static void sample(const struct tp_extend *extend, float first, float step, float *made, int n)
{
	for (int i = 0; i < n; i++)
		made[i] = tp_extend_at(extend, (int)fmaxf(0.0f, first + (float)i * step));
}

/* A move away from what the pitches of both sides say needs a likeness that is as much better: half
 * a period off weighs 1. The extension is read at the pitch of what it is compared with, or the
 * move would hold for the middle of that, not for its beginning. */
int tp_extend_align(const struct tp_extend *extend, int from, int expected, float pitch,
		    const int16_t *pcm, int n, float *straight, float *likeness)
{
	float made[ALIGN_MAX_N], wanted[ALIGN_MAX_N];
	int stride = extend->rate_hz > COARSE_HZ ? extend->rate_hz / COARSE_HZ : 1;
	int half = extend->period_n / 2 / stride, found = 0;
	float step = (float)stride * pitch, best = -2, of_wanted;
	float first = (float)(from + expected) - (float)half * step;

	n = least(n, ms(extend, ALIGN_MS)) / stride;
	for (int i = 0; i < n; i++)
		wanted[i] = pcm[i * stride];
	sample(extend, (float)from, step, made, n);
	of_wanted = tp_dot(wanted, wanted, n);
	*straight = *likeness =
		likeness_of(tp_dot(made, wanted, n), tp_dot(made, made, n), of_wanted);
	if (extend->voiced < TP_EXTEND_VOICED)
		return 0;
	sample(extend, first, step, made, n + 2 * half);
	for (int i = 0; i <= 2 * half; i++) {
		float like = likeness_of(tp_dot(made + i, wanted, n), tp_dot(made + i, made + i, n),
					 of_wanted);
		float worth = like - fabsf((float)(i - half)) / (float)(half + 1);

		if (first + (float)i * step < 0 || like <= 0 || worth <= best)
			continue;
		best = worth;
		*likeness = like;
		found = expected + (int)lrintf((float)(i - half) * step);
	}
	return found;
}
