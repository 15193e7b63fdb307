/* SPDX-License-Identifier: MIT */
/* The null device: captures silence and plays into nothing, at the pace of its crystals. */
#include "backends.h"
#include "sim_card.h"

#include <stdlib.h>
#include <string.h>

static void null_close(void *device)
{
	tp_sim_card_close(device);
	free(device);
}

static int null_open(void **device, const char *args, const struct tp_hal_want *want,
		     struct tp_hal_got *got)
{
	struct tp_sim_card_args card_args = {0};
	double rate_hz = want->rate_hz;
	const struct tp_device_key keys[] = {
		{"rate", "Hz", 8000, TP_CRYSTAL_RATE_MAX, true, &rate_hz, NULL},
		TP_SIM_CARD_KEYS(&card_args),
	};
	struct tp_sim_card *card;
	int error;

	error = tp_device_args_parse("null", args, keys, sizeof(keys) / sizeof(keys[0]));
	if (error)
		return error;
	card = calloc(1, sizeof(*card));
	if (!card)
		return tp_fail(TP_ERR_MEMORY, "null: no memory for the device");
	error = tp_sim_card_open(card, "null", (int)rate_hz, &card_args, want, 0, got);
	if (error) {
		free(card);
		return error;
	}
	*device = card;
	return 0;
}

static int null_capture(void *device, int64_t now_ns, int16_t *pcm, int n)
{
	int64_t first;
	int got = tp_sim_card_claim(device, now_ns, n, &first);

	if (got > 0)
		memset(pcm, 0, (size_t)got * sizeof(*pcm));
	return got;
}

const struct tp_hal_ops tp_hal_null = {
	.abi = TP_HAL_ABI,
	.name = "null",
	.args = "[rate=HZ,period=FRAMES,play_ppm=PPM,capture_ppm=PPM,vanish=S]",
	.about = "no sound: silence is captured, playback is discarded, time passes as on a card",
	.open = null_open,
	.start = tp_sim_card_start,
	.wait = tp_sim_card_wait,
	.capture = null_capture,
	.playback = tp_sim_card_playback,
	.position = tp_sim_card_position,
	.stop = tp_sim_card_stop,
	.close = null_close,
};
