/* SPDX-License-Identifier: MIT */
/* Echo cancellation on scenes of hands-free phones, beside others', and what each stage costs. */
#include "echo.h"

#include "cli/json.h"
#include "cost.h"
#include "echo_score.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_SEED = 1,
	RIVALS = 4,
	SCENES_MAX = 1000, /* of a folder */
	COST_TIMES = 300, /* operations: 6 s of sound */
};

/* Of others on 60 scenes of another maker (rooms of 0.12 to 0.6 s, double talk at -10 to +10 dB,
 * distortion, noise, delays, jumps, drift), scored there: Speex's canceller and preprocessor as
 * they come; the same given the true delay and drift; the AEC of WebRTC 0.3; AEC3. */
static const struct {
	const char *what, *key;
	double of[RIVALS];
} given[] = {
	{"far end: ERLE in the first 2 s, dB", "first_db", {8, 11, 31, 28}},
	{"far end: ERLE at the end, dB", "steady_db", {30, 36, 35, 35}},
	{"drift to 300 ppm: ERLE at the end, dB", "drift_steady_db", {15, 47, 35, 28}},
	{"jumps: ERLE in the 1.5 s after, dB", "after_jump_db", {-0.4, 36, 22, 9}},
	{"both ends: loss of the near end, dB", "near_loss_db", {0.9, 0.8, 13, 8}},
	{"both ends: intelligibility (STOI, 0 to 1)", "both_stoi", {0.89, 0.94, 0.57, 0.61}},
	{"10 s at 16 kHz, million instructions", "million_instructions", {661, NAN, 695, 471}},
};
static const char *const rivals[RIVALS] = {"speex", "speex+truth", "webrtc 0.3", "aec3"};

/* The columns: where a figure stands in struct tp_echo_score, and how it is written. */
static const struct {
	const char *title, *key;
	size_t offset;
	int digits;
} columns[] = {
	{"first", "first_db", offsetof(struct tp_echo_score, first), 1},
	{"steady", "steady_db", offsetof(struct tp_echo_score, steady), 1},
	{"noise+", "over_noise_db", offsetof(struct tp_echo_score, over_noise), 1},
	{"jumped", "after_jump_db", offsetof(struct tp_echo_score, after_jump), 1},
	{"near", "near_loss_db", offsetof(struct tp_echo_score, near_loss), 1},
	{"both", "both_echo_db", offsetof(struct tp_echo_score, both_echo), 1},
	{"delay", "delay_error_ms", offsetof(struct tp_echo_score, delay_error_ms), 1},
	{"drift", "drift_error_ppm", offsetof(struct tp_echo_score, drift_error_ppm), 1},
	{"adds", "added_ms", offsetof(struct tp_echo_score, added_ms), 1},
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

/* Sums by column, of those scenes that have the figure. */
struct mean {
	double sum[COLUMNS];
	int n[COLUMNS];
};

static void add(struct mean *mean, const struct tp_echo_score *score)
{
	for (int c = 0; c < COLUMNS; c++) {
		double value;

		memcpy(&value, (const char *)score + columns[c].offset, sizeof(value));
		if (!isfinite(value))
			continue;
		mean->sum[c] += value;
		mean->n[c]++;
	}
}

/* ---- Output --------------------------------------------------------------------------------- */

struct output {
	FILE *file;
	struct tp_json json; /* file NULL: a table is written */
};

static void write_row(struct output *output, const char *name, const struct mean *mean)
{
	struct tp_json *json = &output->json;

	if (json->file)
		tp_json_open(json, name, '{');
	else
		fprintf(output->file, "%-24s", name);
	for (int c = 0; c < COLUMNS; c++) {
		double value = mean->n[c] ? mean->sum[c] / mean->n[c] : (double)NAN;

		if (json->file)
			tp_json_number(json, columns[c].key, value);
		else if (isfinite(value))
			fprintf(output->file, " %6.*f", columns[c].digits, value);
		else
			fprintf(output->file, " %6s", "-");
	}
	if (json->file)
		tp_json_close(json, '}');
	else
		fputc('\n', output->file);
	fflush(output->file);
}

static void write_head(struct output *output, const char *scenes)
{
	if (output->json.file) {
		tp_json_open(&output->json, "scenes", '{');
		return;
	}
	fprintf(output->file,
		"%s\n"
		"ERLE, dB: first 2 s, steady, after the delay jumped; what is sent over the room's "
		"noise;\nboth ends talk: loss of the near end, echo over what is sent; errors of "
		"delay (ms) and\ndrift (ppm); delay added to the near end (ms)\n%-24s",
		scenes, "");
	for (int c = 0; c < COLUMNS; c++)
		fprintf(output->file, " %6s", columns[c].title);
	fputc('\n', output->file);
}

static void write_rivals(struct output *output)
{
	struct tp_json *json = &output->json;

	if (json->file)
		tp_json_open(json, "others_on_other_scenes", '{');
	else
		fprintf(output->file, "\n%-42s", "others, on other scenes (given figures)");
	for (int k = 0; k < RIVALS && !json->file; k++)
		fprintf(output->file, " %11s", rivals[k]);
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		if (json->file)
			tp_json_open(json, given[i].key, '{');
		else
			fprintf(output->file, "\n%-42s", given[i].what);
		for (int k = 0; k < RIVALS; k++) {
			double value = given[i].of[k];

			if (json->file)
				tp_json_number(json, rivals[k], value);
			else if (isfinite(value))
				fprintf(output->file, " %11g", value);
			else
				fprintf(output->file, " %11s", "-");
		}
		if (json->file)
			tp_json_close(json, '}');
	}
	if (json->file)
		tp_json_close(json, '}');
	else
		fputc('\n', output->file);
}

