/* SPDX-License-Identifier: MIT */
/* Compares a recording of what arrived with what was sent: compare
 * [--rate HZ] [--least R] SENT GOT.
 *
 * After one alignment of the whole, every second of sound must correlate, nothing may
 * be missing from it, and its length must be that of what was sent. Prints the
 * figures; exit code 1 if one is bad. */
#include "hal/wav.h"

#include <talkpath/error.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	RATE = 48000, /* both sides are compared at: a step of the alignment is 20 us */
	COARSE_RATE = 2000, /* the alignment is first sought at */
	FRAME = RATE / 200, /* what a gap is counted in: 5 ms */
	WINDOW = RATE,
	HOP = RATE / 10,
	GAP_MS_MAX = 20,
	LENGTH_MS_MAX = 40,
};

/* Speech is louder, the rooms of the recordings and a codec's noise are quieter. */
static const double sound_db = -45;

/* A frame this far below what was sent is missing, however a codec may have treated it. */
static const double missing_db = -20;

struct side {
	struct tp_wav wav, coarse;
};

struct verdict {
	int windows, bad;
	double least; /* correlation of the worst window */
	int least_at_ms;
	int gap_ms, gap_at_ms; /* the longest */
	double longer_ms; /* than what was sent */
};

static void fail(const char *path)
{
	fprintf(stderr, "compare: %s: %s\n", path, tp_error_detail());
	exit(2);
}

static struct tp_wav copy(const struct tp_wav *wav)
{
	struct tp_wav made = *wav;
	size_t size = (size_t)wav->frames * sizeof(*made.samples);

	made.samples = malloc(size);
	if (!made.samples)
		exit(2);
	memcpy(made.samples, wav->samples, size);
	return made;
}

/* `rate_hz` first: what the codec's rate cannot carry is not missed. */
static void read_side(struct side *side, const char *path, int rate_hz)
{
	if (tp_wav_read(path, &side->wav))
		fail(path);
	tp_wav_mono(&side->wav);
	if (side->wav.rate_hz > rate_hz && tp_wav_convert(&side->wav, rate_hz))
		fail(path);
	side->coarse = copy(&side->wav);
	if (tp_wav_convert(&side->wav, RATE) || tp_wav_convert(&side->coarse, COARSE_RATE))
		fail(path);
}

/* ---- Alignment ------------------------------------------------------------------------------ */

static int sample(const struct tp_wav *wav, int64_t i)
{
	return i >= 0 && i < wav->frames ? wav->samples[i] : 0;
}

static double product(const struct tp_wav *sent, const struct tp_wav *got, int64_t lag)
{
	int64_t from = lag < 0 ? -lag : 0;
	int64_t to = sent->frames < got->frames - lag ? sent->frames : got->frames - lag;
	double sum = 0;

	for (int64_t i = from; i < to; i++)
		sum += (double)sent->samples[i] * got->samples[i + lag];
	return sum;
}

static int64_t best_lag(const struct tp_wav *sent, const struct tp_wav *got, int64_t from,
			int64_t to)
{
	double most = -INFINITY;
	int64_t best = from;

	for (int64_t lag = from; lag <= to; lag++) {
		double here = product(sent, got, lag);

		if (here > most) {
			most = here;
			best = lag;
		}
	}
	return best;
}

static int64_t align(const struct side *sent, const struct side *got)
{
	int step = RATE / COARSE_RATE;
	int64_t coarse =
		best_lag(&sent->coarse, &got->coarse, -sent->coarse.frames, got->coarse.frames);

	return best_lag(&sent->wav, &got->wav, (coarse - 1) * step, (coarse + 1) * step);
}

/* ---- Verdict -------------------------------------------------------------------------------- */

static double level_db(const struct tp_wav *wav, int64_t from, int n)
{
	double sum = 0;

	for (int64_t i = from; i < from + n; i++)
		sum += (double)sample(wav, i) * sample(wav, i);
	return 10 * log10(sum / n / (32768.0 * 32768.0) + 1e-12);
}

