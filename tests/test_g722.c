/* SPDX-License-Identifier: MIT */
/* G.722 against the Recommendation's own sequences and against a literal reading of it. */
#include "codecs/g722_band.h"
#include "codecs/g722_qmf.h"
#include "codecs/registry.h"
#include "dsp/conceal.h"
#include "dsp/level.h"
#include "tests/fixtures/coder_pair.h"
#include "tests/fixtures/fake_speech.h"
#include "tests/fixtures/fake_talker.h"
#include "tests/fixtures/literal_g722.h"
#include "tests/fixtures/shared_vectors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	RATE_HZ = 16000,
	PACKET_N = 320, /* 20 ms */
	RUNS = 1000,
	HOSTILE_N = 1200, /* samples: a weight is at its end after a thousand */
	RESET = 1, /* bit 0 of every word of Appendix II; the output word is then 1 too */
};

static const struct tp_codec_config defaults;

struct bands {
	struct tp_g722_band low, high;
	struct literal_g722 literal_low, literal_high;
};

static void reset(struct bands *bands)
{
	tp_g722_band_reset_low(&bands->low);
	tp_g722_band_reset_high(&bands->high);
	literal_g722_reset(&bands->literal_low, false);
	literal_g722_reset(&bands->literal_high, true);
}

/* ---- Against the literal reading ---------------------------------------------------------- */

/* What a wrong sum does is often hidden by the limits of the output, so look behind them. */
static void compare(const struct tp_g722_band *band, const struct literal_g722 *literal)
{
	assert_int_equal(band->s, literal->s);
	assert_int_equal(band->sz, literal->sz);
	assert_int_equal(band->scale, literal->det);
}

static void decode_both(struct bands *bands, const uint8_t *octet, int n, int mode)
{
	for (int i = 0; i < n; i++) {
		uint8_t low = octet[i] & 63, high = octet[i] >> 6;
		int16_t r;

		tp_g722_band_decode_low(&bands->low, mode, &low, &r, 1);
		assert_int_equal(r, literal_g722_decode(&bands->literal_low, mode, low));
		tp_g722_band_decode_high(&bands->high, &high, &r, 1);
		assert_int_equal(r, literal_g722_decode(&bands->literal_high, 1, high));
		compare(&bands->low, &bands->literal_low);
		compare(&bands->high, &bands->literal_high);
	}
}

/* Fills n octets with a repeated pattern of outermost codes (or any), followed by a few of the
 * inner ones. Steps and weights run to their ends and stay there, so that sums pass 16 bits, and
 * still do when only the oldest differences are large. Returns n. */
static int hostile_octets(uint8_t octet[HOSTILE_N], int run, uint32_t *random)
{
	static const uint8_t outermost[8] = {0x04, 0x20, 0x84, 0xa0, 0xc4, 0xe0, 0x44, 0x60};
	static const uint8_t inner[8] = {0x7c, 0xf0, 0x54, 0xd4, 0x70, 0xfc, 0x58, 0xf4};
	int n = 6 + (int)(fake_talker_random(random) % (HOSTILE_N - 6));
	int period = run % 2 ? 1 : 1 + (int)(fake_talker_random(random) % 8);
	int quiet = (int)(fake_talker_random(random) % 7);

	for (int i = 0; i < n; i++) {
		if (i >= period && i < n - quiet)
			octet[i] = octet[i - period];
		else if (i >= n - quiet)
			octet[i] = inner[fake_talker_random(random) % 8];
		else if (run % 8 == 0)
			octet[i] = (uint8_t)fake_talker_random(random);
		else
			octet[i] = outermost[fake_talker_random(random) % 8];
	}
	return n;
}

static void decoder_is_exact_on_hostile_octets(void **state)
{
	uint32_t random = 1;
	struct bands bands;
	int loud = 0;

	(void)state;
	reset(&bands);
	for (int run = 0; run < RUNS; run++) {
		uint8_t octet[HOSTILE_N];

		decode_both(&bands, octet, hostile_octets(octet, run, &random), 1 + run % 3);
		loud += bands.literal_low.sz == INT16_MAX || bands.literal_low.sz == INT16_MIN;
	}
	assert_in_range(loud, 10, RUNS); /* else the saturating sum was never reached */
}

