/* SPDX-License-Identifier: MIT */
/* ALSA backend: pairs a playback and a capture device of alsa-lib, "alsa:NAME" or "alsa:NAME+NAME".
 *
 *   open   both directions -> one rate -> sizes        alsa_params.c
 *   start, wait, capture, playback, position, stop     alsa_pcm.c, one object for each direction
 *   list                                               alsa_pcm.c */
#include "hal/alsa.h"

#include "hal/alsa_pcm.h"

#include <stdlib.h>
#include <string.h>

enum {
	NAME_MAX_LEN = 128,
	CAPTURE_PERIODS = 8, /* room for a late thread; it adds no delay */
};

struct alsa {
	struct tp_alsa_pcm *playback, *capture;
	tp_alsa_handler *before; /* the audio thread's, while started */
};

/* ALSA's names are full of commas and colons; a plus cannot be in the name of a card. */
static int split(const char *args, char playback[NAME_MAX_LEN], char capture[NAME_MAX_LEN])
{
	const char *plus = strchr(args, '+');
	size_t len = plus ? (size_t)(plus - args) : strlen(args);
	const char *second = plus ? plus + 1 : args;

	if (len >= NAME_MAX_LEN || strlen(second) >= NAME_MAX_LEN)
		return tp_fail(TP_ERR_ARGUMENT,
			       "the name of an ALSA device is longer than %d letters",
			       NAME_MAX_LEN - 1);
	memcpy(playback, args, len);
	playback[len] = '\0';
	memcpy(capture, second, strlen(second) + 1);
	if (!*playback)
		memcpy(playback, "default", sizeof("default"));
	if (!*capture)
		memcpy(capture, "default", sizeof("default"));
	return 0;
}

/* One rate for both: the wished one, else one that both have of themselves, else alsa-lib's
 * resampler must help. Negative: there is none. A device that cannot say gets the wished one, and
 * setup says what it lacks. */
static int common_rate(struct alsa *alsa, int want_hz, bool *convert)
{
	int played, captured;

	*convert = false;
	played = tp_alsa_pcm_rate(alsa->playback, want_hz, false);
	captured = played < 0 ? played : tp_alsa_pcm_rate(alsa->capture, played, false);
	if (captured > 0 && captured == played)
		return played;
	if (captured > 0 && tp_alsa_pcm_rate(alsa->playback, captured, false) == captured)
		return captured;
	*convert = true;
	played = tp_alsa_pcm_rate(alsa->playback, want_hz, true);
	captured = played < 0 ? played : tp_alsa_pcm_rate(alsa->capture, played, true);
	if (captured < 0)
		return want_hz;
	return captured == played ? played : -1;
}

static int agree(struct alsa *alsa, const char *playback, const char *capture,
		 const struct tp_hal_want *want, struct tp_hal_got *got)
{
	struct tp_alsa_params played, captured;
	struct tp_alsa_wish wish = {
		.name = playback, .period_us = want->period_us, .buffer_us = want->buffer_us};
	int card, err;

	wish.rate_hz = common_rate(alsa, want->rate_hz, &wish.convert);
	if (wish.rate_hz < 0)
		return tp_fail(
			TP_ERR_DEVICE,
			"the ALSA devices \"%s\" and \"%s\" have no rate near %d Hz in common; "
			"name them through \"plug:\"",
			playback, capture, want->rate_hz);
	err = tp_alsa_pcm_setup(alsa->playback, &wish, &played);
	if (err < 0)
		return err;
	wish.name = capture;
	wish.rate_hz = played.rate_hz;
	if (wish.buffer_us < CAPTURE_PERIODS * want->period_us)
		wish.buffer_us = CAPTURE_PERIODS * want->period_us;
	err = tp_alsa_pcm_setup(alsa->capture, &wish, &captured);
	if (err < 0)
		return err;
	card = tp_alsa_pcm_card(alsa->playback);
	got->rate_hz = played.rate_hz;
	got->period_n = captured.period_n;
	got->buffer_n = played.buffer_n;
	got->one_crystal = card >= 0 && card == tp_alsa_pcm_card(alsa->capture);
	return 0;
}

static void alsa_close(void *device)
{
	tp_alsa_handler *before = tp_alsa_pcm_hush();
	struct alsa *alsa = device;

	tp_alsa_pcm_close(alsa->playback);
	tp_alsa_pcm_close(alsa->capture);
	free(alsa);
	tp_alsa_pcm_loud(before);
}

static int alsa_open(void **device, const char *args, const struct tp_hal_want *want,
		     struct tp_hal_got *got)
{
	char playback[NAME_MAX_LEN], capture[NAME_MAX_LEN];
	struct alsa *alsa;
	tp_alsa_handler *before;
	int err = split(args, playback, capture);

	if (err < 0)
		return err;
	alsa = calloc(1, sizeof(*alsa));
	if (!alsa)
		return tp_fail(TP_ERR_MEMORY, "no memory for the ALSA device \"%s\"", args);
	before = tp_alsa_pcm_hush();
	err = tp_alsa_pcm_open(&alsa->playback, playback, TP_PLAYBACK);
	if (err == 0)
		err = tp_alsa_pcm_open(&alsa->capture, capture, TP_CAPTURE);
	if (err == 0)
		err = agree(alsa, playback, capture, want, got);
	tp_alsa_pcm_loud(before);
	if (err < 0)
		goto fail;
	*device = alsa;
	return 0;
fail:
	alsa_close(alsa);
	return err;
}

static int alsa_start(void *device, int64_t now_ns)
{
	struct alsa *alsa = device;

	alsa->before = tp_alsa_pcm_hush();
	return tp_alsa_pcm_start(alsa->playback, alsa->capture, now_ns);
}

static int alsa_wait(void *device, int timeout_ms)
{
	return tp_alsa_pcm_wait(((struct alsa *)device)->capture, timeout_ms);
}

static int alsa_capture(void *device, int64_t now_ns, int16_t *pcm, int n)
{
	return tp_alsa_pcm_read(((struct alsa *)device)->capture, now_ns, pcm, n);
}

static int alsa_playback(void *device, int64_t now_ns, const int16_t *pcm, int n)
{
	return tp_alsa_pcm_write(((struct alsa *)device)->playback, now_ns, pcm, n);
}

static int alsa_position(void *device, enum tp_direction direction, int64_t now_ns,
			 struct tp_hal_position *position)
{
	struct alsa *alsa = device;

	return tp_alsa_pcm_position(direction == TP_PLAYBACK ? alsa->playback : alsa->capture,
				    now_ns, position);
}

static void alsa_stop(void *device)
{
	struct alsa *alsa = device;

	tp_alsa_pcm_stop(alsa->playback);
	tp_alsa_pcm_stop(alsa->capture);
	tp_alsa_pcm_loud(alsa->before);
}

const struct tp_hal_ops tp_hal_alsa = {
	.abi = TP_HAL_ABI,
	.name = "alsa",
	.args = "NAME | PLAYBACK+CAPTURE",
	.about = "sound card or any other device of alsa-lib; \"default\" if no name is given",
	.open = alsa_open,
	.start = alsa_start,
	.wait = alsa_wait,
	.capture = alsa_capture,
	.playback = alsa_playback,
	.position = alsa_position,
	.stop = alsa_stop,
	.list = tp_alsa_pcm_list,
	.close = alsa_close,
};
