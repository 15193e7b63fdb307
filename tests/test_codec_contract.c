/* SPDX-License-Identifier: MIT */
/* What codec.h promises, asked of every built-in codec. */
#include "tests/fixtures/coder_pair.h"
#include "tests/fixtures/fake_talker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	RATE_MAX_HZ = 48000,
	PACKET_MAX_N = RATE_MAX_HZ / 1000 * TP_CODEC_PACKET_MAX_MS,
	GUARD_N = 16,
	GUARD_PCM = 0x55aa,
	GUARD_OCTET = 0xd7,
};

/* Every rate that an engine may wish for; 0 is the codec's own. */
static const int wished_hz[] = {0, 8000, 16000, 48000};

typedef void check_codec(const struct tp_codec_ops *codec, const struct tp_codec_config *config);

/* Once at the codec's own rate, and at each other one that it has. */
static void for_every_rate(const struct tp_codec_ops *codec, check_codec *check)
{
	int own_hz = 0;

	for (size_t i = 0; i < sizeof(wished_hz) / sizeof(wished_hz[0]); i++) {
		struct tp_codec_config config = {.rate_hz = wished_hz[i]};
		struct tp_codec_shape shape;

		assert_int_equal(codec->describe(&config, &shape), 0);
		if (i == 0)
			own_hz = shape.rate_hz;
		else if (shape.rate_hz != wished_hz[i] || shape.rate_hz == own_hz)
			continue;
		check(codec, &config);
	}
}

static void for_every_codec(check_codec *check)
{
	for (int i = 0; tp_codec_builtin(i); i++)
		for_every_rate(tp_codec_builtin(i), check);
}

/* Lengths that a packet may have: the smallest, the common ones, the longest. Returns how many. */
static int packet_lengths(const struct tp_codec_shape *shape, int n[8])
{
	static const int ms[] = {5, 10, 20, 30, 40, 60};
	int lengths = 0;

	n[lengths++] = shape->frame_n;
	for (size_t i = 0; i < sizeof(ms) / sizeof(ms[0]); i++)
		if (shape->rate_hz / 1000 * ms[i] < shape->packet_n)
			n[lengths++] = shape->rate_hz / 1000 * ms[i];
	n[lengths++] = shape->packet_n;
	return lengths;
}

/* ---- The table ---------------------------------------------------------------------------- */

static void the_offer_has_its_order(void **state)
{
	static const char *const names[] = {"G722", "PCMU", "PCMA", "opus", "L16"};
	const int n = sizeof(names) / sizeof(names[0]);

	(void)state;
	for (int i = 0; i < n; i++)
		assert_string_equal(tp_codec_builtin(i)->name, names[i]);
	assert_null(tp_codec_builtin(n));
	assert_null(tp_codec_builtin(-1));
}

static void check_shape(const struct tp_codec_ops *codec, const struct tp_codec_config *config)
{
	struct tp_codec_shape shape, again;

	assert_int_equal(codec->describe(config, &shape), 0);
	assert_int_equal(codec->describe(config, &again), 0);
	assert_memory_equal(&shape, &again, sizeof(shape));
	assert_true(shape.rate_hz == 8000 || shape.rate_hz == 16000 || shape.rate_hz == 48000);
	assert_int_equal(shape.rate_hz / 1000 * 10 % shape.frame_n, 0);
	assert_int_equal(shape.packet_n % shape.frame_n, 0);
	assert_in_range(shape.packet_n, shape.rate_hz / 100,
			shape.rate_hz / 1000 * TP_CODEC_PACKET_MAX_MS);
	assert_in_range(shape.lookahead_n, 0, shape.rate_hz / 50);
	assert_int_equal(shape.clock_hz % 8000, 0);
}

static void shapes_make_sense(void **state)
{
	(void)state;
	for (int i = 0; tp_codec_builtin(i); i++)
		for (size_t r = 0; r < sizeof(wished_hz) / sizeof(wished_hz[0]); r++) {
			struct tp_codec_config config = {.rate_hz = wished_hz[r]};

			check_shape(tp_codec_builtin(i), &config);
		}
}

static void impossible_rates_are_refused_or_ignored(void **state)
{
	const struct tp_codec_config config = {.rate_hz = 44100};
	struct tp_codec_shape shape;

	(void)state;
	for (int i = 0; tp_codec_builtin(i); i++) {
		int error = tp_codec_builtin(i)->describe(&config, &shape);

		assert_true(error == TP_ERR_UNSUPPORTED || (error == 0 && shape.rate_hz != 44100));
	}
}

