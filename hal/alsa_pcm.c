/* SPDX-License-Identifier: MIT */
/* Runs one direction of an ALSA device through alsa-lib, and lists which devices there are. */
#include "hal/alsa_pcm.h"

#include <alsa/asoundlib.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	POLL_MAX = 8, /* descriptors of one device; hw: has one, pulse has three */
	BARREN_MAX = 10, /* restarts in a row without a frame in between: the device is dead */
	REFRESH_MS =
		100, /* the counter is read at least so often: at 200 ppm a guess from a reading
			    * of that age is right to one frame at 48 kHz */
	DEAD_MS = 1000, /* a clock that stands still for so long is lost */
};

static const int64_t second_ns = 1000000000;

enum state {
	IDLE, /* not started: what is written is queued */
	RUNNING,
	DRY, /* playback after an xrun: starts with the next frames written */
};

struct tp_alsa_pcm {
	snd_pcm_t *handle;
	snd_pcm_status_t *status;
	uint8_t *scratch; /* one period in the device's layout, for devices without mmap */
	enum tp_direction direction;
	struct tp_alsa_params params;

	enum state state;
	int64_t base_n; /* number of the first frame since the latest (re)start */
	int64_t moved_n; /* frames read or written since then */
	int64_t seen_n, seen_ns; /* the latest reading of the counter */
	int64_t alive_ns; /* when frames last came, or the latest restart */
	int barren; /* xruns since then that came too soon */
};

static void silent(const char *file, int line, const char *function, int err, const char *format,
		   va_list args)
{
	(void)file, (void)line, (void)function, (void)err, (void)format, (void)args;
}

tp_alsa_handler *tp_alsa_pcm_hush(void)
{
	return (tp_alsa_handler *)snd_lib_error_set_local(silent);
}

void tp_alsa_pcm_loud(tp_alsa_handler *before)
{
	snd_lib_error_set_local((snd_local_error_handler_t)before);
}

static int refused(const char *name, enum tp_direction direction, int err)
{
	const char *word = direction == TP_PLAYBACK ? "playback" : "capture";

	switch (-err) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return tp_fail(TP_ERR_DEVICE,
			       "there is no ALSA %s device \"%s\"; the device list has those that "
			       "exist",
			       word, name);
	case EBUSY:
	case EAGAIN: /* what a non-blocking open says for "busy" on some drivers */
		return tp_fail(
			TP_ERR_DEVICE,
			"the ALSA %s device \"%s\" is in use; close the program that has it, "
			"or name a device that can be shared",
			word, name);
	case EACCES:
	case EPERM:
		return tp_fail(TP_ERR_DEVICE,
			       "the ALSA %s device \"%s\" may not be opened by this user; sound "
			       "devices usually belong to the group \"audio\"",
			       word, name);
	default:
		return tp_fail(TP_ERR_DEVICE, "the ALSA %s device \"%s\" cannot be opened: %s",
			       word, name, snd_strerror(err));
	}
}

int tp_alsa_pcm_open(struct tp_alsa_pcm **pcm, const char *name, enum tp_direction direction)
{
	/* alsa-lib takes a mutex in every call on a plugin unless LIBASOUND_THREAD_SAFE=0 is in the
	 * environment or the device was opened "asynchronous": no signal is ever asked for, so all
	 * that the flag does is to switch the mutex off for this device alone. */
	int mode = SND_PCM_NONBLOCK | SND_PCM_ASYNC;
	struct tp_alsa_pcm *p = calloc(1, sizeof(*p));
	int err;

	if (!p || snd_pcm_status_malloc(&p->status) < 0) {
		err = tp_fail(TP_ERR_MEMORY, "no memory for the ALSA device \"%s\"", name);
		goto fail;
	}
	p->direction = direction;
	err = snd_pcm_open(
		&p->handle, name,
		direction == TP_PLAYBACK ? SND_PCM_STREAM_PLAYBACK : SND_PCM_STREAM_CAPTURE, mode);
	if (err < 0) {
		err = refused(name, direction, err);
		goto fail;
	}
	*pcm = p;
	return 0;
fail:
	tp_alsa_pcm_close(p);
	return err;
}

int tp_alsa_pcm_rate(struct tp_alsa_pcm *pcm, int rate_hz, bool convert)
{
	const struct tp_alsa_wish wish = {.rate_hz = rate_hz, .convert = convert};

	return tp_alsa_params_rate(pcm->handle, &wish);
}

int tp_alsa_pcm_setup(struct tp_alsa_pcm *pcm, const struct tp_alsa_wish *wish,
		      struct tp_alsa_params *params)
{
	int err = tp_alsa_params_install(pcm->handle, wish, &pcm->params);

