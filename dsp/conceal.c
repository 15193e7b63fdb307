/* SPDX-License-Identifier: MIT */
/* Sound for packets that did not come: pitch repetition, background noise, and the way back. */
#include "conceal.h"

#include "level.h"
#include "lpc.h"
#include "pitch.h"

#include <math.h>
#include <string.h>

enum {
	/* G.711 Appendix I 2.3: pitch of 66..200 Hz, compared over 20 ms. The upper end is 400 Hz here,
	 * for children. */
	PITCH_MIN_US = 2500,
	PITCH_MAX_US = 15000,
	COMPARE_MS = 20,
	STAGE_MS = 10, /* one, two, then three periods are repeated (ibid. 2.5) */
	STAGES = 3,
	FADE_FROM_MS = 10, /* 20 % per 10 ms from here (ibid. 2.6) */
	FADE_MS = 50,
	LOOK_MS = 10, /* frame of the background's estimate */
	WINDOW_LOOKS = 100, /* the quietest frame of 1..2 s is background */
	MERGE_MIN_MS = 4, /* and a tenth of the loss, but at most: */
	MERGE_MAX_MS = 8, /* every millisecond of it is a true one less */
	SPLICE_MS = 18,
	COARSE_HZ = 8000, /* resolution of the phase */
	BEND_MIN_US = 2500, /* of a first good frame: less says nothing about phase */
};

/* Under this correlation there is no pitch: the longest period then buzzes least, and there is no
 * phase to bend into. */
#define VOICED 0.5f
/* A quiet background still sounds: -80 dB full scale, mean square. */
#define NOISE_LEAST 10.7f
/* No room is louder than -35 dB: that is a tone, or music. In the first second, in which a talker may not
 * have paused yet, -50 dB is loud enough. More would roar for as long as nothing comes. */
#define NOISE_MOST   339546.0f
#define NOISE_UNSURE 10737.0f

static int ms(const struct tp_conceal *conceal, int time_ms)
{
	return conceal->rate_hz * time_ms / 1000;
}

static int us(const struct tp_conceal *conceal, int time_us)
{
	return (int)((int64_t)conceal->rate_hz * time_us / 1000000);
}

static int16_t saturate(float y)
{
	return (int16_t)lrintf(fmaxf(-32768.0f, fminf(32767.0f, y)));
}

void tp_conceal_init(struct tp_conceal *conceal, int rate_hz)
{
	memset(conceal, 0, sizeof(*conceal));
	conceal->rate_hz = rate_hz;
	conceal->history_n = ms(conceal, TP_CONCEAL_HISTORY_MS);
	conceal->least = conceal->least_before = INFINITY;
	tp_noise_init(&conceal->noise, 1);
}

static void remember(struct tp_conceal *conceal, const int16_t *pcm, int n)
{
	int keep = n < conceal->history_n ? conceal->history_n - n : 0;

	memmove(conceal->history, conceal->history + conceal->history_n - keep,
		(size_t)keep * sizeof(*pcm));
	memcpy(conceal->history + keep, pcm + n - (conceal->history_n - keep),
	       (size_t)(conceal->history_n - keep) * sizeof(*pcm));
}

/* Looks at the last 10 ms of history: frames up to 3 dB over the quietest of the last seconds are
 * background, and are averaged. */
static void learn_background(struct tp_conceal *conceal)
{
	int n = ms(conceal, LOOK_MS);
	const int16_t *frame = conceal->history + conceal->history_n - n;
	float energy = (float)tp_level_energy(frame, n) / (float)n;
	float fresh[TP_CONCEAL_ORDER + 1];

	conceal->least = fminf(conceal->least, energy);
	if (++conceal->window_n >= WINDOW_LOOKS) {
		conceal->window_n = 0;
		conceal->least_before = conceal->least;
		conceal->least = INFINITY;
	}
	if (energy > 2.0f * fminf(conceal->least, conceal->least_before))
		return;
	tp_lpc_correlate(frame, n, TP_CONCEAL_ORDER, fresh);
	/* A far quieter frame than ever replaces what was taken for background until now. */
	float keep = energy < 0.25f * conceal->correlation[0] ? 0.0f : 0.9f;

	if (conceal->correlation[0] == 0)
		keep = 0;
	for (int i = 0; i <= TP_CONCEAL_ORDER; i++)
		conceal->correlation[i] = keep * conceal->correlation[i] + (1.0f - keep) * fresh[i];
}

/* Uniform noise in -1..1 has a power of 1/3. */
static float background(struct tp_conceal *conceal)
{
	float excitation = tp_noise_next(&conceal->noise) * sqrtf(3.0f * conceal->shape[0]);

	return tp_lpc_synthesise(conceal->shape, TP_CONCEAL_ORDER, conceal->memory, excitation);
}

