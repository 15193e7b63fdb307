/* SPDX-License-Identifier: MIT */
/* How much echo the linear canceller has left, band by band, and whether somebody talks here. */
#include "residual.h"

#include <math.h>
#include <string.h>

enum {
	NEAR_HOLD_HOPS = 160, /* 0.8 s: words that the echo covers, and gaps between them */
	NEAR_HOLD_YOUNG_HOPS = 100, /* 0.5 s: the same while a talker is not so sure */
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
#define FAST         0.1f /* 50 ms */
#define SLOW         0.016f /* 300 ms */
#define SPREAD       3e-3f /* distortion: -25 dB of all the echo in any band */
#define MARGIN_DB    5.0f /* by which an error may exceed the estimate and be echo */
#define LEAK_FALL    0.01f /* of the way, a hop */
#define LEAK_RISE    0.025f /* faster: most of the errors are to be under it */
#define LEAK_CREEP   0.0005f /* while somebody talks here */
#define LOUDNESS_DB  5.0f /* between two of them */
#define LOUDEST_FALL 0.005f /* 1 dB a second */
#define FAR_SILENT   3395.0f /* -55 dB full scale, all bands together */
#define LOST_FROM    0.5f
#define FOUND_FROM   0.2f
#define NEW_PATH     4.0f /* 6 dB */
#define TOLD_FROM    0.1f
#define EARLY        6.0f /* 8 dB over what it says */
#define LIKE_DB      8.0f /* more is wanted of a talker whose voice is so like the echo */
#define TOLD_DB      4.0f /* and of one who is nothing beside it */
#define ALL_TOLD     0.75f
#define WEAK         0.1f
#define MISFIT       0.25f
#define FIT          0.5f
#define MAYBE_QUICK  0.7f /* of amplitude */
#define NEAR_ON_DB   1.5f
/* More than echo by less is not likely to be a talker: 97 % of frames of far end are under it. */
#define MAYBE_FROM_DB 1.0f
/* With more or less than this of the prediction in the microphone (power) the path may be new. */
#define MAYBE_FIT 1.25f
/* A filter that leaves less of loud echo, in the mean of all bands, is worth keeping. */
#define KEEP_DB (-12.0f)
/* It is astray when so much of the error is like the prediction, and so much of that is there. */
#define ASTRAY_SHARE 0.25f
#define ASTRAY_LEAK  0.1f
#define OVER_NOISE   4.0f /* 6 dB */
#define SKIRT        1e-3f /* -30 dB: what a window lets through from a tone in another band */
#define RICH         0.33f /* of the bands; tones with harmonics have less */
#define STRANGE_DB   4.0f /* less echo is expected for each hop more */
#define TRIFLE       1.0f /* power under one step of 16 bits */

void tp_residual_init(struct tp_residual *residual, const struct tp_spectrum *spectrum)
{
	memset(residual, 0, sizeof(*residual));
	residual->spectrum = spectrum;
	for (int b = 0; b < spectrum->bands; b++) {
		tp_residual_leak_init(&residual->band[b].leaks);
		tp_residual_prior_init(&residual->band[b].prior);
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
	for (int b = 0; b < residual->spectrum->bands; b++)
		tp_residual_prior_louder(&residual->band[b].prior, power);
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
	for (int b = 0; b < residual->spectrum->bands; b++)
		tp_residual_prior_moved(&residual->band[b].prior);
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
			residual->echo[k] = fmaxf(y, TP_RESIDUAL_ROOM_KEEP * residual->echo[k]);
			band->error += e;
			band->echo += y;
			band->far += f->far_power[k];
			re += f->error_re[k] * f->echo_re[k] + f->error_im[k] * f->echo_im[k];
			im += f->error_im[k] * f->echo_re[k] - f->error_re[k] * f->echo_im[k];
		}
		band->re = re;
		mix(&band->fast, FAST, band, re, im);
		mix(&band->slow, SLOW, band, re, im);
		tp_residual_prior_hear(&band->prior, band->far);
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

/* Power of what the error (with_y = 0) or the microphone (1) has in common with the prediction,
 * summed over the bands that count, and the powers of all three. */
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

static void measure_fit(struct tp_residual *residual)
{
	for (int b = 0; b < residual->spectrum->bands; b++) {
		const struct tp_residual_band *at = &residual->band[b];

		if (counts(residual, b))
			tp_residual_fit_add(&residual->quick, at->error, at->echo, at->re);
	}
	residual->fit_quick = tp_residual_fit_end(&residual->quick);
	if (!residual->vouched)
		residual->fit_quick = 1;
}

static void measure_leaks(struct tp_residual *residual)
{
	struct tp_residual_cross sum;
	float power;

	residual->leak_now = residual->leak_slow = residual->told_slow = residual->told_now = 0;
	residual->fit_now = residual->fit_quick = 1;
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
	measure_fit(residual);
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
	residual->loudness = fmaxf(0, TP_RESIDUAL_LEAK_LOUDNESSES - 1 -
					      (residual->loudest_db - now_db) / LOUDNESS_DB);
}

static float width(const struct tp_residual *residual, int b)
{
	return (float)(residual->spectrum->edge[b + 1] - residual->spectrum->edge[b]);
}

/* What a band of the loudspeaker must have to be learnt from. A tone's skirts come back as its own
 * place in the spectrum has it, which may be a null of the room. */
static float least(const struct tp_residual *residual, int b)
{
	return residual->rich ? FAR_SILENT * width(residual, b) : INFINITY;
}

/* Where there is nothing but noise the echo has not come yet, or is expected in the wrong place. */
static void place_echo(struct tp_residual *residual, const struct tp_residual_frame *f)
{
	float far[TP_SPECTRUM_BANDS_MAX], noise[TP_SPECTRUM_BANDS_MAX];

	residual->placed = f->placed_power && residual->cold;
	if (!residual->placed)
		return;
	tp_spectrum_bands(residual->spectrum, f->placed_power, far);
	tp_spectrum_bands(residual->spectrum, f->noise, noise);
	for (int b = 0; b < residual->spectrum->bands; b++) {
		struct tp_residual_band *at = &residual->band[b];
		bool heard = at->error > OVER_NOISE * noise[b];

		tp_residual_prior_place(&at->prior, far[b] + TRIFLE, at->error,
					heard ? least(residual, b) : INFINITY);
	}
}

/* What each bin of a band may hold of echo, without asking the filter. */
static float prior(const struct tp_residual *residual, int b)
{
	return residual->belief *
	       tp_residual_prior_power(&residual->band[b].prior, residual->placed) /
	       width(residual, b);
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
	float known = residual->cold ? 1 : NEW_PATH;

	for (int b = 0; b < s->bands; b++) {
		struct tp_residual_band *at = &residual->band[b];
		float most =
			residual->lost && residual->far_active ? known * prior(residual, b) : 0;

		at->leak = from_db(tp_residual_leak_get_db(&at->leaks, residual->loudness));
		for (int k = s->edge[b]; k < s->edge[b + 1]; k++) {
			residual->power[k] = fmaxf(at->leak, 2 * residual->leak_now) *
					     (residual->echo[k] + spread);
			if (residual->lost)
				residual->power[k] =
					fmaxf(residual->power[k],
					      fminf(most, early * (residual->echo[k] + spread)));
		}
	}
}

/* How sure it is that the error is echo, 0..1, by its likeness: with a talker it is 0 to 0.35,
 * without 0.4 to 0.85, where there is more than noise at all. */
static float echo_like(const struct tp_residual *residual)
{
	float like = fmaxf(0, fminf(1, (residual->likeness - 0.3f) / 0.3f));
	float told = fmaxf(0, fminf(1, (residual->told_now - 0.4f) / 0.3f));

	return like * told;
}

/* Until it is known who that is: no more than the loudspeaker's echo could be is taken out. */
static void expect_echo(struct tp_residual *residual)
{
	const int *edge = residual->spectrum->edge;

	for (int b = 0; b < residual->spectrum->bands; b++) {
		float most = prior(residual, b);

		for (int k = edge[b]; k < edge[b + 1]; k++)
			residual->power[k] = fmaxf(residual->power[k], most);
	}
}

/* Before it is sure that somebody talks it is more or less likely; not
 * while the filter may be wrong. */
static float guess_near(const struct tp_residual *residual, float wanted_db)
{
	/* A weak prediction cannot tell whether the echo has jumped. */
	float most = residual->vouched ? 1.0f : 0.5f;

	if (residual->near)
		return 1;
	if (residual->lost || residual->proof_hops < MAYBE_HOPS || residual->fit_now > MAYBE_FIT ||
	    residual->fit_now < 1 / MAYBE_FIT || residual->fit_quick < MAYBE_QUICK)
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
	/* More than echo: somebody talks, or the filter has become
	 * wrong, which shows within 25 ms. */
	bool loud = residual->excess_db > wanted;
	/* A young filter lacks much of the path it is right for. */
	bool young = residual->proof_hops < MAYBE_HOPS;
	bool fits =
		residual->lost || (residual->fit_now > FIT && (young || residual->fit_quick > FIT));

	residual->loud_hops = loud && fits ? residual->loud_hops + 1 : 0;
	if (residual->loud_hops >= (residual->vouched ? LOUD_HOPS : UNVOUCHED_HOPS) ||
	    (residual->near_hops > 0 && loud))
		residual->near_hops = young ? NEAR_HOLD_YOUNG_HOPS : NEAR_HOLD_HOPS;
	else if (residual->far_active && residual->near_hops == 0 && loud && (fits || !young))
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
			sum += tp_residual_leak_get_db(&residual->band[b].leaks,
						       TP_RESIDUAL_LEAK_LOUDNESSES - 2);
			bands++;
		}
	return sum / (float)bands;
}

/* A talker here teaches the filter what is wrong, by 5 to 10 dB within seconds: what was right
 * stays as it is, unless the echo's path has changed. */
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
		tp_residual_leak_move(&at->leaks, residual->loudness,
				      off < 0 ? LEAK_FALL * fmaxf(off, -10)
					      : rise * fminf(off, 10));
	}
}

