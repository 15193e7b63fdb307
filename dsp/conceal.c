/* SPDX-License-Identifier: MIT */
/* Sound for packets that did not come: pitch repetition, background noise, and the way back. */
#include "conceal.h"

#include "level.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* G.711 Appendix I 2.6 fades by 20 % per 10 ms from 10 ms on. It is true that
	 * what is made is soon wrong, and what is wrong had better be softer; but speech
	 * goes on for longer than 60 ms. */
	SURE_MS = 10, /* up to here as loud as it was */
	UNSURE_MS = 40, /* from here on at UNSURE */
	SPEECH_MS = 100, /* up to here; then it fades, and is over at: */
	GONE_MS = 200,
	ROOM_GONE_MS = 30, /* where nobody spoke there is no speech to go on with */
	LAST_MS = 20, /* by which it is told */
	MERGE_MIN_MS = 4, /* and a tenth of the loss, but at most: */
	MERGE_MAX_MS = 8, /* every millisecond of it is a true one less */
	SPLICE_MS = 18,
	BEND_MIN_US = 2500, /* of a first good frame: less says nothing about phase */
	AFTER_MIN_MS = 10, /* less than that has no pitch to go back with */
};

/* Between 0.4 and 0.8 every distance to the true sound is much the same, over bursts of losses. */
#define UNSURE 0.6f

/* Times the background's power, 3 dB: more is somebody. */
#define QUIET 2.0f

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
	return (int16_t)lrintf(y < -32768.0f ? -32768.0f : y > 32767.0f ? 32767.0f : y);
}

void tp_conceal_init(struct tp_conceal *conceal, int rate_hz)
{
	memset(conceal, 0, sizeof(*conceal));
	conceal->rate_hz = rate_hz;
	conceal->history_n = ms(conceal, TP_EXTEND_SOUND_MS);
	conceal->sure_n = ms(conceal, SURE_MS);
	conceal->unsure_n = ms(conceal, UNSURE_MS);
	conceal->speech_n = ms(conceal, SPEECH_MS);
	conceal->gone_n = ms(conceal, GONE_MS);
	tp_background_init(&conceal->background, rate_hz);
}

static void remember(struct tp_conceal *conceal, const int16_t *pcm, int n)
{
	int keep = n < conceal->history_n ? conceal->history_n - n : 0;

	memmove(conceal->history, conceal->history + conceal->history_n - keep,
		(size_t)keep * sizeof(*pcm));
	memcpy(conceal->history + keep, pcm + n - (conceal->history_n - keep),
	       (size_t)(conceal->history_n - keep) * sizeof(*pcm));
}

static bool is_room(const struct tp_conceal *conceal)
{
	int n = ms(conceal, LAST_MS);
	const int16_t *last = conceal->history + conceal->history_n - n;

	return (float)tp_level_energy(last, n) <=
	       QUIET * (float)n * tp_background_power(&conceal->background);
}

static void begin(struct tp_conceal *conceal)
{
	conceal->room = is_room(conceal);
	conceal->gone_n = ms(conceal, conceal->room ? ROOM_GONE_MS : GONE_MS);
	tp_extend_forward(&conceal->before, conceal->rate_hz, conceal->history, conceal->history_n);
	tp_background_begin(&conceal->background);
	conceal->lost_n = 0;
	conceal->merge_n = 0;
}

static void begin_if_new(struct tp_conceal *conceal)
{
	if (conceal->lost_n == 0 || conceal->merge_n > 0)
		begin(conceal);
}

/* From 1 to 0 as t goes from `from` to `to`. */
static float decline(int t, int from, int to)
{
	return (float)(to - t) / (float)(to - from);
}

/* What is left t samples into a loss. */
static float gain_at(const struct tp_conceal *conceal, int t)
{
	if (t <= conceal->sure_n)
		return 1.0f;
	if (conceal->room)
		return t < conceal->gone_n ? decline(t, conceal->sure_n, conceal->gone_n) : 0.0f;
	if (t < conceal->unsure_n)
		return UNSURE + (1.0f - UNSURE) * decline(t, conceal->sure_n, conceal->unsure_n);
	if (t <= conceal->speech_n)
		return UNSURE;
	return t < conceal->gone_n ? UNSURE * decline(t, conceal->speech_n, conceal->gone_n) : 0.0f;
}

/* What a gain leaves room for. The last tenth is less than 1 dB of the
 * background, and not worth noise. */
static float fill(struct tp_conceal *conceal, float gain)
{
	const float enough = 0.9f;
	float part = gain / enough;

	if (part >= 1.0f)
		return 0;
	return sqrtf(1.0f - part * part) * tp_background_next(&conceal->background);
}

/* Sample `conceal->lost_n` of the loss, `bend` samples out of phase. */
static float make(struct tp_conceal *conceal, float bend)
{
	int t = conceal->lost_n, end = conceal->gone_n;
	float gain = gain_at(conceal, t), y = 0;

	if (gain > 0)
		y = gain * (bend != 0 ? tp_extend_between(&conceal->before, (float)t + bend)
				      : tp_extend_at(&conceal->before, t));
	conceal->lost_n = t < end ? t + 1 : end;
	return y + fill(conceal, gain);
}

/* ---- The return ---- */

/* How far the made sound must move, at most half a period, to be in phase with what comes. 0 if it
 * is, near enough: bending is heard too. */