	if (err < 0)
		return err;
	if (snd_pcm_poll_descriptors_count(pcm->handle) > POLL_MAX)
		return tp_fail(TP_ERR_DEVICE,
			       "the ALSA device \"%s\" wants more than %d descriptors", wish->name,
			       POLL_MAX);
	pcm->scratch = malloc((size_t)pcm->params.period_n *
			      (size_t)tp_alsa_frame_len(&pcm->params.layout));
	if (!pcm->scratch)
		return tp_fail(TP_ERR_MEMORY, "no memory for the ALSA device \"%s\"", wish->name);
	*params = pcm->params;
	return 0;
}

int tp_alsa_pcm_card(struct tp_alsa_pcm *pcm)
{
	snd_pcm_info_t *info;

	snd_pcm_info_alloca(&info);
	return snd_pcm_info(pcm->handle, info) < 0 ? -1 : snd_pcm_info_get_card(info);
}

/* The counter if the clock went on since the latest reading, as it does through an xrun. */
static int64_t expected(const struct tp_alsa_pcm *pcm, int64_t at_ns)
{
	int64_t product = (at_ns - pcm->seen_ns) * pcm->params.rate_hz;

	return pcm->seen_n + (product + second_ns / 2) / second_ns;
}

/* Drivers and plugins that do not stamp leave zero; some stamp with another clock. */
static int64_t plausible(snd_htimestamp_t stamp, int64_t now_ns)
{
	int64_t ns = stamp.tv_sec * second_ns + stamp.tv_nsec;

	return ns > now_ns - second_ns && ns < now_ns + second_ns ? ns : now_ns;
}

static int read_counter(struct tp_alsa_pcm *pcm, int64_t now_ns, struct tp_hal_position *position)
{
	snd_htimestamp_t stamp;
	int64_t delay;
	int err = snd_pcm_status(pcm->handle, pcm->status);

	if (err < 0)
		return err;
	if (snd_pcm_status_get_state(pcm->status) == SND_PCM_STATE_DISCONNECTED)
		return -ENODEV;
	if (snd_pcm_status_get_state(pcm->status) != SND_PCM_STATE_RUNNING)
		return -EPIPE;
	/* The delay reaches to the converter: it counts what sits in FIFOs and in flight on USB. */
	delay = snd_pcm_status_get_delay(pcm->status);
	snd_pcm_status_get_htstamp(pcm->status, &stamp);
	position->frames =
		pcm->base_n + pcm->moved_n + (pcm->direction == TP_PLAYBACK ? -delay : delay);
	position->time_ns = plausible(stamp, now_ns);
	position->queued_n = (int)delay;
	pcm->seen_n = position->frames;
	pcm->seen_ns = position->time_ns;
	return 0;
}

static int64_t start_time(struct tp_alsa_pcm *pcm, int64_t now_ns)
{
	snd_htimestamp_t stamp = {0, 0};

	if (snd_pcm_status(pcm->handle, pcm->status) == 0)
		snd_pcm_status_get_trigger_htstamp(pcm->status, &stamp);
	return plausible(stamp, now_ns);
}

/* The device has just started: its frame 0 gets the number that time gives it. */
static void begin(struct tp_alsa_pcm *pcm, int64_t now_ns)
{
	int64_t at_ns = start_time(pcm, now_ns);

	if (pcm->state == IDLE) {
		pcm->base_n = 0;
		pcm->alive_ns = now_ns;
		pcm->barren = 0;
	} else {
		pcm->base_n = expected(pcm, at_ns);
	}
	pcm->seen_n = pcm->base_n;
	pcm->seen_ns = at_ns;
	pcm->state = RUNNING;
}

/* A capture ring cannot run over before its time is up: xruns that come sooner, one after another,
 * are a device that does not work. A machine that is too slow makes as many, but slowly. */
static bool hopeless(struct tp_alsa_pcm *pcm, int64_t now_ns)
{
	int64_t ring_ns = pcm->params.buffer_n * second_ns / pcm->params.rate_hz;

	if (pcm->direction == TP_PLAYBACK)
		return false;
	pcm->barren = now_ns - pcm->alive_ns < ring_ns ? pcm->barren + 1 : 0;
	return pcm->barren > BARREN_MAX;
}

/* Makes a stopped direction ready again. A capture runs at once; a playback cannot start without
 * frames. TP_ERR_XRUN, 0 while the machine is still asleep, or TP_ERR_DEVICE_LOST. */
