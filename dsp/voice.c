/* SPDX-License-Identifier: MIT */
/* The microphone's way: high-pass -> echo canceller -> post-filter (residual echo, noise, level). */
#include "voice.h"

#include "echo.h"
#include "echo_gate.h"
#include "echo_path.h"
#include "highpass.h"
#include "level.h"

#include <talkpath/error.h>

#include <math.h>
#include <speex/speex_preprocess.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* How far the post-filter may push, dB. Residual echo goes down to the room's noise, not
	 * under it: noise suppression of 0 dB keeps the noise as it is, and what is left of the echo
	 * disappears in it. */
	ECHO_FAR_DB = -40, /* nobody talks here */
	ECHO_DOUBLE_DB = -15, /* somebody does */
	NOISE_ON_DB = -15,
	NOISE_OFF_DB = 0,
	/* AGC: towards -21 dB full scale, never by more than 18 dB. */
	AGC_MAX_DB = 18,
	AGC_LEVEL = 8000,
	METER_MS = 300,
	TEACH_SEED = 1,
};
/* A saved path that cancelled less than this is not worth beginning with. */
#define CONVERGED_DB 10.0
#define HEARD_S      0.3

struct tp_voice {
	int rate_hz, block_n;
	struct tp_voice_config config;
	bool filtered; /* whether the last block left through the post-filter */
	struct tp_highpass highpass;
	struct tp_echo *echo;
	SpeexPreprocessState *post;
	struct tp_echo_gate gate;
	int16_t *block, *last,
		*delayed; /* this block, the one before, the post-filter's: block_n each */
	struct tp_level near, microphone;
};

static bool any_stage(const struct tp_voice_config *config)
{
	return config->aec || config->ns || config->agc;
}

static void set_post(struct tp_voice *voice, int request, spx_int32_t value)
{
	speex_preprocess_ctl(voice->post, request, &value);
}

static void configure(struct tp_voice *voice)
{
	const struct tp_voice_config *config = &voice->config;

	speex_preprocess_ctl(voice->post, SPEEX_PREPROCESS_SET_ECHO_STATE,
			     config->aec ? tp_echo_speex(voice->echo) : NULL);
	/* The library has one gain rule for noise and echo: off, the echo would pass too. */
	set_post(voice, SPEEX_PREPROCESS_SET_DENOISE, config->aec || config->ns);
	set_post(voice, SPEEX_PREPROCESS_SET_NOISE_SUPPRESS,
		 config->ns ? NOISE_ON_DB : NOISE_OFF_DB);
	set_post(voice, SPEEX_PREPROCESS_SET_AGC, config->agc);
}

static void configure_once(struct tp_voice *voice)
{
	float level = AGC_LEVEL;

	set_post(voice, SPEEX_PREPROCESS_SET_ECHO_SUPPRESS, ECHO_FAR_DB);
	set_post(voice, SPEEX_PREPROCESS_SET_ECHO_SUPPRESS_ACTIVE, ECHO_DOUBLE_DB);
	set_post(voice, SPEEX_PREPROCESS_SET_AGC_MAX_GAIN, AGC_MAX_DB);
	speex_preprocess_ctl(voice->post, SPEEX_PREPROCESS_SET_AGC_LEVEL, &level);
	configure(voice);
}

struct tp_voice *tp_voice_create(int rate_hz, int block_n, const struct tp_voice_config *config)
{
	struct tp_voice *voice = calloc(1, sizeof(*voice));

	if (!voice)
		goto fail;
	voice->rate_hz = rate_hz;
	voice->block_n = block_n;
	voice->config = *config;
	voice->echo = tp_echo_create(rate_hz, block_n, config->tail_ms);
	if (!voice->echo) {
		free(voice);
		return NULL;
	}
	voice->post = speex_preprocess_state_init(block_n, rate_hz);
	voice->block = calloc((size_t)block_n * 3, sizeof(*voice->block));
	if (!voice->post || !voice->block)
		goto fail;
	voice->last = voice->block + block_n;
	voice->delayed = voice->last + block_n;
	voice->filtered = any_stage(config);
	tp_echo_gate_init(&voice->gate, tp_echo_blocks(voice->echo));
	tp_highpass_init(&voice->highpass, rate_hz);
	tp_level_init(&voice->near, rate_hz, METER_MS);
	tp_level_init(&voice->microphone, rate_hz, METER_MS);
	configure_once(voice);
	return voice;
fail:
	tp_voice_destroy(voice);
	(void)tp_fail(TP_ERR_MEMORY, "out of memory for voice processing");
	return NULL;
}

