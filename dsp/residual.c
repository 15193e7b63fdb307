/* SPDX-License-Identifier: MIT */
/* How much echo the linear canceller has left, band by band, and whether somebody talks here. */
#include "residual.h"

#include <math.h>
#include <string.h>

enum {
	NEAR_HOLD_HOPS = 100, /* 500 ms: gaps between words */
	FOUND_HOPS = 20,
	OLD_HOPS = 40, /* 0.2 s */
	PROOF_HOPS = 60, /* 0.3 s of the loudspeaker before a filter can be found right */
	WIDE_PROOF_HOPS = 200,
	SETTLE_HOPS = 10, /* 50 ms of the loudspeaker before anything is judged */
	MISFIT_HOPS = 6,
	SEEN_HOPS = 80, /* 0.4 s, in which most sounds of speech came by */
	UNVOUCHED_HOPS = 8, /* 40 ms: the same when the prediction is weak, and cannot tell */
	LOUD_HOPS = 5, /* 25 ms: until it is known whether the filter fits */
	FAR_HOLD_HOPS = 120, /* 0.6 s: the longest delay and some room */
	MAYBE_HOPS = 300, /* 1.5 s of proof: before it, more than expected is more often echo */
	KEEP_HOPS = 20, /* 0.1 s of a talker, in which the measures of 0.3 s come to show him */
	ASTRAY_HOPS = 10, /* 50 ms */
	LEARN_HOPS = 800, /* 4 s: with a talker beside the echo, learning takes that long */
	STRANGE_FROM =
		6, /* hops of the aligner: of 180 echoes all were recognised within so many */
};
#define FAST          0.1f /* 50 ms */
#define SLOW          0.016f /* 300 ms */
#define LATE_KEEP     0.87f /* -0.6 dB a hop: a room of 0.5 s */
#define FAR_KEEP      0.985f /* -0.065 dB a hop: 6 dB in the longest delay */
#define SPREAD        3e-3f /* distortion: -25 dB of all the echo in any band */
#define LEAK_MIN_DB   (-40.0f)
#define LEAK_MAX_DB   6.0f
#define MARGIN_DB     5.0f /* by which an error may exceed the estimate and be echo */
#define LEAK_FALL     0.01f /* of the way, a hop */
#define LEAK_RISE     0.025f /* faster: most of the errors are to be under it */
#define LEAK_CREEP    0.0005f /* while somebody talks here */
#define LOUDNESS_DB   5.0f /* between two of them */
#define LOUDEST_FALL  0.005f /* 1 dB a second */
#define LEAK_BEGIN_DB (-10.0f)
#define FAR_SILENT    3395.0f /* -55 dB full scale, all bands together */
/* 14 dB: no phone's echo is louder than its loudspeaker's signal by more, in any band. */
#define GAIN_BEGIN 25.0f
#define LOST_FROM  0.5f
#define FOUND_FROM 0.2f
#define NEW_PATH   4.0f /* 6 dB */
#define TOLD_FROM  0.1f
#define EARLY      6.0f /* 8 dB over what it says */
#define LIKE       0.015f /* 0.3 s */
#define LIKE_DB    8.0f /* more is wanted of a talker whose voice is so like the echo */
#define TOLD_DB    4.0f /* and of one who is nothing beside it */
#define ALL_TOLD   0.75f
#define WEAK       0.1f
#define MISFIT     0.25f
#define FIT        0.5f
#define NEAR_ON_DB 1.5f
/* Under it more than echo is not even likely to be a talker: of frames of far end alone 97 % are. */
#define MAYBE_FROM_DB 1.0f
/* Where more or less of the prediction than this is in the microphone, as power, the path may have changed. */
#define MAYBE_FIT 1.25f
/* A filter that leaves less of loud echo, in the mean of all bands, is worth keeping. */
#define KEEP_DB (-12.0f)
/* It is astray when so much of the error is like the prediction, and so much of the prediction is there. */
#define ASTRAY_SHARE 0.25f
#define ASTRAY_LEAK  0.1f
#define FAR_SHARE    0.1f /* of what one loudness learns, to the others */
#define SKIRT        1e-3f /* -30 dB: what a window lets through from a tone in another band */
#define RICH         0.33f /* of the bands; tones with harmonics have less */
#define STRANGE_DB   4.0f /* less echo is expected for each hop more */
#define TRIFLE       1.0f /* power under one step of 16 bits */

