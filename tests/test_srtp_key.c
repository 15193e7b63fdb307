/* SPDX-License-Identifier: MIT */
/* SRTP suites by name, and keys as SDP writes them. */
#include <talkpath/talkpath.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ASCII_KEY "aSBrbm93IGFsbCB5b3VyIGxpdHRsZSBzZWNyZXRz" /* of a published capture */

static const char ascii_key[] = "i know all your little secrets";

#define CM      TP_SRTP_AES_CM_128_HMAC_SHA1_80
#define CM_32   TP_SRTP_AES_CM_128_HMAC_SHA1_32
#define CM_256  TP_SRTP_AES_256_CM_HMAC_SHA1_80
#define GCM     TP_SRTP_AEAD_AES_128_GCM
#define GCM_256 TP_SRTP_AEAD_AES_256_GCM

static void suites_have_names_and_lengths(void **state)
{
	static const struct {
		enum tp_srtp_suite suite;
		const char *name;
		size_t len;
	} want[] = {
		{CM, "AES_CM_128_HMAC_SHA1_80", 30},     {CM_32, "AES_CM_128_HMAC_SHA1_32", 30},
		{CM_256, "AES_256_CM_HMAC_SHA1_80", 46}, {GCM, "AEAD_AES_128_GCM", 28},
		{GCM_256, "AEAD_AES_256_GCM", 44},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		assert_int_equal(tp_srtp_suite_find(want[i].name), want[i].suite);
		assert_string_equal(tp_srtp_suite_name(want[i].suite), want[i].name);
		assert_int_equal(tp_srtp_key_len(want[i].suite), want[i].len);
	}
	assert_int_equal(tp_srtp_suite_find("aead_aes_128_gcm"), GCM);
	assert_int_equal(tp_srtp_suite_find("AEAD_AES_128_GC"), TP_SRTP_NONE);
	assert_int_equal(tp_srtp_suite_find("AEAD_AES_128_GCM_8"), TP_SRTP_NONE);
	assert_int_equal(tp_srtp_suite_find(""), TP_SRTP_NONE);
	assert_null(tp_srtp_suite_name(TP_SRTP_NONE));
	assert_null(tp_srtp_suite_name((enum tp_srtp_suite)99));
	assert_int_equal(tp_srtp_key_len(TP_SRTP_NONE), 0);
	assert_int_equal(tp_srtp_key_len((enum tp_srtp_suite)99), 0);
}

struct good {
	enum tp_srtp_suite suite;
	const char *text;
	const char *mki; /* in hexadecimal */
};

#define A  "AAAA"
#define A4 A A A A

static const struct good good[] = {
	{CM, "inline:" ASCII_KEY, ""},
	{CM, "INLINE:" ASCII_KEY, ""},
	{CM_32, ASCII_KEY, ""},
	{CM, "inline:" ASCII_KEY "|2^20", ""},
	{CM, "inline:" ASCII_KEY "|2^48", ""},
	{CM, "inline:" ASCII_KEY "|281474976710656", ""},
	{CM, "inline:" ASCII_KEY "|2", ""},
	{CM, "inline:" ASCII_KEY "|2^31|1:1", "01"},
	{CM, "inline:" ASCII_KEY "|1:4", "00000001"},
	{CM, "inline:" ASCII_KEY "|1048576|66051:4", "00010203"},
	{CM, ASCII_KEY "|18446744073709551615:8", "ffffffffffffffff"},
	{CM, ASCII_KEY "|0:2", "0000"},
	{GCM, A4 A4 A "AA", ""}, /* 28 octets */
	{GCM, A4 A4 A "AA==", ""},
	{GCM, "inline:" A4 A4 A "AA==|2^20|255:1", "ff"},
	{GCM_256, A4 A4 A4 A A "AAA", ""}, /* 44 octets, as one gateway writes them */
	{GCM_256, A4 A4 A4 A A "AAA=", ""},
	{CM_256, A4 A4 A4 A A A "AA", ""}, /* 46 octets */
	{CM_256, A4 A4 A4 A A A "AA==", ""},
};

static void assert_mki(const struct tp_srtp_key *key, const char *hex)
{
	char text[2 * TP_SRTP_MKI_MAX + 1] = "";

	for (int i = 0; i < key->mki_len; i++)
		sprintf(text + 2 * (ptrdiff_t)i, "%02x", key->mki[i]);
	assert_string_equal(text, hex);
}

static void good_keys_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct tp_srtp_key key;

		memset(&key, 0x55, sizeof(key));
		if (tp_srtp_key_parse(&key, good[i].suite, good[i].text) < 0)
			fail_msg("%s: %s", good[i].text, tp_error_detail());
		assert_int_equal(key.suite, good[i].suite);
		assert_mki(&key, good[i].mki);
		if (strstr(good[i].text, ASCII_KEY))
			assert_memory_equal(key.key, ascii_key, 30);
		else
			for (size_t j = 0; j < sizeof(key.key); j++)
				assert_int_equal(key.key[j], 0);
	}
}

