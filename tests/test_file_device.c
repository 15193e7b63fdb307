/* SPDX-License-Identifier: MIT */
/* The file device: exact sound in, exact sound out, and nothing lost in virtual time. */
#include "hal/random.h"
#include "hal/wav.h"
#include "tests/fixtures/scratch_folder.h"
#include "tests/fixtures/stepped_device.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

enum {
	IN_FRAMES = 5000,
	PERIOD_NS = 10000000,
};

static int16_t in_pcm[2 * IN_FRAMES];

static void write_in(int rate_hz, int channels)
{
	struct tp_wav_writer writer;

	assert_int_equal(
		tp_wav_writer_open(&writer, scratch_folder_path("in.wav"), rate_hz, channels), 0);
	assert_int_equal(tp_wav_writer_write(&writer, in_pcm, IN_FRAMES), 0);
	assert_int_equal(tp_wav_writer_close(&writer), 0);
}

static void fill_random(int16_t *pcm, int64_t n)
{
	struct tp_random random;

	tp_random_init(&random, 9, 0);
	for (int64_t i = 0; i < n; i++)
		pcm[i] = (int16_t)tp_random_next(&random);
}

/* "file:IN" with `in`, "file:IN,OUT" with both; options begin with a comma. */
static const char *device_name(bool in, bool out, const char *options)
{
	static char name[1024];

	snprintf(name, sizeof(name), "file:%s%s%s%s", in ? scratch_folder_path("in.wav") : "",
		 out ? "," : "", out ? scratch_folder_path("out.wav") : "", options);
	return name;
}

static void read_out(struct tp_wav *wav)
{
	if (tp_wav_read(scratch_folder_path("out.wav"), wav) < 0)
		fail_msg("%s", tp_error_detail());
	assert_int_equal(wav->channels, 1);
}

/* The microphone hears the file, then silence; its rate is the device's, whatever was wanted. */
static void test_in_is_captured_exactly(void **state)
{
	static const int rates_hz[] = {8000, 16000, 44100, 48000};
	int16_t near[2 * IN_FRAMES];
	struct stepped_device stepped;

	(void)state;
	for (int i = 0; i < 4; i++) {
		write_in(rates_hz[i], 1);
		stepped_device_open(&stepped, device_name(true, false, ""), 8000, 10000);
		assert_int_equal(stepped.got.rate_hz, rates_hz[i]);
		stepped_device_start(&stepped, NULL, 0);
		while (stepped.captured < 2 * IN_FRAMES)
			stepped_device_step(&stepped, PERIOD_NS, near, 2 * IN_FRAMES, NULL, 0);
		stepped.ops->close(stepped.device);
		assert_memory_equal(near, in_pcm, IN_FRAMES * sizeof(*near));
		for (int k = IN_FRAMES; k < 2 * IN_FRAMES; k++)
			assert_int_equal(near[k], 0);
	}
}

static void test_in_loops(void **state)
{
	int16_t near[3 * IN_FRAMES];

	(void)state;
	write_in(8000, 1);
	stepped_device_run(device_name(true, false, ",loop=1"), 8000, near, 3 * IN_FRAMES, NULL, 0);
	for (int i = 0; i < 3; i++)
		assert_memory_equal(near + i * IN_FRAMES, in_pcm, IN_FRAMES * sizeof(*near));
}

static void test_of_two_channels_the_first_is_heard(void **state)
{
	int16_t near[IN_FRAMES];

	(void)state;
	write_in(8000, 2);
	stepped_device_run(device_name(true, false, ""), 8000, near, IN_FRAMES, NULL, 0);
	for (int i = 0; i < IN_FRAMES; i++)
		assert_int_equal(near[i], in_pcm[2 * i]);
}

/* Ten minutes as fast as they can be stepped: every sample, also those still queued at the end. */
static void test_out_records_all_in_virtual_time(void **state)
{
	enum { RATE = 16000, FRAMES = 600 * RATE };
	int16_t *far = malloc(FRAMES * sizeof(*far));
	struct stepped_device stepped;
	struct tp_wav wav;

	(void)state;
	assert_non_null(far);
	fill_random(far, FRAMES);
	stepped_device_open(&stepped, device_name(false, true, ""), RATE, 10000);
	assert_int_equal(stepped.got.rate_hz, RATE);
	stepped_device_start(&stepped, far, FRAMES);
	while (stepped.played < FRAMES)
		stepped_device_step(&stepped, PERIOD_NS, NULL, 0, far, FRAMES);
	assert_int_equal(stepped.playback_xruns, 0);
	stepped.ops->close(stepped.device);
	read_out(&wav);
	assert_int_equal(wav.rate_hz, RATE);
	assert_int_equal(wav.frames, stepped.played);
	assert_memory_equal(wav.samples, far, FRAMES * sizeof(*far));
	tp_wav_free(&wav);
	free(far);
}

/* Nobody hears the file while it is made: what a busy process writes late is whole all
 * the same, up to a second; what it misses beyond is silence, so that the recording
 * keeps the time of the device. */
