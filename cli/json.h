/* SPDX-License-Identifier: MIT */
/* JSON (RFC 8259) onto a stream, value by value; what was never measured becomes null. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdint.h>
#include <stdio.h>

struct tp_json {
	FILE *file; /* borrowed */
	int depth;
	int comma; /* a value stands before, in this object or array */
};

void tp_json_begin(struct tp_json *json, FILE *file);

/* `name` is NULL in an array and for the whole. `bracket` is '{' or '['. */
void tp_json_open(struct tp_json *json, const char *name, char bracket);
void tp_json_close(struct tp_json *json, char bracket);

/* NAN and infinities become null. */
void tp_json_number(struct tp_json *json, const char *name, double value);

void tp_json_count(struct tp_json *json, const char *name, uint64_t value);

/* For counts that cannot be negative: below 0 becomes null. */
void tp_json_known(struct tp_json *json, const char *name, int64_t value);

void tp_json_text(struct tp_json *json, const char *name, const char *value);

#endif