/* ---- Known answers ------------------------------------------------------------------------ */

static void replay(const struct tp_codec_ops *codec, const struct tp_codec_vector *vector)
{
	const struct tp_codec_config config = {0};
	static int16_t pcm[PACKET_MAX_N];
	uint8_t payload[TP_CODEC_PAYLOAD_MAX];
	struct coder_pair pair;

	coder_pair_open(&pair, codec, &config, 0);
	if (vector->check_encode) {
		assert_int_equal(coder_pair_encode(&pair, vector->pcm, vector->n, payload),
				 vector->len);
		assert_memory_equal(payload, vector->payload, vector->len);
	}
	if (vector->check_decode) {
		coder_pair_decode(&pair, vector->payload, vector->len, pcm, vector->n);
		assert_memory_equal(pcm, vector->pcm, (size_t)vector->n * sizeof(*pcm));
	}
	coder_pair_close(&pair);
}

static void known_answers_come_out(void **state)
{
	(void)state;
	for (int i = 0; tp_codec_builtin(i); i++) {
		const struct tp_codec_vector *vector = tp_codec_builtin(i)->vectors;

		assert_non_null(vector);
		for (; vector->pcm; vector++)
			replay(tp_codec_builtin(i), vector);
	}
}

/* ---- Sound -------------------------------------------------------------------------------- */

/* Least signal to error in dB of a talker. The laws of G.711 hold 37 dB over a wide range of
 * levels; G.722's low band has 6 bits where they have 8, but predicts; Opus keeps the form of a
 * wave only loosely at its default bit rates and takes the lowest frequencies away. */
static double least_snr_db(const struct tp_codec_ops *codec)
{
	static const struct {
		const char *name;
		double snr_db;
	} least[] = {{"PCMU", 36}, {"PCMA", 36}, {"G722", 30}, {"opus", 10}, {"L16", 100}};

	for (size_t i = 0; i < sizeof(least) / sizeof(least[0]); i++)
		if (strcmp(least[i].name, codec->name) == 0)
			return least[i].snr_db;
	fail_msg("no threshold is known for codec %s", codec->name);
	return 0;
}

/* The best of the delays within 1/16 ms of the one that the codec says: SILK's resamplers are as
 * inexact as that at 24 and 48 kHz. */
static double snr_db_at_delay(const struct coder_pair *pair, const int16_t *said,
			      const int16_t *heard, int n)
{
	int slack_n = pair->shape.rate_hz > 16000 ? pair->shape.rate_hz / 16000 : 0;
	double best_db = -100;

	for (int off = -slack_n; off <= slack_n; off++) {
		int delay_n = pair->shape.lookahead_n + off;
		double snr_db;

		if (delay_n < 0)
			continue;
		snr_db = fake_talker_snr_db(said, heard + delay_n, n - delay_n);
		best_db = snr_db > best_db ? snr_db : best_db;
	}
	return best_db;
}

static void check_sound(const struct tp_codec_ops *codec, const struct tp_codec_config *config)
{
	static int16_t said[RATE_MAX_HZ * 3], heard[RATE_MAX_HZ * 3];
	struct tp_codec_shape shape;
	int lengths, length_n[8];

	assert_int_equal(codec->describe(config, &shape), 0);
	lengths = packet_lengths(&shape, length_n);
	fake_talker(said, shape.rate_hz * 6 / 5, shape.rate_hz, 11, 12000);
	for (int i = 0; i < lengths; i++) {
		int total = shape.rate_hz * 6 / 5 / length_n[i] * length_n[i];
		struct coder_pair pair;
		double snr_db;

		/* Opus has only CELT for frames under 10 ms, which wants more bits for speech. */
		if (length_n[i] < shape.rate_hz / 100)
			continue;
		coder_pair_open(&pair, codec, config, 0);
		coder_pair_talk(&pair, said, heard, total, length_n[i]);
		coder_pair_close(&pair);
		snr_db = snr_db_at_delay(&pair, said, heard, total);
		if (snr_db < least_snr_db(codec))
			fail_msg("%s at %d Hz in packets of %d samples: %.1f dB", codec->name,
				 shape.rate_hz, length_n[i], snr_db);
	}
}

static void speech_survives_at_the_delay_that_is_said(void **state)
{
	(void)state;
	for_every_codec(check_sound);
}

