/* SPDX-License-Identifier: MIT */
/* The engine's end of a sound device: whole blocks at the bus's rate on one clock, whatever period,
 * rate and crystals the device has.
 *
 *   device -> from_device -> in -> take()  ...block...  put() -> drift -> to_device -> out -> device
 *                                    ^                    |
 *                                    '---- reference <----'   (before drift: on the engine's clock)
 */
#include "engine/device.h"
#include "dsp/resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	MARGIN_US = 8000, /* kept in the playback ring for late wake-ups at the start ... */
	MARGIN_STEP_US = 4000, /* ... more after every underrun ... */
	MARGIN_MAX_US = 60000, /* ... but no more than this ... */
	CALM_MS = 20000, /* ... and less again after so long without need of it */
	QUIET_PEAK = 64, /* -54 dBFS: a cut in sound below it is not heard */
	LOST_MAX_MS = 200, /* a longer hole in the capture is closed, not filled */
	REFERENCE_EARLY_US =
		2000, /* the reference leads: positions err, and echo cannot precede it */
	REFERENCE_OFF_US = 1500, /* and may be off by so much: an echo is still behind it */
	DRIFT_MAX_PPM = 1000,
};

static const int64_t time_jump_ns = 5000000; /* block time: more is a step, not noise */
static const int64_t lead_jump_ns = 3000000; /* the same for the lead */
static const int64_t lead_step_ns = 250000; /* in a block: more than smoothing ever moves it by */
static const double trim_s = 20; /* in which a wrong lead is mended, beside the ratio, ... */
/* ... but so much of it is let be: mending moves the echo against its reference, as drift does.
 * What the clocks run apart until their ratio is known is within it. */
static const double slack_s = 1e-3;

static int64_t frames_to_ns(int64_t frames, int rate_hz)
{
	return frames * 1000000000 / rate_hz;
}

/* ---- Open, close -------------------------------------------------------------------------- */

static int check_got(struct tp_device *device, const char *name)
{
	const struct tp_hal_got *got = &device->got;

	if (got->period_n < 1 || got->period_n > TP_HAL_PERIOD_MAX)
		return tp_fail(TP_ERR_DEVICE, "%s grants periods of %d frames; 1 to %d can be used",
			       name, got->period_n, TP_HAL_PERIOD_MAX);
	if (got->rate_hz < 4000 || got->rate_hz > 192000)
		return tp_fail(TP_ERR_DEVICE, "%s runs at %d Hz; 4000 to 192000 can be used", name,
			       got->rate_hz);
	return 0;
}

int tp_device_open(struct tp_device *device, const struct tp_hal_ops *hal, const char *name,
		   int rate_hz, int block_n, int period_ms, uint32_t seed)
{
	struct tp_hal_want want = {.rate_hz = rate_hz,
				   .period_us = period_ms * 1000,
				   .buffer_us = period_ms * 2000 + MARGIN_MAX_US,
				   .seed = seed};
	const uint32_t capture_xruns = device->capture_xruns;
	const uint32_t playback_xruns = device->playback_xruns;
	const char *args = name;
	int error;

	memset(device, 0, sizeof(*device));
	device->capture_xruns = capture_xruns; /* statistics go on over stop and start */
	device->playback_xruns = playback_xruns;
	device->rate_hz = rate_hz;
	device->block_n = block_n;
	device->block_ns = frames_to_ns(block_n, rate_hz);
	device->ops = hal ? hal : tp_hal_find(name, &args);
	if (!device->ops)
		return TP_ERR_UNSUPPORTED;
	error = device->ops->open(&device->hal, args, &want, &device->got);
	if (error < 0)
		return error;
	error = check_got(device, name);
	if (error < 0)
		goto fail;
	if (device->got.rate_hz != rate_hz) {
		error = TP_ERR_MEMORY;
		device->from_device = tp_resample_create(device->got.rate_hz, rate_hz);
		device->to_device = tp_resample_create(rate_hz, device->got.rate_hz);
		if (!device->from_device || !device->to_device)
			goto fail;
	}
	tp_drift_init(&device->drift, rate_hz);
	return 0;
fail:
	tp_device_close(device);
	return error;
}

void tp_device_close(struct tp_device *device)
{
	if (!device->hal)
		return;
	device->ops->close(device->hal);
	device->hal = NULL;
	tp_resample_destroy(device->from_device);
	tp_resample_destroy(device->to_device);
	device->from_device = device->to_device = NULL;
}

/* The longest time from one write to the next, if every wake-up is in time. */
static int64_t write_interval_ns(const struct tp_device *device)
{
	int64_t period_ns = frames_to_ns(device->got.period_n, device->got.rate_hz);
	int64_t longer = period_ns > device->block_ns ? period_ns : device->block_ns;
	int64_t shorter = period_ns > device->block_ns ? device->block_ns : period_ns;

	return longer % shorter == 0 ? longer : longer + shorter;
}