void tp_voice_destroy(struct tp_voice *voice)
{
	if (!voice)
		return;
	if (voice->post)
		speex_preprocess_state_destroy(voice->post);
	tp_echo_destroy(voice->echo);
	free(voice->block);
	free(voice);
}

void tp_voice_set(struct tp_voice *voice, const struct tp_voice_config *config)
{
	/* While it was off it heard nothing; half an old state is worse than none. */
	if (config->aec && !voice->config.aec)
		tp_echo_reset(voice->echo);
	voice->config = *config;
	configure(voice);
}

static void fade(const int16_t *from, const int16_t *into, int n, int16_t *out)
{
	for (int i = 0; i < n; i++)
		out[i] = (int16_t)(from[i] + (into[i] - from[i]) * (i + 1) / (n + 1));
}

/* The post-filter comes and goes with a fade over one block, between the sound and itself a block
 * later. */
static void finish(struct tp_voice *voice, const int16_t *mic, int16_t *out)
{
	bool filtered = any_stage(&voice->config);
	size_t size = (size_t)voice->block_n * sizeof(*out);

	/* It begins with the block before this one, or its overlap would come from when it was last
	 * on. */
	if (filtered && !voice->filtered)
		speex_preprocess_run(voice->post, voice->last);
	memcpy(voice->delayed, voice->block, size);
	if (filtered || voice->filtered)
		speex_preprocess_run(voice->post, voice->delayed);
	if (filtered && voice->filtered)
		memcpy(out, voice->delayed, size);
	else if (filtered)
		fade(mic, voice->delayed, voice->block_n, out);
	else if (voice->filtered)
		fade(voice->delayed, mic, voice->block_n, out);
	else
		memmove(out, mic, size); /* the microphone as it came, to the bit */
	voice->filtered = filtered;
	memcpy(voice->last, voice->block, size);
}

void tp_voice_process(struct tp_voice *voice, const int16_t *mic, const int16_t *ref, int16_t *out)
{
	tp_level_add(&voice->microphone, mic, voice->block_n);
	tp_highpass_process(&voice->highpass, mic, voice->block, voice->block_n);
	if (voice->config.aec) {
		tp_echo_gate_listen(&voice->gate, voice->block, ref, voice->block_n,
				    tp_echo_settled(voice->echo));
		tp_echo_process(voice->echo, voice->block, ref, voice->block);
	}
	finish(voice, mic, out);
	if (voice->config.aec)
		tp_echo_gate_apply(&voice->gate, out, voice->block_n);
	tp_level_add(&voice->near, out, voice->block_n);
}

int tp_voice_delay_n(const struct tp_voice *voice)
{
	return any_stage(&voice->config) ? voice->block_n : 0;
}

void tp_voice_stats(const struct tp_voice *voice, struct tp_voice_stats *stats)
{
	stats->near_db = tp_level_get_db(&voice->near);
	stats->microphone_db = tp_level_get_db(&voice->microphone);
	stats->erle_db = voice->config.aec ? tp_echo_erle_db(voice->echo) : (double)NAN;
}

size_t tp_voice_save(const struct tp_voice *voice, void *buf, size_t cap)
{
	struct tp_echo_path path = {
		.rate_hz = voice->rate_hz,
		.taps_n = tp_echo_taps_n(voice->echo),
		.erle_db = tp_echo_erle_db(voice->echo),
	};
	size_t size = tp_echo_path_size(path.taps_n);
	int32_t *taps;

	if (cap < size)
		return size;
	taps = malloc((size_t)path.taps_n * sizeof(*taps));
	if (!taps)
		return 0;
	tp_echo_taps(voice->echo, taps);
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
	if (!(path.erle_db >= CONVERGED_DB))
		return 0;
	taps = malloc((size_t)n * sizeof(*taps));
	if (!taps)
		return tp_fail(TP_ERR_MEMORY, "out of memory for an echo path of %d taps", n);
	tp_echo_path_taps(buf, taps, n);
	error = tp_echo_teach(voice->echo, taps, TEACH_SEED);
	free(taps);
	return error;
}