/* Every multiple of a frame that a packet may have, one after the other through one state. */
static void check_every_length(const struct tp_codec_ops *codec,
			       const struct tp_codec_config *config)
{
	static int16_t said[PACKET_MAX_N], heard[PACKET_MAX_N + GUARD_N];
	uint8_t payload[TP_CODEC_PAYLOAD_MAX];
	struct coder_pair pair;

	coder_pair_open(&pair, codec, config, 0);
	fake_talker(said, pair.shape.packet_n, pair.shape.rate_hz, 13, 12000);
	for (int n = pair.shape.frame_n; n <= pair.shape.packet_n; n += pair.shape.frame_n) {
		int len = coder_pair_encode(&pair, said, n, payload);

		assert_true(len > 0);
		heard[n] = GUARD_PCM;
		coder_pair_decode(&pair, payload, (size_t)len, heard, n);
		assert_int_equal(heard[n], GUARD_PCM);
	}
	coder_pair_close(&pair);
}

static void packets_have_any_whole_number_of_frames(void **state)
{
	(void)state;
	for_every_codec(check_every_length);
}

static void check_wrong_lengths(const struct tp_codec_ops *codec,
				const struct tp_codec_config *config)
{
	static const int16_t said[PACKET_MAX_N * 2];
	uint8_t payload[PACKET_MAX_N * 4];
	struct coder_pair pair;

	coder_pair_open(&pair, codec, config, 0);
	assert_true(codec->encode(pair.encoder, said, 0, payload, sizeof(payload)) < 0);
	assert_true(codec->encode(pair.encoder, said, -pair.shape.frame_n, payload,
				  sizeof(payload)) < 0);
	assert_true(codec->encode(pair.encoder, said, pair.shape.packet_n + pair.shape.frame_n,
				  payload, sizeof(payload)) < 0);
	if (pair.shape.frame_n > 1)
		assert_true(codec->encode(pair.encoder, said, pair.shape.frame_n + 1, payload,
					  sizeof(payload)) < 0);
	coder_pair_close(&pair);
}

static void wrong_lengths_are_refused(void **state)
{
	(void)state;
	for_every_codec(check_wrong_lengths);
}

static void check_cap(const struct tp_codec_ops *codec, const struct tp_codec_config *config)
{
	static int16_t said[PACKET_MAX_N];
	uint8_t payload[TP_CODEC_PAYLOAD_MAX + GUARD_N];
	struct coder_pair pair;
	int lengths, length_n[8];

	coder_pair_open(&pair, codec, config, 0);
	fake_talker(said, PACKET_MAX_N, pair.shape.rate_hz, 17, 12000);
	lengths = packet_lengths(&pair.shape, length_n);
	for (int i = 0; i < lengths; i++)
		for (size_t cap = 0; cap <= TP_CODEC_PAYLOAD_MAX; cap += 1 + cap / 4) {
			int len;

			memset(payload, GUARD_OCTET, sizeof(payload));
			len = codec->encode(pair.encoder, said, length_n[i], payload, cap);
			assert_true(len <= (int)cap);
			for (size_t k = cap; k < sizeof(payload); k++)
				assert_int_equal(payload[k], GUARD_OCTET);
		}
	coder_pair_close(&pair);
}

static void encoders_stay_within_cap(void **state)
{
	(void)state;
	for_every_codec(check_cap);
}

/* ---- State -------------------------------------------------------------------------------- */

/* Memory of any content makes the same state, and one state knows nothing of another. */
static void check_fresh(const struct tp_codec_ops *codec, const struct tp_codec_config *config)
{
	static int16_t said[RATE_MAX_HZ / 5], heard[2][RATE_MAX_HZ / 5];
	uint8_t payload[2][TP_CODEC_PAYLOAD_MAX];
	struct coder_pair pair[2];
	int n, total;

	coder_pair_open(&pair[0], codec, config, 0x00);
	coder_pair_open(&pair[1], codec, config, 0xa5);
	n = pair[0].shape.rate_hz / 100;
	total = pair[0].shape.rate_hz / 5;
	fake_talker(said, total, pair[0].shape.rate_hz, 19, 12000);
	for (int at = 0; at < total; at += n) {
		int len[2];

		for (int i = 0; i < 2; i++) {
			len[i] = coder_pair_encode(&pair[i], said + at, n, payload[i]);
			coder_pair_decode(&pair[i], payload[i], (size_t)len[i], heard[i] + at, n);
		}
		assert_int_equal(len[0], len[1]);
		assert_memory_equal(payload[0], payload[1], (size_t)len[0]);
	}
	assert_memory_equal(heard[0], heard[1], (size_t)total * sizeof(int16_t));
	coder_pair_close(&pair[0]);
	coder_pair_close(&pair[1]);
}