/* From a block's end to its playback, if the ring runs down to the usual margin. */
static int64_t least_lead_ns(const struct tp_device *device)
{
	return write_interval_ns(device) + (int64_t)MARGIN_US * 1000 - device->block_ns;
}

void tp_device_start(struct tp_device *device, int64_t now_ns)
{
	int64_t fill_ns = least_lead_ns(device) + device->block_ns;
	int n = (int)(fill_ns * device->got.rate_hz / 1000000000);

	device->lead_target_ns = least_lead_ns(device);
	device->calm_since_ns = now_ns;
	device->least_left_ns = INT64_MAX;
	device->lead.known = device->block_time.known = false;
	device->in_n = 0;
	device->read_n = 0;
	device->lost = device->broken = false;
	tp_crystal_ratio_init(&device->ratio);
	memset(device->out, 0, (size_t)n * sizeof(*device->out));
	device->out_n = n;
	device->in_end_ns = now_ns; /* until it counts; for ever if it does not start */
	if (tp_device_playback(device, now_ns) < 0 || device->ops->start(device->hal, now_ns) < 0)
		device->lost = true;
}

/* ---- Capture ------------------------------------------------------------------------------ */

static int lose(struct tp_device *device)
{
	device->lost = true;
	return TP_ERR_DEVICE_LOST;
}

static void append_captured(struct tp_device *device, const int16_t *pcm, int n)
{
	int16_t *end = device->in + device->in_n;
	int room = TP_DEVICE_FIFO_MAX - device->in_n;

	device->read_n += n;
	if (device->from_device)
		n = tp_resample_process(device->from_device, pcm, n, end, room);
	else
		memcpy(end, pcm, (size_t)(n = n < room ? n : room) * sizeof(*pcm));
	device->in_n += n;
}

/* Frames that the device lost were time all the same: silence keeps microphone, reference and
 * timestamps together. */
static void fill_hole(struct tp_device *device, int64_t frames)
{
	int64_t most = (int64_t)device->got.rate_hz * LOST_MAX_MS / 1000;
	int64_t fill = frames < most ? frames : most;

	memset(device->transfer, 0, sizeof(device->transfer));
	while (fill > 0) {
		int n = fill < TP_HAL_PERIOD_MAX ? (int)fill : TP_HAL_PERIOD_MAX;
		append_captured(device, device->transfer, n);
		fill -= n;
	}
	if (frames > most)
		device->read_n += frames - most;
}

static int capture_position(struct tp_device *device, int64_t now_ns, bool xrun)
{
	struct tp_hal_position position;
	int error = device->ops->position(device->hal, TP_CAPTURE, now_ns, &position);

	if (error < 0)
		return lose(device);
	if (xrun && position.frames - position.queued_n > device->read_n)
		fill_hole(device, position.frames - position.queued_n - device->read_n);
	device->in_end_ns = position.time_ns +
			    frames_to_ns(device->read_n - position.frames, device->got.rate_hz);
	return 0;
}

/* Without a device the call's time still goes on: blocks of silence, as the clock has them. */
static void capture_nothing(struct tp_device *device, int64_t now_ns)
{
	int64_t blocks = (now_ns - device->in_end_ns) / device->block_ns;

	for (; blocks > 0 && device->in_n < TP_DEVICE_FIFO_MAX / 2; blocks--) {
		memset(device->in + device->in_n, 0, (size_t)device->block_n * sizeof(*device->in));
		device->in_n += device->block_n;
		device->in_end_ns += device->block_ns;
	}
	device->out_n = 0;
}

int tp_device_capture(struct tp_device *device, int64_t now_ns)
{
	bool xrun = false;
	int n;

	if (device->lost) {
		capture_nothing(device, now_ns);
		return TP_ERR_DEVICE_LOST;
	}
	do {
		n = device->ops->capture(device->hal, now_ns, device->transfer, TP_HAL_PERIOD_MAX);
		if (n == TP_ERR_XRUN) {
			if (xrun)
				break; /* twice in a turn: go on with what there is */
			xrun = true;
			device->capture_xruns++;
			if (capture_position(device, now_ns, true) < 0)
				return TP_ERR_DEVICE_LOST;
			continue;
		}
		if (n < 0)
			return lose(device);
		append_captured(device, device->transfer, n);
	} while (n != 0 && device->in_n < TP_DEVICE_FIFO_MAX / 2);
	return capture_position(device, now_ns, false);
}