static int write_costs(struct output *output)
{
	struct tp_json *json = &output->json;
	int error = 0;

	if (json->file)
		tp_json_open(json, "cost", '{');
	else
		fprintf(output->file, "\n%-38s %12s %14s\n", "20 ms of sound", "ns",
			"instructions");
	for (const struct tp_cost_part *part = tp_cost_echo_parts; !error && part->name; part++) {
		struct tp_cost cost;

		error = tp_cost_measure(&cost, part, COST_TIMES);
		if (error)
			break;
		if (json->file) {
			tp_json_open(json, part->name, '{');
			tp_json_number(json, "ns", cost.ns);
			tp_json_number(json, "instructions", cost.instructions);
			tp_json_close(json, '}');
		} else if (isfinite(cost.instructions)) {
			fprintf(output->file, "%-38s %12.0f %14.0f\n", part->name, cost.ns,
				cost.instructions);
		} else {
			fprintf(output->file, "%-38s %12.0f %14s\n", part->name, cost.ns, "-");
		}
	}
	if (json->file)
		tp_json_close(json, '}');
	return error;
}

/* ---- Scenes --------------------------------------------------------------------------------- */

static int score_made(struct output *output, int seeds)
{
	int error = 0;

	for (int i = 0; !error && tp_echo_scene_name(i); i++) {
		struct mean mean = {.n = {0}};

		for (int seed = 0; !error && seed < seeds; seed++) {
			struct tp_echo_score score;
			struct tp_echo_scene scene;

			error = tp_echo_scene_make(&scene, i, (uint32_t)(FIRST_SEED + seed));
			if (!error)
				error = tp_echo_score_scene(&score, &scene);
			tp_echo_scene_free(&scene);
			if (!error)
				add(&mean, &score);
		}
		if (!error)
			write_row(output, tp_echo_scene_name(i), &mean);
	}
	return error;
}

static int is_scene(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strchr(entry->d_name, '-') &&
	       strncmp(entry->d_name, "calib", 5) != 0;
}

static size_t class_len(const char *name)
{
	return strcspn(name, "-_");
}

/* Scenes of a class stand together: the folder is sorted, and a name begins with its class. */
static int score_class(struct output *output, const char *folder, struct dirent **entries, int n)
{
	struct mean mean = {.n = {0}};
	char name[64];
	int error = 0;

	for (int i = 0; !error && i < n; i++) {
		struct tp_echo_score score;
		struct tp_echo_scene scene;

		error = tp_echo_scene_read(&scene, folder, entries[i]->d_name);
		if (!error)
			error = tp_echo_score_scene(&score, &scene);
		tp_echo_scene_free(&scene);
		if (!error)
			add(&mean, &score);
	}
	snprintf(name, sizeof(name), "%.*s (%d)", (int)class_len(entries[0]->d_name),
		 entries[0]->d_name, n);
	if (!error)
		write_row(output, name, &mean);
	return error;
}

/* How many; TP_ERR_SYSTEM if there are none. */
static int list_folder(struct dirent ***entries, const char *folder)
{
	int n = scandir(folder, entries, is_scene, alphasort);

	return n > 0 ? n
		     : tp_fail(TP_ERR_SYSTEM, "no scenes in %.200s%s%s", folder, n ? ": " : "",
			       n ? strerror(errno) : "");
}

static int score_folder(struct output *output, const char *folder, struct dirent **entries, int n)
{
	int error = 0;

	for (int from = 0, to; !error && from < n; from = to) {
		size_t len = class_len(entries[from]->d_name);

		for (to = from + 1; to < n; to++)
			if (class_len(entries[to]->d_name) != len ||
			    strncmp(entries[to]->d_name, entries[from]->d_name, len) != 0)
				break;
		error = score_class(output, folder, entries + from, to - from);
	}
	return error;
}

int tp_echo_report(FILE *file, int seeds, const char *folder, bool json)
{
	struct output output = {.file = file};
	struct dirent **entries = NULL;
	int n = folder ? list_folder(&entries, folder) : 0, error;
	char head[100];

	if (n < 0)
		return n;

	snprintf(head, sizeof(head), "made scenes of 16 s, mean of %d seeds", seeds);
	if (json) {
		tp_json_begin(&output.json, file);
		tp_json_open(&output.json, NULL, '{');
	}
	write_head(&output, folder ? "scenes of a folder, mean of each class" : head);
	error = folder ? score_folder(&output, folder, entries, n) : score_made(&output, seeds);
	if (json)
		tp_json_close(&output.json, '}');
	if (!error) {
		write_rivals(&output);
		error = write_costs(&output);
	}
	if (json)
		tp_json_close(&output.json, '}');
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
	return error;
}
