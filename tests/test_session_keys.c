/* SPDX-License-Identifier: MIT */
/* Where a session's keys are, and that they are nowhere once it is closed. */
#include <talkpath/talkpath.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct tp_session_config config;

static void give_keys(void)
{
	tp_session_config_init(&config);
	assert_int_equal(tp_address_parse(&config.remote, "127.0.0.1:9"), 0);
	assert_int_equal(tp_srtp_key_generate(&config.send_key, TP_SRTP_AES_CM_128_HMAC_SHA1_80),
			 0);
	assert_int_equal(tp_srtp_key_generate(&config.receive_key, TP_SRTP_AES_CM_128_HMAC_SHA1_80),
			 0);
}

static struct tp_session *open_session(struct tp_engine *engine)
{
	struct tp_session_options options;
	struct tp_session *session;

	tp_session_options_init(&options);
	assert_int_equal(tp_session_open(&session, engine, &options), 0);
	return session;
}

/* The engine's one allocation has no copy, neither while the session lives nor after it. */
static void the_engines_memory_holds_no_key(void **state)
{
	struct tp_engine_config engine_config;
	struct tp_engine *engine;
	struct tp_session *session;
	size_t size, len = tp_srtp_key_len(TP_SRTP_AES_CM_128_HMAC_SHA1_80);

	(void)state;
	tp_engine_config_init(&engine_config);
	engine_config.device = "null";
	engine_config.threads = 0;
	size = tp_engine_size(&engine_config);
	assert_int_equal(tp_engine_create(&engine, &engine_config), 0);
	session = open_session(engine);
	give_keys();
	assert_int_equal(tp_session_configure(session, &config), 0);
	assert_null(memmem(engine, size, config.send_key.key, len));
	tp_session_close(session);
	(void)open_session(engine); /* which has the place of the first */
	assert_null(memmem(engine, size, config.send_key.key, len));
	assert_null(memmem(engine, size, config.receive_key.key, len));
	tp_engine_destroy(engine);
}

static void an_encrypted_session_never_falls_back_to_plain(void **state)
{
	struct tp_engine_config engine_config;
	struct tp_engine *engine;
	struct tp_session *session;

	(void)state;
	tp_engine_config_init(&engine_config);
	engine_config.device = "null";
	engine_config.threads = 0;
	assert_int_equal(tp_engine_create(&engine, &engine_config), 0);
	session = open_session(engine);
	give_keys();
	assert_int_equal(tp_session_configure(session, &config), 0);
	config.send_key.suite = TP_SRTP_NONE;
	assert_int_equal(tp_session_configure(session, &config), TP_ERR_KEY);
	config.receive_key.suite = TP_SRTP_NONE;
	assert_int_equal(tp_session_configure(session, &config), TP_ERR_KEY);
	tp_session_close(session);
	/* What follows in its place is another session. */
	session = open_session(engine);
	assert_int_equal(tp_session_configure(session, &config), 0);
	tp_engine_destroy(engine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_engines_memory_holds_no_key),
		cmocka_unit_test(an_encrypted_session_never_falls_back_to_plain),
	};

	return cmocka_run_group_tests_name("session_keys", tests, NULL, NULL);
}