static float background_power(const struct tp_conceal *conceal)
{
	bool sure = isfinite(conceal->least_before);

	return fminf(conceal->correlation[0], sure ? NOISE_MOST : NOISE_UNSURE);
}

static void shape_background(struct tp_conceal *conceal)
{
	float correlation[TP_CONCEAL_ORDER + 1];
	float scale = background_power(conceal) / fmaxf(conceal->correlation[0], NOISE_LEAST);

	for (int i = 0; i <= TP_CONCEAL_ORDER; i++)
		correlation[i] = scale * conceal->correlation[i];
	correlation[0] = fmaxf(correlation[0], NOISE_LEAST);
	tp_lpc_solve(correlation, TP_CONCEAL_ORDER, conceal->shape);
}

/* The ringing of what was played: how its short-time spectrum alone would go on. */
static void ring_out(struct tp_conceal *conceal)
{
	int n = ms(conceal, COMPARE_MS);
	const int16_t *end = conceal->history + conceal->history_n;
	float correlation[TP_CONCEAL_ORDER + 1], predictor[TP_CONCEAL_ORDER + 1];
	float memory[TP_CONCEAL_ORDER];

	tp_lpc_correlate(end - n, n, TP_CONCEAL_ORDER, correlation);
	tp_lpc_solve(correlation, TP_CONCEAL_ORDER, predictor);
	for (int k = 0; k < TP_CONCEAL_ORDER; k++)
		memory[k] = end[-1 - k];
	for (int i = 0; i < ms(conceal, TP_CONCEAL_RING_MS); i++)
		conceal->ring[i] = tp_lpc_synthesise(predictor, TP_CONCEAL_ORDER, memory, 0.0f);
}

static void begin(struct tp_conceal *conceal)
{
	int longest = us(conceal, PITCH_MAX_US);

	conceal->period_n = tp_pitch_find(conceal->history + conceal->history_n - longest -
						  ms(conceal, COMPARE_MS),
					  longest + ms(conceal, COMPARE_MS), conceal->rate_hz,
					  us(conceal, PITCH_MIN_US), longest, &conceal->voiced);
	if (conceal->voiced < VOICED)
		conceal->period_n = longest;
	memcpy(conceal->cycle, conceal->history, sizeof(conceal->cycle));
	ring_out(conceal);
	shape_background(conceal);
	conceal->merge_n = 0;
}

/* The last `periods` periods as an endless loop, whose last quarter period fades into what came before
 * its beginning (G.711 Appendix I 2.4). */
static float loop(const struct tp_conceal *conceal, int periods, int64_t t)
{
	int length = periods * conceal->period_n, seam = conceal->period_n / 4;
	int at = (int)(t % length);
	const int16_t *x = conceal->cycle + conceal->history_n - length + at;
	float into = (float)(at - (length - seam) + 1) / (float)(seam + 1);

	return into <= 0 ? x[0] : (1.0f - into) * x[0] + into * x[-length];
}

/* Sample t of the loss, before its fade: a function of time alone, so that the merge can bend it. */
static float repeat(const struct tp_conceal *conceal, int64_t t)
{
	int stage_n = ms(conceal, STAGE_MS), ring_n = ms(conceal, TP_CONCEAL_RING_MS);
	int stage = t < STAGES * stage_n ? (int)(t / stage_n) : STAGES - 1;
	float into = (float)(t - stage * stage_n) / (float)(conceal->period_n / 4);
	float y = loop(conceal, stage + 1, t);

	if (stage > 0 && into < 1.0f)
		y = into * y + (1.0f - into) * loop(conceal, stage, t);
	if (t < ring_n) {
		into = (float)(t + 1) / (float)(ring_n + 1);
		y = into * y + (1.0f - into) * conceal->ring[t];
	}
	return y;
}

/* Sample `conceal->lost_n` of the loss, `bend` samples out of phase. */
static float make(struct tp_conceal *conceal, float bend)
{
	float fade =
		(float)(conceal->lost_n - ms(conceal, FADE_FROM_MS)) / (float)ms(conceal, FADE_MS);
	float gain = 1.0f - fmaxf(0.0f, fminf(1.0f, fade));
	float y = 0;

	if (gain > 0) {
		double t = (double)conceal->lost_n + bend;
		int64_t whole = (int64_t)t;
		float rest = (float)(t - (double)whole);

		y = gain * ((1.0f - rest) * repeat(conceal, whole) +
			    (rest > 0 ? rest * repeat(conceal, whole + 1) : 0.0f));
	}
	if (gain < 1.0f)
		y += sqrtf(1.0f - gain * gain) * background(conceal);
	conceal->lost_n++;
	return y;
}

