/* SPDX-License-Identifier: MIT */
/* Codecs that come in shared objects. */
#include "tests/fixtures/stepped_call.h"

#include <libgen.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { RATE_HZ = 8000 };

/* Beside this program. */
static const char *plugin_path(void)
{
	static char path[PATH_MAX + 32];
	char self[PATH_MAX] = "";

	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	snprintf(path, sizeof(path), "%s/plugins/l8.so", dirname(self));
	return path;
}

static struct tp_engine *stopped_engine(void)
{
	struct tp_engine_config config;
	struct tp_engine *engine = NULL;

	tp_engine_config_init(&config);
	config.threads = 0;
	assert_int_equal(tp_engine_create(&engine, &config), 0);
	return engine;
}

static void a_loaded_codec_carries_a_call(void **state)
{
	int16_t *said = malloc(3 * RATE_HZ * sizeof(*said));
	struct stepped_call call;
	double likeness;

	(void)state;
	stepped_call_init(&call);
	stepped_call_speak(said, 3 * RATE_HZ, RATE_HZ, 1);
	fake_device[CALLER].mic = said;
	fake_device[CALLER].mic_n = 3 * RATE_HZ;
	call.plugin = plugin_path();
	stepped_call_codec(&call.session_config, "L8", 100, 20);
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 3500);
	assert_string_equal(stepped_call_stats(&call, CALLED).receive_codec, "L8");
	stepped_call_delay(said + RATE_HZ, call.ear[CALLED] + RATE_HZ, RATE_HZ, RATE_HZ / 2,
			   &likeness);
	assert_true(likeness > 0.95); /* but for the coarse steps of 8 bits */
	stepped_call_end(&call);
	free(said);
}

/* Who brings a concealment is taken to know better than the engine. */
static void a_loaded_codec_conceals(void **state)
{
	struct stepped_call call;
	struct tp_session_stats stats;
	int made = 0;

	(void)state;
	stepped_call_init(&call);
	call.plugin = plugin_path();
	stepped_call_codec(&call.session_config, "L8", 100, 20);
	call.session_config.jitter = (struct tp_jitter_config){TP_JITTER_FIXED, 40, 40, 40};
	stepped_call_begin(&call);
	fake_network_impair(call.net, stepped_call_address[CALLER],
			    &(struct fake_weather){.loss = 0.1});
	stepped_call_run_ms(&call, 5000);
	stats = stepped_call_stats(&call, CALLED);
	for (int i = 0; i < 5 * RATE_HZ; i++)
		made += call.ear[CALLED][i] > 19000; /* but where it fades in and out */
	assert_true(stats.receive.lost > 10);
	assert_in_range(made, stats.receive.lost * RATE_HZ / 50 / 2,
			stats.receive.lost * RATE_HZ / 50);
	stepped_call_end(&call);
}

static void a_loaded_codec_stands_before_the_built_in_ones(void **state)
{
	struct tp_engine *engine = stopped_engine();

	(void)state;
	assert_int_equal(tp_engine_load_codec(engine, plugin_path()), 0);
	assert_string_equal(tp_engine_codec(engine, 0)->name, "L8");
	assert_string_equal(tp_engine_codec(engine, 1)->name, tp_codec_builtin(0)->name);
	tp_engine_destroy(engine);
}

static void an_engine_is_full_at_some_time(void **state)
{
	struct tp_engine *engine = stopped_engine();
	int loaded = 0;

	(void)state;
	while (tp_engine_load_codec(engine, plugin_path()) == 0)
		loaded++;
	assert_true(loaded > 1 && loaded < 1000);
	assert_non_null(strstr(tp_error_detail(), "an engine holds"));
	tp_engine_destroy(engine);
}

static void what_is_no_codec_is_refused(void **state)
{
	static const struct {
		const char *path, *sentence;
	} wrong[] = {
		{"/none/such.so", "cannot load a codec: /none/such.so: "},
		{"libm.so.6", "libm.so.6 exports no tp_codec_plugin()"},
		{"", "the path of a codec is wanted"},
		{NULL, "the path of a codec is wanted"},
	};
	struct tp_engine *engine = stopped_engine();

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_true(tp_engine_load_codec(engine, wrong[i].path) < 0);
		assert_non_null(strstr(tp_error_detail(), wrong[i].sentence));
	}
	assert_ptr_equal(tp_engine_codec(engine, 0), tp_codec_builtin(0));
	tp_engine_destroy(engine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loaded_codec_carries_a_call),
		cmocka_unit_test(a_loaded_codec_conceals),
		cmocka_unit_test(a_loaded_codec_stands_before_the_built_in_ones),
		cmocka_unit_test(an_engine_is_full_at_some_time),
		cmocka_unit_test(what_is_no_codec_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
