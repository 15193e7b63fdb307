/* SPDX-License-Identifier: MIT */
/* What a route has learnt of its echo, as a file. */
#ifndef CLI_STATE_FILE_H
#define CLI_STATE_FILE_H

#include <talkpath/attributes.h>

#include <stddef.h>
#include <stdint.h>

/* Gives *octets, which free() takes back: 0, TP_ERR_SYSTEM or TP_ERR_MEMORY. */
TP_MUST_USE int tp_state_file_read(const char *path, uint8_t **octets, size_t *len);

/* 0 or TP_ERR_SYSTEM. */
TP_MUST_USE int tp_state_file_write(const char *path, const uint8_t *octets, size_t len);

/* What --load names, unless it is what --save renews: a phone keeps its state in one file. */
const char *tp_state_file_only_read(const char *load, const char *save);

/* Puts the file's name before the sentence of `error`, and returns that. */
int tp_state_file_refuse(const char *path, int error);

#endif
