/* SPDX-License-Identifier: MIT */
/* Set-up calls without memory: each allocation fails once; all is as it was, nothing is lost, and
 * a sentence says so. */
#include "tests/fixtures/fake_malloc.h"
#include "tests/fixtures/fake_network.h"

#include <talkpath/talkpath.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct fake_network *net;
static struct tp_engine *engine;

static void make_engine(void)
{
	struct tp_engine_config config;

	tp_engine_config_init(&config);
	config.threads = 0;
	config.seed = 1;
	assert_int_equal(tp_engine_create(&engine, &config), 0);
}

static int set_up(void **state)
{
	struct tp_session_options options;
	struct tp_session_config config;
	struct tp_session *session;

	(void)state;
	net = fake_network_create(1);
	make_engine();
	/* The first stream settles the rate, and with it the canceller: libspeexdsp does not
	 * survive what is tried here. */
	tp_session_options_init(&options);
	options.transport = fake_network_open(net, "10.0.0.1:4000", false);
	tp_session_config_init(&config);
	return tp_session_open(&session, engine, &options) ||
	       tp_session_configure(session, &config) || tp_engine_start(engine);
}

static int tear_down(void **state)
{
	(void)state;
	tp_engine_destroy(engine);
	fake_network_destroy(net);
	return 0;
}

/* Of a call that failed at its n-th allocation. */
static void expect_refused(int error, int n)
{
	if (error != TP_ERR_MEMORY || !strstr(tp_error_detail(), "memory"))
		fail_msg("without allocation %d it is %d, \"%s\"", n, error, tp_error_detail());
	(void)tp_fail(0, "%s", "");
}

static void no_engine_without_memory(void **state)
{
	struct tp_engine_config config;
	struct tp_engine *none = NULL;
	int live = fake_malloc_live();

	(void)state;
	if (!fake_malloc_works())
		skip();
	tp_engine_config_init(&config);
	fake_malloc_fail_at(0);
	int error = tp_engine_create(&none, &config);
	fake_malloc_fail_at(-1);
	expect_refused(error, 0);
	assert_null(none);
	assert_int_equal(fake_malloc_live(), live);
}

/* Tries a call without its first allocation, without its second and so on, until it has them all.
 * What fails leaves nothing behind. Returns how many allocations it makes. */
static int try_without_each(int (*attempt)(void *context), void *context)
{
	int live = fake_malloc_live();

	for (int n = 0;; n++) {
		fake_malloc_fail_at(n);
		int error = attempt(context);
		bool failed = fake_malloc_failed();
		fake_malloc_fail_at(-1);
		if (!failed) {
			assert_int_equal(error, 0);
			return n;
		}
		expect_refused(error, n);
		assert_int_equal(fake_malloc_live(), live);
	}
}

static int open_session(void *session)
{
	struct tp_session_options options;

	tp_session_options_init(&options);
	options.udp.local = (struct tp_address){.family = 4, .ip = {127, 0, 0, 1}};
	return tp_session_open(session, engine, &options);
}

static void no_session_without_memory(void **state)
{
	struct tp_session *session;

	(void)state;
	if (!fake_malloc_works())
		skip();
	/* Two commands and a transport. */
	assert_true(try_without_each(open_session, &session) >= 3);
	tp_session_close(session);
}

/* Two codecs each way at rates of their own, redundancy, comfort noise. */
static void rich(struct tp_session_config *config)
{
	static const struct tp_format received[] = {
		{.codec = "opus", .pt = 96, .options = {.rate_hz = 48000}},
		{.codec = "G722", .pt = 9},
		{.codec = "red", .pt = 121},
		{.codec = "CN", .pt = 13},
	};

	tp_session_config_init(config);
	assert_int_equal(tp_address_parse(&config->remote, "10.0.0.2:4000"), 0);
	memcpy(config->receive, received, sizeof(received));
	config->receive_n = 4;
	config->send = (struct tp_format){.codec = "opus", .pt = 96, .ptime_ms = 20, .red_pt = 121};
}

static struct tp_session *open_blank(void)
{
	struct tp_session_options options;
	struct tp_session *session;

	tp_session_options_init(&options);
	options.transport = fake_network_open(net, "10.0.0.1:4200", false);
	assert_int_equal(tp_session_open(&session, engine, &options), 0);
	return session;
}

/* What libsrtp takes for the whole process is taken at the first key. It can do without some of
 * it. Before any other test with keys. */
static void libsrtp_is_started_again_after_a_failure(void **state)
{
	struct tp_session *session = open_blank();
	struct tp_session_config config;
	int error = TP_ERR_MEMORY;

	(void)state;
	if (!fake_malloc_works())
		skip();
	rich(&config);
	config.send_key.suite = config.receive_key.suite = TP_SRTP_AES_CM_128_HMAC_SHA1_80;
	config.send_key.key[0] = 1;
	for (int n = 0; error < 0; n++) {
		fake_malloc_fail_at(n);
		error = tp_session_configure(session, &config);
		bool failed = fake_malloc_failed();
		fake_malloc_fail_at(-1);
		if (error < 0 && !failed)
			fail_msg("allocation %d was there: \"%s\"", n, tp_error_detail());
		if (error < 0)
			expect_refused(error, n);
	}
	assert_int_equal(tp_session_configure(session, &config), 0);
}

struct stream {
	struct tp_session *session;
	struct tp_session_config config;
};

static int configure(void *context)
{
	struct stream *stream = context;

	return tp_session_configure(stream->session, &stream->config);
}

/* Without keys: libsrtp does not survive a failure in srtp_create(). */
static void no_stream_without_memory(void **state)
{
	struct stream stream = {.session = open_blank()};

	(void)state;
	if (!fake_malloc_works())
		skip();
	rich(&stream.config);
	assert_true(try_without_each(configure, &stream) > 10);
	for (int ms = 0; ms < 100; ms += 5)
		assert_int_equal(tp_engine_step(engine, INT64_C(1000000) * (1000 + ms)), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_engine_without_memory),
		TEST(no_session_without_memory),
		TEST(libsrtp_is_started_again_after_a_failure),
		TEST(no_stream_without_memory),
	};

	return cmocka_run_group_tests_name("engine_memory", tests, NULL, NULL);
}