/* What is left of echo rises and falls with it, distorted or late as
 * it may be; a talker does not. */
static void measure_likeness(struct tp_residual *residual)
{
	const struct tp_spectrum *s = residual->spectrum;

	for (int b = 0; b < s->bands; b++) {
		float echo = TRIFLE;

		if (!counts(residual, b))
			continue;
		for (int k = s->edge[b]; k < s->edge[b + 1]; k++)
			echo += residual->echo[k];
		tp_residual_like_add(&residual->like, b, to_db(residual->band[b].error),
				     to_db(echo));
	}
	residual->likeness = tp_residual_like_end(&residual->like);
}

/* How loud echo is, while the loudspeaker's sound is there: the rest is reverberation and noise. */
static void learn_gain(struct tp_residual *residual)
{
	for (int b = 0; b < residual->spectrum->bands; b++) {
		struct tp_residual_band *at = &residual->band[b];

		if (!tp_residual_prior_sounds(&at->prior, at->far) || at->far < least(residual, b))
			continue;
		tp_residual_prior_bound(&at->prior, at->error, residual->proof_hops > SEEN_HOPS);
		if (!residual->lost && !residual->near)
			tp_residual_prior_learn(&at->prior, at->echo);
	}
}

void tp_residual_process(struct tp_residual *residual, const struct tp_residual_frame *frame)
{
	sum_bands(residual, frame);
	measure_leaks(residual);
	judge_filter(residual);
	judge_loudness(residual);
	place_echo(residual, frame);
	estimate(residual);
	judge_near(residual, frame);
	judge_keeping(residual);
	if (residual->far_active) {
		measure_likeness(residual);
		learn_leak(residual, frame);
		learn_gain(residual);
	}
}
