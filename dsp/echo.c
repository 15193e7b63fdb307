/* SPDX-License-Identifier: MIT */
/* Linear echo canceller: the block frequency domain filter of libspeexdsp. */
#include "echo.h"

#include "echo_guard.h"
#include "echo_lesson.h"
#include "level.h"

#include <talkpath/error.h>

#include <math.h>
#include <speex/speex_echo.h>
#include <stdlib.h>
#include <string.h>

/* Mean square over the tail from which the loudspeaker counts as heard: -50 dB full scale. */
#define HEARD_POWER     10737.0
#define ERLE_WINDOW_S   1.0
#define ERLE_LEAST_S    0.3
#define SETTLE_WINDOW_S 0.2
#define SETTLE_LEAST_S  0.1
#define SETTLE_MOST_S   1.5
#define SETTLED         15.8 /* 12 dB */
#define LESSON_MAX_S    5.0
/* Taught enough: the error is 30 dB under the echo. */
#define TAUGHT 1e-3
/* 40 dB: what turning a volume can make of an echo; beyond it the filter's 16 bits are few. */
#define LOUDER_MAX 100.0
/* From a block with a sample beyond 32000 the library learns nothing: it takes
 * it for one that was cut off. */
#define CUT_OFF 32000
/* What is left in the notch of a mark that is half a step of 16 bits is none. */
#define MARK_LEAST 0.01

struct tp_echo {
	SpeexEchoState *speex;
	int rate_hz, block_n, blocks;
	double block_s;
	int16_t *mic, *ref, *out; /* as the library gets and gives them */
	struct tp_echo_notch notch; /* as the library's, for what it took out */
	struct tp_echo_notch mark; /* the same, for what was put in */
	bool hold;
	struct tp_echo_guard guard;
	double ref_power, mic_power, out_power, heard_s;
	double mic_now, out_now; /* the same over a shorter time */
	bool settled;
	double louder; /* echo now over what the library has learnt */
};

struct tp_echo *tp_echo_create(int rate_hz, int block_n, int tail_ms)
{
	struct tp_echo *echo = NULL;
	int tail_n = (int)((int64_t)rate_hz * tail_ms / 1000);

	if (rate_hz < 8000 || rate_hz > 48000 || block_n < rate_hz / 500 ||
	    block_n > rate_hz / 50 || tail_ms < TP_ECHO_TAIL_MIN_MS ||
	    tail_ms > TP_ECHO_TAIL_MAX_MS) {
		(void)tp_fail(
			TP_ERR_ARGUMENT,
			"no echo canceller for %d Hz, blocks of %d and a tail of %d ms: wanted are "
			"8000..48000 Hz, 2..20 ms, %d..%d ms",
			rate_hz, block_n, tail_ms, TP_ECHO_TAIL_MIN_MS, TP_ECHO_TAIL_MAX_MS);
		return NULL;
	}
	echo = calloc(1, sizeof(*echo));
	if (!echo)
		goto fail;
	echo->rate_hz = rate_hz;
	echo->block_n = block_n;
	echo->block_s = (double)block_n / rate_hz;
	echo->louder = 1;
	echo->blocks = (tail_n + block_n - 1) / block_n;
	echo->mic = calloc((size_t)block_n * 3, sizeof(*echo->mic));
	echo->speex = speex_echo_state_init(block_n, tail_n);
	if (!echo->mic || !echo->speex)
		goto fail;
	echo->ref = echo->mic + block_n;
	echo->out = echo->ref + block_n;
	/* Unsaid, the library takes 8000 Hz and is wrong in every time constant. */
	speex_echo_ctl(echo->speex, SPEEX_ECHO_SET_SAMPLING_RATE, &rate_hz);
	tp_echo_guard_init(&echo->guard, rate_hz, echo->blocks);
	tp_echo_notch_init(&echo->notch, rate_hz);
	tp_echo_notch_init(&echo->mark, rate_hz);
	return echo;
fail:
	tp_echo_destroy(echo);
	(void)tp_fail(TP_ERR_MEMORY, "out of memory for an echo canceller of %d ms", tail_ms);
	return NULL;
}

