/* SPDX-License-Identifier: MIT */
/* The table of bench cost. */
#include "cost.h"

#include "cli/json.h"

#include <math.h>
#include <string.h>

enum {
	TABLES_N = 5,
};

static const struct tp_cost_part *const tables[TABLES_N] = {tp_cost_codec_parts, tp_cost_srtp_parts,
							    tp_cost_sound_parts, tp_cost_echo_parts,
							    tp_cost_call_parts};

static void print_row(FILE *to, const struct tp_cost_part *part, const struct tp_cost *cost)
{
	fprintf(to, "%-38s %12.0f ", part->name, cost->ns);
	if (isnan(cost->instructions))
		fprintf(to, "%14s\n", "-");
	else
		fprintf(to, "%14.0f\n", cost->instructions);
	fflush(to);
}

static void write_row(struct tp_json *json, const struct tp_cost_part *part,
		      const struct tp_cost *cost)
{
	tp_json_open(json, NULL, '{');
	tp_json_text(json, "part", part->name);
	tp_json_number(json, "ns", cost->ns);
	tp_json_number(json, "instructions", cost->instructions);
	tp_json_count(json, "operations", (uint64_t)cost->operations);
	tp_json_close(json, '}');
}

static int report_table(FILE *to, struct tp_json *json, const struct tp_cost_part *part,
			const char *only, int times, int *rows)
{
	for (; part->name; part++) {
		struct tp_cost cost;
		int error;

		if (only && !strstr(part->name, only))
			continue;
		error = tp_cost_measure(&cost, part, times);
		if (error)
			return error;
		if (json->file)
			write_row(json, part, &cost);
		else
			print_row(to, part, &cost);
		(*rows)++;
	}
	return 0;
}

int tp_cost_report(FILE *to, const char *only, int times, bool json)
{
	struct tp_json writer = {0};
	int error = 0, rows = 0;

	if (json) {
		tp_json_begin(&writer, to);
		tp_json_open(&writer, NULL, '[');
	} else {
		fprintf(to,
			"20 ms of sound, or one packet of 160 octets; medians.\n\n%-38s %12s "
			"%14s\n",
			"part", "ns", "instructions");
	}
	for (size_t i = 0; i < TABLES_N && !error; i++)
		error = report_table(to, &writer, tables[i], only, times, &rows);
	if (json)
		tp_json_close(&writer, ']');
	if (!error && !rows)
		error = tp_fail(TP_ERR_ARGUMENT, "no part's name contains \"%s\"", only);
	return error;
}