bool tp_device_ready(const struct tp_device *device)
{
	return device->in_n >= device->block_n;
}

/* ---- Playback ----------------------------------------------------------------------------- */

/* After an underrun a later wake-up must be survived than was thought. */
static void underrun(struct tp_device *device)
{
	int64_t most_ns = device->block_ns + (int64_t)MARGIN_MAX_US * 1000;

	device->playback_xruns++;
	device->lead.known = false; /* the next one measured counts at once ... */
	device->broken = true; /* ... and is made what it should be */
	device->lead_target_ns += (int64_t)MARGIN_STEP_US * 1000;
	if (device->lead_target_ns > most_ns)
		device->lead_target_ns = most_ns;
}

/* A step of the lead is given back when no wake-up of a long time came so late that half the usual
 * margin would not have survived it. */
static void watch_margin(struct tp_device *device, int64_t now_ns, int64_t left_ns)
{
	int64_t step_ns = (int64_t)MARGIN_STEP_US * 1000, margin_ns = (int64_t)MARGIN_US * 1000;

	if (left_ns < device->least_left_ns)
		device->least_left_ns = left_ns;
	if (now_ns - device->calm_since_ns < (int64_t)CALM_MS * 1000000)
		return;
	if (device->least_left_ns >= step_ns + margin_ns / 2 &&
	    device->lead_target_ns >= least_lead_ns(device) + step_ns)
		device->lead_target_ns -= step_ns;
	device->calm_since_ns = now_ns;
	device->least_left_ns = INT64_MAX;
}

static int playback_position(struct tp_device *device, int64_t now_ns, int written_n)
{
	struct tp_hal_position playback, capture;
	double rate_hz = device->got.rate_hz;

	if (device->ops->position(device->hal, TP_PLAYBACK, now_ns, &playback) < 0 ||
	    device->ops->position(device->hal, TP_CAPTURE, now_ns, &capture) < 0)
		return lose(device);
	device->next_played_ns =
		playback.time_ns + frames_to_ns(playback.queued_n, device->got.rate_hz);
	if (written_n > 0)
		watch_margin(device, now_ns,
			     frames_to_ns(playback.queued_n - written_n, device->got.rate_hz));
	if (device->got.one_crystal)
		return 0;
	tp_crystal_ratio_add(
		&device->ratio,
		(double)playback.frames / rate_hz + (double)(now_ns - playback.time_ns) / 1e9,
		(double)capture.frames / rate_hz + (double)(now_ns - capture.time_ns) / 1e9,
		now_ns);
	return 0;
}

int tp_device_playback(struct tp_device *device, int64_t now_ns)
{
	int done = 0, n = 0;

	while (done < device->out_n) {
		n = device->ops->playback(device->hal, now_ns, device->out + done,
					  device->out_n - done);
		if (n == TP_ERR_XRUN) {
			underrun(device);
			n = device->ops->playback(device->hal, now_ns, device->out + done,
						  device->out_n - done);
		}
		if (n == 0 || n == TP_ERR_XRUN)
			break;
		if (n < 0)
			return lose(device);
		done += n;
	}
	device->out_n -= done;
	memmove(device->out, device->out + done, (size_t)device->out_n * sizeof(*device->out));
	return playback_position(device, now_ns, done);
}

/* ---- Blocks ------------------------------------------------------------------------------- */

static void copy_reference(const struct tp_device *device, int16_t *pcm)
{
	int64_t first = device->reference_n - device->reference_offset_n;

	for (int i = 0; i < device->block_n; i++)
		pcm[i] = first + i < 0
				 ? 0
				 : device->reference[(first + i) & (TP_DEVICE_REFERENCE_MAX - 1)];
}

static int to_n(const struct tp_device *device, int64_t ns)
{
	return (int)lrint((double)ns * device->rate_hz / 1e9);
}

/* The reference moves as far as the lead has stepped, to the sample: the canceller's filter stays
 * where it was. What the lead wanders it does not follow until it must, because each move would be
 * a step for the filter, which follows slow changes by itself. */
static void align_reference(struct tp_device *device)
{
	int64_t stepped_ns = device->lead.ns - device->reference_lead_ns;
	int exact_n = to_n(device,
			   device->lead.ns + device->block_ns - (int64_t)REFERENCE_EARLY_US * 1000);
	int offset_n = device->reference_offset_n;

	if (stepped_ns > lead_step_ns || stepped_ns < -lead_step_ns)
		offset_n += to_n(device, stepped_ns);
	if (abs(exact_n - offset_n) > to_n(device, (int64_t)REFERENCE_OFF_US * 1000))
		offset_n = exact_n;
	if (offset_n < device->block_n)
		offset_n = device->block_n;
	if (offset_n > TP_DEVICE_REFERENCE_MAX / 2)
		offset_n = TP_DEVICE_REFERENCE_MAX / 2;
	device->reference_offset_n = offset_n;
	device->reference_lead_ns = device->lead.ns;
}

