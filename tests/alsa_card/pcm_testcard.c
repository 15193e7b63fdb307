/* SPDX-License-Identifier: MIT */
/* A sound card for tests, as an alsa-lib ioplug: real time, playback looped to capture, faults.
 *
 *   pcm_type.testcard { lib "PATH/libasound_module_pcm_testcard.so" }
 *   pcm.card { type testcard shm "/tmp/x" delay 480 ... }
 *
 * Fields, all but shm with a default:
 *   shm             file of a struct testcard (testcard.h); both directions and the test map it
 *   delay           frames from loudspeaker to microphone
 *   playback_ppm, capture_ppm     error of the crystals
 *   rate_min, rate_max, channels_min, channels_max, period_bytes_min, period_bytes_max, periods_max
 *   format          as alsa-lib names it; sound comes through S16_LE and S32_LE only
 *   access          "mmap", "rw" or "both"
 *   xrun_every      periods between injected xruns of each direction, 0: none
 *   vanish_ms       the card is pulled out so long after a start, 0: never */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <unistd.h>

static int card_start(snd_pcm_ioplug_t *io)
{
	struct stream *s = io->private_data;

	if (stream_is_gone(s))
		return -ENODEV;
	stream_begin(s);
	return 0;
}

static int card_stop(snd_pcm_ioplug_t *io)
{
	struct stream *s = io->private_data;

	stream_halt(s, s->running ? stream_crossed(s) : 0);
	return 0;
}

static int card_prepare(snd_pcm_ioplug_t *io)
{
	struct stream *s = io->private_data;

	return stream_is_gone(s) ? -ENODEV : card_stop(io);
}

static int injected(struct stream *s, int64_t n)
{
	if (s->log->xrun_now)
		s->log->xrun_now = 0;
	else if (!s->xrun_every || n / (int64_t)s->io.period_size < s->next_xrun)
		return 0;
	s->log->injected++;
	return 1;
}

static snd_pcm_sframes_t card_pointer(snd_pcm_ioplug_t *io)
{
	struct stream *s = io->private_data;
	int64_t n, written = (int64_t)io->appl_ptr;

	if (stream_is_gone(s))
		return -ENODEV;
	if (!s->running)
		return io->state == SND_PCM_STATE_RUNNING || io->state == SND_PCM_STATE_XRUN
			       ? -EPIPE
			       : 0;
	n = stream_crossed(s);
	if (injected(s, n)) {
		stream_halt(s, n);
		return -EPIPE;
	}
	if (stream_is_playback(s) ? n > written : n - written > (int64_t)io->buffer_size) {
		s->log->natural++;
		stream_halt(s, n);
		return -EPIPE;
	}
	return n % (int64_t)io->buffer_size;
}

static void *sample_at(const snd_pcm_channel_area_t *area, snd_pcm_uframes_t frame)
{
	return (char *)area->addr + (area->first + frame * area->step) / 8;
}

static int16_t get_sample(struct stream *s, const void *at)
{
	int16_t narrow;
	int32_t wide;

	if (s->io.format == SND_PCM_FORMAT_S16) {
		memcpy(&narrow, at, sizeof(narrow));
		return narrow;
	}
	memcpy(&wide, at, sizeof(wide));
	return (int16_t)(wide >> 16);
}

static void set_sample(struct stream *s, void *at, int16_t sample)
{
	int32_t wide = (int32_t)sample * 65536;

	if (s->io.format == SND_PCM_FORMAT_S16)
		memcpy(at, &sample, sizeof(sample));
	else
		memcpy(at, &wide, sizeof(wide));
}

static void play(struct stream *s, const snd_pcm_channel_area_t *areas, snd_pcm_uframes_t offset,
		 int64_t n)
{
	int16_t sample = get_sample(s, sample_at(areas, offset));

	if (s->io.channels > 1 && get_sample(s, sample_at(areas + 1, offset)) != sample)
		s->log->unequal++;
	stream_play(s, n, sample);
}

/* The microphone is on the first channel; the second has it upside down. alsa-lib may ask for the
 * same captured frames more than once before the application has them all. */
