/* SPDX-License-Identifier: MIT */
/* Scenes of a hands-free phone: what its loudspeaker plays, and the parts
 * of what its microphone hears. */
#include "echo_scene.h"

#include "cli/demo_script.h"
#include "dsp/level.h"
#include "hal/wav.h"

#include <talkpath/hal.h>

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SECONDS = 16,
	QUIET_S = 1, /* before anybody talks: a call begins with its room */
	NEAR_FROM_S = 6,
	NEAR_TO_S = 10,
	JUMP_S = 8,
	STEP_MS = 10,
	AHEAD_MS = 40, /* kept in the loudspeaker's ring */
	VOICES_S = 40, /* of the conversation that the voices are taken from */
	PAUSE_MS = 100, /* a longer silence of a recording's layout is left out */
	FAR_DB = -24, /* speech of the loudspeaker */
};

enum who { FAR_ALONE, NEAR_ALONE, BOTH };

static const struct {
	const char *name;
	int rate_hz;
	enum who who;
	double near_db; /* over the echo; of full scale where there is none */
	double delay_ms, ppm, jump_ms, noise_db;
	const char *room; /* the rest of it */
} scenes[] = {
	{"far end, office", 16000, FAR_ALONE, 0, 20, 0, 0, -65, "erl=6"},
	{"far end, 8 kHz", 8000, FAR_ALONE, 0, 20, 0, 0, -65, "erl=6"},
	{"far end, 48 kHz", 48000, FAR_ALONE, 0, 20, 0, 0, -65, "erl=6"},
	{"far end, small, loud", 16000, FAR_ALONE, 0, 20, 0, 0, -65, "erl=-6,size=small"},
	{"far end, hall", 16000, FAR_ALONE, 0, 20, 0, 0, -65, "erl=6,size=hall"},
	{"far end, distorted", 16000, FAR_ALONE, 0, 20, 0, 0, -65, "erl=3,distort=5"},
	{"far end, noise", 16000, FAR_ALONE, 0, 20, 0, 0, -50, "erl=6"},
	{"delay 150 ms", 16000, FAR_ALONE, 0, 150, 0, 0, -65, "erl=6"},
	{"delay 300 ms", 16000, FAR_ALONE, 0, 300, 0, 0, -65, "erl=6"},
	{"drift +20 ppm", 16000, FAR_ALONE, 0, 30, 20, 0, -65, "erl=6"},
	{"drift -100 ppm", 16000, FAR_ALONE, 0, 30, -100, 0, -65, "erl=6"},
	{"drift +300 ppm", 16000, FAR_ALONE, 0, 30, 300, 0, -65, "erl=6"},
	{"jump +40 ms", 16000, FAR_ALONE, 0, 60, 0, 40, -65, "erl=6"},
	{"jump -40 ms", 16000, FAR_ALONE, 0, 60, 0, -40, -65, "erl=6"},
	{"both ends, equal", 16000, BOTH, 0, 20, 0, 0, -65, "erl=6"},
	{"both ends, near -10 dB", 16000, BOTH, -10, 20, 0, 0, -65, "erl=6"},
	{"both ends, +100 ppm", 16000, BOTH, 0, 30, 100, 0, -65, "erl=6"},
	{"near end", 16000, NEAR_ALONE, -30, 20, 0, 0, -65, "erl=6"},
};
enum { SCENES = sizeof(scenes) / sizeof(scenes[0]) };

const char *tp_echo_scene_name(int i)
{
	return i < SCENES ? scenes[i].name : NULL;
}

void tp_echo_scene_free(struct tp_echo_scene *scene)
{
	free(scene->far);
	free(scene->mic);
	free(scene->near);
	free(scene->echo);
	free(scene->noise);
	scene->far = scene->mic = scene->near = scene->echo = scene->noise = NULL;
}

/* ---- Voices --------------------------------------------------------------------------------- */

/* What an end of a conversation says, without the other's turns. */
static int64_t close_up(int16_t *pcm, int64_t n)
{
	int64_t pause_n = TP_DEMO_RATE_HZ / 1000 * PAUSE_MS, kept = 0, silent = 0;

	for (int64_t i = 0; i < n; i++) {
		silent = pcm[i] ? 0 : silent + 1;
		if (silent < pause_n)
			pcm[kept++] = pcm[i];
	}
	return kept;
}

