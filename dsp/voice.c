/* SPDX-License-Identifier: MIT */
/* The microphone's way: high-pass -> echo canceller -> residual echo, noise -> level. */
#include "voice.h"

#include "agc.h"
#include "echo.h"
#include "echo_meter.h"
#include "echo_path.h"
#include "follow.h"
#include "highpass.h"
#include "level.h"
#include "suppress.h"

#include <talkpath/error.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	METER_MS = 300,
	WORSE_BLOCKS = 3, /* by chance a talker and the echo may cancel for one */
	TEACH_SEED = 1,
	BLOCK_MAX = 480,
	/* Delay of the filter that carries the gains: it resolves 125 Hz ... */
	SHAPE_DELAY_US = 4000,
	/* ... at the ear 700 Hz: whole samples, an even number of them, at every rate. */
	SHAPE_DELAY_NEAR_US = 750,
};
/* A saved path that cancelled less than this is not worth beginning with. */
#define CONVERGED_DB 10.0
/* A finer estimate of the counters is no news. */
#define CLOCKS_PPM 10.0
#define GAIN_MAX_DB \
	40.0 /* beyond it an amplifier is off, and what comes back from there is learnt */
#define WORSE       2.0 /* power of what is left over the microphone's */
#define WORSE_LEAST 100.0 /* under -70 dB full scale nothing is worse */

struct tp_voice {
	int rate_hz, block_n;
	enum tp_route route;
	struct tp_voice_config config;
	bool filtered,
		cancelling; /* whether the last block left through the suppressor, the canceller */
	int worse_blocks;
	float worse; /* share of the prediction that is given back, 0 or 1 */
	double clocks_ppm; /* taken out by the device */
	double gain_db; /* of the device, behind the reference, as far as it was told */
	struct tp_highpass highpass;
	struct tp_follow follow;
	struct tp_echo *echo;
	struct tp_suppress *suppress;
	struct tp_agc agc;
	struct tp_level near, microphone, loudspeaker;
	struct tp_echo_meter meter;
	struct tp_echo_meter_block energy; /* of this block */
	int16_t block[BLOCK_MAX], reference[BLOCK_MAX], cancelled[BLOCK_MAX];
	float last[BLOCK_MAX], wide[BLOCK_MAX], taken[BLOCK_MAX], far[BLOCK_MAX];
	float placed[BLOCK_MAX]; /* `far`, delayed as its echo is */
	bool placing; /* that is known, and wanted */
};

static bool any_stage(const struct tp_voice_config *config)
{
	return config->aec || config->ns || config->agc;
}

static int shape_delay_n(const struct tp_voice *voice)
{
	int us = voice->route == TP_ROUTE_HANDSFREE ? SHAPE_DELAY_US : SHAPE_DELAY_NEAR_US;

	return (int)((int64_t)voice->rate_hz * us / 1000000);
}

static int route_tail_ms(enum tp_route route, int tail_ms)
{
	return route == TP_ROUTE_HANDSFREE || tail_ms < TP_VOICE_NEAR_TAIL_MS
		       ? tail_ms
		       : TP_VOICE_NEAR_TAIL_MS;
}

struct tp_voice *tp_voice_create_route(enum tp_route route, int rate_hz, int block_n,
				       const struct tp_voice_config *config)
{
	struct tp_voice *voice = calloc(1, sizeof(*voice));

	if (!voice)
		goto fail;
	voice->rate_hz = rate_hz;
	voice->block_n = block_n;
	voice->route = route;
	voice->config = *config;
	voice->config.tail_ms = route_tail_ms(route, config->tail_ms);
	voice->echo = tp_echo_create(rate_hz, block_n, voice->config.tail_ms);
	if (!voice->echo) {
		free(voice);
		return NULL;
	}
	voice->suppress = tp_suppress_create(rate_hz, shape_delay_n(voice));
	if (!voice->suppress || tp_follow_init(&voice->follow, rate_hz, block_n))
		goto fail;
	voice->filtered = any_stage(config);
	voice->cancelling = config->aec;
	tp_suppress_set(voice->suppress, config->aec, config->ns);
	tp_agc_init(&voice->agc, rate_hz, block_n);
	tp_highpass_init(&voice->highpass, rate_hz);
	tp_level_init(&voice->near, rate_hz, METER_MS);
	tp_level_init(&voice->microphone, rate_hz, METER_MS);
	tp_level_init(&voice->loudspeaker, rate_hz, METER_MS);
	tp_echo_meter_init(&voice->meter, rate_hz, block_n, voice->config.tail_ms);
	return voice;
fail:
	tp_voice_destroy(voice);
	(void)tp_fail(TP_ERR_MEMORY, "out of memory for voice processing");
	return NULL;
}