struct bad {
	enum tp_srtp_suite suite;
	int error;
	const char *text;
	const char *says; /* a part of the sentence */
};

static const struct bad bad[] = {
	{TP_SRTP_NONE, TP_ERR_UNSUPPORTED, "inline:" ASCII_KEY, "suite"},
	{(enum tp_srtp_suite)99, TP_ERR_UNSUPPORTED, "inline:" ASCII_KEY, "suite"},
	{CM, TP_ERR_KEY, "", "30 octets of key and salt (40 characters), found 0"},
	{CM, TP_ERR_KEY, "inline:", "found 0"},
	{CM, TP_ERR_KEY, "inline:" A4 A4 A "AAA", "found 29"},
	{CM, TP_ERR_KEY, "inline:" ASCII_KEY "AA", "found 31"},
	{CM, TP_ERR_KEY, "inline:" ASCII_KEY ASCII_KEY, "found 60"},
	{CM, TP_ERR_KEY, "inline:" A4 A4 A A4 A4 A4 A4 A4 A4 A, "found 102"},
	{GCM, TP_ERR_KEY, "inline:" ASCII_KEY,
	 "28 octets of key and salt (38 characters), found 30"},
	{CM_256, TP_ERR_KEY, "inline:" ASCII_KEY,
	 "46 octets of key and salt (62 characters), found 30"},
	{GCM_256, TP_ERR_KEY, "inline:" ASCII_KEY,
	 "44 octets of key and salt (59 characters), found 30"},
	{CM, TP_ERR_KEY, "inline:" ASCII_KEY "A", "cut off"},
	{CM, TP_ERR_KEY, "inline:" ASCII_KEY "=", "padded wrongly"},
	{CM, TP_ERR_KEY, "inline:" ASCII_KEY "====", "padded wrongly"},
	{GCM, TP_ERR_KEY, A4 A4 A "AA=", "padded wrongly"},
	{GCM, TP_ERR_KEY, A4 A4 A "AA===", "padded wrongly"},
	{CM, TP_ERR_KEY, "inline:" ASCII_KEY " ", "character 41"},
	{CM, TP_ERR_KEY, "inline: " ASCII_KEY, "character 1 "},
	{CM, TP_ERR_KEY, "aSBrbm93IGFs_CB5b3VyIGxpdHRsZSBzZWNyZXRz", "character 13"},
	{CM, TP_ERR_KEY, "aSBrbm93IGFs=CB5b3VyIGxpdHRsZSBzZWNyZXRz", "character 14"},
	{CM, TP_ERR_KEY, ASCII_KEY "|", "lifetime"},
	{CM, TP_ERR_KEY, ASCII_KEY "|0", "lifetime"},
	{CM, TP_ERR_KEY, ASCII_KEY "|2^49", "between 1 and 2^48"},
	{CM, TP_ERR_KEY, ASCII_KEY "|2^", "lifetime"},
	{CM, TP_ERR_KEY, ASCII_KEY "|3^20", "lifetime"},
	{CM, TP_ERR_KEY, ASCII_KEY "|281474976710657", "between 1 and 2^48"},
	{CM, TP_ERR_KEY, ASCII_KEY "|99999999999999999999", "lifetime"},
	{CM, TP_ERR_KEY, ASCII_KEY "|2^20 ", "lifetime"},
	{CM, TP_ERR_KEY, ASCII_KEY "|2^20|2^20", "more behind it"},
	{CM, TP_ERR_KEY, ASCII_KEY "|1:4|2^20", "more behind it"},
	{CM, TP_ERR_KEY, ASCII_KEY "|2^20|1:4|1:4", "more behind it"},
	{CM, TP_ERR_KEY, ASCII_KEY "|2^20|1:4|", "more behind it"},
	{CM, TP_ERR_KEY, ASCII_KEY "|1:0", "NUMBER:OCTETS"},
	{CM, TP_ERR_KEY, ASCII_KEY "|1:129", "NUMBER:OCTETS"},
	{CM, TP_ERR_KEY, ASCII_KEY "|1:128", "128 octets, at most 8"},
	{CM, TP_ERR_KEY, ASCII_KEY "|1:9", "9 octets, at most 8"},
	{CM, TP_ERR_KEY, ASCII_KEY "|1:", "NUMBER:OCTETS"},
	{CM, TP_ERR_KEY, ASCII_KEY "|:4", "NUMBER:OCTETS"},
	{CM, TP_ERR_KEY, ASCII_KEY "|1:4x", "NUMBER:OCTETS"},
	{CM, TP_ERR_KEY, ASCII_KEY "|-1:4", "NUMBER:OCTETS"},
	{CM, TP_ERR_KEY, ASCII_KEY "|256:1", "does not fit"},
	{CM, TP_ERR_KEY, ASCII_KEY "|18446744073709551616:8", "NUMBER:OCTETS"},
	{CM, TP_ERR_KEY, ASCII_KEY ";inline:" ASCII_KEY, "character 41"},
};

