/* SPDX-License-Identifier: MIT */
/* Who says what, and when, in the demo: recorded speech laid out as a conversation. */
#include "demo_script.h"

#include "hal/wav.h"

#include <talkpath/error.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PAUSE_MS = 600, /* between two turns */
	SPEECH_LEVEL = 1000, /* -30 dBFS: no noise of these recordings comes near it */
	TALKING_LEVEL =
		160, /* -46 dBFS: above any recording's noise, below all but its faintest sounds */
};

static const char *const recordings[TP_DEMO_ENDS] = {"p225_003.wav", "p226_006.wav"};

/* Beside build/ or a folder in it, below share/ once installed, or
 * where the sources are stood in. */
static const char *const places[] = {"../speech", "../../speech", "../share/talkpath/speech"};

enum {
	PLACES_N = sizeof(places) / sizeof(places[0]),
};

static bool is_there(const char *folder)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", folder, recordings[0]);
	return !access(path, R_OK);
}

static int find_folder(char found[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[len > 0 ? len : 0] = '\0';
	if (len > 0)
		*(strrchr(self, '/') + 1) = '\0';
	for (int i = 0; i < PLACES_N; i++) {
		snprintf(found, PATH_MAX, "%.3900s%s", self, places[i]);
		if (is_there(found))
			return 0;
	}
	snprintf(found, PATH_MAX, "speech");
	if (is_there(found))
		return 0;
	return tp_fail(
		TP_ERR_SYSTEM,
		"%s and %s are wanted, the demo's recorded speech: install them, or run "
		"this where the folder speech is (`talkpath demo` takes another by --speech)",
		recordings[0], recordings[1]);
}

/* Leaves out the silence before and behind the speech, but for a breath. */
static void trim(struct tp_wav *wav)
{
	const int64_t breath = TP_DEMO_RATE_HZ / 10;
	int64_t first = 0, last = wav->frames - 1;

	while (first < last && abs(wav->samples[first]) < SPEECH_LEVEL)
		first++;
	while (last > first && abs(wav->samples[last]) < SPEECH_LEVEL)
		last--;
	first = first > breath ? first - breath : 0;
	last = last + breath < wav->frames ? last + breath : wav->frames - 1;
	wav->frames = last + 1 - first;
	memmove(wav->samples, wav->samples + first, (size_t)wav->frames * sizeof(*wav->samples));
}

static int load(struct tp_wav *wav, const char *folder, const char *name)
{
	char path[PATH_MAX + 64];
	int error;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	error = tp_wav_read(path, wav);
	if (error)
		return error;
	tp_wav_mono(wav);
	error = tp_wav_convert(wav, TP_DEMO_RATE_HZ);
	if (!error)
		trim(wav);
	return error;
}

/* Lays a recording at a time, as far as it fits; returns where it ends. */
static int64_t say(struct tp_demo_script *script, int end, const struct tp_wav *wav, int64_t at)
{
	for (int64_t i = 0; i < wav->frames && at < script->n; i++)
		script->says[end][at++] = wav->samples[i];
	return at;
}

/* Turns, one after the other; the last quarter belongs to both at once. */
static void lay_out(struct tp_demo_script *script, const struct tp_wav wavs[TP_DEMO_ENDS])
{
	const int64_t pause = TP_DEMO_RATE_HZ * PAUSE_MS / 1000;
	int64_t both = script->n * 3 / 4, at = pause;

	for (int end = 0; at + wavs[end].frames < both; end = !end)
		at = say(script, end, &wavs[end], at) + pause;
	for (int end = 0; end < TP_DEMO_ENDS; end++)
		say(script, end, &wavs[end], both);
}

int tp_demo_script_make(struct tp_demo_script *script, const char *folder, int seconds)
{
	struct tp_wav wavs[TP_DEMO_ENDS] = {{.frames = 0}};
	char found[PATH_MAX];
	int error = 0;

	memset(script, 0, sizeof(*script));
	script->seconds = seconds;
	script->bad_from_s = seconds / 3.0;
	script->bad_to_s = seconds * 2 / 3.0;
	script->n = (int64_t)seconds * TP_DEMO_RATE_HZ;
	if (!folder) {
		error = find_folder(found);
		folder = found;
	}
	for (int end = 0; !error && end < TP_DEMO_ENDS; end++) {
		error = load(&wavs[end], folder, recordings[end]);
		script->says[end] = calloc((size_t)script->n, sizeof(int16_t));
		if (!error && !script->says[end])
			error = tp_fail(TP_ERR_MEMORY, "no memory for %d s of speech", seconds);
	}
	if (!error)
		lay_out(script, wavs);
	for (int end = 0; end < TP_DEMO_ENDS; end++)
		tp_wav_free(&wavs[end]);
	if (error)
		tp_demo_script_free(script);
	return error;
}

void tp_demo_script_free(struct tp_demo_script *script)
{
	for (int end = 0; end < TP_DEMO_ENDS; end++) {
		free(script->says[end]);
		script->says[end] = NULL;
	}
}

bool tp_demo_script_talks(const struct tp_demo_script *script, int end, double from_s, double to_s)
{
	int64_t from = (int64_t)(from_s * TP_DEMO_RATE_HZ), to = (int64_t)(to_s * TP_DEMO_RATE_HZ);

	for (int64_t i = from < 0 ? 0 : from; i < to && i < script->n; i++)
		if (abs(script->says[end][i]) > TALKING_LEVEL)
			return true;
	return false;
}