void tp_residual_init(struct tp_residual *residual, const struct tp_spectrum *spectrum)
{
	memset(residual, 0, sizeof(*residual));
	residual->spectrum = spectrum;
	for (int b = 0; b < spectrum->bands; b++) {
		for (int i = 0; i < TP_RESIDUAL_LOUDNESSES; i++)
			residual->band[b].leak_db[i] = LEAK_BEGIN_DB;
		residual->band[b].gain = GAIN_BEGIN;
	}
	residual->lost = residual->cold = true;
	residual->hold_hops = FAR_HOLD_HOPS;
	/* The more taps, the later they are right for all that they hear: at 48 kHz a second. */
	residual->proof_cold_hops =
		spectrum->hop_n * TP_SPECTRUM_HOPS_PER_S > 16000 ? WIDE_PROOF_HOPS : PROOF_HOPS / 2;
	residual->belief = 1;
}

void tp_residual_hold(struct tp_residual *residual, int hops)
{
	residual->hold_hops = hops;
}

void tp_residual_strange(struct tp_residual *residual, int hops)
{
	float doubt_db = hops > STRANGE_FROM ? STRANGE_DB * (float)(hops - STRANGE_FROM) : 0;

	residual->belief = residual->lost ? powf(10.0f, -0.1f * doubt_db) : 1;
}

void tp_residual_louder(struct tp_residual *residual, float power)
{
	for (int b = 0; b < residual->spectrum->bands; b++) {
		residual->band[b].gain *= power;
		residual->band[b].seen *= power;
	}
}

static void forget_crosses(struct tp_residual *residual)
{
	for (int b = 0; b < residual->spectrum->bands; b++) {
		memset(&residual->band[b].fast, 0, sizeof(residual->band[b].fast));
		memset(&residual->band[b].slow, 0, sizeof(residual->band[b].slow));
	}
}

bool tp_residual_talker(const struct tp_residual *residual)
{
	return residual->near_age > OLD_HOPS;
}

void tp_residual_trust(struct tp_residual *residual)
{
	residual->lost = residual->cold = false;
}

void tp_residual_doubt(struct tp_residual *residual)
{
	residual->lost = true;
	residual->found_hops = residual->near_hops = residual->loud_hops = 0;
	residual->proof_hops = 0;
	forget_crosses(residual);
}

static float from_db(float db)
{
	return powf(10.0f, 0.1f * db);
}

static float to_db(float power)
{
	return 10.0f * log10f(power);
}

/* Bands that echo is judged by: 200 to 5000 Hz. */
static bool counts(const struct tp_residual *residual, int b)
{
	const struct tp_spectrum *s = residual->spectrum;
	float bin_hz = (float)(s->hop_n * TP_SPECTRUM_HOPS_PER_S) / (float)s->n;
	float hz = (float)s->edge[b] * bin_hz;

	return hz >= 200 && hz < 5000;
}

static void mix(struct tp_residual_cross *cross, float share, const struct tp_residual_band *band,
		float re, float im)
{
	cross->re += share * (re - cross->re);
	cross->im += share * (im - cross->im);
	cross->echo += share * (band->echo - cross->echo);
	cross->error += share * (band->error - cross->error);
	/* |E + Y|^2 */
	cross->mic += share * (band->error + band->echo + 2 * re - cross->mic);
}

static void begin_active(struct tp_residual *residual)
{
	forget_crosses(residual);
	residual->active_hops = 0;
}

static bool is_rich(const struct tp_residual *residual)
{
	float full = 0, all = 0;

	for (int b = 0; b < residual->spectrum->bands; b++)
		if (counts(residual, b)) {
			all++;
			full += residual->band[b].far > SKIRT * residual->far_loudest;
		}
	return full > RICH * all;
}

