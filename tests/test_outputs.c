/* SPDX-License-Identifier: MIT */
/* The files of a run are told apart whatever they are called, and looking at them leaves them
 * alone. */
#include "cli/outputs.h"
#include "tests/fixtures/scratch_folder.h"

#include <talkpath/error.h>

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char home[PATH_MAX];

static int enter(void **state)
{
	if (!getcwd(home, sizeof(home)) || scratch_folder_make(state))
		return -1;
	return chdir(scratch_folder_path(".")) || mkdir("folder", 0700);
}

static int leave(void **state)
{
	unlink("folder/up");
	return rmdir("folder") || chdir(home) || scratch_folder_remove(state);
}

static void make_link(const char *to, const char *name)
{
	assert_int_equal(symlink(to, name), 0);
}

static int check(const char *a, const char *b, enum tp_file_use use)
{
	const struct tp_named_file files[] = {
		{"OUT.wav", a, TP_FILE_WRITTEN},
		{"--report", b, use},
	};

	return tp_outputs_check(files, 2);
}

static void expect_clash(const char *a, const char *b)
{
	assert_int_equal(check(a, b, TP_FILE_LEFT), TP_ERR_ARGUMENT);
	assert_non_null(strstr(tp_error_detail(), "both OUT.wav and --report"));
	assert_int_equal(check(b, a, TP_FILE_LEFT), TP_ERR_ARGUMENT);
}

static void one_file_under_two_names_is_found(void **state)
{
	(void)state;
	expect_clash("new", "new");
	expect_clash("new", "./new");
	expect_clash("new", "folder/../new");
	make_link("new", "link"); /* leads to nothing yet */
	expect_clash("new", "link");
	make_link("folder/../link", "link to link");
	expect_clash("link to link", "folder/../new");
	make_link("../new", "folder/up");
	expect_clash("folder/up", "new");
	assert_int_equal(check("folder/up", "folder/new", TP_FILE_LEFT), 0);
	assert_int_equal(check("new", "other", TP_FILE_LEFT), 0);
	assert_int_equal(check("/dev/null", "/dev/null", TP_FILE_LEFT), 0);
}

static void links_in_a_circle_end(void **state)
{
	(void)state;
	make_link("round", "and round");
	make_link("and round", "round");
	assert_int_equal(check("new", "round", TP_FILE_LEFT), TP_ERR_SYSTEM);
}

static void what_is_looked_at_is_left_alone(void **state)
{
	char to[16] = "";

	(void)state;
	make_link("later", "link");
	assert_int_equal(check("new", "link", TP_FILE_LEFT), 0);
	assert_int_equal(readlink("link", to, sizeof(to) - 1), 5);
	assert_string_equal(to, "later");
	assert_int_not_equal(access("later", F_OK), 0);
	assert_int_not_equal(access("new", F_OK), 0);
	assert_int_equal(check("new", "none/such", TP_FILE_LEFT), TP_ERR_SYSTEM);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_file_under_two_names_is_found),
		TEST(links_in_a_circle_end),
		TEST(what_is_looked_at_is_left_alone),
	};

	return cmocka_run_group_tests_name("outputs", tests, NULL, NULL);
}
