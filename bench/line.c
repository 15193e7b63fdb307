/* SPDX-License-Identifier: MIT */
/* A receive path at the end of a network, in virtual time: speech comes in, delays are noted. */
#include "line.h"
#include "receiver.h"

#include "cli/demo_script.h"
#include "engine/rx_delay.h"
#include "hal/wav.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	RATE_HZ = 8000,
	BLOCK_N = RATE_HZ / 1000 * TP_LINE_BLOCK_MS,
	PAUSE_MS = 600, /* between two sentences */
	TALK_MS = 7400, /* the carried sentence */
	SCRIPT_S = 24, /* of the demo's conversation: room for it */
	LOOP_N = RATE_HZ / 1000 * (TALK_MS + PAUSE_MS),
	SETTLE_MS = 1000, /* at the start, of which no figure tells */
};

/* Virtual time begins here: 0 could be taken for "never". */
static const int64_t zero_ns = INT64_C(1000000000);

struct path {
	struct tp_receiver receiver;
	int16_t talk[LOOP_N];
	struct tp_coder *encoder;
	uint8_t coded[LOOP_N];
};

/* The first talker's sentence. */
static int load_talk(int16_t *pcm)
{
	struct tp_demo_script script;
	int error = tp_demo_script_make(&script, NULL, SCRIPT_S);
	struct tp_wav wav;
	int64_t from = 0;

	if (error)
		return error;
	wav = (struct tp_wav){script.says[0], script.n, TP_DEMO_RATE_HZ, 1};
	script.says[0] = NULL;
	error = tp_wav_convert(&wav, RATE_HZ);
	while (!error && from < wav.frames && wav.samples[from] == 0)
		from++;
	for (int i = 0; !error && i < RATE_HZ / 1000 * TALK_MS && from + i < wav.frames; i++)
		pcm[i] = wav.samples[from + i];
	tp_wav_free(&wav);
	tp_demo_script_free(&script);
	return error;
}

/* Speech, a pause, and again; over all of it a room's noise of about -64 dB. */
static int code_talk(struct path *path)
{
	const struct tp_coder *coder = path->encoder;
	uint32_t noise = 1;
	int error = load_talk(path->talk);

	for (int i = 0; i < LOOP_N; i++) {
		noise = noise * 1664525 + 1013904223;
		path->talk[i] = (int16_t)(path->talk[i] + (int)(noise >> 26) - 32);
	}
	for (int i = 0; !error && i < LOOP_N; i += BLOCK_N)
		if (coder->ops->encode(coder->state, path->talk + i, BLOCK_N, path->coded + i,
				       BLOCK_N) < 0)
			error = tp_fail(TP_ERR_UNSUPPORTED, "the carried speech was not encoded");
	return error;
}

static const struct tp_codec_ops *find_codec(const char *name)
{
	const struct tp_codec_ops *codec;
	int i = 0;

	while ((codec = tp_codec_builtin(i)) && strcmp(codec->name, name))
		i++;
	return codec;
}

static int open_path(struct path **out, const struct tp_jitter_config *config)
{
	struct tp_format format = {.codec = "PCMU", .pt = 0, .ptime_ms = 20};
	struct tp_receiver_setup setup = {.codec = find_codec(format.codec),
					  .jitter = config,
					  .rate_hz = RATE_HZ,
					  .block_n = BLOCK_N,
					  .ptime_ms = format.ptime_ms};
	struct path *path = calloc(1, sizeof(*path));
	int error;

	*out = path;
	if (!path)
		return tp_fail(TP_ERR_MEMORY, "no memory for a receive path");
	error = tp_receiver_open(&path->receiver, &setup);
	if (!error)
		error = tp_encoder_create(&path->encoder, setup.codec, &format, RATE_HZ,
					  TP_LINE_BLOCK_MS);
	return error ? error : code_talk(path);
}

static void close_path(struct path *path)
{
	if (!path)
		return;
	tp_receiver_close(&path->receiver);
	tp_coder_destroy(path->encoder);
	free(path);
}

static void arrive(struct path *path, const struct tp_weather *weather,
		   const struct tp_weather_arrival *arrival)
{
	int n = weather->ptime_ms * RATE_HZ / 1000;
	struct tp_packet *packet = tp_ring_pop(&path->receiver.back);

	if (!packet)
		return;
	packet->seq = (uint16_t)arrival->k;
	packet->timestamp = (uint32_t)(arrival->k * n);
	packet->stamp_ns = zero_ns + (int64_t)(arrival->at_ms * 1e6);
	packet->payload_len = (uint16_t)n;
	for (int i = 0; i < n; i++)
		packet->data[i] = path->coded[(arrival->k * n + i) % LOOP_N];
	tp_ring_push(&path->receiver.in, packet);
}