static void bad_keys_are_refused_with_a_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct tp_srtp_key key, before;

		memset(&key, 0x55, sizeof(key));
		before = key;
		assert_int_equal(tp_srtp_key_parse(&key, bad[i].suite, bad[i].text), bad[i].error);
		if (!strstr(tp_error_detail(), bad[i].says))
			fail_msg("%s: \"%s\" does not say \"%s\"", bad[i].text, tp_error_detail(),
				 bad[i].says);
		assert_null(strstr(tp_error_detail(), "aSBrbm93"));
		assert_memory_equal(&key, &before, sizeof(key));
	}
}

static void assert_same(const struct tp_srtp_key *a, const struct tp_srtp_key *b)
{
	assert_int_equal(a->suite, b->suite);
	assert_memory_equal(a->key, b->key, sizeof(a->key));
	assert_int_equal(a->mki_len, b->mki_len);
	assert_memory_equal(a->mki, b->mki, sizeof(a->mki));
}

static void what_is_written_is_read_again(void **state)
{
	(void)state;
	for (int suite = CM; suite <= GCM_256; suite++)
		for (int mki_len = 0; mki_len <= TP_SRTP_MKI_MAX; mki_len++) {
			struct tp_srtp_key key, again;
			char text[128], tight[128];
			int len;

			assert_int_equal(tp_srtp_key_generate(&key, (enum tp_srtp_suite)suite), 0);
			key.mki_len = (uint8_t)mki_len;
			for (int i = 0; i < mki_len; i++)
				key.mki[i] = (uint8_t)(0xf0 + i);
			len = tp_srtp_key_format(&key, text, sizeof(text));
			assert_int_equal(len, strlen(text));
			assert_int_equal((strcspn(text, "|") - strlen("inline:")) % 4, 0);
			assert_int_equal(tp_srtp_key_parse(&again, (enum tp_srtp_suite)suite, text),
					 0);
			assert_same(&again, &key);
			assert_int_equal(tp_srtp_key_format(&key, tight, (size_t)len),
					 TP_ERR_ARGUMENT);
			assert_int_equal(tp_srtp_key_format(&key, tight, (size_t)len + 1), len);
			assert_string_equal(tight, text);
		}
}

static void known_texts_are_written(void **state)
{
	struct tp_srtp_key key = {.suite = CM};
	char text[64];

	(void)state;
	memcpy(key.key, ascii_key, 30);
	assert_int_equal(tp_srtp_key_format(&key, text, sizeof(text)), 47);
	assert_string_equal(text, "inline:" ASCII_KEY);
	key.mki[0] = 1;
	key.mki[1] = 2;
	key.mki_len = 2;
	assert_int_equal(tp_srtp_key_format(&key, text, sizeof(text)), 53);
	assert_string_equal(text, "inline:" ASCII_KEY "|258:2");
	key.mki_len = TP_SRTP_MKI_MAX + 1;
	assert_int_equal(tp_srtp_key_format(&key, text, sizeof(text)), TP_ERR_ARGUMENT);
	key = (struct tp_srtp_key){.suite = GCM};
	assert_int_equal(tp_srtp_key_format(&key, text, sizeof(text)), 47);
	assert_string_equal(text, "inline:" A4 A4 A "AA==");
	key.suite = TP_SRTP_NONE;
	assert_int_equal(tp_srtp_key_format(&key, text, sizeof(text)), TP_ERR_ARGUMENT);
}

static void generated_keys_differ(void **state)
{
	struct tp_srtp_key a, b;

	(void)state;
	for (int suite = CM; suite <= GCM_256; suite++) {
		memset(&a, 0x55, sizeof(a));
		assert_int_equal(tp_srtp_key_generate(&a, (enum tp_srtp_suite)suite), 0);
		assert_int_equal(tp_srtp_key_generate(&b, (enum tp_srtp_suite)suite), 0);
		assert_int_equal(a.suite, suite);
		assert_int_equal(a.mki_len, 0);
		assert_memory_not_equal(a.key, b.key, tp_srtp_key_len(a.suite));
		for (size_t i = tp_srtp_key_len(a.suite); i < sizeof(a.key); i++)
			assert_int_equal(a.key[i], 0);
	}
	assert_int_equal(tp_srtp_key_generate(&a, TP_SRTP_NONE), TP_ERR_UNSUPPORTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suites_have_names_and_lengths),
		cmocka_unit_test(good_keys_are_read),
		cmocka_unit_test(bad_keys_are_refused_with_a_sentence),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(known_texts_are_written),
		cmocka_unit_test(generated_keys_differ),
	};

	return cmocka_run_group_tests_name("srtp_key", tests, NULL, NULL);
}