static int recover(struct tp_alsa_pcm *pcm, int err, int64_t now_ns)
{
	if (err == -ESTRPIPE && snd_pcm_resume(pcm->handle) == -EAGAIN)
		return 0;
	if ((err != -EPIPE && err != -ESTRPIPE) || hopeless(pcm, now_ns) ||
	    snd_pcm_prepare(pcm->handle) < 0)
		return TP_ERR_DEVICE_LOST;
	pcm->alive_ns = now_ns;
	pcm->state = DRY;
	pcm->moved_n = 0;
	if (pcm->direction == TP_CAPTURE) {
		if (snd_pcm_start(pcm->handle) < 0)
			return TP_ERR_DEVICE_LOST;
		begin(pcm, now_ns);
	}
	return TP_ERR_XRUN;
}

static int chunk_mmap(struct tp_alsa_pcm *pcm, int16_t *in, const int16_t *out, int n)
{
	const struct tp_alsa_layout *layout = &pcm->params.layout;
	const snd_pcm_channel_area_t *areas;
	snd_pcm_uframes_t offset, frames = (snd_pcm_uframes_t)n;
	uint8_t *ring;
	int err = snd_pcm_mmap_begin(pcm->handle, &areas, &offset, &frames);

	if (err < 0)
		return err;
	ring = (uint8_t *)areas->addr + (areas->first + offset * areas->step) / 8;
	if (in)
		tp_alsa_frame_unpack(in, layout, ring, (int)frames);
	else
		tp_alsa_frame_pack(ring, layout, out, (int)frames);
	return (int)snd_pcm_mmap_commit(pcm->handle, offset, frames);
}

static int chunk_rw(struct tp_alsa_pcm *pcm, int16_t *in, const int16_t *out, int n)
{
	const struct tp_alsa_layout *layout = &pcm->params.layout;
	int most = n < pcm->params.period_n ? n : pcm->params.period_n, moved;

	if (!in) {
		tp_alsa_frame_pack(pcm->scratch, layout, out, most);
		return (int)snd_pcm_writei(pcm->handle, pcm->scratch, (snd_pcm_uframes_t)most);
	}
	moved = (int)snd_pcm_readi(pcm->handle, pcm->scratch, (snd_pcm_uframes_t)most);
	if (moved > 0)
		tp_alsa_frame_unpack(in, layout, pcm->scratch, moved);
	return moved;
}

/* Moves what is possible now of n frames, to `in` or from `out`: 0..n, or a negative errno if
 * nothing was moved. */
static int move(struct tp_alsa_pcm *pcm, int16_t *in, const int16_t *out, int n)
{
	snd_pcm_sframes_t avail = snd_pcm_avail_update(pcm->handle);
	int done = 0, moved;

	if (avail < 0)
		return (int)avail;
	if (n > avail)
		n = (int)avail;
	while (done < n) {
		int16_t *to = in ? in + done : NULL;
		const int16_t *from = out ? out + done : NULL;

		moved = pcm->params.mmap ? chunk_mmap(pcm, to, from, n - done)
					 : chunk_rw(pcm, to, from, n - done);
		if (moved <= 0)
			return done > 0 || moved == -EAGAIN ? done : moved;
		done += moved;
		pcm->moved_n += moved;
	}
	return done;
}

int tp_alsa_pcm_start(struct tp_alsa_pcm *playback, struct tp_alsa_pcm *capture, int64_t now_ns)
{
	bool filled = playback->moved_n > 0;
	bool linked = filled && snd_pcm_link(playback->handle, capture->handle) == 0;

	if (filled && snd_pcm_start(playback->handle) < 0)
		return TP_ERR_DEVICE_LOST;
	/* Linked streams also stop together, and an xrun of one would take the other's frames. */
	if (linked)
		snd_pcm_unlink(capture->handle);
	if (snd_pcm_state(capture->handle) != SND_PCM_STATE_RUNNING &&
	    snd_pcm_start(capture->handle) < 0)
		return TP_ERR_DEVICE_LOST;
	begin(capture, now_ns);
	begin(playback, now_ns);
	if (!filled)
		playback->state = DRY;
	return 0;
}

static int64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * second_ns + now.tv_nsec;
}

