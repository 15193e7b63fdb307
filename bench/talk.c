/* SPDX-License-Identifier: MIT */
/* A few seconds of recorded speech: what codecs and cancellers are timed with. */
#include "talk.h"

#include "cli/demo_script.h"
#include "hal/wav.h"

#include <stddef.h>
#include <string.h>

int tp_talk_load(int16_t *pcm, int rate_hz)
{
	struct tp_demo_script script;
	struct tp_wav wav;
	int error = tp_demo_script_make(&script, NULL, TP_DEMO_SECONDS_MIN);

	if (error)
		return error;
	wav = (struct tp_wav){script.says[0], script.n, TP_DEMO_RATE_HZ, 1};
	script.says[0] = NULL;
	error = tp_wav_convert(&wav, rate_hz);
	if (!error)
		memcpy(pcm, wav.samples, (size_t)rate_hz * TP_TALK_S * sizeof(*pcm));
	tp_wav_free(&wav);
	tp_demo_script_free(&script);
	return error;
}