static void encode_both(struct bands *bands, int16_t x)
{
	uint8_t code;

	tp_g722_band_encode_low(&bands->low, &x, &code, 1);
	assert_int_equal(code, literal_g722_encode(&bands->literal_low, x));
	tp_g722_band_encode_high(&bands->high, &x, &code, 1);
	assert_int_equal(code, literal_g722_encode(&bands->literal_high, x));
	compare(&bands->low, &bands->literal_low);
	compare(&bands->high, &bands->literal_high);
}

static void encoder_is_exact_on_hostile_samples(void **state)
{
	uint32_t random = 2;
	struct bands bands;

	(void)state;
	reset(&bands);
	for (int run = 0; run < RUNS; run++) {
		int shift = (int)(fake_talker_random(&random) % 16);
		int n = 1 + (int)(fake_talker_random(&random) % 64), period = 1 + run % 9;

		for (int i = 0; i < n; i++) {
			int x = (int16_t)(fake_talker_random(&random) >> 16) >> 1;

			if (run % 2 == 0)
				x = i / period % 2 ? 16383 : -16384;
			encode_both(&bands, (int16_t)(x >> shift));
		}
	}
}

/* ---- Against Appendix II, filters by-passed ----------------------------------------------- */

static void check_encoder_sequence(const char *in, const char *out)
{
	char path[64];
	int16_t *x, *want;
	struct bands bands;
	int n, want_n;

	snprintf(path, sizeof(path), "g722/appendix2/%s", in);
	shared_vectors_words(path, &x, &n);
	snprintf(path, sizeof(path), "g722/appendix2/%s", out);
	shared_vectors_words(path, &want, &want_n);
	assert_int_equal(n, want_n);
	reset(&bands);
	for (int i = 0; i < n; i++) {
		int16_t sample = x[i] >> 1;
		uint8_t low, high;

		if (x[i] & RESET) {
			reset(&bands);
			assert_int_equal(want[i], RESET);
			continue;
		}
		tp_g722_band_encode_low(&bands.low, &sample, &low, 1);
		tp_g722_band_encode_high(&bands.high, &sample, &high, 1);
		assert_int_equal((uint16_t)want[i], (high << 6 | low) << 8);
	}
	free(x);
	free(want);
}

static void check_decoder_sequence(const char *in, int set, int mode)
{
	char path[64];
	int16_t *code, *want_low, *want_high;
	struct bands bands;
	int n, low_n, high_n;

	snprintf(path, sizeof(path), "g722/appendix2/%s", in);
	shared_vectors_words(path, &code, &n);
	snprintf(path, sizeof(path), "g722/appendix2/bt3l%d.rc%d", set, mode);
	shared_vectors_words(path, &want_low, &low_n);
	snprintf(path, sizeof(path), "g722/appendix2/bt3h%d.rc0", set);
	shared_vectors_words(path, &want_high, &high_n);
	assert_int_equal(n, low_n);
	assert_int_equal(n, high_n);
	reset(&bands);
	for (int i = 0; i < n; i++) {
		uint8_t low = code[i] >> 8 & 63, high = code[i] >> 14 & 3;
		int16_t r;

		if (code[i] & RESET) {
			reset(&bands);
			assert_int_equal(want_low[i], RESET);
			assert_int_equal(want_high[i], RESET);
			continue;
		}
		tp_g722_band_decode_low(&bands.low, mode, &low, &r, 1);
		assert_int_equal(want_low[i], r * 2);
		tp_g722_band_decode_high(&bands.high, &high, &r, 1);
		assert_int_equal(want_high[i], r * 2);
	}
	free(code);
	free(want_low);
	free(want_high);
}

static void appendix_ii_encoder(void **state)
{
	(void)state;
	check_encoder_sequence("bt1c1.xmt", "bt2r1.cod");
	check_encoder_sequence("bt1c2.xmt", "bt2r2.cod");
}

static void appendix_ii_decoder(void **state)
{
	(void)state;
	for (int mode = 1; mode <= 3; mode++) {
		check_decoder_sequence("bt2r1.cod", 1, mode);
		check_decoder_sequence("bt2r2.cod", 2, mode);
		check_decoder_sequence("bt1d3.cod", 3, mode);
	}
}

/* ---- Against the speech of the Software Tools Library, filters included -------------------- */

