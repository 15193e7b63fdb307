/* SPDX-License-Identifier: MIT */
/* What hal.h promises, held against every backend that runs in virtual time. */
#include "hal/backends.h"
#include "hal/random.h"
#include "hal/wav.h"
#include "tests/fixtures/scratch_folder.h"

#include <talkpath/hal.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define NS_PER_S INT64_C(1000000000)

enum {
	BATCH = 4096,
	MINUTES = 10,
};

struct row {
	const char *device; /* IN, OUT, TALKER: files of the scratch folder */
	int want_hz, period_us, buffer_us;
	int rate_hz, period_n; /* that should be granted */
	int play_ppm, capture_ppm;
};

static const struct row rows[] = {
	{"null", 8000, 10000, 40000, 8000, 80, 0, 0},
	{"null:play_ppm=100,capture_ppm=-100", 8000, 5000, 20000, 8000, 40, 100, -100},
	{"null:rate=48000,period=1024", 8000, 10000, 60000, 48000, 1024, 0, 0},
	{"null:capture_ppm=200,period=333", 16000, 10000, 0, 16000, 333, 0, 200},
	{"null:rate=44100", 48000, 20000, 100000, 44100, 882, 0, 0},
	{"room", 8000, 10000, 40000, 8000, 80, 0, 0},
	{"room:play_ppm=20,capture_ppm=-20,talker=TALKER", 16000, 10000, 80000, 16000, 160, 20,
	 -20},
	{"room:period=160,rt60=0", 8000, 60000, 20000, 8000, 160, 0, 0},
	{"file:IN,OUT", 8000, 10000, 40000, 16000, 160, 0, 0},
	{"file:IN,loop=1,play_ppm=-50", 8000, 20000, 40000, 16000, 320, -50, 0},
	{"file:,OUT,period=64", 8000, 10000, 40000, 8000, 64, 0, 0},
};

struct device {
	const struct row *row;
	const struct tp_hal_ops *ops;
	void *handle;
	struct tp_hal_got got;
	int64_t now_ns, start_ns;
	int64_t captured, queued; /* by what capture and playback returned */
};

static int16_t silence[BATCH];

/* The row's device string with the names of files in place of the words. */
static void fill_names(const char *device, char *name, size_t cap)
{
	static const char *const words[][2] = {
		{"IN", "in.wav"}, {"OUT", "out.wav"}, {"TALKER", "in.wav"}};
	size_t len = 0;

	while (*device && len + 1 < cap) {
		size_t i = 0;

		while (i < 3 && strncmp(device, words[i][0], strlen(words[i][0])) != 0)
			i++;
		if (i == 3) {
			name[len++] = *device++;
			continue;
		}
		len += (size_t)snprintf(name + len, cap - len, "%s",
					scratch_folder_path(words[i][1]));
		device += strlen(words[i][0]);
	}
	name[len] = '\0';
}

static void open_row(struct device *device, const struct row *row)
{
	const struct tp_hal_want want = {row->want_hz, row->period_us, row->buffer_us, 3};
	char name[512];
	const char *args;

	fill_names(row->device, name, sizeof(name));
	*device = (struct device){.row = row, .now_ns = 77 * NS_PER_S + 1};
	device->ops = tp_hal_find(name, &args);
	assert_non_null(device->ops);
	if (device->ops->open(&device->handle, args, &want, &device->got) < 0)
		fail_msg("%s: %s", row->device, tp_error_detail());
}

static void close_device(struct device *device)
{
	device->ops->stop(device->handle);
	device->ops->close(device->handle);
}

static struct tp_hal_position position_of(struct device *device, enum tp_direction direction)
{
	struct tp_hal_position position;

	assert_int_equal(
		device->ops->position(device->handle, direction, device->now_ns, &position), 0);
	return position;
}

static int play(struct device *device, int n)
{
	int done = device->ops->playback(device->handle, device->now_ns, silence, n);

	if (done > 0)
		device->queued += done;
	return done;
}

static int capture(struct device *device, int n)
{
	int16_t pcm[BATCH];
	int done = device->ops->capture(device->handle, device->now_ns, pcm, n);

	if (done > 0)
		device->captured += done;
	return done;
}

static void start(struct device *device)
{
	device->start_ns = device->now_ns;
	assert_int_equal(device->ops->start(device->handle, device->now_ns), 0);
}

