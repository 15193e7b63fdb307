/* SPDX-License-Identifier: MIT */
/* What a route has learnt of its echo, as a file. */
#ifndef CLI_STATE_FILE_H
#define CLI_STATE_FILE_H

#include <talkpath/attributes.h>

#include <stddef.h>
#include <stdint.h>

/* Who takes and gives the octets. */
struct tp_state_owner {
	void *context;
	int (*load)(void *context, const uint8_t *octets, size_t len);
	/* Gives its length whatever `cap` is, or an error. */
	int (*save)(void *context, uint8_t *octets, size_t cap);
};

/* 0, TP_ERR_SYSTEM, TP_ERR_MEMORY or what `load` said, with the file's
 * name before its sentence. [any] */
TP_MUST_USE int tp_state_file_load(const char *path, const struct tp_state_owner *owner);

/* 0, TP_ERR_SYSTEM, TP_ERR_MEMORY or what `save` said. [any] */
TP_MUST_USE int tp_state_file_save(const char *path, const struct tp_state_owner *owner);

/* What --load names, unless it is what --save renews: a phone keeps its state in one file. */
const char *tp_state_file_only_read(const char *load, const char *save);

#endif
