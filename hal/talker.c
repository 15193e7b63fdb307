/* SPDX-License-Identifier: MIT */
/* The person in a simulated room: a recording that the microphone hears. */
#include "talker.h"

#include <math.h>

/* The mean level of the 20 ms that are no more than 15.9 dB below it: ITU-T P.56's margin between
 * the active level and its threshold, found by iteration from the mean of all. */
static double active_level_db(const struct tp_wav *speech)
{
	int64_t frame_n = speech->rate_hz / 50;
	double level = 0;

	for (int round = 0; round < 10; round++) {
		double active = 0, floor_power = level * pow(10, -1.59);
		int64_t frames = 0;

		for (int64_t at = 0; at < speech->frames; at += frame_n) {
			int64_t n = speech->frames - at < frame_n ? speech->frames - at : frame_n;
			double power = 0;

			for (int64_t i = 0; i < n; i++)
				power += (double)speech->samples[at + i] * speech->samples[at + i];
			if (power / (double)n < floor_power)
				continue;
			active += power;
			frames += n;
		}
		level = active / (double)frames;
	}
	return 10 * log10(level / (32768.0 * 32768.0) + 1e-12);
}

int tp_talker_open(struct tp_talker *talker, const char *path, int rate_hz, double gain_db,
		   double level_db, bool loop)
{
	int error = tp_wav_read(path, &talker->speech);

	if (error)
		return error;
	tp_wav_mono(&talker->speech);
	error = tp_wav_convert(&talker->speech, rate_hz);
	if (error) {
		tp_wav_free(&talker->speech);
		return error;
	}
	if (!isnan(level_db))
		gain_db = level_db - active_level_db(&talker->speech);
	talker->gain = (float)pow(10, gain_db / 20);
	talker->loop = loop;
	tp_crystal_init(&talker->time, rate_hz, 0);
	return 0;
}

void tp_talker_close(struct tp_talker *talker)
{
	tp_wav_free(&talker->speech);
}

static float sample_at(const struct tp_talker *talker, int64_t at)
{
	if (at < 0)
		return 0;
	if (talker->loop)
		at %= talker->speech.frames;
	return at < talker->speech.frames ? talker->speech.samples[at] : 0;
}

void tp_talker_add(const struct tp_talker *talker, const struct tp_sinc *sinc,
		   const struct tp_crystal *capture, int64_t first, float *pcm, int n)
{
	/* The reading place moves by a sample a frame, and within n frames by one more or less. */
	float x[TP_TALKER_BLOCK + TP_SINC_TAPS + 1];
	float fraction;
	int64_t base =
		tp_crystal_cross(capture, &talker->time, first, &fraction) - (TP_SINC_HALF - 1);

	for (int i = 0; i < n + TP_SINC_TAPS + 1; i++)
		x[i] = talker->gain * sample_at(talker, base + i);
	for (int i = 0; i < n; i++) {
		int64_t at = tp_crystal_cross(capture, &talker->time, first + i, &fraction) -
			     (TP_SINC_HALF - 1);

		pcm[i] += tp_sinc_read(sinc, x + (at - base), fraction);
	}
}
