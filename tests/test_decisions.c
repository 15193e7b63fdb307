/* SPDX-License-Identifier: MIT */
/* Whatever is counted of a stream is told as it happens: the trace, and events. */
#include "tests/fixtures/stepped_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE_HZ = 16000, SECONDS = 12, CHUNK = 512 };

static struct stepped_call call;
static int16_t said[RATE_HZ * SECONDS];
static int64_t told_us[TP_TRACE_KINDS], most_us[TP_TRACE_KINDS], least_us[TP_TRACE_KINDS];
static int lines[TP_TRACE_KINDS];

static int begin(void **state)
{
	(void)state;
	stepped_call_init(&call);
	call.engine_config.rate_hz = RATE_HZ;
	stepped_call_speak(said, RATE_HZ * SECONDS, RATE_HZ, 1);
	fake_device[CALLER].mic = said;
	fake_device[CALLER].mic_n = RATE_HZ * SECONDS;
	memset(told_us, 0, sizeof(told_us));
	memset(most_us, 0, sizeof(most_us));
	memset(least_us, 0, sizeof(least_us));
	memset(lines, 0, sizeof(lines));
	return 0;
}

static int end(void **state)
{
	(void)state;
	stepped_call_end(&call);
	return 0;
}

/* Runs on and adds up what the listener's trace tells. */
static void listen_ms(int ms)
{
	static struct tp_trace records[CHUNK];
	int n;

	for (int done = 0; done < ms; done += 100) {
		stepped_call_run_ms(&call, 100);
		while ((n = tp_engine_trace(call.engine[CALLED], records, CHUNK)) > 0)
			for (int i = 0; i < n; i++) {
				enum tp_trace_kind kind = records[i].kind;

				lines[kind]++;
				told_us[kind] += records[i].value;
				if (records[i].value > most_us[kind])
					most_us[kind] = records[i].value;
				if (records[i].value < least_us[kind])
					least_us[kind] = records[i].value;
			}
	}
}

static void expect_told(enum tp_trace_kind kind, uint32_t counted_ms)
{
	int64_t told_ms = told_us[kind] / 1000;

	assert_true(counted_ms > 0);
	if (told_ms != counted_ms)
		fail_msg("kind %d: %lld ms told, %u ms counted", (int)kind, (long long)told_ms,
			 counted_ms);
}

static void losses_are_told_as_they_are_counted(void **state)
{
	struct tp_session_stats stats;

	(void)state;
	stepped_call_codec(&call.session_config, "PCMU", 0, 20);
	call.session_config.send.red_pt = 121;
	call.session_config.receive[1] = (struct tp_format){.codec = "red", .pt = 121};
	call.session_config.receive_n = 2;
	stepped_call_begin(&call);
	(void)tp_engine_trace(call.engine[CALLED], &(struct tp_trace){.kind = 0}, 0);
	fake_network_impair(call.net, stepped_call_address[CALLER],
			    &(struct fake_weather){.loss = 0.1, .burst = 2, .jitter_ms = 30});
	listen_ms(10000);
	stats = stepped_call_stats(&call, CALLED);
	expect_told(TP_TRACE_RECOVERED, stats.jitter.fec_ms);
	assert_true(told_us[TP_TRACE_CONCEALED] / 1000 >= stats.jitter.concealed_ms);
	/* A playout delay is told as one, on every packet that is played. */
	assert_true(lines[TP_TRACE_PLAYED] > 400);
	assert_true(least_us[TP_TRACE_PLAYED] >= 0 && most_us[TP_TRACE_PLAYED] < 400000);
}

static void pauses_are_told_as_they_are_counted(void **state)
{
	struct tp_session_stats stats;

	(void)state;
	memset(said + RATE_HZ * 2, 0, (size_t)(RATE_HZ * 6) * sizeof(*said));
	stepped_call_codec(&call.session_config, "PCMU", 0, 20);
	call.session_config.send.cn_pt = 13;
	call.engine_config.voice.vad = true;
	stepped_call_begin(&call);
	(void)tp_engine_trace(call.engine[CALLED], &(struct tp_trace){.kind = 0}, 0);
	listen_ms(10000);
	stats = stepped_call_stats(&call, CALLED);
	assert_true(stats.jitter.noise_ms > 3000);
	/* Before a stream begins there is noise of which no line speaks. */
	assert_true(told_us[TP_TRACE_NOISE] / 1000 <= stats.jitter.noise_ms);
	assert_true(told_us[TP_TRACE_NOISE] / 1000 + 200 > stats.jitter.noise_ms);
}

static void another_source_is_told(void **state)
{
	struct tp_session_options options;
	struct tp_session_config config = call.session_config;

	(void)state;
	stepped_call_begin(&call);
	(void)tp_engine_trace(call.engine[CALLED], &(struct tp_trace){.kind = 0}, 0);
	listen_ms(1000);
	tp_session_close(call.session[CALLER]);
	stepped_call_run_ms(&call, 50);
	tp_session_options_init(&options);
	options.transport = fake_network_open(call.net, stepped_call_address[CALLER], false);
	assert_int_equal(tp_session_open(&call.session[CALLER], call.engine[CALLER], &options), 0);
	stepped_call_configure(&call, CALLER, &config);
	listen_ms(1000);
	assert_int_equal(stepped_call_stats(&call, CALLED).jitter.resyncs, 1);
	assert_int_equal(lines[TP_TRACE_RESYNC], 1);
}

static void another_codec_is_told_once(void **state)
{
	struct tp_event event;
	int changes = 0, pt = -1;

	(void)state;
	stepped_call_codec(&call.session_config, "PCMU", 0, 20);
	call.session_config.receive[1] = (struct tp_format){.codec = "G722", .pt = 9};
	call.session_config.receive_n = 2;
	stepped_call_begin(&call);
	stepped_call_run_ms(&call, 500);
	call.session_config.send = (struct tp_format){.codec = "G722", .pt = 9, .ptime_ms = 20};
	stepped_call_configure(&call, CALLER, &call.session_config);
	stepped_call_run_ms(&call, 500);
	while (tp_engine_next_event(call.engine[CALLED], &event))
		if (event.kind == TP_EVENT_CODEC_CHANGED) {
			changes++;
			pt = (int)event.value;
		}
	assert_int_equal(changes, 1);
	assert_int_equal(pt, 9);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(losses_are_told_as_they_are_counted),
		TEST(pauses_are_told_as_they_are_counted),
		TEST(another_source_is_told),
		TEST(another_codec_is_told_once),
	};

	return cmocka_run_group_tests_name("decisions", tests, NULL, NULL);
}
