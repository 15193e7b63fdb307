/* SPDX-License-Identifier: MIT */
/* Narrows an ALSA device's configuration space down to one configuration. */
#include "hal/alsa_params.h"

#include <talkpath/error.h>
#include <talkpath/hal.h>

#include <alsa/asoundlib.h>

/* In the order of preference: 16 bits need no conversion, the others lose nothing. */
static const struct {
	snd_pcm_format_t format;
	enum tp_alsa_sample sample;
} formats[] = {
	{SND_PCM_FORMAT_S16, TP_ALSA_S16},
	{SND_PCM_FORMAT_S32, TP_ALSA_S32},
	{SND_PCM_FORMAT_S24, TP_ALSA_S24},
	{SND_PCM_FORMAT_S24_3LE, TP_ALSA_S24_3},
};

static int choose_access(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, bool *mmap)
{
	*mmap = snd_pcm_hw_params_set_access(pcm, hw, SND_PCM_ACCESS_MMAP_INTERLEAVED) == 0;
	if (*mmap)
		return 0;
	return snd_pcm_hw_params_set_access(pcm, hw, SND_PCM_ACCESS_RW_INTERLEAVED);
}

static int choose_format(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, enum tp_alsa_sample *sample)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (snd_pcm_hw_params_set_format(pcm, hw, formats[i].format) == 0) {
			*sample = formats[i].sample;
			return 0;
		}
	}
	return -EINVAL;
}

static int choose_channels(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, int *channels)
{
	unsigned n = 1;
	int err = snd_pcm_hw_params_set_channels_near(pcm, hw, &n);

	*channels = (int)n;
	return err;
}

/* All that a rate may depend on. */
static int narrow(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, bool convert,
		  struct tp_alsa_params *params)
{
	int err = snd_pcm_hw_params_any(pcm, hw);

	if (err < 0)
		return err;
	err = snd_pcm_hw_params_set_rate_resample(pcm, hw, convert);
	if (err < 0)
		return err;
	err = choose_access(pcm, hw, &params->mmap);
	if (err < 0)
		return err;
	err = choose_format(pcm, hw, &params->layout.sample);
	if (err < 0)
		return err;
	return choose_channels(pcm, hw, &params->layout.channels);
}

static int choose_rate(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, int rate_hz)
{
	unsigned rate = (unsigned)rate_hz;
	int err = snd_pcm_hw_params_set_rate_near(pcm, hw, &rate, NULL);

	return err < 0 ? err : (int)rate;
}

int tp_alsa_params_rate(struct _snd_pcm *pcm, const struct tp_alsa_wish *wish)
{
	struct tp_alsa_params params;
	snd_pcm_hw_params_t *hw;
	int err;

	snd_pcm_hw_params_alloca(&hw);
	err = narrow(pcm, hw, wish->convert, &params);
	return err < 0 ? err : choose_rate(pcm, hw, wish->rate_hz);
}

static snd_pcm_uframes_t frames_of(int time_us, int rate_hz)
{
	return (snd_pcm_uframes_t)(((int64_t)time_us * rate_hz + 500000) / 1000000);
}

static int choose_sizes(snd_pcm_t *pcm, snd_pcm_hw_params_t *hw, const struct tp_alsa_wish *wish,
			struct tp_alsa_params *params)
{
	snd_pcm_uframes_t period = frames_of(wish->period_us, params->rate_hz);
	snd_pcm_uframes_t buffer = frames_of(wish->buffer_us, params->rate_hz);
	int err = snd_pcm_hw_params_set_period_size_near(pcm, hw, &period, NULL);

	if (err < 0)
		return err;
	if (buffer < 2 * period)
		buffer = 2 * period;
	err = snd_pcm_hw_params_set_buffer_size_near(pcm, hw, &buffer);
	params->period_n = (int)period;
	params->buffer_n = (int)buffer;
	return err;
}

/* The streams start when they are told to, stop when their ring runs over or dry, wake the poll
 * once a period and stamp positions with monotonic time. */
static int install_software(snd_pcm_t *pcm, const struct tp_alsa_params *params)
{
	snd_pcm_sw_params_t *sw;
	snd_pcm_uframes_t never;
	int err;

	snd_pcm_sw_params_alloca(&sw);
	err = snd_pcm_sw_params_current(pcm, sw);
	if (err < 0)
		return err;
	snd_pcm_sw_params_get_boundary(sw, &never);
	err = snd_pcm_sw_params_set_start_threshold(pcm, sw, never);
	if (err < 0)
		return err;
	err = snd_pcm_sw_params_set_avail_min(pcm, sw, (snd_pcm_uframes_t)params->period_n);
	if (err < 0)
		return err;
	err = snd_pcm_sw_params_set_tstamp_mode(pcm, sw, SND_PCM_TSTAMP_ENABLE);
	if (err < 0)
		return err;
	err = snd_pcm_sw_params_set_tstamp_type(pcm, sw, SND_PCM_TSTAMP_TYPE_MONOTONIC);
	if (err < 0)
		return err;
	return snd_pcm_sw_params(pcm, sw);
}

static const char *word(snd_pcm_t *pcm)
{
	return snd_pcm_stream(pcm) == SND_PCM_STREAM_PLAYBACK ? "playback" : "capture";
}

int tp_alsa_params_install(struct _snd_pcm *pcm, const struct tp_alsa_wish *wish,
			   struct tp_alsa_params *params)
{
	snd_pcm_hw_params_t *hw;
	int err;

	snd_pcm_hw_params_alloca(&hw);
	err = narrow(pcm, hw, wish->convert, params);
	if (err < 0)
		return tp_fail(TP_ERR_DEVICE,
			       "the ALSA %s device \"%s\" has no interleaved linear format of 16, "
			       "24 or 32 bits; name it through \"plug:\"",
			       word(pcm), wish->name);
	params->rate_hz = choose_rate(pcm, hw, wish->rate_hz);
	if (params->rate_hz < 0)
		return tp_fail(TP_ERR_DEVICE, "the ALSA %s device \"%s\" has no rate near %d Hz",
			       word(pcm), wish->name, wish->rate_hz);
	err = choose_sizes(pcm, hw, wish, params);
	if (err == 0 && params->period_n > TP_HAL_PERIOD_MAX)
		return tp_fail(TP_ERR_DEVICE,
			       "the ALSA %s device \"%s\" has periods of %d frames or more; "
			       "at most %d are possible",
			       word(pcm), wish->name, params->period_n, TP_HAL_PERIOD_MAX);
	if (err == 0)
		err = snd_pcm_hw_params(pcm, hw);
	if (err == 0)
		err = install_software(pcm, params);
	if (err < 0)
		return tp_fail(TP_ERR_DEVICE,
			       "the ALSA %s device \"%s\" refuses %d Hz with a period of %d us: %s",
			       word(pcm), wish->name, params->rate_hz, wish->period_us,
			       snd_strerror(err));
	return 0;
}
