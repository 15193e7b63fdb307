/* SPDX-License-Identifier: MIT */
/* The --srtp option: a suite and keys, from the command line or from files. */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

#include <talkpath/talkpath.h>

struct tp_keys {
	enum tp_srtp_suite suite; /* TP_SRTP_NONE: plain RTP */
	struct tp_srtp_key key[2]; /* in the order given: of sending, of receiving */
	int n; /* how many were given, 1 or 2 */
	const char *file[2]; /* where @FILE had them: in the text that was parsed; else NULL */
};

/* Reads "SUITE,KEY[,KEY]" where KEY is inline:BASE64 or @FILE. Wipes the keys in `text`, which
 * other users of the machine could read in the list of processes; the names of files stay there,
 * for `keys`. The caller wipes `keys` with tp_keys_wipe. [any] */
TP_MUST_USE int tp_keys_parse(struct tp_keys *keys, char *text);

void tp_keys_wipe(struct tp_keys *keys);

#endif
