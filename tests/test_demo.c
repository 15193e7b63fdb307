/* SPDX-License-Identifier: MIT */
/* The shortest demo, live: both ends hear the other, and the page is whole. */
#include "tests/fixtures/spawned.h"

#include "hal/wav.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	SPAN_MS = 10,
	SPANS_MAX = 800,
	LAG_MAX = 40, /* spans: mouth to ear takes less on any machine that keeps up */
};

static struct spawned outcome;

static int demo(void **state)
{
	if (spawned_begin(state))
		return -1;
	/* alsa-lib then knows no card, whatever the machine has. */
	if (setenv("ALSA_CONFIG_PATH", "/dev/null", 1))
		return -1;
	spawned_run(&outcome, "demo --for 6 --speech speech --out DIR/.");
	return 0;
}

/* The loudness of a sound file, span by span; returns how many. */
static int envelope(double *loudness, const char *name)
{
	char path[SPAWNED_PATH_CAP];
	struct tp_wav wav;
	int n = 0, span_n;

	spawned_path(path, name);
	assert_int_equal(tp_wav_read(path, &wav), 0);
	span_n = wav.rate_hz * SPAN_MS / 1000;
	for (; n < SPANS_MAX && (n + 1) * (int64_t)span_n <= wav.frames; n++) {
		double sum = 0;

		for (int i = 0; i < span_n; i++)
			sum += pow(wav.samples[(int64_t)n * span_n + i], 2);
		loudness[n] = log10(sum / span_n + 1000);
	}
	tp_wav_free(&wav);
	return n;
}

static double correlation(const double *a, const double *b, int n)
{
	double ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;

	for (int i = 0; i < n; i++) {
		ma += a[i] / n;
		mb += b[i] / n;
	}
	for (int i = 0; i < n; i++) {
		ab += (a[i] - ma) * (b[i] - mb);
		aa += (a[i] - ma) * (a[i] - ma);
		bb += (b[i] - mb) * (b[i] - mb);
	}
	return ab / sqrt(aa * bb + 1e-12);
}

/* How alike two sounds rise and fall, at the best delay of the second. */
static double likeness(const char *said, const char *heard)
{
	static double a[SPANS_MAX], b[SPANS_MAX];
	int n = envelope(a, said), m = envelope(b, heard);
	double best = -1;

	assert_true(n >= 250 && m >= 250);
	for (int lag = 0; lag < LAG_MAX; lag++)
		best = fmax(best, correlation(a, b + lag, (n < m ? n : m) - lag));
	return best;
}

static void each_end_hears_what_the_other_said(void **state)
{
	double b_of_a, a_of_b, without;

	(void)state;
	if (getenv("TALKPATH_SANITIZE") && *getenv("TALKPATH_SANITIZE")) {
		puts("SKIP: a live call under a sanitizer is too slow to be heard");
		skip();
	}
	if (outcome.code)
		fail_msg("the demo ended with %d and said: %s", outcome.code, outcome.err);
	assert_string_equal(outcome.err, "");
	b_of_a = likeness("a-says.wav", "b-hears.wav");
	a_of_b = likeness("b-says.wav", "a-hears.wav");
	/* B's raw microphone has A's words in it as well. */
	without = likeness("b-says.wav", "a-hears-without-aec.wav");
	print_message("alike: A to B %.2f, B to A %.2f, with the echo %.2f\n", b_of_a, a_of_b,
		      without);
	/* One delay for all six seconds is not the whole truth: the playout delay follows the
	 * network, which is bad in the middle third. Unlike sounds reach 0.3. */
	assert_true(b_of_a > 0.5);
	assert_true(a_of_b > 0.5);
}

/* Base64 may spell anything. */
static void leave_pictures_out(char *page)
{
	while ((page = strstr(page, "data:image/png;base64,"))) {
		memset(page, ' ', strcspn(page, "'"));
	}
}

static void the_page_is_whole(void **state)
{
	static const char *const parts[] = {"<!doctype html>", "data:image/png;base64,iVBOR",
					    "class='dots packet'", "class='stage3'", "</html>"};
	char path[SPAWNED_PATH_CAP], *page = calloc(1, 4 << 20);
	FILE *file;

	(void)state;
	spawned_path(path, "report.html");
	file = fopen(path, "r");
	assert_non_null(file);
	page[fread(page, 1, (4 << 20) - 1, file)] = '\0';
	fclose(file);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!strstr(page, parts[i]))
			fail_msg("the page has no %s", parts[i]);
	leave_pictures_out(page);
	/* Nothing comes from elsewhere, and no figure is nonsense. */
	assert_null(strstr(page, "http"));
	assert_null(strstr(page, "nan"));
	assert_null(strstr(page, "inf"));
	free(page);
}

static void field_24_the_demo_needs_no_sound_device(void **state)
{
	static struct spawned call;

	(void)state;
	spawned_run(&call, "call 127.0.0.1:9 --device alsa:default --for 1");
	assert_int_equal(call.code, 1);
	assert_non_null(strstr(call.err, "no ALSA playback device"));
	if (outcome.code)
		fail_msg("the demo ended with %d and said: %s", outcome.code, outcome.err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(field_24_the_demo_needs_no_sound_device),
		cmocka_unit_test(each_end_hears_what_the_other_said),
		cmocka_unit_test(the_page_is_whole),
	};

	return cmocka_run_group_tests_name("demo", tests, demo, spawned_end);
}