void tp_device_take(struct tp_device *device, int16_t *microphone, int16_t *reference,
		    struct tp_block_time *time)
{
	int64_t end_ns =
		device->in_end_ns - frames_to_ns(device->in_n - device->block_n, device->rate_hz);
	int64_t played_ns =
		device->next_played_ns + frames_to_ns(device->out_n, device->got.rate_hz);

	tp_steady_time_advance(&device->block_time, device->block_ns, end_ns, time_jump_ns);
	tp_steady_time_advance(&device->lead, 0, played_ns - device->block_time.ns, lead_jump_ns);
	align_reference(device);
	time->now_ns = device->block_time.ns;
	time->captured_ns = time->now_ns - device->block_ns;
	time->played_ns = time->now_ns + device->lead.ns;
	memcpy(microphone, device->in, (size_t)device->block_n * sizeof(*device->in));
	device->in_n -= device->block_n;
	memmove(device->in, device->in + device->block_n,
		(size_t)device->in_n * sizeof(*device->in));
	copy_reference(device, reference);
}

void tp_device_remember(struct tp_device *device, const int16_t *pcm)
{
	for (int i = 0; i < device->block_n; i++)
		device->reference[(device->reference_n + i) & (TP_DEVICE_REFERENCE_MAX - 1)] =
			pcm[i];
	device->reference_n += device->block_n;
}

static void steer_drift(struct tp_device *device)
{
	double off_s = (double)(device->lead_target_ns - device->lead.ns) / 1e9;
	double wrong_s = off_s > slack_s ? off_s - slack_s : off_s < -slack_s ? off_s + slack_s : 0;
	double ppm = device->ratio.ppm + wrong_s / trim_s * 1e6;

	if (device->got.one_crystal || device->ratio.ppm == 0)
		return;
	ppm = ppm > DRIFT_MAX_PPM ? DRIFT_MAX_PPM : ppm < -DRIFT_MAX_PPM ? -DRIFT_MAX_PPM : ppm;
	tp_drift_set_ppm(&device->drift, -ppm);
}

static bool quiet(const int16_t *pcm, int n)
{
	for (int i = 0; i < n; i++)
		if (pcm[i] > QUIET_PEAK || pcm[i] < -QUIET_PEAK)
			return false;
	return true;
}

/* After a stall the ring holds too much or too little: the surplus is cut or silence put in at
 * once, since what the stall did to the sound is heard anyway: to the last bit after an underrun,
 * because mending it slowly is drift for the canceller. A lead that is no longer needed is cut out
 * of quiet. Returns how many samples of the block to leave out. */
static int restore_lead(struct tp_device *device, const int16_t *ear)
{
	int64_t wrong_ns = device->lead.ns - device->lead_target_ns;
	int64_t most_ns = device->broken ? lead_step_ns : 2 * lead_jump_ns;
	int n;

	if (wrong_ns > most_ns ||
	    (wrong_ns > (int64_t)MARGIN_STEP_US * 1000 / 2 && quiet(ear, device->block_n))) {
		n = (int)(wrong_ns * device->rate_hz / 1000000000);
		n = n < device->block_n ? n : device->block_n;
		device->lead.ns -= frames_to_ns(n, device->rate_hz);
		return n;
	}
	if (wrong_ns >= -most_ns)
		device->broken = false;
	if (wrong_ns < -most_ns) {
		n = (int)(-wrong_ns * device->got.rate_hz / 1000000000);
		if (n > TP_DEVICE_FIFO_MAX / 2 - device->out_n)
			return 0;
		memset(device->out + device->out_n, 0, (size_t)n * sizeof(*device->out));
		device->out_n += n;
		device->lead.ns -= wrong_ns;
	}
	return 0;
}

void tp_device_put(struct tp_device *device, const int16_t *ear)
{
	int16_t drifted[TP_BUS_BLOCK_MAX + 4];
	int skip_n = restore_lead(device, ear);
	int room = TP_DEVICE_FIFO_MAX - device->out_n, n;

	steer_drift(device);
	n = tp_drift_process(&device->drift, ear + skip_n, device->block_n - skip_n, drifted,
			     TP_BUS_BLOCK_MAX + 4);
	if (device->to_device)
		n = tp_resample_process(device->to_device, drifted, n, device->out + device->out_n,
					room);
	else
		memcpy(device->out + device->out_n, drifted,
		       (size_t)(n = n < room ? n : room) * sizeof(*drifted));
	device->out_n += n;
}