static void sum_bands(struct tp_residual *residual, const struct tp_residual_frame *f)
{
	const struct tp_spectrum *s = residual->spectrum;
	float all = 0;

	residual->far_loudest = 0;
	for (int b = 0; b < s->bands; b++) {
		struct tp_residual_band *band = &residual->band[b];
		float re = 0, im = 0;

		band->error = band->echo = band->far = TRIFLE;
		for (int k = s->edge[b]; k < s->edge[b + 1]; k++) {
			float e = f->error_re[k] * f->error_re[k] + f->error_im[k] * f->error_im[k];
			float y = f->echo_re[k] * f->echo_re[k] + f->echo_im[k] * f->echo_im[k];

			residual->error_power[k] = e;
			residual->echo[k] = fmaxf(y, LATE_KEEP * residual->echo[k]);
			band->error += e;
			band->echo += y;
			band->far += f->far_power[k];
			re += f->error_re[k] * f->echo_re[k] + f->error_im[k] * f->echo_im[k];
			im += f->error_im[k] * f->echo_re[k] - f->error_re[k] * f->echo_im[k];
		}
		mix(&band->fast, FAST, band, re, im);
		mix(&band->slow, SLOW, band, re, im);
		band->far_heard = fmaxf(band->far, FAR_KEEP * band->far_heard);
		residual->far_loudest = fmaxf(residual->far_loudest, band->far);
		all += band->far;
	}
	residual->rich = is_rich(residual);
	if (all > FAR_SILENT * (float)s->bins) {
		if (residual->far_hops == 0)
			begin_active(residual);
		residual->far_hops = residual->hold_hops;
		residual->active_hops++;
		/* A tone proves nothing, and what it proved of itself fades. */
		if (residual->rich)
			residual->proof_hops++;
		else if (residual->proof_hops > 0)
			residual->proof_hops--;
	}
	residual->far_active = residual->far_hops > 0;
	if (residual->far_active)
		residual->far_hops--;
}

/* Power of what the error (with_y = 0) or the microphone (1) has in common with the prediction, summed over
 * the bands that count, and the powers of all three. */
static float common(const struct tp_residual *residual, bool slow, float with_y,
		    struct tp_residual_cross *sum)
{
	float power = 0;

	*sum = (struct tp_residual_cross){0};
	for (int b = 0; b < residual->spectrum->bands; b++) {
		const struct tp_residual_cross *at =
			slow ? &residual->band[b].slow : &residual->band[b].fast;
		float re = at->re + with_y * at->echo;

		if (!counts(residual, b))
			continue;
		power += (re * re + at->im * at->im) / (at->echo + TRIFLE);
		sum->error += at->error;
		sum->echo += at->echo;
		sum->mic += at->mic;
	}
	sum->echo += TRIFLE;
	sum->mic += TRIFLE;
	return power;
}

/* Between strangers chance finds something in common too: that share of the power is taken off. */
#define CHANCE_FAST 0.15f
#define CHANCE_SLOW 0.05f

static void measure_leaks(struct tp_residual *residual)
{
	struct tp_residual_cross sum;
	float power;

	residual->leak_now = residual->leak_slow = residual->told_slow = residual->told_now = 0;
	residual->fit_now = 1;
	if (!residual->far_active)
		return;
	power = common(residual, false, 0, &sum);
	/* Where the prediction is weak beside the microphone, nothing can be said. */
	if (sum.echo > WEAK * sum.mic)
		residual->leak_now = fmaxf(0, power - CHANCE_FAST * sum.error) / sum.echo;
	power = common(residual, true, 0, &sum);
	residual->alike_slow = power / (sum.error + TRIFLE);
	residual->leak_slow = fmaxf(0, power - CHANCE_SLOW * sum.error) / sum.echo;
	residual->weak = sum.echo < WEAK * sum.mic;
	power = common(residual, true, 1, &sum);
	residual->told_slow = fmaxf(0, power - CHANCE_SLOW * sum.mic) / sum.mic;
	power = common(residual, false, 1, &sum);
	residual->told_now = fmaxf(0, power - CHANCE_FAST * sum.mic) / sum.mic;
	residual->vouched = sum.echo > 0.3f * sum.mic;
	if (residual->vouched)
		residual->fit_now = power / sum.echo;
}