void tp_echo_destroy(struct tp_echo *echo)
{
	if (!echo)
		return;
	if (echo->speex)
		speex_echo_state_destroy(echo->speex);
	free(echo->mic);
	free(echo);
}

void tp_echo_reset(struct tp_echo *echo)
{
	speex_echo_state_reset(echo->speex);
	tp_echo_guard_reset(&echo->guard);
	echo->ref_power = echo->mic_power = echo->out_power = echo->heard_s = 0;
	echo->mic_now = echo->out_now = 0;
	echo->settled = false;
	echo->louder = 1;
	tp_echo_notch_init(&echo->mark, echo->rate_hz);
}

void tp_echo_hold(struct tp_echo *echo, bool hold)
{
	echo->hold = hold;
}

void tp_echo_louder(struct tp_echo *echo, double factor)
{
	echo->louder *= factor;
}

/* What silence became, it may come back from. */
static double louder(const struct tp_echo *echo)
{
	return fmax(1 / LOUDER_MAX, fmin(LOUDER_MAX, echo->louder));
}

static int16_t saturate(double x)
{
	return (int16_t)lrint(fmax(-32768.0, fmin(32767.0, x)));
}

/* Inside a block, so that it has neighbours. */
static int softest(const int16_t *pcm, int n)
{
	int at = 1;

	for (int i = 2; i < n - 1; i++)
		if (abs(pcm[i]) < abs(pcm[at]))
			at = i;
	return at;
}

/* The library's part of a block from which it is to learn nothing: one sample of the microphone is
 * replaced by what it takes for cut off, and the difference taken out again behind. */
static void cancel_marked(struct tp_echo *echo)
{
	int n = echo->block_n, at = softest(echo->mic, n);
	int16_t *mic = echo->mic, *out = echo->out, was = mic[at];
	double mark = echo->hold ? CUT_OFF - was : 0;
	bool cut;

	mic[at] = (int16_t)(was + mark);
	speex_echo_cancellation(echo->speex, mic, echo->ref, out);
	mic[at] = was;
	cut = abs(out[at]) >= INT16_MAX;
	for (int i = 0; i < n; i++)
		out[i] = saturate(out[i] - tp_echo_notch_next(&echo->mark, i == at ? mark : 0));
	/* What it cut off indeed is as its neighbours are, but for what
	 * the microphone heard there. */
	if (cut)
		out[at] = saturate(mic[at] +
				   0.5 * (out[at - 1] - mic[at - 1] + out[at + 1] - mic[at + 1]));
}

/* The library's part of a block. */
static void cancel(struct tp_echo *echo)
{
	if (tp_echo_guard_before(&echo->guard, echo->ref, echo->block_n))
		tp_echo_reset(echo);
	if (echo->hold || fabs(echo->mark.s1) > MARK_LEAST || fabs(echo->mark.s2) > MARK_LEAST)
		cancel_marked(echo);
	else
		speex_echo_cancellation(echo->speex, echo->mic, echo->ref, echo->out);
	if (tp_echo_guard_after(&echo->guard, echo->mic, echo->out, echo->block_n))
		tp_echo_reset(echo);
}

static void measure(struct tp_echo *echo)
{
	int n = echo->block_n;
	double keep = 1.0 - echo->block_s / ERLE_WINDOW_S;
	double keep_now = 1.0 - echo->block_s / SETTLE_WINDOW_S;
	double of_mic = tp_level_energy(echo->mic, n), of_out = tp_level_energy(echo->out, n);

	echo->ref_power += (tp_level_energy(echo->ref, n) / n - echo->ref_power) / echo->blocks;
	if (echo->ref_power < HEARD_POWER)
		return;
	echo->mic_power = keep * echo->mic_power + of_mic;
	echo->out_power = keep * echo->out_power + of_out;
	echo->mic_now = keep_now * echo->mic_now + of_mic;
	echo->out_now = keep_now * echo->out_now + of_out;
	echo->heard_s += echo->block_s;
	if (echo->heard_s > SETTLE_MOST_S ||
	    (echo->heard_s > SETTLE_LEAST_S && echo->mic_now > SETTLED * echo->out_now))
		echo->settled = true;
}

bool tp_echo_settled(const struct tp_echo *echo)
{
	return echo->settled;
}