/* n samples of a voice at level_db, again and again, from a place that the seed gives. */
static int speak(int16_t *pcm, int64_t n, const struct tp_demo_script *script, int end, int rate_hz,
		 double level_db, uint32_t seed)
{
	struct tp_wav wav = {.rate_hz = TP_DEMO_RATE_HZ, .channels = 1};
	double gain;
	int error;

	wav.samples = malloc((size_t)script->n * sizeof(*wav.samples));
	if (!wav.samples)
		return tp_fail(TP_ERR_MEMORY, "no memory for a scene");
	memcpy(wav.samples, script->says[end], (size_t)script->n * sizeof(*wav.samples));
	wav.frames = close_up(wav.samples, script->n);
	error = tp_wav_convert(&wav, rate_hz);
	if (error)
		goto end;
	gain = pow(10, (level_db - tp_level_db(wav.samples, (int)wav.frames)) / 20);
	for (int64_t i = 0; i < n; i++) {
		int64_t at = (i + (int64_t)(seed % 7) * rate_hz / 3) % wav.frames;

		pcm[i] = (int16_t)lrint(fmax(-32768, fmin(32767, gain * (double)wav.samples[at])));
	}
end:
	tp_wav_free(&wav);
	return error;
}

/* ---- The room ------------------------------------------------------------------------------- */

static int feed(const struct tp_hal_ops *ops, void *device, int64_t now_ns, const int16_t *far,
		int64_t n, int64_t *given, int ahead_n)
{
	struct tp_hal_position position = {.queued_n = 0};
	int error = *given ? ops->position(device, TP_PLAYBACK, now_ns, &position) : 0;
	int64_t more = ahead_n - position.queued_n;
	int took;

	more = more < n - *given ? more : n - *given;
	took = error < 0 || more <= 0 ? error
				      : ops->playback(device, now_ns, far + *given, (int)more);
	*given += took > 0 ? took : 0;
	return took < 0 ? took : 0;
}

/* The room's microphone while `far` is played. */
static int hear(const char *args, int rate_hz, const int16_t *far, int16_t *heard, int64_t n)
{
	struct tp_hal_want want = {.rate_hz = rate_hz,
				   .period_us = STEP_MS * 1000,
				   .buffer_us = 4 * AHEAD_MS * 1000,
				   .seed = 1};
	const char *rest;
	const struct tp_hal_ops *ops = tp_hal_find(args, &rest);
	int64_t now_ns = 1000000000, given = 0, got_n = 0;
	struct tp_hal_got got;
	void *device;
	int error = ops ? ops->open(&device, rest, &want, &got) : TP_ERR_UNSUPPORTED;
	int ahead_n = rate_hz / 1000 * AHEAD_MS;

	if (error)
		return error;
	error = feed(ops, device, now_ns, far, n, &given, ahead_n);
	if (!error)
		error = ops->start(device, now_ns);
	while (!error && got_n < n) {
		int took;

		now_ns += STEP_MS * 1000000;
		took = ops->capture(device, now_ns, heard + got_n,
				    n - got_n < ahead_n ? (int)(n - got_n) : ahead_n);
		got_n += took > 0 ? took : 0;
		error = took < 0 ? took : feed(ops, device, now_ns, far, n, &given, ahead_n);
	}
	ops->stop(device);
	ops->close(device);
	return error;
}

/* The pieces of what happens before and after the jump: the loudspeaker's signal that the canceller
 * is given moves against what is played. */
static void jump(struct tp_echo_scene *scene, double by_ms)
{
	int64_t at = (int64_t)(scene->jump_s * scene->rate_hz);
	int64_t by_n = (int64_t)(fabs(by_ms) * scene->rate_hz / 1000);

	if (by_ms > 0) {
		/* It is told earlier: what lies between is never told. */
		memmove(scene->far + at, scene->far + at + by_n,
			(size_t)(scene->n - at - by_n) * sizeof(*scene->far));
		memset(scene->far + scene->n - by_n, 0, (size_t)by_n * sizeof(*scene->far));
	} else {
		memmove(scene->far + at + by_n, scene->far + at,
			(size_t)(scene->n - at - by_n) * sizeof(*scene->far));
		memset(scene->far + at, 0, (size_t)by_n * sizeof(*scene->far));
	}
}

/* ---- Make, read ----------------------------------------------------------------------------- */

static int allocate(struct tp_echo_scene *scene, int64_t n)
{
	int16_t **parts[] = {&scene->far, &scene->mic, &scene->near, &scene->echo, &scene->noise};

	scene->n = n;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		*parts[i] = calloc((size_t)n, sizeof(int16_t));
		if (!*parts[i])
			return tp_fail(TP_ERR_MEMORY, "no memory for a scene");
	}
	return 0;
}