static void judge_filter(struct tp_residual *residual)
{
	if (!residual->far_active) {
		residual->misfit_hops = 0;
		return;
	}
	if (residual->active_hops < SETTLE_HOPS)
		return;
	if (residual->lost && !residual->rich)
		return;
	if (residual->lost) {
		residual->found_hops = residual->leak_slow < FOUND_FROM &&
						       residual->told_slow > TOLD_FROM &&
						       !residual->weak
					       ? residual->found_hops + 1
					       : 0;
		if (residual->found_hops >= FOUND_HOPS &&
		    residual->proof_hops >=
			    (residual->cold ? residual->proof_cold_hops : PROOF_HOPS))
			residual->lost = residual->cold = false;
		return;
	}
	residual->misfit_hops = residual->fit_now < MISFIT ? residual->misfit_hops + 1 : 0;
	residual->jumped = residual->misfit_hops >= MISFIT_HOPS;
	/* Beside a talker the misadjustment of the moment is the better guide. */
	if (residual->near_age > OLD_HOPS)
		return;
	if (residual->jumped || (residual->leak_slow > LOST_FROM && !residual->weak &&
				 residual->active_hops >= PROOF_HOPS))
		tp_residual_doubt(residual);
}

static void judge_loudness(struct tp_residual *residual)
{
	float now_db;

	residual->all = TRIFLE;
	for (int k = 0; k < residual->spectrum->bins; k++)
		residual->all += residual->echo[k];
	now_db = to_db(residual->all);
	residual->loudest_db = fmaxf(now_db, residual->loudest_db - LOUDEST_FALL);
	residual->loudness = fmaxf(0, TP_RESIDUAL_LOUDNESSES - 1 -
					      (residual->loudest_db - now_db) / LOUDNESS_DB);
}

/* Residual echo of every bin. */
static void estimate(struct tp_residual *residual)
{
	const struct tp_spectrum *s = residual->spectrum;
	float spread = SPREAD * residual->all / (float)s->bins;
	/* A filter that has begun to learn knows the echo's size, if not its shape. */
	float early = residual->cold && residual->told_slow > TOLD_FROM
			      ? EARLY * (1 + residual->leak_slow)
			      : 1e9f;
	/* How loud echo was through the old path does not bound that of a new one so well. */
	float known = residual->belief * (residual->cold ? 1 : NEW_PATH);
	int low = (int)residual->loudness;
	float above = residual->loudness - (float)low;

	if (low > TP_RESIDUAL_LOUDNESSES - 2) {
		low = TP_RESIDUAL_LOUDNESSES - 2;
		above = 1;
	}
	for (int b = 0; b < s->bands; b++) {
		struct tp_residual_band *at = &residual->band[b];
		float width = (float)(s->edge[b + 1] - s->edge[b]);
		float prior = residual->far_active ? known * at->gain * at->far_heard / width : 0;

		at->leak = from_db(at->leak_db[low] +
				   above * (at->leak_db[low + 1] - at->leak_db[low]));
		for (int k = s->edge[b]; k < s->edge[b + 1]; k++) {
			residual->power[k] = fmaxf(at->leak, 2 * residual->leak_now) *
					     (residual->echo[k] + spread);
			if (residual->lost)
				residual->power[k] =
					fmaxf(residual->power[k],
					      fminf(prior, early * (residual->echo[k] + spread)));
		}
	}
}

/* How sure it is that the error is echo, 0..1, by its likeness: with a talker it is 0 to 0.35, without 0.4 to
 * 0.85, where there is more than noise at all. */
static float echo_like(const struct tp_residual *residual)
{
	float like = fmaxf(0, fminf(1, (residual->likeness - 0.3f) / 0.3f));
	float told = fmaxf(0, fminf(1, (residual->told_now - 0.4f) / 0.3f));

	return like * told;
}

/* Until it is known who that is: no more than the loudspeaker's echo could be is taken out. */
static void expect_echo(struct tp_residual *residual)
{
	const struct tp_spectrum *s = residual->spectrum;

	for (int b = 0; b < s->bands; b++) {
		const struct tp_residual_band *at = &residual->band[b];
		float prior = residual->belief * at->gain * at->far_heard /
			      (float)(s->edge[b + 1] - s->edge[b]);

		for (int k = s->edge[b]; k < s->edge[b + 1]; k++)
			residual->power[k] = fmaxf(residual->power[k], prior);
	}
}