static void test_out_is_whole_although_late(void **state)
{
	enum { RATE = 8000, FRAMES = 8 * RATE };
	static int16_t far[FRAMES];
	struct stepped_device stepped;
	struct tp_wav wav;
	int64_t before;

	(void)state;
	for (int i = 0; i < FRAMES; i++)
		far[i] = 1000;
	stepped_device_open(&stepped, device_name(false, true, ""), RATE, 10000);
	stepped_device_start(&stepped, far, FRAMES);
	for (int i = 0; i < 50; i++)
		stepped_device_step(&stepped, PERIOD_NS, NULL, 0, far, FRAMES);
	stepped_device_step(&stepped, 90 * PERIOD_NS, NULL, 0, far, FRAMES);
	assert_int_equal(stepped.playback_xruns + stepped.capture_xruns, 0);
	for (int i = 0; i < 100; i++)
		stepped_device_step(&stepped, PERIOD_NS, NULL, 0, far, FRAMES);
	before = stepped.played;
	stepped_device_step(&stepped, INT64_C(400) * PERIOD_NS, NULL, 0, far, FRAMES);
	assert_int_equal(stepped.playback_xruns, 1);
	stepped.ops->close(stepped.device);
	read_out(&wav);
	/* 6.4 s have passed, and what follows is queued. */
	assert_int_equal(wav.frames, RATE * 64 / 10 + 2 * stepped.got.period_n);
	for (int64_t i = 0; i < wav.frames; i++)
		assert_int_equal(wav.samples[i], i < before || i >= RATE * 54 / 10 ? 1000 : 0);
	tp_wav_free(&wav);
}

static void test_stop_and_start_appends(void **state)
{
	int16_t far[8000], near[IN_FRAMES];
	struct stepped_device stepped;
	struct tp_wav wav;

	(void)state;
	fill_random(far, 8000);
	write_in(8000, 1);
	stepped_device_open(&stepped, device_name(true, true, ""), 8000, 10000);
	for (int run = 0; run < 2; run++) {
		stepped.captured = 0;
		stepped_device_start(&stepped, far, 8000);
		while (stepped.captured < 4000)
			stepped_device_step(&stepped, PERIOD_NS, near, IN_FRAMES, far, 8000);
		assert_memory_equal(near, in_pcm, 4000 * sizeof(*near)); /* from its beginning */
		stepped.ops->stop(stepped.device);
	}
	stepped.ops->close(stepped.device);
	read_out(&wav);
	assert_true(wav.frames >= 8000);
	assert_memory_equal(wav.samples, far, sizeof(far));
	tp_wav_free(&wav);
}

/* A disk that takes no more is a device that is gone, not a recording with holes. */
static void test_a_full_disk_is_a_lost_device(void **state)
{
	const struct rlimit small = {100000, RLIM_INFINITY};
	struct rlimit before;
	struct stepped_device stepped;
	int16_t pcm[80] = {0};
	int done = 0;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	stepped_device_open(&stepped, device_name(false, true, ""), 8000, 10000);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	stepped_device_start(&stepped, NULL, 0);
	for (int i = 0; i < 60000 && done >= 0; i++) {
		stepped.now_ns += PERIOD_NS;
		done = stepped.ops->playback(stepped.device, stepped.now_ns, pcm, 80);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(done, TP_ERR_DEVICE_LOST);
	stepped.ops->close(stepped.device);
}

static void test_refused_files(void **state)
{
	static const struct {
		const char *args, *word;
	} cases[] = {
		{"", "no file is named"},
		{",", "no file is named"},
		{"a.wav,b.wav,c.wav", "one name too many"},
		{"missing.wav", "cannot be opened"},
		{",no/such/folder.wav", "cannot be written"},
		{"x.wav,lop=1", "lop=1"},
		{"x.wav,loop=2", "loop=2 should be a whole number from 0 to 1"},
		{"/dev/zero", "is not a WAV file"},
	};
	const struct tp_hal_want want = {8000, 10000, 40000, 1};
	const struct tp_hal_ops *ops;
	const char *args;
	char same[1024];
	struct tp_hal_got got;
	struct tp_wav wav;
	void *device = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ops = tp_hal_find("file", &args);
		assert_true(ops->open(&device, cases[i].args, &want, &got) < 0);
		if (!strstr(tp_error_detail(), cases[i].word))
			fail_msg("\"%s\": \"%s\" lacks \"%s\"", cases[i].args, tp_error_detail(),
				 cases[i].word);
	}
	/* An input is not overwritten, by whichever name. */
	write_in(8000, 1);
	snprintf(same, sizeof(same), "%s,%s", scratch_folder_path("in.wav"),
		 scratch_folder_path("./in.wav"));
	assert_int_equal(ops->open(&device, same, &want, &got), TP_ERR_ARGUMENT);
	assert_int_equal(tp_wav_read(scratch_folder_path("in.wav"), &wav), 0);
	assert_int_equal(wav.frames, IN_FRAMES);
	tp_wav_free(&wav);
}

static int set_up(void **state)
{
	fill_random(in_pcm, 2 * IN_FRAMES);
	return scratch_folder_make(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_is_captured_exactly),
		cmocka_unit_test(test_in_loops),
		cmocka_unit_test(test_of_two_channels_the_first_is_heard),
		cmocka_unit_test(test_out_records_all_in_virtual_time),
		cmocka_unit_test(test_out_is_whole_although_late),
		cmocka_unit_test(test_stop_and_start_appends),
		cmocka_unit_test(test_a_full_disk_is_a_lost_device),
		cmocka_unit_test(test_refused_files),
	};

	return cmocka_run_group_tests_name("file device", tests, set_up, scratch_folder_remove);
}
