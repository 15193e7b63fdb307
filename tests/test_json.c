/* SPDX-License-Identifier: MIT */
/* The statistics as JSON: well formed, and what was never measured is null. */
#include "cli/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void values_are_written_by_the_rules(void **state)
{
	static const char expected[] =
		"{\n  \"text\": \"a\\\"b\\\\c\\u000a\",\n  \"array\": [\n    1,\n"
		"    null\n  ],\n  \"unknown\": null,\n  \"half\": 0.5,\n"
		"  \"most\": 18446744073709551615,\n  \"empty\": {\n  }\n}\n";
	struct tp_json json;
	char *text;
	size_t len;
	FILE *file = open_memstream(&text, &len);

	(void)state;
	tp_json_begin(&json, file);
	tp_json_open(&json, NULL, '{');
	tp_json_text(&json, "text", "a\"b\\c\n");
	tp_json_open(&json, "array", '[');
	tp_json_known(&json, NULL, 1);
	tp_json_known(&json, NULL, -1);
	tp_json_close(&json, ']');
	tp_json_number(&json, "unknown", (double)NAN);
	tp_json_number(&json, "half", 0.5);
	tp_json_count(&json, "most", UINT64_MAX);
	tp_json_open(&json, "empty", '{');
	tp_json_close(&json, '}');
	tp_json_close(&json, '}');
	fclose(file);
	assert_string_equal(text, expected);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_written_by_the_rules),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
