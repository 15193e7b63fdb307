/* SPDX-License-Identifier: MIT */
/* The part of a sound card that every simulated device shares: crystals, rings, xruns, waiting. */
#include "sim_card.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	NS_PER_MS = 1000000,
	NS_PER_S = 1000000000,
	RATE_MIN = 4000,
	BUFFER_US_MAX = 2000000,
};

static int check_want(const char *name, int rate_hz, const struct tp_hal_want *want)
{
	if (rate_hz < RATE_MIN || rate_hz > TP_CRYSTAL_RATE_MAX)
		return tp_fail(TP_ERR_UNSUPPORTED, "%s: a rate of %d Hz should be from %d to %d",
			       name, rate_hz, RATE_MIN, TP_CRYSTAL_RATE_MAX);
	if (want->period_us < 1000 || want->period_us > BUFFER_US_MAX)
		return tp_fail(TP_ERR_ARGUMENT,
			       "%s: a period of %d us should be from 1000 to %d us", name,
			       want->period_us, BUFFER_US_MAX);
	if (want->buffer_us < 0 || want->buffer_us > BUFFER_US_MAX)
		return tp_fail(TP_ERR_ARGUMENT, "%s: a buffer of %d us should be from 0 to %d us",
			       name, want->buffer_us, BUFFER_US_MAX);
	return 0;
}

static int frames_of(int us, int rate_hz)
{
	return (int)((int64_t)us * rate_hz / 1000000);
}

/* The ring is whole periods, two at least: one plays while the next is written. */
static void grant(struct tp_sim_card *card, const struct tp_sim_card_args *args,
		  const struct tp_hal_want *want)
{
	int period_n = args->period_n > 0 ? (int)args->period_n
					  : frames_of(want->period_us, card->rate_hz);
	int periods;

	if (period_n > TP_HAL_PERIOD_MAX)
		period_n = TP_HAL_PERIOD_MAX;
	periods = (frames_of(want->buffer_us, card->rate_hz) + period_n - 1) / period_n;
	card->period_n = period_n;
	card->buffer_n = period_n * (periods > 2 ? periods : 2);
}

int tp_sim_card_open(struct tp_sim_card *card, const char *name, int rate_hz,
		     const struct tp_sim_card_args *args, const struct tp_hal_want *want,
		     int history_n, struct tp_hal_got *got)
{
	uint32_t ring_n = 1;
	int error = check_want(name, rate_hz, want);

	if (error)
		return error;
	*card = (struct tp_sim_card){.rate_hz = rate_hz};
	grant(card, args, want);
	tp_crystal_init(&card->crystal[TP_CAPTURE], rate_hz, llround(args->capture_ppm * 1000));
	tp_crystal_init(&card->crystal[TP_PLAYBACK], rate_hz, llround(args->play_ppm * 1000));
	card->vanish_ns = args->vanish_s > 0 ? llround(args->vanish_s * NS_PER_S) : INT64_MAX;
	/* One buffer is queued, one waits, another may be lost; the fourth is for the period in
	 * progress and for what the clocks gain on each other. */
	while (ring_n < (uint32_t)(4 * card->buffer_n + history_n))
		ring_n *= 2;
	card->ring = calloc(ring_n, sizeof(*card->ring));
	if (!card->ring)
		return tp_fail(TP_ERR_MEMORY, "%s: no memory for a ring of %u frames", name,
			       ring_n);
	card->mask = ring_n - 1;
	*got = (struct tp_hal_got){
		.rate_hz = rate_hz,
		.period_n = card->period_n,
		.buffer_n = card->buffer_n,
		.one_crystal = card->crystal[TP_CAPTURE].ppb == card->crystal[TP_PLAYBACK].ppb,
	};
	return 0;
}

void tp_sim_card_close(struct tp_sim_card *card)
{
	free(card->ring);
	card->ring = NULL;
}

int tp_sim_card_start(void *device, int64_t now_ns)
{
	struct tp_sim_card *card = device;

	card->start_ns = now_ns;
	card->running = true;
	return 0;
}

void tp_sim_card_stop(void *device)
{
	struct tp_sim_card *card = device;

	card->running = card->waited = card->dry = false;
	card->report[TP_CAPTURE] = card->report[TP_PLAYBACK] = false;
	card->read = card->written = 0;
	memset(card->ring, 0, (card->mask + 1u) * sizeof(*card->ring));
}

static bool vanished(const struct tp_sim_card *card, int64_t now_ns)
{
	return card->running && now_ns - card->start_ns >= card->vanish_ns;
}