/* How like `pcm` the made sound is, `lag` samples ahead; every `stride`th sample is compared. */
static float likeness(const struct tp_conceal *conceal, int lag, const int16_t *pcm, int n,
		      int stride)
{
	float both = 0, of_made = 0, of_pcm = 0;

	for (int i = 0; i < n; i += stride) {
		float made = repeat(conceal, conceal->lost_n + lag + i);

		both += made * pcm[i];
		of_made += made * made;
		of_pcm += (float)pcm[i] * pcm[i];
	}
	return of_made > 0 && of_pcm > 0 ? both / sqrtf(of_made * of_pcm) : 0.0f;
}

/* How far the made sound must move, at most half a period, to be in phase with what comes. 0 if it is,
 * near enough: bending is heard too. */
static int phase_of(const struct tp_conceal *conceal, const int16_t *pcm, int n)
{
	int stride = conceal->rate_hz > COARSE_HZ ? conceal->rate_hz / COARSE_HZ : 1;
	int half_n = conceal->period_n / 2, found = 0;
	int back_n = conceal->lost_n < half_n ? (int)conceal->lost_n : half_n;
	float straight = likeness(conceal, 0, pcm, n, stride), best = straight;

	for (int lag = -back_n; lag <= half_n; lag += stride) {
		float y = likeness(conceal, lag, pcm, n, stride);

		if (y > best) {
			best = y;
			found = lag;
		}
	}
	return best > VOICED && best > 2.0f * straight ? found : 0;
}

/* The first good samples after a loss decide how the merge goes. */
static void begin_merge(struct tp_conceal *conceal, const int16_t *pcm, int n)
{
	int most = ms(conceal, MERGE_MAX_MS);
	int64_t wish = ms(conceal, MERGE_MIN_MS) + conceal->lost_n / 10;

	conceal->merge_n = wish < most ? (int)wish : most;
	if (conceal->spliced) /* both sides are true sound: there is time to bend unheard */
		conceal->merge_n = ms(conceal, SPLICE_MS);
	conceal->merged_n = 0;
	conceal->bend_n = 0;
	if (conceal->voiced < VOICED || n < us(conceal, BEND_MIN_US) ||
	    conceal->lost_n > ms(conceal, FADE_FROM_MS + FADE_MS))
		return;
	conceal->bend_n = phase_of(conceal, pcm, n < conceal->merge_n ? n : conceal->merge_n);
}

/* 0 to 1 with no corner at either end. */
static float ease(float x)
{
	x = fmaxf(0.0f, fminf(1.0f, x));
	return x * x * (3.0f - 2.0f * x);
}

/* In the first half of the merge the made sound bends into phase; all through it fades out. */
static void merge(struct tp_conceal *conceal, int16_t *pcm, int n)
{
	for (int i = 0; i < n && conceal->merged_n < conceal->merge_n; i++) {
		float x = (float)(++conceal->merged_n) / (float)(conceal->merge_n + 1);
		float made = make(conceal, (float)conceal->bend_n * ease(2.0f * x));

		float good = conceal->merge_n == ms(conceal, SPLICE_MS) ? ease(x) : x;

		pcm[i] = saturate(good * pcm[i] + (1.0f - good) * made);
	}
	if (conceal->merged_n < conceal->merge_n)
		return;
	conceal->lost_n = 0;
	conceal->merge_n = 0;
}

void tp_conceal_good(struct tp_conceal *conceal, int16_t *pcm, int n)
{
	if (n <= 0)
		return;
	if ((conceal->lost_n > 0 || conceal->spliced) && conceal->merge_n == 0)
		begin_merge(conceal, pcm, n);
	conceal->spliced = false;
	if (conceal->merge_n > 0)
		merge(conceal, pcm, n);
	remember(conceal, pcm, n);
	conceal->fresh_n += n;
	if (conceal->fresh_n < ms(conceal, LOOK_MS))
		return;
	conceal->fresh_n = 0;
	learn_background(conceal);
}

void tp_conceal_splice(struct tp_conceal *conceal)
{
	if (conceal->lost_n > 0)
		return; /* a merge comes anyway */
	begin(conceal);
	conceal->spliced = true;
}

void tp_conceal_make(struct tp_conceal *conceal, int16_t *pcm, int n)
{
	if (n > 0 && (conceal->lost_n == 0 || conceal->merge_n > 0)) {
		conceal->lost_n = 0;
		begin(conceal);
	}
	for (int i = 0; i < n; i++)
		pcm[i] = saturate(make(conceal, 0.0f));
	remember(conceal, pcm, n);
}

double tp_conceal_background_db(const struct tp_conceal *conceal)
{
	return tp_level_power_db(background_power(conceal));
}