static void software_tools_speech(void **state)
{
	struct coder_pair pair;
	int16_t *said, *octets, *want, heard[PACKET_N];
	uint8_t payload[PACKET_N / 2];
	int said_n, octets_n, want_n;

	(void)state;
	shared_vectors_words("g722/stl/inpsp.bin", &said, &said_n);
	shared_vectors_words("g722/stl/codspw.cod", &octets, &octets_n);
	shared_vectors_words("g722/stl/outsp1.bin", &want, &want_n);
	assert_int_equal(said_n, 2 * octets_n);
	assert_int_equal(said_n, want_n);
	coder_pair_open(&pair, &tp_g722, &defaults, 0);
	for (int at = 0; at < said_n; at += PACKET_N) {
		int n = said_n - at < PACKET_N ? said_n - at : PACKET_N;

		assert_int_equal(coder_pair_encode(&pair, said + at, n, payload), n / 2);
		for (int i = 0; i < n / 2; i++)
			assert_int_equal(payload[i], octets[at / 2 + i]);
		coder_pair_decode(&pair, payload, (size_t)n / 2, heard, n);
		assert_memory_equal(heard, want + at, (size_t)n * sizeof(int16_t));
	}
	coder_pair_close(&pair);
	free(said);
	free(octets);
	free(want);
}

static void check_speech_mode(int mode, const char *path)
{
	struct tp_g722_synthesis qmf = {0};
	struct bands bands;
	int16_t *octets, *want;
	int n, want_n;

	shared_vectors_words("g722/stl/codspw.cod", &octets, &n);
	shared_vectors_words(path, &want, &want_n);
	assert_int_equal(want_n, 2 * n);
	reset(&bands);
	for (int i = 0; i < n; i++) {
		uint8_t low = octets[i] & 63, high = octets[i] >> 6 & 3;
		int16_t r_low, r_high, heard[2];

		tp_g722_band_decode_low(&bands.low, mode, &low, &r_low, 1);
		tp_g722_band_decode_high(&bands.high, &high, &r_high, 1);
		tp_g722_qmf_synthesise(&qmf, &r_low, &r_high, heard, 1);
		assert_memory_equal(heard, want + 2 * i, sizeof(heard));
	}
	free(octets);
	free(want);
}

static void software_tools_speech_in_modes_2_and_3(void **state)
{
	(void)state;
	check_speech_mode(2, "g722/stl/outsp2.bin");
	check_speech_mode(3, "g722/stl/outsp3.bin");
}

/* ---- The codec ---------------------------------------------------------------------------- */

/* Full-scale squares overshoot in both filters; a wrapped sample would have the other sign. */
static void loud_sound_saturates(void **state)
{
	enum { N = 3200, PERIOD = 40, SETTLE = 640 };
	struct coder_pair pair;
	int16_t said[N], heard[N];
	int rails = 0;

	(void)state;
	for (int i = 0; i < N; i++)
		said[i] = i / (PERIOD / 2) % 2 ? INT16_MIN : INT16_MAX;
	coder_pair_open(&pair, &tp_g722, &defaults, 0);
	coder_pair_talk(&pair, said, heard, N, PACKET_N);
	for (int i = SETTLE; i < N; i++) {
		int meant = said[i - pair.shape.lookahead_n];
		int phase = (i - pair.shape.lookahead_n) % (PERIOD / 2);

		if (phase >= 4 && phase < PERIOD / 2 - 4)
			assert_true(meant > 0 ? heard[i] > 16384 : heard[i] < -16384);
		rails += heard[i] == INT16_MAX || heard[i] == INT16_MIN;
	}
	assert_true(rails > 0);
	coder_pair_close(&pair);
}

/* What comes out does not depend on how it was cut into packets, from 2 samples to 120 ms. */
static void packets_of_any_length_are_one_stream(void **state)
{
	enum { N = 9600 };
	static int16_t said[N], whole[N], heard[N];
	static const int packet_n[] = {2, 80, 160, 192, 480, 640, 800, 960, 1920};
	struct coder_pair pair;

	(void)state;
	fake_talker(said, N, RATE_HZ, 3, 20000);
	coder_pair_open(&pair, &tp_g722, &defaults, 0);
	coder_pair_talk(&pair, said, whole, N, PACKET_N);
	coder_pair_close(&pair);
	for (size_t i = 0; i < sizeof(packet_n) / sizeof(packet_n[0]); i++) {
		coder_pair_open(&pair, &tp_g722, &defaults, 0);
		coder_pair_talk(&pair, said, heard, N, packet_n[i]);
		assert_memory_equal(heard, whole, sizeof(whole));
		coder_pair_close(&pair);
	}
}