/* Delay in the sender's time is on a scale of its own; its zero is where packet 0 was sent. */
static void note(struct tp_line *line, struct path *path, const struct tp_weather *weather,
		 int64_t now_ns)
{
	struct tp_line_block *block = &line->block[line->blocks++];
	double at_ms = (double)(now_ns - zero_ns) * 1e-6, delay_ms;

	tp_rx_stats(&path->receiver.rx, &line->stats);
	block->concealed_ms = line->stats.jitter.concealed_ms;
	block->target_ms = (float)line->stats.jitter.target_ms;
	block->delay_ms = NAN;
	if (!path->receiver.rx.playing)
		return;
	/* The fifo's next sample is for the next block. */
	delay_ms = (double)(tp_rx_delay_ns(&path->receiver.rx, now_ns) - zero_ns) * 1e-6 +
		   TP_LINE_BLOCK_MS;
	block->delay_ms =
		(float)(delay_ms - TP_WEATHER_BASE_MS - (at_ms - delay_ms) * weather->ppm * 1e-6);
}

static bool is_silent(const int16_t *pcm)
{
	for (int i = 0; i < BLOCK_N; i++)
		if (pcm[i] > 1 || pcm[i] < -1)
			return false;
	return true;
}

static void play(struct tp_line *line, struct path *path, const struct tp_weather *weather)
{
	double last_ms = weather->arrivals ? weather->arrival[weather->arrivals - 1].at_ms : 0;
	int next = 0, silent_ms = 0;

	for (double ms = 0; ms <= last_ms && line->blocks < TP_LINE_BLOCKS_MAX;
	     ms += TP_LINE_BLOCK_MS) {
		int64_t now_ns = zero_ns + (int64_t)(ms * 1e6);
		struct tp_block_time time = {now_ns, now_ns, now_ns};
		int16_t pcm[BLOCK_N];

		while (next < weather->arrivals && weather->arrival[next].at_ms <= ms)
			arrive(path, weather, &weather->arrival[next++]);
		tp_rx_block(&path->receiver.rx, &time, pcm);
		silent_ms = path->receiver.rx.playing && is_silent(pcm)
				    ? silent_ms + TP_LINE_BLOCK_MS
				    : 0;
		if (silent_ms > line->silent_ms)
			line->silent_ms = silent_ms;
		note(line, path, weather, now_ns);
	}
}

int tp_line_run(struct tp_line *line, const struct tp_weather *weather,
		const struct tp_jitter_config *config)
{
	struct path *path;
	int error = open_path(&path, config);

	memset(line, 0, sizeof(*line));
	line->sent = weather->n;
	for (int k = 0; k < weather->n; k++)
		line->lost += isnan(weather->delay_ms[k]);
	if (!error)
		play(line, path, weather);
	close_path(path);
	return error;
}

/* ---- Figures -------------------------------------------------------------------------------- */

/* ITU-T G.107 in the approximation of Cole and Rosenbluth, and what P.862 hears of sound that is
 * made up: as in engine/delay_cost.c, which must not be asked about itself. */
static double rating(double delay_ms, double ptime_ms, double missing)
{
	double r = 0, q = 0.63 + 150 * missing;

	for (int far = 0; far < 2; far++) {
		double path_ms = delay_ms + ptime_ms + (far ? 150 : 20);

		r += (93.2 - 0.024 * path_ms - 0.11 * fmax(0, path_ms - 177.3)) / 2;
	}
	return r - 93.2 * q / (q + 16.1);
}

static int by_value(const void *a, const void *b)
{
	const float *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void tp_line_figures(struct tp_line_figures *figures, const struct tp_line *line,
		     const struct tp_weather *weather)
{
	static float sorted[TP_LINE_BLOCKS_MAX];
	double sum = 0, ms = (double)line->blocks * TP_LINE_BLOCK_MS;
	int n = 0;

	for (int i = SETTLE_MS / TP_LINE_BLOCK_MS; i < line->blocks; i++)
		if (isfinite(line->block[i].delay_ms)) {
			sorted[n++] = line->block[i].delay_ms;
			sum += (double)line->block[i].delay_ms;
		}
	qsort(sorted, (size_t)n, sizeof(*sorted), by_value);
	*figures = (struct tp_line_figures){
		.delay_ms = n ? sum / n : NAN,
		.delay_95_ms = n ? (double)sorted[n * 95 / 100] : NAN,
		.fixed_ms = tp_weather_fixed_ms(weather, 0.01),
		.lost = (double)line->lost / line->sent,
		.concealed = line->stats.jitter.concealed_ms / ms,
		.moved = (line->stats.jitter.stretched_ms + line->stats.jitter.squeezed_ms) / ms,
	};
	/* A cut in speech is heard as half of what it takes out: it
	 * is made where sound is alike. */
	figures->r = rating(figures->delay_ms, weather->ptime_ms,
			    figures->concealed + line->stats.jitter.squeezed_ms / ms / 2);
}
