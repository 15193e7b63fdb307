/* SPDX-License-Identifier: MIT */
/* The --srtp option: a suite and keys, from the command line or from files. */
#include "keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	KEY_TEXT = 256, /* base64 of 46 octets, lifetime and MKI are far shorter */
};

static int read_file(char text[KEY_TEXT], const char *path)
{
	FILE *file = fopen(path, "r");
	size_t len;

	if (!file)
		return tp_fail(TP_ERR_SYSTEM, "cannot read the key file %.100s: %s", path,
			       strerror(errno));
	/* Unbuffered: no copy of the key stays in freed memory. */
	setvbuf(file, NULL, _IONBF, 0);
	len = fread(text, 1, KEY_TEXT - 1, file);
	fclose(file);
	text[len] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	return 0;
}

static int read_key(struct tp_keys *keys, char *word)
{
	struct tp_srtp_key *key = &keys->key[keys->n];
	char text[KEY_TEXT];
	int error;

	if (*word != '@') {
		error = tp_srtp_key_parse(key, keys->suite, word);
		explicit_bzero(word, strlen(word));
	} else {
		keys->file[keys->n] = word + 1;
		error = read_file(text, word + 1);
		if (!error)
			error = tp_srtp_key_parse(key, keys->suite, text);
		explicit_bzero(text, sizeof(text));
	}
	keys->n++;
	return error;
}

static int fail_suite(const char *name)
{
	return tp_fail(TP_ERR_UNSUPPORTED,
		       "no SRTP suite \"%.40s\"; there are AES_CM_128_HMAC_SHA1_80 and _32, "
		       "AES_256_CM_HMAC_SHA1_80, AEAD_AES_128_GCM, AEAD_AES_256_GCM",
		       name);
}

static int parse(struct tp_keys *keys, char *text)
{
	char *rest = text, *name = strsep(&rest, ","), *word;
	int error;

	keys->suite = tp_srtp_suite_find(name);
	if (!keys->suite)
		return fail_suite(name);
	while ((word = strsep(&rest, ","))) {
		if (keys->n == 2)
			return tp_fail(TP_ERR_ARGUMENT,
				       "--srtp wants SUITE,SENDKEY,RECEIVEKEY and no third key");
		error = read_key(keys, word);
		if (error)
			return error;
	}
	return keys->n ? 0
		       : tp_fail(TP_ERR_KEY,
				 "--srtp wants keys after the suite: SUITE,inline:SENDKEY,"
				 "inline:RECEIVEKEY, or @FILE in place of a key");
}

int tp_keys_parse(struct tp_keys *keys, char *text)
{
	size_t len = strlen(text);
	int error;

	memset(keys, 0, sizeof(*keys));
	error = parse(keys, text);
	if (error) {
		explicit_bzero(text, len);
		tp_keys_wipe(keys);
	}
	return error;
}

void tp_keys_wipe(struct tp_keys *keys)
{
	explicit_bzero(keys, sizeof(*keys));
}