static void odd_lengths_are_refused(void **state)
{
	int16_t pcm[PACKET_N] = {0};
	uint8_t payload[PACKET_N / 2];
	struct coder_pair pair;

	(void)state;
	coder_pair_open(&pair, &tp_g722, &defaults, 0);
	assert_int_equal(tp_g722.encode(pair.encoder, pcm, 319, payload, sizeof(payload)),
			 TP_ERR_ARGUMENT);
	assert_int_equal(tp_g722.encode(pair.encoder, pcm, 0, payload, sizeof(payload)),
			 TP_ERR_ARGUMENT);
	assert_int_equal(tp_g722.encode(pair.encoder, pcm, 320, payload, 159), TP_ERR_ARGUMENT);
	coder_pair_close(&pair);
}

/* ---- Losses ------------------------------------------------------------------------------- */

enum {
	TALK_N = RATE_HZ * 8,
	LOSS_EVERY = 13, /* packets */
	AFTER_N = 320, /* what is judged after a loss: 20 ms */
};

/* Repeats the last 100 samples, which is nobody's pitch period: a poor concealment. */
static void conceal_poorly(int16_t *heard)
{
	for (int i = 0; i < PACKET_N; i++)
		heard[i] = heard[i - 100];
}

/* Decodes the talk with every LOSS_EVERY-th packet lost and played as `concealed` or, if that is
 * NULL, poorly, told to the decoder in pieces of absorb_n (0: not told). */
static void decode_with_losses(const uint8_t *octets, const int16_t *concealed, int absorb_n,
			       int16_t *heard)
{
	struct coder_pair pair;

	coder_pair_open(&pair, &tp_g722, &defaults, 0);
	for (int at = 0; at < TALK_N; at += PACKET_N) {
		if (at / PACKET_N % LOSS_EVERY != LOSS_EVERY - 1) {
			coder_pair_decode(&pair, octets + at / 2, PACKET_N / 2, heard + at,
					  PACKET_N);
			continue;
		}
		if (concealed)
			memcpy(heard + at, concealed + at, PACKET_N * sizeof(int16_t));
		else
			conceal_poorly(heard + at);
		for (int i = 0; absorb_n && i < PACKET_N; i += absorb_n)
			tp_g722.absorb(pair.decoder, heard + at + i, absorb_n);
	}
	coder_pair_close(&pair);
}

static double snr_after_losses(const int16_t *want, const int16_t *heard)
{
	static int16_t a[TALK_N], b[TALK_N];
	int n = 0;

	for (int at = LOSS_EVERY * PACKET_N; at < TALK_N; at += LOSS_EVERY * PACKET_N) {
		memcpy(a + n, want + at, AFTER_N * sizeof(int16_t));
		memcpy(b + n, heard + at, AFTER_N * sizeof(int16_t));
		n += AFTER_N;
	}
	return fake_talker_snr_db(a, b, n);
}

static void make_talk(uint8_t *octets, int16_t *whole)
{
	static int16_t said[TALK_N];
	struct coder_pair pair;

	fake_talker(said, TALK_N, RATE_HZ, 5, 20000);
	coder_pair_open(&pair, &tp_g722, &defaults, 0);
	for (int at = 0; at < TALK_N; at += PACKET_N) {
		coder_pair_encode(&pair, said + at, PACKET_N, octets + at / 2);
		coder_pair_decode(&pair, octets + at / 2, PACKET_N / 2, whole + at, PACKET_N);
	}
	coder_pair_close(&pair);
}

static uint8_t talk_octets[TALK_N / 2];
static int16_t talk_whole[TALK_N], talk_told[TALK_N], talk_untold[TALK_N];