int tp_alsa_pcm_wait(struct tp_alsa_pcm *capture, int timeout_ms)
{
	int64_t end_ns = clock_ns() + (int64_t)timeout_ms * 1000000;

	for (;;) {
		struct pollfd fds[POLL_MAX];
		int n = snd_pcm_poll_descriptors(capture->handle, fds, POLL_MAX);
		int64_t left_ns = end_ns - clock_ns();
		int left_ms = left_ns > 0 ? (int)((left_ns + 999999) / 1000000) : 0;
		unsigned short events;
		int ready = n < 0 ? -1 : poll(fds, (nfds_t)n, left_ms);

		if (ready < 0 && errno != EINTR)
			return TP_ERR_DEVICE_LOST;
		if (ready <= 0)
			return 0;
		if (snd_pcm_poll_descriptors_revents(capture->handle, fds, (unsigned)n, &events) <
		    0)
			return TP_ERR_DEVICE_LOST;
		if (events & ~POLLIN &&
		    snd_pcm_state(capture->handle) == SND_PCM_STATE_DISCONNECTED)
			return TP_ERR_DEVICE_LOST;
		if (events)
			return 0;
	}
}

int tp_alsa_pcm_read(struct tp_alsa_pcm *pcm, int64_t now_ns, int16_t *mono, int n)
{
	struct tp_hal_position unused;
	int moved;

	if (pcm->state != RUNNING)
		return pcm->state == IDLE ? 0 : TP_ERR_DEVICE_LOST;
	moved = move(pcm, mono, NULL, n);
	if (moved < 0)
		return recover(pcm, moved, now_ns);
	if (moved > 0) {
		pcm->alive_ns = now_ns;
		pcm->barren = 0;
	} else if (now_ns - pcm->alive_ns > DEAD_MS * (second_ns / 1000)) {
		return TP_ERR_DEVICE_LOST;
	}
	if (now_ns - pcm->seen_ns > REFRESH_MS * (second_ns / 1000))
		(void)read_counter(pcm, now_ns, &unused); /* a failure shows in the next call */
	return moved;
}

int tp_alsa_pcm_write(struct tp_alsa_pcm *pcm, int64_t now_ns, const int16_t *mono, int n)
{
	int moved = move(pcm, NULL, mono, n);

	if (moved < 0)
		return recover(pcm, moved, now_ns);
	if (pcm->state == DRY && moved > 0) {
		if (snd_pcm_start(pcm->handle) < 0)
			return TP_ERR_DEVICE_LOST;
		begin(pcm, now_ns);
	}
	return moved;
}

int tp_alsa_pcm_position(struct tp_alsa_pcm *pcm, int64_t now_ns, struct tp_hal_position *position)
{
	int err = -EPIPE;

	if (pcm->state == RUNNING)
		err = read_counter(pcm, now_ns, position);
	if (err == 0)
		return 0;
	if (err != -EPIPE && err != -ESTRPIPE)
		return TP_ERR_DEVICE_LOST;
	position->frames = pcm->state == IDLE ? 0 : expected(pcm, now_ns);
	position->time_ns = now_ns;
	position->queued_n = pcm->state == IDLE ? (int)pcm->moved_n : 0;
	return 0;
}

void tp_alsa_pcm_stop(struct tp_alsa_pcm *pcm)
{
	snd_pcm_drop(pcm->handle);
	snd_pcm_prepare(pcm->handle); /* a device that is gone fails again in the next start */
	pcm->state = IDLE;
	pcm->base_n = 0;
	pcm->moved_n = 0;
}

void tp_alsa_pcm_close(struct tp_alsa_pcm *pcm)
{
	if (!pcm)
		return;
	if (pcm->handle)
		snd_pcm_close(pcm->handle);
	if (pcm->status)
		snd_pcm_status_free(pcm->status);
	free(pcm->scratch);
	free(pcm);
}

/* A hint without IOID is a device of both directions; descriptions have a line for the card and one
 * for the way to it. */
static void tell_hint(void *hint, void (*each)(void *context, const char *args, const char *about),
		      void *context)
{
	char *direction = snd_device_name_get_hint(hint, "IOID");
	char *name = snd_device_name_get_hint(hint, "NAME");
	char *about = snd_device_name_get_hint(hint, "DESC");

	if (!direction && name) {
		for (char *end = about; end && (end = strchr(end, '\n'));)
			*end = ' ';
		each(context, name, about ? about : name);
	}
	free(direction);
	free(name);
	free(about);
}

int tp_alsa_pcm_list(void (*each)(void *context, const char *args, const char *about),
		     void *context)
{
	tp_alsa_handler *before = tp_alsa_pcm_hush();
	void **hints;
	int err = snd_device_name_hint(-1, "pcm", &hints);

	if (err == 0) {
		for (void **hint = hints; *hint; hint++)
			tell_hint(*hint, each, context);
		snd_device_name_free_hint(hints);
	}
	tp_alsa_pcm_loud(before);
	if (err < 0)
		return tp_fail(TP_ERR_DEVICE, "the ALSA configuration cannot be read: %s",
			       snd_strerror(err));
	return 0;
}
