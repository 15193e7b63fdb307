/* SPDX-License-Identifier: MIT */
/* The echo verb's page is whole, and its figures are those of the room
 * that the sound was made in. */
#include "tests/fixtures/fake_echo.h"
#include "tests/fixtures/fake_speech.h"
#include "tests/fixtures/spawned.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE_HZ = 16000, N = RATE_HZ * 6, TEXT_CAP = 4 << 20, DELAY_MS = 60 };

static char *text;

static int make_sounds(void **state)
{
	static int16_t far[N], mic[N];
	struct fake_echo room;

	if (spawned_begin(state))
		return -1;
	text = calloc(1, TEXT_CAP);
	fake_speech(31, RATE_HZ, far, N);
	fake_noise(5, 8, mic, N);
	fake_echo_init(&room, 4, RATE_HZ, DELAY_MS, DELAY_MS + 90, 250, -6);
	fake_echo_add(&room, far, mic, N);
	spawned_put_wav("far.wav", RATE_HZ, far, N);
	spawned_put_wav("m<i>c.wav", RATE_HZ, mic, N);
	return text ? 0 : -1;
}

static int forget_sounds(void **state)
{
	free(text);
	return spawned_end(state);
}

static void read_text(const char *name)
{
	char path[SPAWNED_PATH_CAP];
	FILE *file;

	spawned_path(path, name);
	file = fopen(path, "r");
	assert_non_null(file);
	memset(text, 0, TEXT_CAP);
	assert_true(fread(text, 1, TEXT_CAP - 1, file) > 0);
	fclose(file);
}

static void run_echo(const char *line)
{
	static struct spawned outcome;

	spawned_run(&outcome, line);
	if (outcome.code)
		fail_msg("ended with %d and said: %s", outcome.code, outcome.err);
}

static double figure(const char *name)
{
	char quoted[64];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\": ", name);
	at = strstr(text, quoted);
	assert_non_null(at);
	return strtod(at + strlen(quoted), NULL);
}

static void the_page_is_whole(void **state)
{
	static const char *const parts[] = {"<!doctype html>",
					    "data:image/png;base64,iVBOR",
					    "echo return loss over time",
					    "delay over time",
					    "drift over time",
					    "class='line b'",
					    "class='far'",
					    "m&#60;i>c.wav",
					    "</html>"};
	char *page;

	(void)state;
	run_echo("echo DIR/far.wav DIR/m<i>c.wav DIR/out.wav --report DIR/page.html");
	read_text("page.html");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!strstr(text, parts[i]))
			fail_msg("the page has no %s", parts[i]);
	/* Base64 may spell anything. */
	for (page = text; (page = strstr(page, "base64,"));)
		memset(page, ' ', strcspn(page, "'"));
	assert_null(strstr(text, "http"));
	assert_null(strstr(text, "nan"));
	assert_null(strstr(text, "inf"));
}

static void figures_are_those_of_the_room(void **state)
{
	(void)state;
	run_echo("echo DIR/far.wav DIR/m<i>c.wav DIR/out.wav --stats DIR/stats.json");
	read_text("stats.json");
	assert_true(fabs(figure("seconds") - 6) < 1e-9);
	assert_true(fabs(figure("echo_delay_ms") - DELAY_MS) < 3);
	assert_true(fabs(figure("echo_drift_ppm")) < 5);
	assert_true(fabs(figure("echo_loss_db") - 6) < 5);
	assert_true(figure("echo_reduction_db") > 20);
	assert_true(figure("double_talk_percent") < 10);
	assert_true(figure("added_delay_ms") <= 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_is_whole),
		cmocka_unit_test(figures_are_those_of_the_room),
	};

	return cmocka_run_group_tests_name("echo_report", tests, make_sounds, forget_sounds);
}
