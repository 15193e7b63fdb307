/* SPDX-License-Identifier: MIT */
/* Backends that run out of memory while they open say so, and leave nothing behind. */
#include "hal/wav.h"
#include "tests/fixtures/fake_malloc.h"
#include "tests/fixtures/scratch_folder.h"

#include <talkpath/hal.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* Opens while the n-th allocation fails, for every n, and expects nothing to be left. */
static void check(const char *name, int allocations_min)
{
	const struct tp_hal_want want = {8000, 10000, 40000, 1};
	struct tp_hal_got got;
	const char *args;
	const struct tp_hal_ops *ops = tp_hal_find(name, &args);
	void *warm;
	int n = 0, before;
	bool failed = true;

	/* The first thread leaves the C library a stack for the next one. */
	assert_non_null(ops);
	assert_int_equal(ops->open(&warm, args, &want, &got), 0);
	ops->close(warm);
	before = fake_malloc_live();
	for (; failed; n++) {
		void *device = NULL;
		int error;

		fake_malloc_fail_at(n);
		error = ops->open(&device, args, &want, &got);
		failed = fake_malloc_failed();
		fake_malloc_fail_at(-1);
		if (!error)
			ops->close(device);
		else
			assert_null(device);
		/* Files need no buffer to be read or written: the C library goes on without. */
		assert_true(!error || failed);
		assert_int_equal(fake_malloc_live(), before);
	}
	assert_true(n > allocations_min);
}

static void test_every_allocation_may_fail(void **state)
{
	char name[1024];

	(void)state;
	if (!fake_malloc_works())
		skip();
	check("null", 2);
	check("room", 4);
	snprintf(name, sizeof(name), "room:talker=%s", scratch_folder_path("in.wav"));
	check(name, 8); /* the talker's file is long, and of another rate */
	snprintf(name, sizeof(name), "file:%s,%s", scratch_folder_path("in.wav"),
		 scratch_folder_path("out.wav"));
	check(name, 5);
}

static int make_files(void **state)
{
	static const int16_t pcm[100000];
	struct tp_wav_writer writer;

	return scratch_folder_make(state) ||
	       tp_wav_writer_open(&writer, scratch_folder_path("in.wav"), 16000, 1) ||
	       tp_wav_writer_write(&writer, pcm, 100000) || tp_wav_writer_close(&writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	return cmocka_run_group_tests_name("hal memory", tests, make_files, scratch_folder_remove);
}