static void init_leaves_nothing_to_chance(void **state)
{
	(void)state;
	for_every_codec(check_fresh);
}

static void check_settings(const struct tp_codec_ops *codec, const struct tp_codec_config *config)
{
	static const struct {
		enum tp_codec_control what;
		int good, bad;
	} setting[] = {
		{TP_CODEC_BIT_RATE, 20000, -1},
		{TP_CODEC_LOSS_PERCENT, 10, 101},
		{TP_CODEC_DTX, 1, 2},
		{TP_CODEC_FEC, 1, -1},
	};
	struct coder_pair pair;

	if (!codec->control)
		return;
	coder_pair_open(&pair, codec, config, 0);
	for (size_t i = 0; i < sizeof(setting) / sizeof(setting[0]); i++) {
		int error = codec->control(pair.encoder, setting[i].what, setting[i].good);

		assert_true(error == 0 || error == TP_ERR_UNSUPPORTED);
		assert_int_equal(codec->control(pair.encoder, setting[i].what, setting[i].bad),
				 error == 0 ? TP_ERR_ARGUMENT : TP_ERR_UNSUPPORTED);
	}
	coder_pair_close(&pair);
}

static void settings_change_or_are_unsupported(void **state)
{
	(void)state;
	for_every_codec(check_settings);
}

/* ---- Losses ------------------------------------------------------------------------------- */

/* A loss in the middle of a talk: what stands in for it has exactly its length, and half a second
 * later nothing of it is left. */
static void check_loss(const struct tp_codec_ops *codec, const struct tp_codec_config *config)
{
	static int16_t said[RATE_MAX_HZ * 2], whole[RATE_MAX_HZ * 2], heard[RATE_MAX_HZ * 2 + 1];
	uint8_t payload[TP_CODEC_PAYLOAD_MAX];
	struct coder_pair good, lossy;
	int n, total;

	coder_pair_open(&good, codec, config, 0);
	coder_pair_open(&lossy, codec, config, 0);
	n = good.shape.rate_hz / 100;
	total = good.shape.rate_hz * 3 / 2;
	fake_talker(said, total, good.shape.rate_hz, 23, 12000);
	for (int at = 0; at < total; at += n) {
		int len = coder_pair_encode(&good, said + at, n, payload);

		coder_pair_decode(&good, payload, (size_t)len, whole + at, n);
		heard[at + n] = GUARD_PCM;
		if (at / n < 30 || at / n >= 36)
			coder_pair_decode(&lossy, payload, (size_t)len, heard + at, n);
		else if (codec->conceal)
			codec->conceal(lossy.decoder, heard + at, n);
		else
			memset(heard + at, 0, (size_t)n * sizeof(*heard));
		if (at / n >= 30 && at / n < 36 && codec->absorb)
			codec->absorb(lossy.decoder, heard + at, n);
		assert_int_equal(heard[at + n], GUARD_PCM);
	}
	assert_memory_equal(heard, whole, 30 * (size_t)n * sizeof(*heard));
	assert_true(fake_talker_snr_db(whole + 86 * n, heard + 86 * n, total - 86 * n) > 20);
	coder_pair_close(&good);
	coder_pair_close(&lossy);
}

static void a_loss_is_survived(void **state)
{
	(void)state;
	for_every_codec(check_loss);
}

static void check_conceal_lengths(const struct tp_codec_ops *codec,
				  const struct tp_codec_config *config)
{
	static int16_t pcm[PACKET_MAX_N + 1];
	struct coder_pair pair;

	coder_pair_open(&pair, codec, config, 0);
	for (int n = 1; n <= pair.shape.packet_n; n += 1 + n / 3) {
		pcm[n] = GUARD_PCM;
		if (codec->conceal)
			codec->conceal(pair.decoder, pcm, n);
		if (codec->absorb)
			codec->absorb(pair.decoder, pcm, n);
		assert_int_equal(pcm[n], GUARD_PCM);
	}
	coder_pair_close(&pair);
}