static snd_pcm_sframes_t card_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
				       snd_pcm_uframes_t offset, snd_pcm_uframes_t size)
{
	struct stream *s = io->private_data;
	int64_t n = (int64_t)io->appl_ptr;

	for (snd_pcm_uframes_t i = 0; i < size; i++, n++) {
		if (stream_is_playback(s)) {
			play(s, areas, offset + i, n);
			continue;
		}
		for (unsigned channel = 0; channel < io->channels; channel++)
			set_sample(s, sample_at(areas + channel, offset + i),
				   (int16_t)(channel ? -stream_hear(s, n) : stream_hear(s, n)));
	}
	return (snd_pcm_sframes_t)size;
}

/* Level-triggered as a driver's: ready while avail_min frames are there, and only from a period's
 * end on. */
static int card_revents(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned n,
			unsigned short *events)
{
	struct stream *s = io->private_data;
	int64_t need, ready = (int64_t)io->appl_ptr + s->log->avail_min, period;

	*events = 0;
	if (n != 1 || !(fds[0].revents & POLLIN))
		return 0;
	if (stream_is_gone(s) || io->state == SND_PCM_STATE_XRUN ||
	    (!s->running && io->state == SND_PCM_STATE_RUNNING)) {
		*events = POLLERR | (stream_is_playback(s) ? POLLOUT : POLLIN);
		return 0;
	}
	if (!s->running) {
		stream_arm(s, stream_clock_ns() + 1000000);
		return 0;
	}
	period = (int64_t)io->period_size;
	need = stream_is_playback(s) ? ready - (int64_t)io->buffer_size : ready;
	need = (need + period - 1) / period * period;
	if (stream_crossed(s) >= need)
		*events = stream_is_playback(s) ? POLLOUT : POLLIN;
	else if (s->card->stalled)
		stream_arm(s, stream_clock_ns() + 1000000);
	else
		stream_arm(s, stream_time_ns(s, need));
	return 0;
}

static int card_hw_params(snd_pcm_ioplug_t *io, snd_pcm_hw_params_t *params)
{
	struct stream *s = io->private_data;

	(void)params;
	s->log->rate_hz = (int32_t)io->rate;
	s->log->period_n = (int32_t)io->period_size;
	s->log->buffer_n = (int32_t)io->buffer_size;
	s->log->channels = (int32_t)io->channels;
	s->log->mmap = io->access == SND_PCM_ACCESS_MMAP_INTERLEAVED;
	return 0;
}

static int card_sw_params(snd_pcm_ioplug_t *io, snd_pcm_sw_params_t *params)
{
	struct stream *s = io->private_data;
	snd_pcm_uframes_t avail_min;

	snd_pcm_sw_params_get_avail_min(params, &avail_min);
	s->log->avail_min = (int32_t)avail_min;
	return 0;
}

static int card_close(snd_pcm_ioplug_t *io)
{
	struct stream *s = io->private_data;

	if (s->timer >= 0)
		close(s->timer);
	if (s->card)
		munmap(s->card, sizeof(*s->card));
	free(s);
	return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
	.start = card_start,
	.stop = card_stop,
	.pointer = card_pointer,
	.transfer = card_transfer,
	.close = card_close,
	.hw_params = card_hw_params,
	.sw_params = card_sw_params,
	.prepare = card_prepare,
	.poll_revents = card_revents,
};

static int read_config(struct stream *s, snd_config_t *conf)
{
	const struct {
		const char *name;
		long *value;
	} numbers[] = {
		{"delay", &s->delay},
		{"playback_ppm", &s->playback_ppm},
		{"capture_ppm", &s->capture_ppm},
		{"rate_min", &s->rate_min},
		{"rate_max", &s->rate_max},
		{"channels_min", &s->channels_min},
		{"channels_max", &s->channels_max},
		{"period_bytes_min", &s->period_bytes_min},
		{"period_bytes_max", &s->period_bytes_max},
		{"periods_max", &s->periods_max},
		{"xrun_every", &s->xrun_every},
		{"vanish_ms", &s->vanish_ms},
	};
	const struct {
		const char *name;
		const char **value;
	} words[] = {{"shm", &s->shm}, {"format", &s->format}, {"access", &s->access}};
	snd_config_t *node;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (snd_config_search(conf, numbers[i].name, &node) == 0 &&
		    snd_config_get_integer(node, numbers[i].value) < 0)
			return -EINVAL;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (snd_config_search(conf, words[i].name, &node) == 0 &&
		    snd_config_get_string(node, words[i].value) < 0)
			return -EINVAL;
	return s->shm ? 0 : -EINVAL;
}