static int make_parts(struct tp_echo_scene *scene, int i, uint32_t seed,
		      const struct tp_demo_script *script)
{
	int rate_hz = scene->rate_hz;
	int64_t from = NEAR_FROM_S * rate_hz, to = NEAR_TO_S * rate_hz, quiet = QUIET_S * rate_hz;
	char room[200];
	int error = 0;

	if (scenes[i].who != NEAR_ALONE)
		error = speak(scene->far + quiet, scene->n - quiet, script, 0, rate_hz, FAR_DB,
			      seed);
	snprintf(room, sizeof(room), "room:seed=%u,delay=%g,play_ppm=%g,noise=-100,%s", seed,
		 scenes[i].delay_ms, scenes[i].ppm, scenes[i].room);
	if (!error)
		error = hear(room, rate_hz, scene->far, scene->echo, scene->n);
	snprintf(room, sizeof(room), "room:seed=%u,noise=%g,%s", seed, scenes[i].noise_db,
		 scenes[i].room);
	if (!error) /* nothing is played yet */
		error = hear(room, rate_hz, scene->mic, scene->noise, scene->n);
	if (error || scenes[i].who == FAR_ALONE)
		return error;
	if (scenes[i].who == NEAR_ALONE)
		return speak(scene->near + quiet, scene->n - quiet, script, 1, rate_hz,
			     scenes[i].near_db, seed);
	return speak(scene->near + from, to - from, script, 1, rate_hz,
		     scenes[i].near_db + tp_level_db(scene->echo + from, (int)(to - from)), seed);
}

int tp_echo_scene_make(struct tp_echo_scene *scene, int i, uint32_t seed)
{
	struct tp_demo_script script;
	int error;

	*scene = (struct tp_echo_scene){.rate_hz = scenes[i].rate_hz};
	snprintf(scene->name, sizeof(scene->name), "%s", scenes[i].name);
	scene->drift_ppm = scenes[i].who == NEAR_ALONE ? (double)NAN : scenes[i].ppm;
	/* The room's own way is some 3 ms longer. */
	scene->delay_ms = scenes[i].who == NEAR_ALONE || scenes[i].ppm != 0
				  ? (double)NAN
				  : scenes[i].delay_ms + scenes[i].jump_ms;
	scene->jump_s = scenes[i].jump_ms != 0 ? JUMP_S : 0;
	error = tp_demo_script_make(&script, NULL, VOICES_S);
	if (error)
		return error;
	error = allocate(scene, SECONDS * scene->rate_hz);
	if (!error)
		error = make_parts(scene, i, seed, &script);
	for (int64_t k = 0; !error && k < scene->n; k++) {
		int sum = scene->echo[k] + scene->noise[k] + scene->near[k];

		scene->mic[k] = (int16_t)(sum > INT16_MAX   ? INT16_MAX
					  : sum < INT16_MIN ? INT16_MIN
							    : sum);
	}
	if (!error && scene->jump_s > 0)
		jump(scene, scenes[i].jump_ms);
	tp_demo_script_free(&script);
	return error;
}

int tp_echo_scene_read(struct tp_echo_scene *scene, const char *folder, const char *name)
{
	static const char *const parts[] = {"far", "mic", "near", "echo", "noise"};
	int16_t **samples[] = {&scene->far, &scene->mic, &scene->near, &scene->echo, &scene->noise};
	int error = 0;

	*scene = (struct tp_echo_scene){.delay_ms = NAN, .drift_ppm = NAN};
	snprintf(scene->name, sizeof(scene->name), "%.60s", name);
	for (size_t i = 0; !error && i < sizeof(parts) / sizeof(parts[0]); i++) {
		char path[PATH_MAX];
		struct tp_wav wav;

		snprintf(path, sizeof(path), "%.2000s/%.60s/%s.wav", folder, name, parts[i]);
		error = tp_wav_read(path, &wav);
		if (error)
			break;
		tp_wav_mono(&wav);
		*samples[i] = wav.samples;
		if (i > 0 && (wav.frames != scene->n || wav.rate_hz != scene->rate_hz))
			error = tp_fail(TP_ERR_FORMAT, "%.200s is not like far.wav beside it",
					path);
		scene->n = wav.frames;
		scene->rate_hz = wav.rate_hz;
	}
	return error;
}
