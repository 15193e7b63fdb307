/* SPDX-License-Identifier: MIT */
/* A sound card whose microphone hears chirps and whose loudspeaker is recorded. */
#include "chirp_device.h"

#include "chirp.h"

#include <string.h>

struct tp_chirp_device tp_chirp_device[TP_CHIRP_DEVICES];

static int device_open(void **result, const char *args, const struct tp_hal_want *want,
		       struct tp_hal_got *got)
{
	struct tp_chirp_device *device = &tp_chirp_device[args[0] == '1'];
	struct tp_sim_card_args card_args = {.period_n = device->period_n};
	int error;

	device->granted_hz = device->rate_hz ? device->rate_hz : want->rate_hz;
	error = tp_sim_card_open(&device->card, "chirp", device->granted_hz, &card_args, want, 0,
				 got);
	if (!error && device->talks)
		error = tp_talk_load(device->talk, device->granted_hz);
	*result = device;
	return error;
}

/* Every function of struct tp_sim_card's own takes the card. */
static struct tp_sim_card *card_of(void *device)
{
	return &((struct tp_chirp_device *)device)->card;
}

static int device_start(void *context, int64_t now_ns)
{
	struct tp_chirp_device *device = context;

	device->start_ns = now_ns;
	return tp_sim_card_start(&device->card, now_ns);
}

static int device_wait(void *device, int timeout_ms)
{
	return tp_sim_card_wait(card_of(device), timeout_ms);
}

/* Without a division for each sample: its cost stands in that of a call. */
static void talk(const struct tp_chirp_device *device, int64_t first, int16_t *pcm, int n)
{
	int talk_n = TP_TALK_S * device->granted_hz, at = (int)(first % talk_n);

	for (int i = 0; i < n; i++) {
		pcm[i] = device->talk[at++];
		at = at < talk_n ? at : 0;
	}
}

static int device_capture(void *context, int64_t now_ns, int16_t *pcm, int n)
{
	struct tp_chirp_device *device = context;
	int64_t first;
	int got = tp_sim_card_claim(&device->card, now_ns, n, &first);

	if (got > 0 && device->talks)
		talk(device, first, pcm, got);
	else
		for (int i = 0; i < got; i++)
			pcm[i] =
				device->chirps ? tp_chirp_sample(first + i, device->granted_hz) : 0;
	return got;
}

static int device_playback(void *context, int64_t now_ns, const int16_t *pcm, int n)
{
	struct tp_chirp_device *device = context;
	int taken = tp_sim_card_playback(&device->card, now_ns, pcm, n);
	int64_t first = device->card.written - taken;

	if (taken > 0 && first + taken <= device->ear_cap)
		memcpy(device->ear + first, pcm, (size_t)taken * sizeof(*pcm));
	return taken;
}

static int device_position(void *device, enum tp_direction direction, int64_t now_ns,
			   struct tp_hal_position *position)
{
	return tp_sim_card_position(card_of(device), direction, now_ns, position);
}

static void device_stop(void *device)
{
	tp_sim_card_stop(card_of(device));
}

static void device_close(void *device)
{
	tp_sim_card_close(card_of(device));
}

const struct tp_hal_ops tp_chirp_device_ops = {
	.abi = TP_HAL_ABI,
	.name = "chirp",
	.args = "N",
	.about = "the bench's card: a microphone that hears chirps, a loudspeaker that is recorded",
	.open = device_open,
	.start = device_start,
	.wait = device_wait,
	.capture = device_capture,
	.playback = device_playback,
	.position = device_position,
	.stop = device_stop,
	.close = device_close,
};
