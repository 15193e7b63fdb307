/* SPDX-License-Identifier: MIT */
/* Device names: every backend is found, every mistake has its sentence. */
#include <talkpath/hal.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_builtin_backends_are_complete(void **state)
{
	const struct tp_hal_ops *ops;
	const char *args;
	int n = 0;

	(void)state;
	assert_null(tp_hal_builtin(-1));
	for (; (ops = tp_hal_builtin(n)); n++) {
		assert_int_equal(ops->abi, TP_HAL_ABI);
		assert_non_null(ops->args);
		assert_non_null(ops->about);
		assert_null(strchr(ops->about, '\n'));
		assert_true(ops->open && ops->start && ops->wait && ops->capture && ops->playback &&
			    ops->position && ops->stop && ops->close);
		assert_ptr_equal(tp_hal_find(ops->name, &args), ops);
		assert_string_equal(args, "");
	}
	assert_true(n >= 3);
	assert_null(tp_hal_builtin(n));
}

static void test_args_are_what_follows_the_colon(void **state)
{
	const char *args;

	(void)state;
	assert_string_equal(tp_hal_find("room:erl=3,delay=5", &args)->name, "room");
	assert_string_equal(args, "erl=3,delay=5");
	assert_string_equal(tp_hal_find("file:a:b.wav", &args)->name, "file");
	assert_string_equal(args, "a:b.wav");
	assert_string_equal(tp_hal_find("null:", &args)->name, "null");
	assert_string_equal(args, "");
}

static void test_unknown_backends_are_told_the_known_ones(void **state)
{
	static const char *const names[] = {"", ":", "nul", "nulls", "Null", "room,erl=3", "oss:x"};
	const char *args;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_null(tp_hal_find(names[i], &args));
		for (int k = 0; tp_hal_builtin(k); k++)
			assert_non_null(strstr(tp_error_detail(), tp_hal_builtin(k)->name));
	}
}

static void test_bad_args_have_their_sentence(void **state)
{
	static const struct {
		const char *device, *word;
	} cases[] = {
		{"null:rate", "\"rate\" should be key=value"},
		{"null:rate=", "rate= should be a whole number from 8000 to 192000 Hz"},
		{"null:rate=8k", "rate=8k should be"},
		{"null:rate=8000.5", "rate=8000.5 should be a whole number"},
		{"null:rate=7999", "rate=7999 should be"},
		{"null:rate=0x1F40", "rate=0x1F40 should be"},
		{"null:rate=1e4", "rate=1e4 should be"},
		{"null:rate=+-8000", "should be"},
		{"null:rate=.", "should be"},
		{"null:rate=8000.0.0", "should be"},
		{"null:rate=99999999999999999999999999", "should be"},
		{"null:play_ppm=2001", "play_ppm=2001 should be a number from -2000 to 2000 ppm"},
		{"null:capture_ppm=-2000.1", "capture_ppm=-2000.1 should be"},
		{"null:period=15", "period=15 should be a whole number from 16 to 4096 frames"},
		{"null:period=4097", "period=4097 should be"},
		{"null:vanish=0", "vanish=0 should be"},
		{"null:erl=6", "keys rate, period, play_ppm, capture_ppm, vanish"},
		{"null:period=160,,rate=8000", "null: \"\" should be key=value"},
		{"null:=5", "\"=5\" should be key=value"},
		{"room:nois=3", "keys talker, loop, gain, near, noise, erl, delay, rt60, size"},
		{"room:noise=-101", "noise=-101 should be a number from -100 to -20 dB"},
		{"room:erl=81", "erl=81 should be a number from -20 to 80 dB"},
		{"room:delay=1", "delay=1 should be a number from 2 to 500 ms"},
		{"room:rt60=2001", "rt60=2001 should be a number from 0 to 2000 ms"},
		{"room:distort=11", "distort=11 should be a number from 0 to 10 percent"},
		{"room:seed=4294967296", "seed=4294967296 should be a whole number from 0"},
		{"room:seed=1.5", "seed=1.5 should be"},
		{"room:size=big", "size=big should be one of small, office, hall"},
		{"room:size=", "size= should be followed by"},
		{"room:talker=", "talker= should be followed by"},
		{"room:talker=/missing.wav", "\"/missing.wav\" cannot be opened"},
		{"room:rate=96000", "rate=96000 should be a whole number from 8000 to 48000 Hz"},
	};
	const struct tp_hal_want want = {8000, 10000, 40000, 1};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tp_hal_got got;
		void *device = NULL;
		const char *args;
		const struct tp_hal_ops *ops = tp_hal_find(cases[i].device, &args);

		assert_non_null(ops);
		if (ops->open(&device, args, &want, &got) >= 0)
			fail_msg("%s was opened", cases[i].device);
		assert_null(device);
		if (!strstr(tp_error_detail(), cases[i].word))
			fail_msg("%s: \"%s\" lacks \"%s\"", cases[i].device, tp_error_detail(),
				 cases[i].word);
	}
}

static void test_good_args(void **state)
{
	static const char *const devices[] = {
		"null:rate=8000",
		"null:rate=+8000,",
		"null:play_ppm=-.5,capture_ppm=2.25",
		"room:",
		"room:size=hall,rt60=0,noise=-100,erl=-20,delay=500,distort=10,seed=4294967295",
		"room:size=small,rt60=2000,near=-20,loop=0,rate=48000,vanish=0.5",
		"room:rt60=1,gain=-3.5",
	};
	const struct tp_hal_want want = {8000, 10000, 40000, 1};

	(void)state;
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		struct tp_hal_got got;
		void *device = NULL;
		const char *args;
		const struct tp_hal_ops *ops = tp_hal_find(devices[i], &args);

		if (ops->open(&device, args, &want, &got) < 0)
			fail_msg("%s: %s", devices[i], tp_error_detail());
		ops->close(device);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_builtin_backends_are_complete),
		cmocka_unit_test(test_args_are_what_follows_the_colon),
		cmocka_unit_test(test_unknown_backends_are_told_the_known_ones),
		cmocka_unit_test(test_bad_args_have_their_sentence),
		cmocka_unit_test(test_good_args),
	};

	return cmocka_run_group_tests_name("hal registry", tests, NULL, NULL);
}