/* What an ideal clock has counted; whole only for whole seconds, which is when it is asked. */
static int64_t ideal_frames(const struct device *device, int64_t s, int ppm)
{
	return s * device->got.rate_hz + s * device->got.rate_hz * ppm / 1000000;
}

/* How late it still takes and gives frames. */
static int patience_s(const struct device *device)
{
	return device->ops == &tp_hal_file;
}

static int patience_n(const struct device *device)
{
	return patience_s(device) * device->got.rate_hz;
}

/* A second later than any frame is still taken. */
static void leave_it(struct device *device)
{
	device->now_ns += (1 + patience_s(device)) * NS_PER_S;
}

static void check_grant(const struct device *device)
{
	const struct row *row = device->row;

	assert_int_equal(device->got.rate_hz, row->rate_hz);
	assert_int_equal(device->got.period_n, row->period_n);
	assert_true(device->got.buffer_n >= 2 * row->period_n);
	assert_true(device->got.buffer_n >=
		    (int64_t)row->buffer_us * device->got.rate_hz / 1000000);
	assert_int_equal(device->got.one_crystal, row->play_ppm == row->capture_ppm);
}

/* Before start a ring's worth is taken and no more. */
static void check_prefill(struct device *device)
{
	int n = 0, done;

	while ((done = play(device, device->got.period_n)) > 0)
		n += done;
	assert_int_equal(done, 0);
	assert_int_equal(n, device->got.buffer_n);
	assert_int_equal(position_of(device, TP_PLAYBACK).frames, 0);
	assert_int_equal(position_of(device, TP_PLAYBACK).queued_n, n);
	assert_int_equal(position_of(device, TP_CAPTURE).frames, 0);
	assert_int_equal(capture(device, BATCH), 0);
}

/* Reads all that is captured, fills the ring, and holds the counters against each other. */
static void service(struct device *device)
{
	int64_t elapsed_ns = device->now_ns - device->start_ns;
	struct tp_hal_position in = position_of(device, TP_CAPTURE);
	struct tp_hal_position out = position_of(device, TP_PLAYBACK);
	double true_frames = (double)elapsed_ns * device->got.rate_hz * 1e-9 *
			     (1 + device->row->capture_ppm * 1e-6);
	int n;

	assert_true(in.time_ns <= device->now_ns && out.time_ns <= device->now_ns);
	assert_true((double)in.frames <= true_frames + 0.001);
	assert_true((double)in.frames > true_frames - device->got.period_n);
	assert_int_equal(in.frames % device->got.period_n, 0);
	assert_int_equal(in.frames - in.queued_n, device->captured);
	assert_int_equal(out.frames + out.queued_n, device->queued);
	assert_true(out.queued_n >= -patience_n(device) && out.queued_n <= device->got.buffer_n);

	while ((n = capture(device, 100)) > 0)
		;
	assert_int_equal(n, 0);
	assert_int_equal(device->captured, in.frames);
	while ((n = play(device, 100)) > 0)
		;
	assert_int_equal(n, 0);
	assert_int_equal(device->queued - out.frames, device->got.buffer_n);
}

static void check_ten_minutes(struct device *device)
{
	struct tp_random random;
	int64_t end_ns = device->now_ns + MINUTES * 60 * NS_PER_S;

	tp_random_init(&random, 11, 0);
	start(device);
	while (device->now_ns < end_ns) {
		/* Never later than one and a half periods, or the smallest ring would run dry. */
		int64_t step_ns = device->got.period_n * NS_PER_S / device->got.rate_hz / 2 *
				  (1 + tp_random_next(&random) % 3);

		device->now_ns =
			device->now_ns + step_ns < end_ns ? device->now_ns + step_ns : end_ns;
		service(device);
	}
	assert_int_equal(position_of(device, TP_PLAYBACK).frames,
			 ideal_frames(device, MINUTES * 60, device->row->play_ppm));
	assert_int_equal(position_of(device, TP_CAPTURE).frames,
			 ideal_frames(device, MINUTES * 60, device->row->capture_ppm) /
				 device->got.period_n * device->got.period_n);
}

