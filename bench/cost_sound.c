/* SPDX-License-Identifier: MIT */
/* Cost of what handles sound: voice processing, mixing, resampling. */
#include "cost.h"

#include "dsp/resample.h"
#include "dsp/voice.h"
#include "engine/bus.h"

#include <stdlib.h>

enum {
	BLOCK_MS = 10,
	BLOCKS = TP_COST_FRAME_MS / BLOCK_MS,
	ECHO_MS = 12, /* from loudspeaker to microphone */
};

struct sound {
	struct tp_voice *voice;
	struct tp_resample *resample;
	struct tp_bus bus;
	int block_n, lines;
	int at, talk_n; /* the next sample, of so many */
	int16_t talk[TP_TALK_MAX], microphone[TP_TALK_MAX], out[TP_BUS_BLOCK_MAX + 1];
};

static void sound_close(void *state)
{
	struct sound *sound = state;

	tp_voice_destroy(sound->voice);
	tp_resample_destroy(sound->resample);
	free(sound);
}

/* Gives *state, which is closed even after an error. */
static int sound_create(void **state, int rate_hz)
{
	struct sound *sound = calloc(1, sizeof(*sound));

	if (!sound)
		return tp_fail(TP_ERR_MEMORY, "no memory for sound");
	*state = sound;
	sound->block_n = rate_hz / 1000 * BLOCK_MS;
	sound->talk_n = rate_hz * TP_TALK_S;
	return tp_talk_load(sound->talk, rate_hz);
}

static const int16_t *next_block(struct sound *sound)
{
	const int16_t *block = sound->talk + sound->at;

	sound->at = (sound->at + sound->block_n) % sound->talk_n;
	return block;
}

/* The far end's voice comes back 12 dB lower; half the recording away the near end talks too. */
static int voice_open(void **state, const struct tp_cost_part *part)
{
	int error = sound_create(state, part->rate_hz);
	struct sound *sound = *state;
	struct tp_voice_config config = {
		.aec = true, .ns = part->all_voice, .agc = part->all_voice, .tail_ms = 200};
	int delay_n = part->rate_hz / 1000 * ECHO_MS;

	if (error)
		return error;
	for (int i = 0; i < sound->talk_n; i++) {
		int echo = sound->talk[(i + sound->talk_n - delay_n) % sound->talk_n] / 4;
		int near = sound->talk[(i + sound->talk_n / 2) % sound->talk_n] / 8;

		sound->microphone[i] = (int16_t)(echo + near);
	}
	sound->voice = tp_voice_create(part->rate_hz, sound->block_n, &config);
	return sound->voice ? 0 : TP_ERR_MEMORY;
}

static void run_voice(void *state, int n)
{
	struct sound *sound = state;

	for (int i = 0; i < n * BLOCKS; i++) {
		const int16_t *microphone = sound->microphone + sound->at;

		tp_voice_process(sound->voice, microphone, next_block(sound), sound->out);
	}
}

static int resample_open(void **state, const struct tp_cost_part *part)
{
	int error = sound_create(state, part->rate_hz);
	struct sound *sound = *state;

	if (error)
		return error;
	sound->resample = tp_resample_create(part->rate_hz, part->to_hz);
	return sound->resample ? 0 : TP_ERR_MEMORY;
}

static void run_resample(void *state, int n)
{
	struct sound *sound = state;

	for (int i = 0; i < n * BLOCKS; i++)
		tp_resample_process(sound->resample, next_block(sound), sound->block_n, sound->out,
				    TP_BUS_BLOCK_MAX + 1);
}

/* A call: the ear hears the session, the session the microphone. A conference of three: each hears
 * the two others. */
static int bus_open(void **state, const struct tp_cost_part *part)
{
	int error = sound_create(state, part->rate_hz);
	struct sound *sound = *state;
	int lines = part->lines;

	if (error)
		return error;
	tp_bus_init(&sound->bus, sound->block_n);
	for (int to = 0; to < lines; to++)
		for (int from = 0; from < lines; from++) {
			sound->bus.gain[to][from] = to != from ? TP_BUS_UNITY : 0;
			for (int i = 0; i < sound->block_n; i++)
				sound->bus.source[from][i] = sound->talk[from * 1000 + i];
		}
	sound->lines = lines;
	return 0;
}

static void run_bus(void *state, int n)
{
	struct sound *sound = state;

	for (int i = 0; i < n * BLOCKS; i++)
		for (int to = 0; to < sound->lines; to++)
			tp_bus_mix(&sound->bus, to, sound->out);
}

#define SOUND(BATCH, OPEN, RUN) .batch = (BATCH), .open = (OPEN), .run = (RUN), .close = sound_close

const struct tp_cost_part tp_cost_sound_parts[] = {
	{.name = "AEC 200 ms, 8 kHz", SOUND(TP_COST_BATCH, voice_open, run_voice), .rate_hz = 8000},
	{.name = "AEC 200 ms, 16 kHz",
	 SOUND(TP_COST_BATCH, voice_open, run_voice),
	 .rate_hz = 16000},
	{.name = "AEC 200 ms, 48 kHz",
	 SOUND(TP_COST_BATCH, voice_open, run_voice),
	 .rate_hz = 48000},
	{.name = "AEC, NS, AGC, 8 kHz",
	 SOUND(TP_COST_BATCH, voice_open, run_voice),
	 .rate_hz = 8000,
	 .all_voice = true},
	{.name = "AEC, NS, AGC, 16 kHz",
	 SOUND(TP_COST_BATCH, voice_open, run_voice),
	 .rate_hz = 16000,
	 .all_voice = true},
	{.name = "AEC, NS, AGC, 48 kHz",
	 SOUND(TP_COST_BATCH, voice_open, run_voice),
	 .rate_hz = 48000,
	 .all_voice = true},
	{.name = "mix a call, 16 kHz",
	 SOUND(TP_COST_BATCH_CHEAP, bus_open, run_bus),
	 .rate_hz = 16000,
	 .lines = 2},
	{.name = "mix a conference of three, 16 kHz",
	 SOUND(TP_COST_BATCH_CHEAP, bus_open, run_bus),
	 .rate_hz = 16000,
	 .lines = 3},
	{.name = "resample 8 to 16 kHz",
	 SOUND(TP_COST_BATCH, resample_open, run_resample),
	 .rate_hz = 8000,
	 .to_hz = 16000},
	{.name = "resample 16 to 8 kHz",
	 SOUND(TP_COST_BATCH, resample_open, run_resample),
	 .rate_hz = 16000,
	 .to_hz = 8000},
	{.name = "resample 16 to 48 kHz",
	 SOUND(TP_COST_BATCH, resample_open, run_resample),
	 .rate_hz = 16000,
	 .to_hz = 48000},
	{.name = "resample 48 to 16 kHz",
	 SOUND(TP_COST_BATCH, resample_open, run_resample),
	 .rate_hz = 48000,
	 .to_hz = 16000},
	{.name = NULL},
};