/* Before it is sure that somebody talks it is more or less likely; not while the filter may be wrong. */
static float guess_near(const struct tp_residual *residual, float wanted_db)
{
	/* A weak prediction cannot tell whether the echo has jumped. */
	float most = residual->vouched ? 1.0f : 0.5f;

	if (residual->near)
		return 1;
	if (residual->lost || residual->proof_hops < MAYBE_HOPS || residual->fit_now > MAYBE_FIT ||
	    residual->fit_now < 1 / MAYBE_FIT)
		return 0;
	return most * fmaxf(0, fminf(1, (residual->excess_db - MAYBE_FROM_DB) / wanted_db));
}

static void judge_near(struct tp_residual *residual, const struct tp_residual_frame *f)
{
	const struct tp_spectrum *s = residual->spectrum;
	float excess = 0;
	int bands = 0;

	for (int b = 0; b < s->bands; b++) {
		float known = TRIFLE;

		if (!counts(residual, b))
			continue;
		for (int k = s->edge[b]; k < s->edge[b + 1]; k++)
			known += residual->power[k] + f->noise[k];
		excess += fmaxf(0, fminf(20, to_db(residual->band[b].error / known) - MARGIN_DB));
		bands++;
	}
	excess /= (float)bands;
	residual->excess_db += 0.4f * (excess - residual->excess_db);
	float wanted = NEAR_ON_DB;

	if (residual->far_active && !residual->lost)
		wanted += LIKE_DB * echo_like(residual) +
			  TOLD_DB * fmaxf(0, fminf(1, (residual->told_now - 0.7f) / 0.1f));
	/* More than echo: somebody talks, or the filter has become wrong, which shows within 25 ms. */
	residual->loud_hops =
		residual->excess_db > wanted && (residual->lost || residual->fit_now > FIT)
			? residual->loud_hops + 1
			: 0;
	if (residual->loud_hops >= (residual->vouched ? LOUD_HOPS : UNVOUCHED_HOPS) ||
	    (residual->near_hops > 0 && residual->excess_db > wanted))
		residual->near_hops = NEAR_HOLD_HOPS;
	else if (residual->far_active && residual->near_hops == 0 && residual->loud_hops > 0)
		expect_echo(residual);
	residual->near = residual->near_hops > 0;
	residual->maybe = guess_near(residual, wanted);
	residual->near_age = residual->near ? residual->near_age + 1 : 0;
	/* What the prediction explains wholly needs no waiting for the rest of a word. */
	if (residual->near)
		residual->near_hops -=
			residual->far_active && residual->told_now > ALL_TOLD && excess < 0.5f ? 5
											       : 1;
}

/* What of loud echo the filter leaves while nobody talks here, mean of bands. */
static float left_db(const struct tp_residual *residual)
{
	float sum = 0;
	int bands = 0;

	for (int b = 0; b < residual->spectrum->bands; b++)
		if (counts(residual, b)) {
			sum += residual->band[b].leak_db[TP_RESIDUAL_LOUDNESSES - 2];
			bands++;
		}
	return sum / (float)bands;
}

/* A talker here teaches the filter what is wrong, by 5 to 10 dB within seconds: what was right stays as it is, unless
 * the echo's path has changed. */
static void judge_keeping(struct tp_residual *residual)
{
	bool astray = residual->near_age > KEEP_HOPS && residual->alike_slow > ASTRAY_SHARE &&
		      residual->leak_slow > ASTRAY_LEAK && !residual->weak;

	residual->astray_hops = astray ? residual->astray_hops + 1 : 0;
	if (residual->astray_hops >= ASTRAY_HOPS)
		residual->learn_hops = LEARN_HOPS;
	else if (residual->learn_hops > 0)
		residual->learn_hops--;
	residual->keep = residual->near && residual->far_active && !residual->lost &&
			 residual->learn_hops == 0 && left_db(residual) < KEEP_DB;
}

