/* SPDX-License-Identifier: MIT */
/* The file device: a sound file is the microphone, another records the loudspeaker. */
#include "backends.h"
#include "recorder.h"
#include "same_file.h"
#include "sim_card.h"

#include <stdlib.h>
#include <string.h>

enum {
	/* Nobody hears a file while it is made: a process that was held up makes good what it owes.
	 * Past this it stands still rather than send a flood. */
	PATIENCE_MS = 1000,
};

struct file_args {
	struct tp_sim_card_args card;
	double loop;
	char path[2][TP_DEVICE_TEXT_CAP]; /* by enum tp_direction */
};

struct file {
	struct tp_sim_card card;
	struct tp_wav in; /* no samples: silence */
	bool loop;
	bool recording;
	int64_t recorded; /* playback frames since start that `out` has */
	struct tp_recorder out;
};

/* "IN.wav,OUT.wav" and then, or in between, keys. */
static int parse_args(const char *args, struct file_args *file)
{
	const struct tp_device_key keys[] = {
		{"loop", "", 0, 1, true, &file->loop, NULL},
		TP_SIM_CARD_KEYS(&file->card),
	};
	const char *item;
	size_t len;
	int paths = 0;
	int error = 0;

	while (!error && (item = tp_device_args_next(&args, &len))) {
		if (memchr(item, '=', len))
			error = tp_device_args_set("file", item, len, keys,
						   sizeof(keys) / sizeof(keys[0]));
		else if (paths == 2 || len >= TP_DEVICE_TEXT_CAP)
			error = tp_fail(
				TP_ERR_ARGUMENT,
				"file: \"%.*s\" is one name too many or too long; a device is "
				"file:IN.wav,OUT.wav and a name has no comma and no '='",
				len > 60 ? 60 : (int)len, item);
		else
			memcpy(file->path[paths++], item, len);
	}
	if (!error && !file->path[TP_CAPTURE][0] && !file->path[TP_PLAYBACK][0])
		error = tp_fail(TP_ERR_ARGUMENT, "file: no file is named; a device is "
						 "file:IN.wav,OUT.wav and either may be left out");
	return error;
}

static void file_close(void *device)
{
	struct file *file = device;

	if (file->recording)
		tp_recorder_close(&file->out);
	tp_sim_card_close(&file->card);
	tp_wav_free(&file->in);
	free(file);
}

static int open_files(struct file *file, const struct file_args *args,
		      const struct tp_hal_want *want, struct tp_hal_got *got)
{
	const char *in = args->path[TP_CAPTURE], *out = args->path[TP_PLAYBACK];
	int rate_hz = want->rate_hz;
	int error;

	if (*in && *out && tp_same_file(in, out))
		return tp_fail(TP_ERR_ARGUMENT,
			       "file: \"%.120s\" should not be both input and output", in);
	if (*in) {
		error = tp_wav_read(in, &file->in);
		if (error)
			return error;
		tp_wav_mono(&file->in);
		rate_hz = file->in.rate_hz;
	}
	error = tp_sim_card_open(&file->card, "file", rate_hz, &args->card, want, 0, got);
	file->card.patience_n = rate_hz * PATIENCE_MS / 1000;
	if (error || !*out)
		return error;
	error = tp_recorder_open(&file->out, out, rate_hz);
	file->recording = !error;
	return error;
}

static int file_open(void **device, const char *text, const struct tp_hal_want *want,
		     struct tp_hal_got *got)
{
	struct file_args args = {0};
	struct file *file;
	int error;

	error = parse_args(text, &args);
	if (error)
		return error;
	file = calloc(1, sizeof(*file));
	if (!file)
		return tp_fail(TP_ERR_MEMORY, "file: no memory for the device");
	file->loop = args.loop > 0;
	error = open_files(file, &args, want, got);
	if (error) {
		file_close(file);
		return error;
	}
	*device = file;
	return 0;
}

static int file_capture(void *device, int64_t now_ns, int16_t *pcm, int n)
{
	struct file *file = device;
	const struct tp_wav *in = &file->in;
	int64_t first;
	int got = tp_sim_card_claim(&file->card, now_ns, n, &first);

	for (int i = 0; i < got; i++) {
		int64_t at = first + i;

		if (file->loop && in->frames)
			at %= in->frames;
		pcm[i] = at < in->frames ? in->samples[at] : 0;
	}
	return got;
}

/* What the loudspeaker missed is silence in the recording too: the file has the time of the device.
 * Frames are recorded when they are queued, so that the last ones are not lost at close. */
static int file_playback(void *device, int64_t now_ns, const int16_t *pcm, int n)
{
	struct file *file = device;
	int queued = tp_sim_card_playback(&file->card, now_ns, pcm, n);
	int fresh = queued > 0 ? queued : 0;

	if (!file->recording)
		return queued;
	tp_recorder_skip(&file->out, file->card.written - file->recorded - fresh);
	file->recorded = file->card.written;
	if (!tp_recorder_push(&file->out, pcm, fresh, !file->card.waited))
		return TP_ERR_DEVICE_LOST;
	return queued;
}

static void file_stop(void *device)
{
	struct file *file = device;

	tp_sim_card_stop(&file->card);
	file->recorded = 0;
}

const struct tp_hal_ops tp_hal_file = {
	.abi = TP_HAL_ABI,
	.name = "file",
	.args = "[IN.wav][,OUT.wav][,loop=1,period=FRAMES,play_ppm=PPM,capture_ppm=PPM,vanish=S]",
	.about = "sound files: IN is the microphone and sets the rate, OUT records the loudspeaker",
	.open = file_open,
	.start = tp_sim_card_start,
	.wait = tp_sim_card_wait,
	.capture = file_capture,
	.playback = file_playback,
	.position = tp_sim_card_position,
	.stop = file_stop,
	.close = file_close,
};
