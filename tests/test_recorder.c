/* SPDX-License-Identifier: MIT */
/* The recorder: order, length and time are kept, whether its disk keeps up or not. */
#include "hal/recorder.h"
#include "tests/fixtures/scratch_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum {
	RATE = 8000,
	BATCH = 1000,
};

/* Samples number from, from + 1, ... of a sound that has no silence in it. */
static void make_sound(int16_t *pcm, int64_t from)
{
	for (int i = 0; i < BATCH; i++)
		pcm[i] = (int16_t)(1 + (from + i) % 32000);
}

static void open_recorder(struct tp_recorder *recorder)
{
	assert_int_equal(tp_recorder_open(recorder, scratch_folder_path("out.wav"), RATE), 0);
}

static void close_recorder(struct tp_recorder *recorder, struct tp_wav *wav)
{
	tp_recorder_close(recorder);
	assert_int_equal(tp_wav_read(scratch_folder_path("out.wav"), wav), 0);
	assert_int_equal(wav->rate_hz, RATE);
	assert_int_equal(wav->channels, 1);
}

static void test_with_waiting_nothing_is_lost(void **state)
{
	enum { BATCHES = 2000 };
	struct tp_recorder recorder;
	int16_t pcm[BATCH];
	struct tp_wav wav;

	(void)state;
	open_recorder(&recorder);
	for (int64_t i = 0; i < BATCHES; i++) {
		make_sound(pcm, i * BATCH);
		assert_true(tp_recorder_push(&recorder, pcm, BATCH, true));
	}
	close_recorder(&recorder, &wav);
	assert_int_equal(wav.frames, BATCHES * BATCH);
	for (int64_t i = 0; i < wav.frames; i++)
		assert_int_equal(wav.samples[i], 1 + i % 32000);
	tp_wav_free(&wav);
}

/* Four minutes at once are more than the ring holds: some become silence, all keep their place. */
static void test_without_waiting_time_is_kept(void **state)
{
	enum { BATCHES = 2000 };
	struct tp_recorder recorder;
	int16_t pcm[BATCH];
	int64_t silent = 0;
	struct tp_wav wav;

	(void)state;
	open_recorder(&recorder);
	for (int64_t i = 0; i <= BATCHES; i++) {
		make_sound(pcm, i * BATCH);
		assert_true(tp_recorder_push(&recorder, pcm, BATCH, i == BATCHES));
	}
	close_recorder(&recorder, &wav);
	assert_int_equal(wav.frames, (BATCHES + 1) * BATCH);
	for (int64_t i = 0; i < wav.frames; i++) {
		silent += wav.samples[i] == 0;
		assert_true(wav.samples[i] == 0 || wav.samples[i] == 1 + i % 32000);
	}
	assert_true(silent < wav.frames - 30 * RATE);
	tp_wav_free(&wav);
}

static void test_skipped_time_is_silence(void **state)
{
	struct tp_recorder recorder;
	int16_t pcm[BATCH];
	struct tp_wav wav;

	(void)state;
	make_sound(pcm, 0);
	open_recorder(&recorder);
	tp_recorder_skip(&recorder, 700);
	assert_true(tp_recorder_push(&recorder, pcm, 1, false));
	tp_recorder_skip(&recorder, 5);
	tp_recorder_skip(&recorder, 5);
	assert_true(tp_recorder_push(&recorder, pcm, 2, false));
	close_recorder(&recorder, &wav);
	assert_int_equal(wav.frames, 713);
	for (int i = 0; i < 713; i++)
		assert_int_equal(wav.samples[i], i == 700 ? 1 : i == 711 ? 1 : i == 712 ? 2 : 0);
	tp_wav_free(&wav);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_with_waiting_nothing_is_lost),
		cmocka_unit_test(test_without_waiting_time_is_kept),
		cmocka_unit_test(test_skipped_time_is_silence),
	};

	return cmocka_run_group_tests_name("recorder", tests, scratch_folder_make,
					   scratch_folder_remove);
}