/* Without service: each direction says so once, steps, and goes on. */
static void check_xruns(struct device *device)
{
	int64_t behind, next;

	leave_it(device);
	behind = position_of(device, TP_PLAYBACK).frames - patience_n(device) - device->queued;
	assert_true(behind > 0);
	assert_int_equal(position_of(device, TP_PLAYBACK).queued_n, -patience_n(device));
	assert_int_equal(play(device, 10), TP_ERR_XRUN);
	assert_int_equal(play(device, 10), 10);
	assert_int_equal(position_of(device, TP_PLAYBACK).queued_n, 10 - patience_n(device));
	device->queued += behind;

	assert_int_equal(capture(device, 10), TP_ERR_XRUN);
	assert_int_equal(capture(device, 10), 0);
	next = position_of(device, TP_CAPTURE).frames - position_of(device, TP_CAPTURE).queued_n;
	assert_true(next > device->captured);
	device->captured = next;
	for (int i = 0; i < 100; i++) { /* and all is as before */
		service(device);
		device->now_ns += device->got.period_n * NS_PER_S / device->got.rate_hz;
	}
}

/* A ring that stays dry is told of once; one that is fed and runs dry again, again. */
static void check_dry_ring(struct device *device)
{
	leave_it(device);
	assert_int_equal(play(device, 0), TP_ERR_XRUN);
	for (int i = 0; i < 3; i++) {
		leave_it(device);
		assert_int_equal(play(device, 0), 0);
	}
	assert_int_equal(play(device, 1), 1);
	leave_it(device);
	assert_int_equal(play(device, 1), TP_ERR_XRUN);
}

/* stop forgets what was queued and counts from 0 again. */
static void check_restart(struct device *device)
{
	device->ops->stop(device->handle);
	device->captured = device->queued = 0;
	device->now_ns += NS_PER_S / 3;
	assert_int_equal(position_of(device, TP_PLAYBACK).frames, 0);
	check_prefill(device);
	start(device);
	for (int i = 0; i < 100; i++) {
		device->now_ns += device->got.period_n * NS_PER_S / device->got.rate_hz;
		service(device);
	}
}

static void test_every_backend_keeps_the_contract(void **state)
{
	struct device device;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		open_row(&device, &rows[i]);
		check_grant(&device);
		check_prefill(&device);
		check_ten_minutes(&device);
		check_xruns(&device);
		check_dry_ring(&device);
		check_restart(&device);
		close_device(&device);
	}
}

/* The counter of an hour is that of the clock, to the frame, however coarse the steps. */
static void test_an_hour_of_ppm(void **state)
{
	const struct row row = {
		"null:play_ppm=200,capture_ppm=-200", 48000, 10000, 2000000, 48000, 480, 200, -200};
	struct device device;

	(void)state;
	open_row(&device, &row);
	start(&device);
	for (int s = 1; s <= 3600; s++) {
		device.now_ns = device.start_ns + s * NS_PER_S;
		if (s == 1)
			assert_int_equal(play(&device, 0), TP_ERR_XRUN);
		while (play(&device, BATCH) > 0)
			;
		while (capture(&device, BATCH) > 0)
			;
	}
	assert_int_equal(position_of(&device, TP_PLAYBACK).frames, 3600 * 48000LL + 34560);
	assert_int_equal(position_of(&device, TP_CAPTURE).frames,
			 (3600 * 48000LL - 34560) / 480 * 480);
	assert_int_equal(device.queued - device.got.buffer_n, 3600 * 48000LL + 34560 - 48009);
	close_device(&device);
}

static void test_refused_wants(void **state)
{
	static const struct tp_hal_want wants[] = {
		{0, 10000, 40000, 1},       {-8000, 10000, 40000, 1}, {1000000, 10000, 40000, 1},
		{8000, 0, 40000, 1},        {8000, -1, 40000, 1},     {8000, 3000000, 40000, 1},
		{8000, 10000, 30000000, 1}, {8000, 10000, -1, 1},
	};
	static const char *const devices[] = {"null", "room", "file:,OUT"};
	struct tp_hal_got got;
	const char *args;
	char name[512];

	(void)state;
	for (size_t d = 0; d < sizeof(devices) / sizeof(devices[0]); d++) {
		for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
			void *handle = NULL;
			const struct tp_hal_ops *ops;

			fill_names(devices[d], name, sizeof(name));
			ops = tp_hal_find(name, &args);
			assert_true(ops->open(&handle, args, &wants[i], &got) < 0);
			assert_non_null(strstr(tp_error_detail(), "should be"));
			assert_null(handle);
		}
	}
}

