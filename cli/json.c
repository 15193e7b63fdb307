/* SPDX-License-Identifier: MIT */
/* JSON (RFC 8259) onto a stream, value by value; what was never measured becomes null. */
#include "json.h"

#include <inttypes.h>
#include <math.h>

void tp_json_begin(struct tp_json *json, FILE *file)
{
	json->file = file;
	json->depth = 0;
	json->comma = 0;
}

static void quote(FILE *file, const char *text)
{
	fputc('"', file);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(file, "\\%c", c);
		else if (c < ' ')
			fprintf(file, "\\u%04x", c);
		else
			fputc(c, file);
	}
	fputc('"', file);
}

static void put_name(struct tp_json *json, const char *name)
{
	if (json->comma)
		fputc(',', json->file);
	if (json->depth)
		fprintf(json->file, "\n%*s", 2 * json->depth, "");
	if (name) {
		quote(json->file, name);
		fputs(": ", json->file);
	}
	json->comma = 1;
}

void tp_json_open(struct tp_json *json, const char *name, char bracket)
{
	put_name(json, name);
	fputc(bracket, json->file);
	json->depth++;
	json->comma = 0;
}

void tp_json_close(struct tp_json *json, char bracket)
{
	json->depth--;
	fprintf(json->file, "\n%*s%c", 2 * json->depth, "", bracket);
	json->comma = 1;
	if (!json->depth)
		fputc('\n', json->file);
}

void tp_json_number(struct tp_json *json, const char *name, double value)
{
	put_name(json, name);
	if (isfinite(value))
		fprintf(json->file, "%.6g", value);
	else
		fputs("null", json->file);
}

void tp_json_count(struct tp_json *json, const char *name, uint64_t value)
{
	put_name(json, name);
	fprintf(json->file, "%" PRIu64, value);
}

void tp_json_known(struct tp_json *json, const char *name, int64_t value)
{
	put_name(json, name);
	if (value < 0)
		fputs("null", json->file);
	else
		fprintf(json->file, "%" PRId64, value);
}

void tp_json_text(struct tp_json *json, const char *name, const char *value)
{
	put_name(json, name);
	quote(json->file, value);
}
