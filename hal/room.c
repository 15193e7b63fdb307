/* SPDX-License-Identifier: MIT */
/* The room device: a desk phone with loudspeaker, microphone and a talker in a simulated room. */
#include "backends.h"
#include "room_acoustics.h"
#include "room_noise.h"
#include "sim_card.h"
#include "talker.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK = TP_ROOM_ACOUSTICS_BLOCK,
	NOISE_OFF_DB = -100,
};

_Static_assert((int)BLOCK <= (int)TP_TALKER_BLOCK, "a talker is asked for whole blocks");

struct room_args {
	struct tp_sim_card_args card;
	double rate_hz, erl_db, delay_ms, rt60_ms, noise_db, near_db, gain_db, loop, distort, seed;
	char size[TP_DEVICE_TEXT_CAP];
	char talker[TP_DEVICE_TEXT_CAP];
};

struct room {
	struct tp_sim_card card;
	struct tp_sinc sinc;
	struct tp_room_acoustics acoustics;
	struct tp_room_noise noise;
	struct tp_talker talker; /* no speech: nobody is there */
	bool noisy, one_crystal;
	int delay_n;
	int64_t next; /* the capture frame that is made next */
};

/* Box and usual decay of the rooms that phones stand in. */
static const struct room_size {
	const char *name;
	float length_m, width_m, height_m, rt60_s;
} sizes[] = {
	{"small", 3.0f, 2.5f, 2.5f, 0.2f},
	{"office", 5.0f, 4.0f, 2.8f, 0.3f},
	{"hall", 14.0f, 10.0f, 5.0f, 0.9f},
};

static const struct room_size *find_size(const char *name)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (!strcmp(sizes[i].name, name))
			return &sizes[i];
	return NULL;
}

static int parse_args(const char *text, const struct tp_hal_want *want, struct room_args *args)
{
	const struct tp_device_key keys[] = {
		{"talker", "", 0, 0, false, NULL, args->talker},
		{"loop", "", 0, 1, true, &args->loop, NULL},
		{"gain", "dB", -40, 40, false, &args->gain_db, NULL},
		{"near", "dB", -60, -6, false, &args->near_db, NULL},
		{"noise", "dB", NOISE_OFF_DB, -20, false, &args->noise_db, NULL},
		{"erl", "dB", -20, 80, false, &args->erl_db, NULL},
		{"delay", "ms", 2, 500, false, &args->delay_ms, NULL},
		{"rt60", "ms", 0, 2000, false, &args->rt60_ms, NULL},
		{"size", "", 0, 0, false, NULL, args->size},
		{"distort", "percent", 0, 10, false, &args->distort, NULL},
		{"seed", "", 0, UINT32_MAX, true, &args->seed, NULL},
		{"rate", "Hz", 8000, 48000, true, &args->rate_hz, NULL},
		TP_SIM_CARD_KEYS(&args->card),
	};
	int error;

	*args = (struct room_args){.rate_hz = want->rate_hz,
				   .erl_db = 6,
				   .delay_ms = 3,
				   .rt60_ms = -1,
				   .noise_db = -65,
				   .near_db = NAN,
				   .gain_db = NAN,
				   .loop = 1,
				   .seed = want->seed,
				   .size = "office"};
	error = tp_device_args_parse("room", text, keys, sizeof(keys) / sizeof(keys[0]));
	if (!error && !find_size(args->size))
		error = tp_fail(TP_ERR_ARGUMENT,
				"room: size=%.40s should be one of small, office, hall",
				args->size);
	if (!error && !isnan(args->near_db) && !isnan(args->gain_db))
		error = tp_fail(
			TP_ERR_ARGUMENT,
			"room: near= stands in place of gain=, they should not both be given");
	if (!error && (args->rate_hz < 8000 || args->rate_hz > 48000))
		error = tp_fail(TP_ERR_UNSUPPORTED,
				"room: a rate of %d Hz should be from 8000 to 48000",
				want->rate_hz);
	return error;
}

static void room_close(void *device)
{
	struct room *room = device;

	tp_talker_close(&room->talker);
	tp_room_acoustics_close(&room->acoustics);
	tp_sim_card_close(&room->card);
	free(room);
}

static int open_acoustics(struct room *room, const struct room_args *args, int rate_hz)
{
	const struct room_size *size = find_size(args->size);
	struct tp_room_acoustics_config config = {
		.length_m = size->length_m,
		.width_m = size->width_m,
		.height_m = size->height_m,
		.rt60_s = args->rt60_ms >= 0 ? (float)args->rt60_ms / 1000 : size->rt60_s,
		.erl_db = (float)args->erl_db,
		.distortion = (float)args->distort / 100,
		.seed = (uint32_t)args->seed,
	};

	return tp_room_acoustics_open(&room->acoustics, rate_hz, &config);
}

static int open_parts(struct room *room, const struct room_args *args,
		      const struct tp_hal_want *want, struct tp_hal_got *got)
{
	int rate_hz = (int)args->rate_hz;
	int error;

	room->delay_n = (int)lrint(args->delay_ms * rate_hz / 1000);
	error = tp_sim_card_open(&room->card, "room", rate_hz, &args->card, want,
				 room->delay_n + TP_SINC_TAPS, got);
	if (!error)
		error = open_acoustics(room, args, rate_hz);
	if (!error && *args->talker)
		error = tp_talker_open(&room->talker, args->talker, rate_hz,
				       isnan(args->gain_db) ? 0 : args->gain_db, args->near_db,
				       args->loop > 0);
	if (error)
		return error;
	room->one_crystal = got->one_crystal;
	room->noisy = args->noise_db > NOISE_OFF_DB;
	tp_room_noise_init(&room->noise, rate_hz, (float)(32768 * pow(10, args->noise_db / 20)),
			   (uint32_t)args->seed);
	tp_sinc_init(&room->sinc);
	return 0;
}