static int phase_of(const struct tp_conceal *conceal, const int16_t *pcm, int n)
{
	float straight, best;
	int bend = tp_extend_align(&conceal->before, conceal->lost_n, 0, 1.0f, pcm, n, &straight,
				   &best);

	return best > TP_EXTEND_VOICED && best > 2.0f * straight ? bend : 0;
}

/* The first good samples after a loss decide how the merge goes. */
static void begin_merge(struct tp_conceal *conceal, const int16_t *pcm, int n)
{
	int most = ms(conceal, MERGE_MAX_MS);
	int wish = ms(conceal, MERGE_MIN_MS) + conceal->lost_n / 10;

	conceal->merge_n = wish < most ? wish : most;
	if (conceal->spliced) /* both sides are true sound: there is time to bend unheard */
		conceal->merge_n = ms(conceal, SPLICE_MS);
	conceal->merged_n = 0;
	conceal->bend_n = 0;
	if (n < us(conceal, BEND_MIN_US) || gain_at(conceal, conceal->lost_n) <= 0)
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
	int look_n = ms(conceal, TP_BACKGROUND_LOOK_MS);

	if (n <= 0)
		return;
	if ((conceal->lost_n > 0 || conceal->spliced) && conceal->merge_n == 0)
		begin_merge(conceal, pcm, n);
	conceal->spliced = false;
	if (conceal->merge_n > 0)
		merge(conceal, pcm, n);
	remember(conceal, pcm, n);
	conceal->fresh_n += n;
	if (conceal->fresh_n < look_n)
		return;
	conceal->fresh_n = 0;
	tp_background_hear(&conceal->background, conceal->history + conceal->history_n - look_n);
}

void tp_conceal_splice(struct tp_conceal *conceal)
{
	if (conceal->lost_n > 0)
		return; /* a merge comes anyway */
	begin(conceal);
	conceal->spliced = true;
}

/* ---- The gap ---- */

void tp_conceal_make(struct tp_conceal *conceal, int16_t *pcm, int n)
{
	if (n > 0)
		begin_if_new(conceal);
	for (int i = 0; i < n; i++)
		pcm[i] = saturate(make(conceal, 0.0f));
	remember(conceal, pcm, n);
}

void tp_conceal_guess(struct tp_conceal *conceal, int16_t *pcm, int n)
{
	begin_if_new(conceal);
	for (int i = 0; i < n; i++) {
		int t = conceal->lost_n + i;

		pcm[i] = saturate(gain_at(conceal, t) * tp_extend_at(&conceal->before, t));
	}
}

/* The pitch behind the gap, as a multiple of that before it. */
static float pitch_change(const struct tp_conceal *conceal)
{
	const struct tp_extend *before = &conceal->before, *after = &conceal->after;

	if (before->voiced < TP_EXTEND_VOICED || after->voiced < TP_EXTEND_VOICED)
		return 1.0f;
	return (float)before->period_n / (float)after->period_n;
}

/* By how much the phase of `before` will have moved at the end of a gap of n samples, if its pitch
 * goes evenly to `change` times what it was. */
static int glide_over(int n, float change)
{
	return (int)lrintf((float)n * 0.5f * (change - 1.0f));
}

/* The phase that a glide does not explain is made up for evenly. Past a half of the gap's length it
 * would stand still, or run backwards. */
static int bounded(int shift, int n)
{
	return shift < -n / 2 ? -n / 2 : shift > n / 2 ? n / 2 : shift;
}

/* Both sides are read at one pitch, which goes evenly from that before the gap to that behind it,
 * so that they are in one phase all the way and not only at its end. */
void tp_conceal_bridge(struct tp_conceal *conceal, int16_t *pcm, int n, int after_n)
{
	const struct tp_extend *before = &conceal->before, *after = &conceal->after;
	float change, slower, straight, likeness;
	int glide, shift, gap_n;

	if (after_n < ms(conceal, AFTER_MIN_MS)) {
		tp_conceal_make(conceal, pcm, n);
		return;
	}
	begin_if_new(conceal);
	gap_n = conceal->lost_n + n;
	tp_extend_backward(&conceal->after, conceal->rate_hz, pcm + n, after_n, before);
	change = pitch_change(conceal);
	slower = 1.0f / change;
	glide = glide_over(gap_n, change);
	shift = tp_extend_align(before, gap_n, glide, change, pcm + n, after_n, &straight,
				&likeness);
	shift = bounded(shift - glide, n);
	for (int i = 0; i < n; i++) {
		int t = conceal->lost_n + i, back = n - 1 - i;
		float x = (float)(i + 1) / (float)(n + 1), rest = 1.0f - x;
		float old = rest * gain_at(conceal, t), fresh = x * gain_at(conceal, back);
		float y = fill(conceal, old + fresh);

		if (old > 0)
			y += old * tp_extend_between(before, (float)t + (float)glide * x * x +
								     (float)shift * x);
		if (fresh > 0)
			y += fresh *
			     tp_extend_between(
				     after, (float)back * (1.0f + (slower - 1.0f) * 0.5f * rest) +
						    (float)shift * rest * slower);
		pcm[i] = saturate(y);
	}
	remember(conceal, pcm, n);
	conceal->lost_n = 0;
}

int tp_conceal_gone_ms(const struct tp_conceal *conceal)
{
	return conceal->room ? ROOM_GONE_MS : GONE_MS;
}

double tp_conceal_background_db(const struct tp_conceal *conceal)
{
	return tp_level_power_db(tp_background_power(&conceal->background));
}