/* The two loudnesses that a frame lies between learn by how near they are. */
static void move_leak(const struct tp_residual *residual, struct tp_residual_band *at, float by_db)
{
	for (int i = 0; i < TP_RESIDUAL_LOUDNESSES; i++) {
		float share = fmaxf(FAR_SHARE, 1 - fabsf(residual->loudness - (float)i));

		at->leak_db[i] =
			fmaxf(LEAK_MIN_DB, fminf(LEAK_MAX_DB, at->leak_db[i] + share * by_db));
	}
}

/* While nobody talks here the error is what echo is left. Else only less can be learnt. */
static void learn_leak(struct tp_residual *residual, const struct tp_residual_frame *f)
{
	const struct tp_spectrum *s = residual->spectrum;
	float spread = SPREAD * residual->all / (float)s->bins;
	float rise = residual->lost ? LEAK_RISE
				    : LEAK_CREEP + (LEAK_RISE - LEAK_CREEP) * echo_like(residual);

	for (int b = 0; b < s->bands; b++) {
		struct tp_residual_band *at = &residual->band[b];
		float noise = TRIFLE, echo = TRIFLE;

		for (int k = s->edge[b]; k < s->edge[b + 1]; k++) {
			noise += f->noise[k];
			echo += residual->echo[k] + spread;
		}
		float off = to_db(at->error / (echo * at->leak));

		/* In the noise the residual cannot be seen, only bounded. */
		if (echo < noise || (at->error < 2 * noise && off > 0))
			continue;
		if (off < 0)
			move_leak(residual, at, LEAK_FALL * fmaxf(off, -10));
		else
			move_leak(residual, at, rise * fminf(off, 10));
	}
}

/* What is left of echo rises and falls with it, distorted or late as it may be; a talker does not. */
static void measure_likeness(struct tp_residual *residual)
{
	const struct tp_spectrum *s = residual->spectrum;
	float both = 0, errors = 0, echoes = 0;

	for (int b = 0; b < s->bands; b++) {
		struct tp_residual_band *at = &residual->band[b];
		float echo = TRIFLE, error, level;

		if (!counts(residual, b))
			continue;
		for (int k = s->edge[b]; k < s->edge[b + 1]; k++)
			echo += residual->echo[k];
		level = to_db(echo);
		error = to_db(at->error);
		at->error_db += LIKE * (error - at->error_db);
		at->echo_db += LIKE * (level - at->echo_db);
		both += (error - at->error_db) * (level - at->echo_db);
		errors += (error - at->error_db) * (error - at->error_db);
		echoes += (level - at->echo_db) * (level - at->echo_db);
	}
	residual->both += LIKE * (both - residual->both);
	residual->errors += LIKE * (errors - residual->errors);
	residual->echoes += LIKE * (echoes - residual->echoes);
	residual->likeness = residual->both / sqrtf(residual->errors * residual->echoes + 1);
}

/* How loud the echo of the loudspeaker is, from above: what the filter predicts, and never more than the
 * microphone heard. */
static void learn_gain(struct tp_residual *residual)
{
	for (int b = 0; b < residual->spectrum->bands; b++) {
		struct tp_residual_band *at = &residual->band[b];
		float now = at->error / (at->far_heard + TRIFLE);

		/* Only while the band's far end is there: the rest is reverberation and noise. */
		if (at->far < FAR_SHARE * at->far_heard ||
		    at->far < FAR_SILENT * (float)(residual->spectrum->edge[b + 1] -
						   residual->spectrum->edge[b]))
			continue;
		at->seen = fmaxf(now, 0.99f * at->seen);
		if (residual->active_hops > SEEN_HOPS)
			at->gain = fminf(at->gain, 2 * at->seen);
		if (residual->lost || residual->near)
			continue;
		now = 2 * at->echo / (at->far_heard + TRIFLE);
		at->gain = now > at->gain ? now : 0.998f * at->gain;
	}
}

void tp_residual_process(struct tp_residual *residual, const struct tp_residual_frame *frame)
{
	sum_bands(residual, frame);
	measure_leaks(residual);
	judge_filter(residual);
	judge_loudness(residual);
	estimate(residual);
	judge_near(residual, frame);
	judge_keeping(residual);
	if (residual->far_active) {
		measure_likeness(residual);
		learn_leak(residual, frame);
		learn_gain(residual);
	}
}