/* Frames that crossed the converter; those of capture as the period interrupt tells them. */
static int64_t count(const struct tp_sim_card *card, enum tp_direction direction, int64_t now_ns)
{
	int64_t frames;

	if (!card->running)
		return 0;
	frames = tp_crystal_frames(&card->crystal[direction], now_ns - card->start_ns);
	return direction == TP_CAPTURE ? frames - frames % card->period_n : frames;
}

void tp_sim_card_settle(struct tp_sim_card *card, int64_t now_ns)
{
	int64_t played = count(card, TP_PLAYBACK, now_ns) - card->patience_n;
	int64_t missed = played - card->written;

	if (missed <= 0)
		return;
	if (missed > (int64_t)card->mask + 1)
		missed = (int64_t)card->mask + 1;
	for (int64_t k = played - missed; k < played; k++)
		card->ring[(uint32_t)k & card->mask] = 0;
	card->written = played;
	if (!card->dry)
		card->report[TP_PLAYBACK] = true;
	card->dry = true;
}

/* Like a card that is stopped by an overrun and started anew: all that waited is lost. */
static void overrun(struct tp_sim_card *card, int64_t now_ns)
{
	int64_t captured = count(card, TP_CAPTURE, now_ns);

	if (captured - card->read <= card->buffer_n + card->patience_n)
		return;
	card->read = captured;
	card->report[TP_CAPTURE] = true;
}

static bool take_report(struct tp_sim_card *card, enum tp_direction direction)
{
	bool report = card->report[direction];

	card->report[direction] = false;
	return report;
}

int tp_sim_card_claim(struct tp_sim_card *card, int64_t now_ns, int n, int64_t *first)
{
	int64_t waiting;

	if (vanished(card, now_ns))
		return TP_ERR_DEVICE_LOST;
	overrun(card, now_ns);
	if (take_report(card, TP_CAPTURE))
		return TP_ERR_XRUN;
	waiting = count(card, TP_CAPTURE, now_ns) - card->read;
	if (n > waiting)
		n = waiting > 0 ? (int)waiting : 0;
	*first = card->read;
	card->read += n;
	return n;
}

int tp_sim_card_playback(void *device, int64_t now_ns, const int16_t *pcm, int n)
{
	struct tp_sim_card *card = device;
	int64_t room;

	if (vanished(card, now_ns))
		return TP_ERR_DEVICE_LOST;
	tp_sim_card_settle(card, now_ns);
	if (take_report(card, TP_PLAYBACK))
		return TP_ERR_XRUN;
	room = card->buffer_n - (card->written - count(card, TP_PLAYBACK, now_ns));
	if (n > room)
		n = (int)room;
	for (int i = 0; i < n; i++)
		card->ring[(uint32_t)(card->written + i) & card->mask] = pcm[i];
	card->written += n;
	if (n > 0)
		card->dry = false;
	return n;
}

int tp_sim_card_position(void *device, enum tp_direction direction, int64_t now_ns,
			 struct tp_hal_position *position)
{
	struct tp_sim_card *card = device;
	int64_t frames;

	if (vanished(card, now_ns))
		return TP_ERR_DEVICE_LOST;
	if (direction == TP_CAPTURE)
		overrun(card, now_ns);
	else
		tp_sim_card_settle(card, now_ns);
	frames = count(card, direction, now_ns);
	position->frames = frames;
	position->time_ns = now_ns;
	if (card->running)
		position->time_ns =
			card->start_ns + tp_crystal_time_ns(&card->crystal[direction], frames);
	position->queued_n =
		(int)(direction == TP_CAPTURE ? frames - card->read : card->written - frames);
	return 0;
}

static int64_t clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* When a whole period will be there to read. What is left of an earlier one does not count, or a
 * reader of other blocks than periods would never sleep. */
static int64_t due_ns(const struct tp_sim_card *card)
{
	int64_t periods = (card->read + card->period_n - 1) / card->period_n + 1;

	return card->start_ns +
	       tp_crystal_time_ns(&card->crystal[TP_CAPTURE], periods * card->period_n);
}

/* A signal may cut the sleep short: "look at the device" is then still true. */
int tp_sim_card_wait(void *device, int timeout_ms)
{
	struct tp_sim_card *card = device;
	int64_t until_ns = clock_now_ns() + (int64_t)timeout_ms * NS_PER_MS;
	struct timespec until;

	card->waited = true;
	if (card->running && due_ns(card) < until_ns)
		until_ns = due_ns(card);
	if (card->running && card->vanish_ns < until_ns - card->start_ns)
		until_ns = card->start_ns + card->vanish_ns;
	if (until_ns > 0) {
		until.tv_sec = (time_t)(until_ns / NS_PER_S);
		until.tv_nsec = (long)(until_ns % NS_PER_S);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
	}
	return vanished(card, clock_now_ns()) ? TP_ERR_DEVICE_LOST : 0;
}