struct tp_voice *tp_voice_create(int rate_hz, int block_n, const struct tp_voice_config *config)
{
	return tp_voice_create_route(TP_ROUTE_HANDSFREE, rate_hz, block_n, config);
}

void tp_voice_aligned(struct tp_voice *voice)
{
	int late_ms = voice->config.tail_ms + TP_FOLLOW_LEAD_MS;

	tp_residual_hold(tp_suppress_residual(voice->suppress),
			 late_ms * TP_SPECTRUM_HOPS_PER_S / 1000);
}

void tp_voice_rest(struct tp_voice *voice)
{
	struct tp_farline *line = &voice->follow.line;
	double delay_n = line->delay_n, slope = line->slope;

	tp_farline_reset(line);
	line->delay_n = delay_n;
	line->slope = slope;
	tp_highpass_init(&voice->highpass, voice->rate_hz);
	tp_suppress_rest(voice->suppress);
	memset(voice->last, 0, sizeof(voice->last));
	memset(voice->block, 0, sizeof(voice->block));
	memset(voice->reference, 0, sizeof(voice->reference));
	for (int i = 0; i < tp_echo_blocks(voice->echo) + 2; i++)
		tp_echo_process(voice->echo, voice->block, voice->reference, voice->cancelled);
}

void tp_voice_destroy(struct tp_voice *voice)
{
	if (!voice)
		return;
	tp_follow_free(&voice->follow);
	tp_suppress_destroy(voice->suppress);
	tp_echo_destroy(voice->echo);
	free(voice);
}

void tp_voice_set(struct tp_voice *voice, const struct tp_voice_config *config)
{
	int tail_ms = voice->config.tail_ms;

	/* While it was off it heard nothing; half an old state is worse than none. */
	if (config->aec && !voice->config.aec) {
		tp_echo_reset(voice->echo);
		tp_follow_reset(&voice->follow);
		tp_residual_doubt(tp_suppress_residual(voice->suppress));
	}
	if (config->aec != voice->config.aec)
		tp_echo_meter_init(&voice->meter, voice->rate_hz, voice->block_n, tail_ms);
	if (config->agc && !voice->config.agc)
		tp_agc_init(&voice->agc, voice->rate_hz, voice->block_n);
	voice->config = *config;
	voice->config.tail_ms = tail_ms;
	tp_suppress_set(voice->suppress, config->aec, config->ns);
}

void tp_voice_set_gain(struct tp_voice *voice, double db)
{
	float louder_db;

	db = fmax(-GAIN_MAX_DB, fmin(GAIN_MAX_DB, db));
	if (db == voice->gain_db)
		return;
	louder_db = (float)(db - voice->gain_db);
	voice->gain_db = db;
	tp_echo_louder(voice->echo, powf(10.0f, 0.05f * louder_db));
	tp_residual_louder(tp_suppress_residual(voice->suppress), powf(10.0f, 0.1f * louder_db));
}

static int16_t saturate(float x)
{
	return (int16_t)lrintf(fmaxf(-32768.0f, fminf(32767.0f, x)));
}

static void widen(const int16_t *in, int n, float *out)
{
	for (int i = 0; i < n; i++)
		out[i] = in[i];
}

/* A prediction that is wrong adds echo. Then the microphone is the better,
 * until the filter is mended. */
static void prefer_less(struct tp_voice *voice)
{
	int n = voice->block_n;
	bool worse = tp_level_energy(voice->cancelled, n) >
		     WORSE * tp_level_energy(voice->block, n) + WORSE_LEAST * n;
	float share = voice->worse;
	struct tp_residual *residual = tp_suppress_residual(voice->suppress);

	voice->worse_blocks = worse ? voice->worse_blocks + 1 : 0;
	voice->worse = voice->worse_blocks >= WORSE_BLOCKS;
	if (voice->worse_blocks == WORSE_BLOCKS && !tp_residual_talker(residual))
		tp_residual_doubt(residual);
	for (int i = 0; i < n; i++) {
		float back = share + (voice->worse - share) * (float)(i + 1) / (float)n;

		voice->wide[i] = (float)voice->cancelled[i] + back * voice->taken[i];
		voice->taken[i] -= back * voice->taken[i];
	}
}

