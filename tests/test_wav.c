/* SPDX-License-Identifier: MIT */
/* Sound files: what is written is read, what is broken is refused with a sentence. */
#include "hal/random.h"
#include "hal/wav.h"
#include "tests/fixtures/scratch_folder.h"
#include "tests/fixtures/sound.h"

#include <talkpath/error.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	HEADER = 44,
	TAG_AT = 20,
	CHANNELS_AT = 22,
	RATE_AT = 24,
	BITS_AT = 34,
	DATA_AT = 36,
	DATA_LEN_AT = 40,
};

static void put(uint8_t *bytes, uint32_t value, int len)
{
	for (int i = 0; i < len; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

/* A WAV file in memory of `frames` mono frames that count 1, 2, 3 ... at 8000 Hz. */
static uint8_t *make_wav(int frames, size_t *len)
{
	static const uint8_t fmt[] = {'f', 'm', 't', ' ', 16,  0,  0, 0, 1, 0, 1,  0,
				      64,  31,  0,   0,   128, 62, 0, 0, 2, 0, 16, 0};
	uint8_t *bytes = calloc(1, (size_t)(HEADER + 2 * frames));

	assert_non_null(bytes);
	*len = (size_t)(HEADER + 2 * frames);
	memcpy(bytes, "RIFF....WAVE", 12);
	put(bytes + 4, (uint32_t)*len - 8, 4);
	memcpy(bytes + 12, fmt, sizeof(fmt));
	memcpy(bytes + DATA_AT, "data", 4);
	put(bytes + DATA_LEN_AT, (uint32_t)(2 * frames), 4);
	for (int i = 0; i < frames; i++)
		put(bytes + HEADER + 2 * i, (uint32_t)(i + 1), 2);
	return bytes;
}

static void write_file(const char *path, const void *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

static void fill_random(int16_t *pcm, int n, uint32_t seed)
{
	struct tp_random random;

	tp_random_init(&random, seed, 0);
	for (int i = 0; i < n; i++)
		pcm[i] = (int16_t)tp_random_next(&random);
}

static void test_what_is_written_is_read(void **state)
{
	static const int rates_hz[] = {8000, 16000, 44100, 48000};
	const char *path = scratch_folder_path("round.wav");
	int16_t pcm[6 * 5000];
	struct tp_wav_writer writer;
	struct tp_wav wav;

	(void)state;
	fill_random(pcm, 6 * 5000, 1);
	for (int channels = 1; channels <= 6; channels++) {
		int rate_hz = rates_hz[channels % 4];

		assert_int_equal(tp_wav_writer_open(&writer, path, rate_hz, channels), 0);
		assert_int_equal(tp_wav_writer_write(&writer, pcm, 1), 0);
		assert_int_equal(tp_wav_writer_write(&writer, pcm + channels, 0), 0);
		assert_int_equal(tp_wav_writer_write(&writer, pcm + channels, 4999), 0);
		assert_int_equal(tp_wav_writer_close(&writer), 0);
		assert_int_equal(tp_wav_read(path, &wav), 0);
		assert_int_equal(wav.rate_hz, rate_hz);
		assert_int_equal(wav.channels, channels);
		assert_int_equal(wav.frames, 5000);
		assert_memory_equal(wav.samples, pcm, (size_t)(5000 * channels) * sizeof(*pcm));
		tp_wav_free(&wav);
		assert_null(wav.samples);
	}
}

/* Longer than one read of the file, and not a power of two. */
static void test_a_long_file(void **state)
{
	enum { FRAMES = 300001 };
	const char *path = scratch_folder_path("long.wav");
	int16_t *pcm = malloc(FRAMES * sizeof(*pcm));
	struct tp_wav_writer writer;
	struct tp_wav wav;

	(void)state;
	assert_non_null(pcm);
	fill_random(pcm, FRAMES, 2);
	assert_int_equal(tp_wav_writer_open(&writer, path, 16000, 1), 0);
	assert_int_equal(tp_wav_writer_write(&writer, pcm, FRAMES), 0);
	assert_int_equal(tp_wav_writer_close(&writer), 0);
	assert_int_equal(tp_wav_read(path, &wav), 0);
	assert_int_equal(wav.frames, FRAMES);
	assert_memory_equal(wav.samples, pcm, FRAMES * sizeof(*pcm));
	tp_wav_free(&wav);
	free(pcm);
}

static void test_a_writer_that_dies_leaves_a_file(void **state)
{
	const char *path = scratch_folder_path("died.wav");
	const int16_t pcm[100] = {1, 2, 3};
	struct tp_wav wav;
	int status;
	pid_t child;

	(void)state;
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		struct tp_wav_writer writer;

		if (tp_wav_writer_open(&writer, path, 8000, 2) < 0 ||
		    tp_wav_writer_write(&writer, pcm, 30) < 0 ||
		    tp_wav_writer_write(&writer, pcm, 20) < 0)
			_exit(1);
		_exit(0); /* not closed */
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(tp_wav_read(path, &wav), 0);
	assert_int_equal(wav.frames, 50);
	assert_int_equal(wav.channels, 2);
	assert_int_equal(wav.samples[60], 1);
	tp_wav_free(&wav);
}

static void test_first_channel(void **state)
{
	int16_t *samples = malloc(6 * sizeof(*samples));
	struct tp_wav wav = {.samples = samples, .frames = 3, .rate_hz = 8000, .channels = 2};

	(void)state;
	assert_non_null(samples);
	for (int i = 0; i < 6; i++)
		samples[i] = (int16_t)i;
	tp_wav_mono(&wav);
	assert_int_equal(wav.channels, 1);
	assert_int_equal(wav.frames, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(wav.samples[i], 2 * i);
	tp_wav_free(&wav);
}

/* One change to a good file of 10 frames, and what must come of it. */
static const struct change {
	const char *what;
	int at, len;
	uint32_t value;
	int cut; /* octets kept; 0: all */
	const char *word; /* of the sentence; NULL: it is read ... */
	int frames; /* ... as so many frames */
} changes[] = {
	{"good", 0, 0, 0, 0, NULL, 10},
	{"RIFF length of a pipe", 4, 4, 0xFFFFFFFF, 0, NULL, 10},
	{"data length of a pipe", DATA_LEN_AT, 4, 0xFFFFFFFF, 0, NULL, 10},
	{"data longer than the file", DATA_LEN_AT, 4, 24, 0, NULL, 10},
	{"data shorter than the file", DATA_LEN_AT, 4, 6, 0, NULL, 3},
	{"cut within a frame", 0, 0, 0, HEADER + 7, NULL, 3},
	{"one octet of sound", 0, 0, 0, HEADER + 1, "holds no sound", 0},
	{"no sound", DATA_LEN_AT, 4, 0, 0, "holds no sound", 0},
	{"cut after the data header", 0, 0, 0, HEADER, "holds no sound", 0},
	{"cut within the data header", 0, 0, 0, HEADER - 1, "cut off before its sound", 0},
	{"cut within the format", 0, 0, 0, 30, "cut off within its header", 0},
	{"cut within RIFF", 0, 0, 0, 7, "cut off within its header", 0},
	{"cut after two octets", 0, 0, 0, 2, "cut off within its header", 0},
	{"no RIFF", 0, 4, 0x46464F46, 0, "is not a WAV file", 0},
	{"no WAVE", 8, 4, 0x20495641, 0, "is not a WAV file", 0},
	{"mu-law", TAG_AT, 2, 7, 0, "mu-law", 0},
	{"A-law", TAG_AT, 2, 6, 0, "A-law", 0},
	{"floating point", TAG_AT, 2, 3, 0, "floating-point", 0},
	{"MP3", TAG_AT, 2, 0x55, 0, "MPEG", 0},
	{"unknown format", TAG_AT, 2, 0x4242, 0, "0x4242", 0},
	{"24 bits", BITS_AT, 2, 24, 0, "24-bit PCM", 0},
	{"8 bits", BITS_AT, 2, 8, 0, "8-bit PCM", 0},
	{"no channel", CHANNELS_AT, 2, 0, 0, "0 channels", 0},
	{"nine channels", CHANNELS_AT, 2, 9, 0, "9 channels", 0},
	{"eight channels", CHANNELS_AT, 2, 8, 0, NULL, 1},
	{"no rate", RATE_AT, 4, 0, 0, "a rate of 0 Hz", 0},
	{"mad rate", RATE_AT, 4, 0xFFFFFFFF, 0, "a rate of 4294967295 Hz", 0},
	{"format after the data", 12, 4, 0x20746D67, 0, "no format before", 0},
	{"a chunk of 4 GiB before the data", DATA_AT, 4, 0x5453494C, 0, "cut off before", 0},
};

static void test_broken_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const struct change *change = &changes[i];
		struct tp_wav wav;
		size_t len;
		uint8_t *bytes = make_wav(10, &len);
		int error;

		put(bytes + change->at, change->value, change->len);
		len = change->cut ? (size_t)change->cut : len;
		bytes = realloc(bytes, len); /* so that a sanitizer sees what is beyond */
		error = tp_wav_parse(bytes, len, "x.wav", &wav);
		if (!change->word && error)
			fail_msg("%s: %s", change->what, tp_error_detail());
		if (!change->word) {
			assert_int_equal(wav.frames, change->frames);
			assert_int_equal(wav.samples[0], 1);
			tp_wav_free(&wav);
			continue;
		}
		assert_int_equal(error, TP_ERR_FORMAT);
		assert_null(wav.samples);
		if (!strstr(tp_error_detail(), change->word) || !strstr(tp_error_detail(), "x.wav"))
			fail_msg("%s: \"%s\" lacks \"%s\"", change->what, tp_error_detail(),
				 change->word);
	}
}

/* WAVE_FORMAT_EXTENSIBLE, a chunk of odd length before the data, another behind it. */
static void test_other_chunks(void **state)
{
	static const uint8_t head[] = {
		'R', 'I',  'F',  'F',  0,   0,   0,    0,    'W',  'A', 'V',  'E',  'f', 'm',
		't', ' ',  40,   0,    0,   0,   0xFE, 0xFF, 2,    0,   0x80, 0xBB, 0,   0,
		0,   0xEE, 2,    0,    4,   0,   16,   0,    22,   0,   16,   0,    3,   0,
		0,   0,    1,    0,    0,   0,   0,    0,    0x10, 0,   0x80, 0,    0,   0xAA,
		0,   0x38, 0x9B, 0x71, 'L', 'I', 'S',  'T',  3,    0,   0,    0,    'a', 'b',
		'c', 0,    'd',  'a',  't', 'a', 8,    0,    0,    0,   1,    0,    2,   0,
		3,   0,    4,    0,    'i', 'd', '3',  ' ',  2,    0,   0,    0,    9,   9};
	uint8_t *bytes = malloc(sizeof(head));
	struct tp_wav wav;

	(void)state;
	assert_non_null(bytes);
	memcpy(bytes, head, sizeof(head));
	assert_int_equal(tp_wav_parse(bytes, sizeof(head), "x.wav", &wav), 0);
	assert_int_equal(wav.rate_hz, 48000);
	assert_int_equal(wav.channels, 2);
	assert_int_equal(wav.frames, 2);
	for (int i = 0; i < 4; i++)
		assert_int_equal(wav.samples[i], i + 1);
	tp_wav_free(&wav);

	bytes = malloc(sizeof(head));
	assert_non_null(bytes);
	memcpy(bytes, head, sizeof(head));
	bytes[44] = 3; /* the format within the GUID: floating point */
	assert_int_equal(tp_wav_parse(bytes, sizeof(head), "x.wav", &wav), TP_ERR_FORMAT);
	assert_non_null(strstr(tp_error_detail(), "floating-point"));
}

/* Whatever is in a file: no crash, and no more sound than the file has. */
static void test_random_damage(void **state)
{
	struct tp_random random;

	(void)state;
	tp_random_init(&random, 3, 0);
	for (int round = 0; round < 20000; round++) {
		struct tp_wav wav;
		size_t len;
		uint8_t *bytes = make_wav(10, &len);

		for (uint32_t i = tp_random_next(&random) % 6; i; i--)
			bytes[tp_random_next(&random) % HEADER] = (uint8_t)tp_random_next(&random);
		len = tp_random_next(&random) % (len + 1);
		bytes = realloc(bytes, len + 1);
		assert_non_null(bytes);
		if (tp_wav_parse(bytes, len, "x.wav", &wav) == 0) {
			assert_true(wav.frames > 0 && wav.rate_hz > 0);
			assert_true((size_t)wav.frames * (size_t)wav.channels * 2 <= len);
			tp_wav_free(&wav);
		}
	}
}

static void test_unreadable_files(void **state)
{
	const char *path = scratch_folder_path("empty.wav");
	struct tp_wav wav;

	(void)state;
	write_file(path, "", 0);
	assert_int_equal(tp_wav_read(path, &wav), TP_ERR_FORMAT);
	assert_non_null(strstr(tp_error_detail(), "is empty"));
	assert_int_equal(tp_wav_read(scratch_folder_path("missing.wav"), &wav), TP_ERR_SYSTEM);
	assert_non_null(strstr(tp_error_detail(), "No such file"));
	assert_int_equal(tp_wav_read(scratch_folder_path(""), &wav), TP_ERR_SYSTEM);
	assert_non_null(strstr(tp_error_detail(), "directory"));
	assert_int_equal(tp_wav_read("/dev/zero", &wav), TP_ERR_FORMAT); /* and does not read on */
}

static void test_unwritable_files(void **state)
{
	const int16_t pcm[2] = {0};
	struct tp_wav_writer writer;

	(void)state;
	assert_int_equal(tp_wav_writer_open(&writer, scratch_folder_path("no/x.wav"), 8000, 1),
			 TP_ERR_SYSTEM);
	assert_non_null(strstr(tp_error_detail(), "x.wav"));
	assert_int_equal(tp_wav_writer_open(&writer, "/dev/full", 8000, 1), TP_ERR_SYSTEM);
	assert_non_null(strstr(tp_error_detail(), "\"/dev/full\""));
	assert_non_null(strstr(tp_error_detail(), "space"));
	assert_int_equal(tp_wav_writer_open(&writer, scratch_folder_path("x.wav"), 8000, 1), 0);
	writer.data_len = UINT32_MAX - HEADER - 3; /* as after 37 hours */
	assert_int_equal(tp_wav_writer_write(&writer, pcm, 2), TP_ERR_FULL);
	assert_int_equal(tp_wav_writer_close(&writer), 0);
}

/* A tone's amplitude and frequency in a recording, the latter by the phases of its two halves. */
static void measure_tone(const struct tp_wav *wav, double hz, double *amplitude,
			 double *measured_hz)
{
	int64_t half = wav->frames / 2;
	double turns = hz / wav->rate_hz, phase[2], turned;

	for (int part = 0; part < 2; part++)
		sound_find_tone(wav->samples + part * half, half, turns, amplitude, &phase[part]);
	turned = remainder(phase[0] - phase[1] - 2 * M_PI * turns * (double)half, 2 * M_PI);
	*measured_hz = hz + turned / (2 * M_PI) / ((double)half / wav->rate_hz);
}

static void make_tone(struct tp_wav *wav, int rate_hz, double hz)
{
	*wav = (struct tp_wav){.rate_hz = rate_hz, .channels = 1, .frames = rate_hz};
	wav->samples = malloc((size_t)rate_hz * sizeof(*wav->samples));
	assert_non_null(wav->samples);
	sound_make_tone(wav->samples, rate_hz, hz / rate_hz, 10000);
}

static void test_conversion_keeps_tones(void **state)
{
	static const int rates_hz[] = {8000, 11025, 16000, 44100, 48000};
	static const double tones_hz[] = {50, 300, 1000, 3400};

	(void)state;
	for (int from = 0; from < 5; from++)
		for (int to = 0; to < 5; to++)
			for (int tone = 0; tone < 4; tone++) {
				double amplitude, hz;
				struct tp_wav wav;

				make_tone(&wav, rates_hz[from], tones_hz[tone]);
				assert_int_equal(tp_wav_convert(&wav, rates_hz[to]), 0);
				assert_int_equal(wav.rate_hz, rates_hz[to]);
				assert_int_equal(wav.frames, rates_hz[to]);
				measure_tone(&wav, tones_hz[tone], &amplitude, &hz);
				assert_true(fabs(20 * log10(amplitude / 10000)) < 0.05);
				assert_true(fabs(hz - tones_hz[tone]) < 0.001);
				tp_wav_free(&wav);
			}
}

/* What the lower rate cannot hold is gone, not folded. */
static void test_conversion_does_not_alias(void **state)
{
	struct tp_wav wav;

	(void)state;
	make_tone(&wav, 48000, 4600);
	assert_int_equal(tp_wav_convert(&wav, 8000), 0);
	assert_true(sound_level_db(wav.samples + 800, wav.frames - 1600) < -80);
	tp_wav_free(&wav);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read),
		cmocka_unit_test(test_a_long_file),
		cmocka_unit_test(test_a_writer_that_dies_leaves_a_file),
		cmocka_unit_test(test_first_channel),
		cmocka_unit_test(test_broken_files),
		cmocka_unit_test(test_other_chunks),
		cmocka_unit_test(test_random_damage),
		cmocka_unit_test(test_unreadable_files),
		cmocka_unit_test(test_unwritable_files),
		cmocka_unit_test(test_conversion_keeps_tones),
		cmocka_unit_test(test_conversion_does_not_alias),
	};

	return cmocka_run_group_tests_name("wav", tests, scratch_folder_make,
					   scratch_folder_remove);
}