static int map_card(struct stream *s, snd_pcm_stream_t stream)
{
	int64_t none = 0;
	int fd = open(s->shm, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *map = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, sizeof(struct testcard)) == 0)
		map = mmap(NULL, sizeof(struct testcard), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			   0);
	if (fd >= 0)
		close(fd);
	if (map == MAP_FAILED)
		return -errno;
	s->card = map;
	if (s->card->vanished)
		return -ENODEV;
	atomic_compare_exchange_strong(&s->card->epoch_ns, &none, stream_clock_ns());
	s->log = &s->card->direction[stream];
	s->log->opens++;
	s->log->ppm =
		(int32_t)(stream == SND_PCM_STREAM_PLAYBACK ? s->playback_ppm : s->capture_ppm);
	return 0;
}

static int constrain(struct stream *s)
{
	snd_pcm_ioplug_t *io = &s->io;
	unsigned accesses[] = {SND_PCM_ACCESS_MMAP_INTERLEAVED, SND_PCM_ACCESS_RW_INTERLEAVED};
	unsigned format = (unsigned)snd_pcm_format_value(s->format);
	int both = !strcmp(s->access, "both"), rw = !strcmp(s->access, "rw");
	const struct {
		int what;
		long min, max;
	} ranges[] = {
		{SND_PCM_IOPLUG_HW_RATE, s->rate_min, s->rate_max},
		{SND_PCM_IOPLUG_HW_CHANNELS, s->channels_min, s->channels_max},
		{SND_PCM_IOPLUG_HW_PERIOD_BYTES, s->period_bytes_min, s->period_bytes_max},
		{SND_PCM_IOPLUG_HW_PERIODS, 2, s->periods_max},
	};
	int err = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, both ? 2 : 1,
						accesses + rw);

	if (err == 0)
		err = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, &format);
	for (size_t i = 0; err == 0 && i < sizeof(ranges) / sizeof(ranges[0]); i++)
		err = snd_pcm_ioplug_set_param_minmax(io, ranges[i].what, (unsigned)ranges[i].min,
						      (unsigned)ranges[i].max);
	return err;
}

static int open_card(snd_pcm_t **pcm, const char *name, snd_config_t *conf, snd_pcm_stream_t stream,
		     int mode)
{
	struct stream *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->timer = -1;
	s->delay = 480;
	s->rate_min = 8000, s->rate_max = 48000;
	s->channels_min = 1, s->channels_max = 2;
	s->period_bytes_min = 64, s->period_bytes_max = 16384, s->periods_max = 1000;
	s->format = "S16_LE", s->access = "both";
	err = read_config(s, conf);
	if (err == 0)
		err = map_card(s, stream);
	if (err == 0)
		s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	s->io.version = SND_PCM_IOPLUG_VERSION;
	s->io.name = "test card";
	s->io.callback = &callbacks;
	s->io.private_data = s;
	s->io.poll_fd = s->timer;
	s->io.poll_events = POLLIN;
	if (err == 0)
		err = snd_pcm_ioplug_create(&s->io, name, stream, mode);
	if (err < 0) {
		card_close(&s->io);
		return err;
	}
	err = constrain(s);
	if (err < 0)
		snd_pcm_ioplug_delete(&s->io);
	else
		*pcm = s->io.pcm;
	return err;
}

/* What alsa-lib looks up in the shared object. */
#pragma GCC visibility push(default)
SND_PCM_PLUGIN_DEFINE_FUNC(testcard);
SND_PCM_PLUGIN_DEFINE_FUNC(testcard)
{
	(void)root;
	return open_card(pcmp, name, conf, stream, mode);
}
SND_DLSYM_BUILD_VERSION(SND_PCM_PLUGIN_ENTRY(testcard), SND_PCM_DLSYM_VERSION)