static double correlation(const struct tp_wav *sent, int64_t from, const struct tp_wav *got,
			  int64_t got_from)
{
	double xy = 0, xx = 0, yy = 0;

	for (int i = 0; i < WINDOW; i++) {
		double x = sample(sent, from + i), y = sample(got, got_from + i);

		xy += x * y;
		xx += x * x;
		yy += y * y;
	}
	return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

static void judge_windows(struct verdict *verdict, const struct tp_wav *sent,
			  const struct tp_wav *got, int64_t lag, double least)
{
	verdict->least = 1;
	for (int64_t at = 0; at + WINDOW <= sent->frames; at += HOP) {
		double r;

		if (level_db(sent, at, WINDOW) < sound_db)
			continue;
		r = correlation(sent, at, got, at + lag);
		verdict->windows++;
		verdict->bad += r < least;
		if (r < verdict->least) {
			verdict->least = r;
			verdict->least_at_ms = (int)(at * 1000 / RATE);
		}
	}
}

static void judge_gaps(struct verdict *verdict, const struct tp_wav *sent, const struct tp_wav *got,
		       int64_t lag)
{
	int run_ms = 0;

	for (int64_t at = 0; at + FRAME <= sent->frames; at += FRAME) {
		double sent_db = level_db(sent, at, FRAME);

		/* A pause of the talker neither ends a gap nor adds to it. */
		if (sent_db < sound_db)
			continue;
		run_ms = level_db(got, at + lag, FRAME) < sent_db + missing_db
				 ? run_ms + FRAME * 1000 / RATE
				 : 0;
		if (run_ms > verdict->gap_ms) {
			verdict->gap_ms = run_ms;
			verdict->gap_at_ms = (int)(at * 1000 / RATE);
		}
	}
}

/* From the first to the last sound. */
static double length_ms(const struct tp_wav *wav)
{
	int64_t first = -1, last = 0;

	for (int64_t at = 0; at + FRAME <= wav->frames; at += FRAME) {
		if (level_db(wav, at, FRAME) < sound_db)
			continue;
		first = first < 0 ? at : first;
		last = at + FRAME;
	}
	return (double)(last - (first < 0 ? 0 : first)) * 1000 / RATE;
}

static bool is_good(const struct verdict *verdict)
{
	return verdict->windows > 0 && !verdict->bad && verdict->gap_ms <= GAP_MS_MAX &&
	       fabs(verdict->longer_ms) <= LENGTH_MS_MAX;
}

int main(int argc, char **argv)
{
	struct side sent, got;
	struct verdict verdict = {.least = 0};
	double least = 0.95;
	int rate_hz = 8000;
	int64_t lag;

	for (; argc > 4; argc -= 2, argv += 2) {
		if (!strcmp(argv[1], "--rate"))
			rate_hz = atoi(argv[2]);
		else if (!strcmp(argv[1], "--least"))
			least = atof(argv[2]);
	}
	if (argc != 3) {
		fprintf(stderr, "usage: compare [--rate HZ] [--least R] SENT.wav GOT.wav\n");
		return 2;
	}
	read_side(&sent, argv[1], rate_hz);
	read_side(&got, argv[2], rate_hz);
	lag = align(&sent, &got);
	judge_windows(&verdict, &sent.wav, &got.wav, lag, least);
	judge_gaps(&verdict, &sent.wav, &got.wav, lag);
	verdict.longer_ms = length_ms(&got.wav) - length_ms(&sent.wav);
	printf("%d of %d windows correlate, worst %.4f at %d ms; gap %d ms",
	       verdict.windows - verdict.bad, verdict.windows, verdict.least, verdict.least_at_ms,
	       verdict.gap_ms);
	if (verdict.gap_ms)
		printf(" at %d ms", verdict.gap_at_ms);
	printf("; length %+.0f ms\n", verdict.longer_ms);
	return !is_good(&verdict);
}