/* What the linear canceller leaves of a block, in `wide`, and what it took out, in `taken`. */
static void cancel_echo(struct tp_voice *voice, const int16_t *ref)
{
	int n = voice->block_n;
	struct tp_residual *residual = tp_suppress_residual(voice->suppress);
	enum tp_follow_event event;

	tp_follow_hurry(&voice->follow,
			residual->lost && !residual->cold && !tp_residual_talker(residual));
	tp_residual_strange(residual, tp_align_strange_hops(&voice->follow.align));
	event = tp_follow_process(&voice->follow, ref, voice->wide, n, voice->taken);
	widen(ref, n, voice->far);
	memcpy(voice->placed, voice->taken, (size_t)n * sizeof(*voice->placed));
	/* What the microphone hears must have been recognised at that delay, and be all there. */
	voice->placing = residual->cold && !isnan(tp_follow_delay_ms(&voice->follow)) &&
			 tp_align_strange_hops(&voice->follow.align) == 0;
	for (int i = 0; i < n; i++)
		voice->reference[i] = saturate(voice->taken[i]);
	tp_echo_hold(voice->echo, residual->keep && tp_echo_settled(voice->echo));
	tp_echo_process(voice->echo, voice->block, voice->reference, voice->cancelled);
	tp_echo_taken_out(voice->echo, voice->block, voice->cancelled, voice->taken);
	voice->energy.reference = tp_level_energy(voice->reference, n);
	voice->energy.microphone = tp_level_energy(voice->block, n);
	voice->energy.cancelled = tp_level_energy(voice->cancelled, n);
	prefer_less(voice);
	if (event == TP_FOLLOW_FOUND)
		tp_echo_reset(voice->echo);
	if (event != TP_FOLLOW_STEADY)
		tp_residual_doubt(residual);
}

/* The same with a fade over the block in which it comes or goes. */
static void fade_echo(struct tp_voice *voice, const int16_t *ref)
{
	bool on = voice->config.aec, before = voice->cancelling;

	voice->cancelling = on;
	if (!on && !before)
		return;
	cancel_echo(voice, ref);
	if (on == before)
		return;
	for (int i = 0; i < voice->block_n; i++) {
		float share = (float)(i + 1) / (float)(voice->block_n + 1);

		voice->wide[i] += (on ? 1 - share : share) * (voice->last[i] - voice->wide[i]);
	}
}

static double energy(const float *pcm, int n)
{
	double sum = 0;

	for (int i = 0; i < n; i++)
		sum += (double)(pcm[i] * pcm[i]);
	return sum;
}

/* One block to `wide`, delayed. */
static void filter(struct tp_voice *voice)
{
	const float *placed = voice->placing ? voice->placed : NULL;

	tp_suppress_process(voice->suppress, voice->wide, voice->taken, voice->far, placed,
			    voice->wide, voice->block_n);
	voice->energy.left = energy(voice->wide, voice->block_n);
	if (voice->config.agc)
		tp_agc_process(&voice->agc, voice->wide, voice->block_n,
			       tp_suppress_residual(voice->suppress)->near);
}

/* The suppressor comes and goes with a fade over one block, between the sound and itself later. */
static void finish(struct tp_voice *voice, const int16_t *mic, int16_t *out)
{
	bool filtered = any_stage(&voice->config), before = voice->filtered;
	int n = voice->block_n;

	if (!filtered && !before) {
		memmove(out, mic, (size_t)n * sizeof(*out)); /* as it came, to the bit */
		return;
	}
	filter(voice);
	for (int i = 0; i < n; i++) {
		float share = (float)(i + 1) / (float)(n + 1);

		if (filtered != before)
			voice->wide[i] +=
				(filtered ? 1 - share : share) * ((float)mic[i] - voice->wide[i]);
		out[i] = saturate(voice->wide[i]);
	}
	voice->filtered = filtered;
}