/* A decoder that knows what was played comes back nearer to what it would have given. */
static void absorbing_a_good_concealment_helps(void **state)
{
	(void)state;
	make_talk(talk_octets, talk_whole);
	decode_with_losses(talk_octets, talk_whole, 0, talk_untold);
	decode_with_losses(talk_octets, talk_whole, PACKET_N, talk_told);
	assert_true(snr_after_losses(talk_whole, talk_told) >
		    snr_after_losses(talk_whole, talk_untold) + 3);
}

static void absorbing_a_poor_concealment_does_no_harm(void **state)
{
	(void)state;
	make_talk(talk_octets, talk_whole);
	decode_with_losses(talk_octets, NULL, 0, talk_untold);
	decode_with_losses(talk_octets, NULL, PACKET_N, talk_told);
	assert_true(snr_after_losses(talk_whole, talk_told) >
		    snr_after_losses(talk_whole, talk_untold) - 1);
}

/* Four packets of eleven are lost, and concealed as in a call. Returns how many of the others are
 * louder by 6 dB than without losses, of a thousand. */
static int too_loud_of_1000(const char *voice)
{
	static int16_t said[TALK_N], whole[TALK_N], heard[TALK_N];
	static struct tp_conceal conceal;
	struct coder_pair pair;
	int loud = 0, all = 0;

	real_speech(voice, RATE_HZ, said, TALK_N);
	coder_pair_open(&pair, &tp_g722, &defaults, 0);
	for (int at = 0; at < TALK_N; at += PACKET_N) {
		coder_pair_encode(&pair, said + at, PACKET_N, talk_octets + at / 2);
		coder_pair_decode(&pair, talk_octets + at / 2, PACKET_N / 2, whole + at, PACKET_N);
	}
	coder_pair_close(&pair);
	coder_pair_open(&pair, &tp_g722, &defaults, 0);
	tp_conceal_init(&conceal, RATE_HZ);
	for (int at = 0; at < TALK_N; at += PACKET_N) {
		if (at / PACKET_N % 11 >= 7) {
			tp_conceal_make(&conceal, heard + at, PACKET_N);
			tp_g722.absorb(pair.decoder, heard + at, PACKET_N);
			continue;
		}
		coder_pair_decode(&pair, talk_octets + at / 2, PACKET_N / 2, heard + at, PACKET_N);
		tp_conceal_good(&conceal, heard + at, PACKET_N);
		loud += tp_level_db(heard + at, PACKET_N) >
			fmax(-70, tp_level_db(whole + at, PACKET_N)) + 6;
		all++;
	}
	coder_pair_close(&pair);
	return loud * 1000 / all;
}

/* A predictor that was learnt from another sound makes what follows a long loss too loud. */
static void nothing_is_too_loud_after_long_losses(void **state)
{
	(void)state;
	/* With the weights as they were: 62 and 42. */
	assert_in_range(too_loud_of_1000("p225_003"), 0, 30);
	assert_in_range(too_loud_of_1000("p226_006"), 0, 20);
}

static void absorbing_in_pieces_is_the_same(void **state)
{
	static const int piece_n[] = {2, 16, 80, 160};

	(void)state;
	make_talk(talk_octets, talk_whole);
	decode_with_losses(talk_octets, talk_whole, PACKET_N, talk_told);
	for (size_t i = 0; i < sizeof(piece_n) / sizeof(piece_n[0]); i++) {
		decode_with_losses(talk_octets, talk_whole, piece_n[i], talk_untold);
		assert_memory_equal(talk_told, talk_untold, sizeof(talk_told));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decoder_is_exact_on_hostile_octets),
		cmocka_unit_test(encoder_is_exact_on_hostile_samples),
		cmocka_unit_test(appendix_ii_encoder),
		cmocka_unit_test(appendix_ii_decoder),
		cmocka_unit_test(software_tools_speech),
		cmocka_unit_test(software_tools_speech_in_modes_2_and_3),
		cmocka_unit_test(loud_sound_saturates),
		cmocka_unit_test(packets_of_any_length_are_one_stream),
		cmocka_unit_test(odd_lengths_are_refused),
		cmocka_unit_test(absorbing_a_good_concealment_helps),
		cmocka_unit_test(absorbing_a_poor_concealment_does_no_harm),
		cmocka_unit_test(absorbing_in_pieces_is_the_same),
		cmocka_unit_test(nothing_is_too_loud_after_long_losses),
	};

	return cmocka_run_group_tests_name("g722", tests, NULL, NULL);
}
