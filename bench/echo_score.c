/* SPDX-License-Identifier: MIT */
/* What voice processing made of a scene, by the parts that the scene was made of. */
#include "echo_score.h"

#include "dsp/highpass.h"
#include "dsp/level.h"
#include "dsp/voice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	FRAME_MS = 20,
	FIRST_S = 2,
	LOUDER = 32, /* 15 dB, power */
	AUDIBLE_DB = -60, /* speech that is judged */
};
#define AFTER_JUMP_S 1.5
#define STEADY_FROM  0.6

/* The parts as they leave: delayed, and without what the high-pass takes out of them. */
struct judged {
	const struct tp_echo_scene *scene;
	int16_t *out, *near, *echo, *noise;
	int delay_n;
};

static int run_voice(struct judged *judged, struct tp_voice_stats *stats)
{
	const struct tp_echo_scene *scene = judged->scene;
	int block_n = scene->rate_hz / 100;
	struct tp_engine_config defaults;
	struct tp_voice *voice;

	tp_engine_config_init(&defaults);
	voice = tp_voice_create(scene->rate_hz, block_n, &defaults.voice);
	if (!voice)
		return TP_ERR_MEMORY;
	for (int64_t at = 0; at + block_n <= scene->n; at += block_n)
		tp_voice_process(voice, scene->mic + at, scene->far + at, judged->out + at);
	tp_voice_stats(voice, stats);
	judged->delay_n = tp_voice_delay_n(voice);
	tp_voice_destroy(voice);
	return 0;
}

static double energy(const int16_t *pcm, int64_t at, int n)
{
	return tp_level_energy(pcm + at, n) + n; /* nothing is softer than a step of 16 bits */
}

/* Energies of a frame's parts. */
struct parts {
	double echo, near, noise, mic, out;
};

static bool frame(const struct judged *judged, int64_t f, struct parts *parts)
{
	const struct tp_echo_scene *scene = judged->scene;
	int n = scene->rate_hz / 1000 * FRAME_MS;
	int64_t at = f * n;

	if (at + n + judged->delay_n > scene->n)
		return false;
	parts->echo = energy(judged->echo, at, n);
	parts->near = energy(judged->near, at, n);
	parts->noise = energy(judged->noise, at, n);
	parts->mic = energy(scene->mic, at, n);
	parts->out = energy(judged->out, at + judged->delay_n, n);
	return true;
}

struct sum {
	double over, under;
	int n;
};

static void add(struct sum *sum, double over, double under)
{
	sum->over += over;
	sum->under += under;
	sum->n++;
}

static double ratio_db(const struct sum *sum)
{
	return sum->n ? 10 * log10(sum->over / sum->under) : (double)NAN;
}

/* Mean of the frames' own ratios. */
static void add_db(struct sum *sum, double over, double under)
{
	add(sum, 10 * log10(over / under), 0);
}

static double mean_db(const struct sum *sum)
{
	return sum->n ? sum->over / sum->n : (double)NAN;
}

static void judge(struct tp_echo_score *score, const struct judged *judged)
{
	const struct tp_echo_scene *scene = judged->scene;
	double n = scene->rate_hz / 1000.0 * FRAME_MS, frame_s = FRAME_MS * 1e-3;
	double audible = n * pow(10, AUDIBLE_DB / 10.0) * 32768 * 32768;
	double last_s = (double)scene->n / scene->rate_hz, first_s = -1, near_s = -1;
	struct sum first = {0}, steady = {0}, noise = {0}, jump = {0}, near = {0}, both = {0};
	struct parts p;

	for (int64_t f = 0; frame(judged, f, &p); f++) {
		double now_s = (double)f * frame_s;

		if (p.near > audible)
			near_s = now_s;
		if (p.near > LOUDER * (p.echo + p.noise) && p.near > audible)
			add_db(&near, p.near, p.out);
		if (p.echo < audible || p.echo < p.noise)
			continue;
		first_s = first_s < 0 ? now_s : first_s;
		/* Half a second after a talker's last sound he is still in a pause. */
		if (near_s >= 0 && now_s < near_s + 0.5) {
			if (p.echo > LOUDER * p.near)
				add_db(&both, p.echo, p.out);
			continue;
		}
		if (now_s < first_s + FIRST_S)
			add(&first, p.mic, p.out);
		if (scene->jump_s > 0 && now_s >= scene->jump_s + 0.1 &&
		    now_s < scene->jump_s + AFTER_JUMP_S)
			add(&jump, p.mic, p.out);
		if (now_s < STEADY_FROM * last_s)
			continue;
		add(&steady, p.mic, p.out);
		add(&noise, p.out, p.noise);
	}
	score->first = ratio_db(&first);
	score->steady = ratio_db(&steady);
	score->over_noise = ratio_db(&noise);
	score->after_jump = ratio_db(&jump);
	score->near_loss = mean_db(&near);
	score->both_echo = mean_db(&both);
}

static int allocate(struct judged *judged)
{
	size_t n = (size_t)judged->scene->n;

	judged->out = calloc(4 * n, sizeof(*judged->out));
	if (!judged->out)
		return tp_fail(TP_ERR_MEMORY, "no memory for a scene");
	judged->near = judged->out + n;
	judged->echo = judged->near + n;
	judged->noise = judged->echo + n;
	return 0;
}

static void highpass(const struct tp_echo_scene *scene, const int16_t *in, int16_t *out)
{
	struct tp_highpass highpass;

	tp_highpass_init(&highpass, scene->rate_hz);
	tp_highpass_process(&highpass, in, out, (int)scene->n);
}

int tp_echo_score_scene(struct tp_echo_score *score, const struct tp_echo_scene *scene)
{
	struct judged judged = {.scene = scene};
	struct tp_voice_stats stats = {.delay_ms = NAN};
	int error = allocate(&judged);

	if (!error)
		error = run_voice(&judged, &stats);
	if (!error) {
		highpass(scene, scene->near, judged.near);
		highpass(scene, scene->echo, judged.echo);
		highpass(scene, scene->noise, judged.noise);
		judge(score, &judged);
		score->delay_error_ms = stats.delay_ms - scene->delay_ms;
		score->drift_error_ppm = stats.drift_ppm - scene->drift_ppm;
		score->added_ms = 1e3 * judged.delay_n / scene->rate_hz;
	}
	free(judged.out);
	return error;
}