static void test_a_device_vanishes(void **state)
{
	const struct row row = {"null:vanish=1.5", 8000, 10000, 40000, 8000, 80, 0, 0};
	struct tp_hal_position position;
	struct device device;

	(void)state;
	open_row(&device, &row);
	start(&device);
	device.now_ns += NS_PER_S * 3 / 2 - 1;
	assert_int_equal(capture(&device, 10), TP_ERR_XRUN);
	device.now_ns++;
	assert_int_equal(capture(&device, 10), TP_ERR_DEVICE_LOST);
	assert_int_equal(play(&device, 10), TP_ERR_DEVICE_LOST);
	assert_int_equal(device.ops->position(device.handle, TP_CAPTURE, device.now_ns, &position),
			 TP_ERR_DEVICE_LOST);
	close_device(&device);
}

static int64_t clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* In real time. A slow machine can make it late, never early. */
static void test_wait_returns_at_period_boundaries(void **state)
{
	const struct row row = {"null:vanish=0.2", 8000, 10000, 400000, 8000, 80, 0, 0};
	struct device device;
	int error;

	(void)state;
	open_row(&device, &row);
	device.now_ns = clock_now_ns();
	start(&device);
	for (int period = 1; (error = device.ops->wait(device.handle, 1000)) == 0; period++) {
		device.now_ns = clock_now_ns();
		if (device.now_ns - device.start_ns >= NS_PER_S / 5)
			continue;
		assert_true(device.now_ns >= device.start_ns + period * NS_PER_S / 100);
		assert_int_equal(capture(&device, 79), 79);
		assert_int_equal(capture(&device, 1), 1);
	}
	assert_int_equal(error, TP_ERR_DEVICE_LOST);
	assert_true(clock_now_ns() >= device.start_ns + NS_PER_S / 5);
	close_device(&device);
}

/* What is left of a period does not wake a reader whose blocks are not periods. */
static void test_wait_ignores_a_remainder(void **state)
{
	const struct row row = {"null:period=100", 8000, 10000, 400000, 8000, 100, 0, 0};
	struct device device;

	(void)state;
	open_row(&device, &row);
	device.now_ns = clock_now_ns();
	start(&device);
	assert_int_equal(device.ops->wait(device.handle, 1000), 0);
	device.now_ns = clock_now_ns();
	assert_int_equal(capture(&device, 80), 80);
	assert_int_equal(device.ops->wait(device.handle, 1000), 0);
	device.now_ns = clock_now_ns();
	assert_true(device.now_ns >= device.start_ns + NS_PER_S / 40);
	assert_int_equal(device.ops->wait(device.handle, 1), 0); /* 120 wait: at once */
	close_device(&device);
}

static void test_wait_times_out(void **state)
{
	const struct row row = {"null", 8000, 500000, 400000, 8000, 4000, 0, 0};
	struct device device;
	int64_t before_ns;

	(void)state;
	open_row(&device, &row);
	before_ns = clock_now_ns();
	assert_int_equal(device.ops->wait(device.handle, 5), 0);
	assert_true(clock_now_ns() >= before_ns + NS_PER_S / 200);
	device.now_ns = clock_now_ns();
	start(&device);
	assert_int_equal(device.ops->wait(device.handle, 5), 0);
	device.now_ns = clock_now_ns();
	assert_true(device.now_ns >= device.start_ns + NS_PER_S / 200);
	close_device(&device);
}

static int make_files(void **state)
{
	struct tp_wav_writer writer;
	int16_t pcm[1000];
	struct tp_random random;

	if (scratch_folder_make(state) ||
	    tp_wav_writer_open(&writer, scratch_folder_path("in.wav"), 16000, 1))
		return -1;
	tp_random_init(&random, 1, 0);
	for (int i = 0; i < 1000; i++)
		pcm[i] = (int16_t)tp_random_next(&random);
	return tp_wav_writer_write(&writer, pcm, 1000) || tp_wav_writer_close(&writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_backend_keeps_the_contract),
		cmocka_unit_test(test_an_hour_of_ppm),
		cmocka_unit_test(test_refused_wants),
		cmocka_unit_test(test_a_device_vanishes),
		cmocka_unit_test(test_wait_returns_at_period_boundaries),
		cmocka_unit_test(test_wait_ignores_a_remainder),
		cmocka_unit_test(test_wait_times_out),
	};

	return cmocka_run_group_tests_name("hal contract", tests, make_files,
					   scratch_folder_remove);
}
