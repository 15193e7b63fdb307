/* SPDX-License-Identifier: MIT */
/* Mono samples into a card's frames and out again. */
#include "hal/alsa_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum {
	N = 6,
};

static const int16_t mono[N] = {0, 1, -1, 0x1234, INT16_MAX, INT16_MIN};

static void every_layout_gives_back_what_it_took(void **state)
{
	static const int lengths[] = {
		[TP_ALSA_S16] = 2, [TP_ALSA_S32] = 4, [TP_ALSA_S24] = 4, [TP_ALSA_S24_3] = 3};

	(void)state;
	for (int sample = TP_ALSA_S16; sample <= TP_ALSA_S24_3; sample++) {
		for (int channels = 1; channels <= 4; channels++) {
			struct tp_alsa_layout layout = {(enum tp_alsa_sample)sample, channels};
			uint8_t frames[N * 16 + 1];
			int16_t back[N];

			memset(frames, 0xa5, sizeof(frames));
			assert_int_equal(tp_alsa_frame_len(&layout), lengths[sample] * channels);
			tp_alsa_frame_pack(frames, &layout, mono, N);
			assert_int_equal(frames[N * tp_alsa_frame_len(&layout)], 0xa5);
			tp_alsa_frame_unpack(back, &layout, frames, N);
			assert_memory_equal(back, mono, sizeof(mono));
		}
	}
}

static void both_speakers_play_and_further_channels_are_silent(void **state)
{
	const struct tp_alsa_layout layout = {TP_ALSA_S16, 3};
	int16_t frames[N * 3];

	(void)state;
	memset(frames, 0xa5, sizeof(frames));
	tp_alsa_frame_pack(frames, &layout, mono, N);
	for (int i = 0; i < N; i++) {
		assert_int_equal(frames[3 * i], mono[i]);
		assert_int_equal(frames[3 * i + 1], mono[i]);
		assert_int_equal(frames[3 * i + 2], 0);
	}
}

static void the_first_channel_is_the_microphone(void **state)
{
	const struct tp_alsa_layout layout = {TP_ALSA_S32, 2};
	const int32_t frames[4] = {100 * 65536, 7, -100 * 65536, 7};
	int16_t back[2];

	(void)state;
	tp_alsa_frame_unpack(back, &layout, frames, 2);
	assert_int_equal(back[0], 100);
	assert_int_equal(back[1], -100);
}

/* Truncation would add half a step of direct voltage; INT32_MAX must not wrap to the bottom. */
static void wide_samples_are_rounded(void **state)
{
	static const struct {
		int32_t wide;
		int16_t narrow;
	} rows[] = {
		{0x00007fff, 0},   {0x00008000, 1},        {-0x00008000, 0},
		{-0x00008100, -1}, {INT32_MAX, INT16_MAX}, {INT32_MIN, INT16_MIN},
	};
	const struct tp_alsa_layout layout = {TP_ALSA_S32, 1};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int16_t back;

		tp_alsa_frame_unpack(&back, &layout, &rows[i].wide, 1);
		assert_int_equal(back, rows[i].narrow);
	}
}

/* ALSA leaves the fourth octet of S24 open: some cards leave rubbish in it. */
static void the_fourth_octet_of_24_bits_does_not_count(void **state)
{
	const struct tp_alsa_layout layout = {TP_ALSA_S24, 1};
	const uint32_t frames[2] = {0x5a123400u, 0x12fedc00u};
	int16_t back[2];

	(void)state;
	tp_alsa_frame_unpack(back, &layout, frames, 2);
	assert_int_equal(back[0], 0x1234);
	assert_int_equal(back[1], (int16_t)0xfedc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layout_gives_back_what_it_took),
		cmocka_unit_test(both_speakers_play_and_further_channels_are_silent),
		cmocka_unit_test(the_first_channel_is_the_microphone),
		cmocka_unit_test(wide_samples_are_rounded),
		cmocka_unit_test(the_fourth_octet_of_24_bits_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