int tp_echo_blocks(const struct tp_echo *echo)
{
	return echo->blocks;
}

void tp_echo_process(struct tp_echo *echo, const int16_t *mic, const int16_t *ref, int16_t *out)
{
	double scale = tp_echo_guard_limit(&echo->guard, mic, ref, echo->block_n);
	/* Down on the one side what came up on the other: nothing is cut off at full scale. */
	double of_mic = scale * fmin(1, 1 / louder(echo)), of_ref = scale * fmin(1, louder(echo));
	size_t size = (size_t)echo->block_n * sizeof(*out);

	memcpy(echo->mic, mic, size);
	memcpy(echo->ref, ref, size);
	for (int i = 0; of_mic < 1.0 && i < echo->block_n; i++)
		echo->mic[i] = saturate(of_mic * mic[i]);
	for (int i = 0; of_ref < 1.0 && i < echo->block_n; i++)
		echo->ref[i] = saturate(of_ref * ref[i]);
	cancel(echo);
	measure(echo);
	memcpy(out, echo->out, size);
	for (int i = 0; of_mic < 1.0 && i < echo->block_n; i++)
		out[i] = saturate(echo->out[i] / of_mic);
}

void tp_echo_taken_out(struct tp_echo *echo, const int16_t *mic, const int16_t *out, float *taken)
{
	for (int i = 0; i < echo->block_n; i++)
		taken[i] = (float)(tp_echo_notch_next(&echo->notch, mic[i]) - out[i]);
}

double tp_echo_erle_db(const struct tp_echo *echo)
{
	if (echo->heard_s < ERLE_LEAST_S || echo->mic_power <= 0)
		return NAN;
	/* Half a step of noise: what 16 bits cannot hold is no merit of the canceller. */
	return 10.0 * log10(echo->mic_power / (echo->out_power + 0.25 * echo->block_n));
}

int tp_echo_taps_n(const struct tp_echo *echo)
{
	return tp_echo_blocks(echo) * echo->block_n;
}

void tp_echo_taps(const struct tp_echo *echo, double factor, int32_t *taps)
{
	/* The library's transforms leave its taps multiplied by their length. */
	int window_n = 2 * echo->block_n;

	speex_echo_ctl(echo->speex, SPEEX_ECHO_GET_IMPULSE_RESPONSE, taps);
	for (int i = 0; i < tp_echo_taps_n(echo); i++)
		taps[i] = (int32_t)lrint(taps[i] * louder(echo) * factor / window_n);
}

/* One block of a lesson at place `at`; NULL is silence. Returns error over echo. */
static double teach_block(struct tp_echo *echo, const float *ref, const float *mic, int at)
{
	for (int i = 0; i < echo->block_n; i++) {
		echo->ref[i] = (int16_t)(ref ? lrintf(ref[at + i]) : 0);
		echo->mic[i] = saturate(mic ? mic[at + i] : 0);
	}
	cancel(echo);
	return tp_level_energy(echo->out, echo->block_n) /
	       (tp_level_energy(echo->mic, echo->block_n) + 1.0);
}

int tp_echo_teach(struct tp_echo *echo, const int32_t *taps, uint32_t seed)
{
	struct tp_echo_lesson lesson;
	double worst = 1.0;
	int error = tp_echo_lesson_make(&lesson, taps, tp_echo_taps_n(echo), echo->rate_hz, seed);

	if (error)
		return error;
	tp_echo_reset(echo);
	for (double s = 0; s < LESSON_MAX_S && worst > TAUGHT;) {
		worst = 0;
		for (int at = 0; at < lesson.n; at += echo->block_n, s += echo->block_s)
			worst = fmax(worst, teach_block(echo, lesson.noise, lesson.reply, at));
	}
	/* The filter must hold none of it when the call begins. */
	for (int at = 0; at < lesson.rest_n; at += echo->block_n)
		teach_block(echo, NULL, lesson.rest, at);
	for (int i = 0; i < 2; i++)
		teach_block(echo, NULL, NULL, 0);
	echo->settled = worst < 1.0 / SETTLED;
	tp_echo_lesson_free(&lesson);
	return 0;
}

struct SpeexEchoState_ *tp_echo_speex(struct tp_echo *echo)
{
	return echo->speex;
}