void tp_voice_process(struct tp_voice *voice, const int16_t *mic, const int16_t *ref, int16_t *out)
{
	int n = voice->block_n;

	tp_level_add(&voice->microphone, mic, n);
	tp_level_add(&voice->loudspeaker, ref, n);
	tp_highpass_process(&voice->highpass, mic, voice->block, n);
	memset(voice->taken, 0, (size_t)n * sizeof(*voice->taken));
	memset(voice->far, 0, (size_t)n * sizeof(*voice->far));
	voice->placing = false;
	/* It begins with the block before this one, or its past would be of when it was last on. */
	if (any_stage(&voice->config) && !voice->filtered) {
		memcpy(voice->wide, voice->last, (size_t)n * sizeof(*voice->wide));
		filter(voice);
	}
	widen(voice->block, n, voice->wide);
	memcpy(voice->last, voice->wide, (size_t)n * sizeof(*voice->last));
	fade_echo(voice, ref);
	finish(voice, mic, out);
	if (voice->config.aec)
		tp_echo_meter_add(&voice->meter, &voice->energy,
				  tp_suppress_residual(voice->suppress)->near);
	tp_level_add(&voice->near, out, n);
}

void tp_voice_clocks(struct tp_voice *voice, double ppm)
{
	if (fabs(ppm - voice->clocks_ppm) < CLOCKS_PPM)
		return;
	voice->clocks_ppm = ppm;
	tp_follow_corrected(&voice->follow);
}

int tp_voice_delay_n(const struct tp_voice *voice)
{
	return any_stage(&voice->config) ? shape_delay_n(voice) : 0;
}

void tp_voice_stats(const struct tp_voice *voice, struct tp_voice_stats *stats)
{
	stats->near_db = tp_level_get_db(&voice->near);
	stats->microphone_db = tp_level_get_db(&voice->microphone);
	stats->delay_ms = voice->config.aec ? tp_follow_delay_ms(&voice->follow) : NAN;
	stats->drift_ppm = voice->config.aec ? tp_follow_drift_ppm(&voice->follow) : NAN;
	stats->far_db = tp_level_get_db(&voice->loudspeaker);
	stats->erl_db = tp_echo_meter_loss_db(&voice->meter);
	stats->linear_erle_db = tp_echo_meter_linear_db(&voice->meter);
	stats->erle_db = tp_echo_meter_reduction_db(&voice->meter);
	stats->far_talks = voice->config.aec && tp_echo_meter_far_talks(&voice->meter);
	stats->near_talks = tp_suppress_residual(voice->suppress)->near;
	stats->double_talk = tp_echo_meter_double_talk(&voice->meter);
}

size_t tp_voice_save(const struct tp_voice *voice, void *buf, size_t cap)
{
	struct tp_echo_path path = {
		.rate_hz = voice->rate_hz,
		.route = voice->route,
		.taps_n = tp_echo_taps_n(voice->echo),
		.erle_db = tp_echo_erle_db(voice->echo),
		.delay_us = llround(voice->follow.line.delay_n * 1e6 / voice->rate_hz),
		.lead_us = tp_follow_lead_us(&voice->follow),
	};
	size_t size = tp_echo_path_size(path.taps_n);
	int32_t *taps;

	if (cap < size)
		return size;
	taps = malloc((size_t)path.taps_n * sizeof(*taps));
	if (!taps)
		return 0;
	tp_echo_taps(voice->echo, powf(10.0f, -0.05f * (float)voice->gain_db), taps);
	tp_echo_path_write(&path, taps, buf);
	free(taps);
	return size;
}

int tp_voice_load(struct tp_voice *voice, const void *buf, size_t len)
{
	int n = tp_echo_taps_n(voice->echo), error;
	struct tp_echo_path path;
	int32_t *taps;

	error = tp_echo_path_read(&path, buf, len);
	if (error)
		return error;
	if (path.rate_hz != voice->rate_hz)
		return tp_fail(TP_ERR_FORMAT, "an echo path of %d Hz does not fit %d Hz",
			       path.rate_hz, voice->rate_hz);
	if (path.route != voice->route)
		return tp_fail(TP_ERR_FORMAT, "an echo path of the %s does not fit the %s",
			       tp_route_name(path.route), tp_route_name(voice->route));
	if (!(path.erle_db >= CONVERGED_DB))
		return 0;
	taps = malloc((size_t)n * sizeof(*taps));
	if (!taps)
		return tp_fail(TP_ERR_MEMORY, "out of memory for an echo path of %d taps", n);
	tp_echo_path_taps(buf, taps, n);
	error = tp_echo_teach(voice->echo, taps, TEACH_SEED);
	free(taps);
	if (error)
		return error;
	voice->gain_db = 0;
	tp_follow_begin(&voice->follow, (double)path.delay_us * voice->rate_hz / 1e6, path.lead_us);
	tp_residual_trust(tp_suppress_residual(voice->suppress));
	return 0;
}