static void losses_have_any_length(void **state)
{
	(void)state;
	for_every_codec(check_conceal_lengths);
}

/* ---- Hostile packets ---------------------------------------------------------------------- */

/* Hands a payload to the decoder in memory of exactly its length, and holds it to its word. */
static void offer(struct coder_pair *pair, const uint8_t *octets, size_t len, bool fec, int cap)
{
	const struct tp_codec_ops *codec = pair->codec;
	static int16_t pcm[PACKET_MAX_N + GUARD_N];
	uint8_t *payload = malloc(len ? len : 1);
	int said, got;

	assert_non_null(payload);
	memcpy(payload, octets, len);
	for (int i = 0; i < PACKET_MAX_N + GUARD_N; i++)
		pcm[i] = GUARD_PCM;
	said = codec->samples(&pair->shape, payload, len);
	got = codec->decode(pair->decoder, payload, len, fec, pcm, cap);
	assert_true(said < 0 || (said > 0 && said <= pair->shape.packet_n));
	if (fec)
		assert_true(got <= 0 || got == cap);
	else if (said >= 0 && said <= cap)
		assert_int_equal(got, said);
	else
		assert_true(got < 0);
	for (int i = cap; i < PACKET_MAX_N + GUARD_N; i++)
		assert_int_equal(pcm[i], GUARD_PCM);
	free(payload);
}

static void check_hostile(const struct tp_codec_ops *codec, const struct tp_codec_config *config)
{
	static int16_t said[RATE_MAX_HZ], heard[RATE_MAX_HZ];
	uint8_t octets[2 * TP_CODEC_PAYLOAD_MAX];
	struct coder_pair pair;
	uint32_t random = 29;
	int n, total;

	coder_pair_open(&pair, codec, config, 0);
	n = pair.shape.rate_hz / 100;
	total = pair.shape.rate_hz;
	fake_talker(said, total, pair.shape.rate_hz, 31, 12000);
	assert_true(codec->samples(&pair.shape, octets, 0) < 0);
	offer(&pair, octets, 0, false, pair.shape.packet_n);
	for (int i = 0; i < 300; i++) {
		size_t len = fake_talker_random(&random) % (i % 3 ? 64 : sizeof(octets));
		int cap = i % 5 ? pair.shape.packet_n : pair.shape.frame_n * (i % 7);

		for (size_t k = 0; k < len; k++)
			octets[k] = (uint8_t)(fake_talker_random(&random) >> 11);
		offer(&pair, octets, len, i % 4 == 3, cap);
		if (i % 50 == 49)
			coder_pair_talk(&pair, said, heard, n, n);
	}
	for (int i = 0; i < 100; i++) { /* cut short and with a bit turned */
		int len = coder_pair_encode(&pair, said + i * n, n, octets);
		size_t cut = fake_talker_random(&random) % (uint32_t)(len + 1);

		offer(&pair, octets, cut, false, pair.shape.packet_n);
		octets[cut % (size_t)len] ^= (uint8_t)(1 << i % 8);
		offer(&pair, octets, (size_t)len, i % 2, pair.shape.packet_n);
	}
	coder_pair_talk(&pair, said, heard, total, n);
	n = total - pair.shape.rate_hz / 4; /* a predictor forgets in well under that */
	assert_true(snr_db_at_delay(&pair, said + total - n, heard + total - n, n) >
		    least_snr_db(codec) - 3);
	coder_pair_close(&pair);
}

static void hostile_packets_do_no_lasting_harm(void **state)
{
	(void)state;
	for_every_codec(check_hostile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_offer_has_its_order),
		cmocka_unit_test(shapes_make_sense),
		cmocka_unit_test(impossible_rates_are_refused_or_ignored),
		cmocka_unit_test(known_answers_come_out),
		cmocka_unit_test(speech_survives_at_the_delay_that_is_said),
		cmocka_unit_test(packets_have_any_whole_number_of_frames),
		cmocka_unit_test(wrong_lengths_are_refused),
		cmocka_unit_test(encoders_stay_within_cap),
		cmocka_unit_test(init_leaves_nothing_to_chance),
		cmocka_unit_test(settings_change_or_are_unsupported),
		cmocka_unit_test(a_loss_is_survived),
		cmocka_unit_test(losses_have_any_length),
		cmocka_unit_test(hostile_packets_do_no_lasting_harm),
	};

	return cmocka_run_group_tests_name("codec contract", tests, NULL, NULL);
}