static int room_open(void **device, const char *text, const struct tp_hal_want *want,
		     struct tp_hal_got *got)
{
	struct room_args args;
	struct room *room;
	int error = parse_args(text, want, &args);

	if (error)
		return error;
	room = calloc(1, sizeof(*room));
	if (!room)
		return tp_fail(TP_ERR_MEMORY, "room: no memory for the device");
	error = open_parts(room, &args, want, got);
	if (error) {
		room_close(room);
		return error;
	}
	*device = room;
	return 0;
}

/* A frame before the first is silence without a question: it lies in the part of the ring that is
 * kept for history, which is still empty then. */
static float played(const struct room *room, int64_t frame)
{
	return room->card.ring[(uint32_t)frame & room->card.mask];
}

/* The loudspeaker as the microphone's clock sees it, `delay_n` late. The kernel's future half is
 * within that delay. */
static void hear_loudspeaker(const struct room *room, float *speaker, int n)
{
	const struct tp_crystal *capture = &room->card.crystal[TP_CAPTURE];
	const struct tp_crystal *playback = &room->card.crystal[TP_PLAYBACK];
	float x[BLOCK + TP_SINC_TAPS + 1], fraction;
	int64_t before = room->delay_n + TP_SINC_HALF - 1;
	int64_t base = tp_crystal_cross(capture, playback, room->next, &fraction) - before;

	if (room->one_crystal) {
		for (int i = 0; i < n; i++)
			speaker[i] = played(room, room->next + i - room->delay_n);
		return;
	}
	for (int i = 0; i < n + TP_SINC_TAPS + 1; i++)
		x[i] = played(room, base + i);
	for (int i = 0; i < n; i++) {
		int64_t at =
			tp_crystal_cross(capture, playback, room->next + i, &fraction) - before;

		speaker[i] = tp_sinc_read(&room->sinc, x + (at - base), fraction);
	}
}

/* Makes the next n frames of the microphone, n up to BLOCK. */
static void hear(struct room *room, float *mic, int n)
{
	float speaker[BLOCK];

	hear_loudspeaker(room, speaker, n);
	tp_room_acoustics_run(&room->acoustics, speaker, mic, n);
	if (room->talker.speech.frames)
		tp_talker_add(&room->talker, &room->sinc, &room->card.crystal[TP_CAPTURE],
			      room->next, mic, n);
	if (room->noisy)
		tp_room_noise_add(&room->noise, mic, n);
	room->next += n;
}

/* Frames that an overrun lost were heard all the same, or the echo of what was played meanwhile
 * would be missing later. Of a longer gap only the end is made up: the ring has no more. */
static void catch_up(struct room *room, int64_t first)
{
	int64_t remembered = first - 2 * room->card.buffer_n;
	float lost[BLOCK];

	if (room->next < remembered) {
		tp_room_acoustics_clear(&room->acoustics);
		room->next = remembered;
	}
	while (room->next < first)
		hear(room, lost, first - room->next < BLOCK ? (int)(first - room->next) : BLOCK);
}

static int16_t to_pcm(float sample)
{
	if (sample >= 32767.0f)
		return INT16_MAX;
	if (sample <= -32768.0f)
		return INT16_MIN;
	return (int16_t)((int)(sample + 32768.5f) - 32768);
}

static int room_capture(void *device, int64_t now_ns, int16_t *pcm, int n)
{
	struct room *room = device;
	float mic[BLOCK];
	int64_t first;
	int got = tp_sim_card_claim(&room->card, now_ns, n, &first);

	if (got <= 0)
		return got;
	tp_sim_card_settle(&room->card, now_ns);
	catch_up(room, first);
	for (int done = 0; done < got; done += BLOCK) {
		int some = got - done < BLOCK ? got - done : BLOCK;

		hear(room, mic, some);
		for (int i = 0; i < some; i++)
			pcm[done + i] = to_pcm(mic[i]);
	}
	return got;
}

static void room_stop(void *device)
{
	struct room *room = device;

	tp_sim_card_stop(&room->card);
	tp_room_acoustics_clear(&room->acoustics);
	room->next = 0;
}

const struct tp_hal_ops tp_hal_room = {
	.abi = TP_HAL_ABI,
	.name = "room",
	.args = "[talker=FILE.wav,loop=1,gain=DB,near=DB,noise=DB,erl=DB,delay=MS,rt60=MS,"
		"size=small|office|hall,distort=PERCENT,seed=N,rate=HZ,period=FRAMES,"
		"play_ppm=PPM,capture_ppm=PPM,vanish=S]",
	.about =
		"a simulated desk phone: its loudspeaker's echo, room noise, and a recorded talker",
	.open = room_open,
	.start = tp_sim_card_start,
	.wait = tp_sim_card_wait,
	.capture = room_capture,
	.playback = tp_sim_card_playback,
	.position = tp_sim_card_position,
	.stop = room_stop,
	.close = room_close,
};
