/* SPDX-License-Identifier: MIT */
/* Opus: packet handling proved by the range coder's final state, and what phones use of it. */
#include "codecs/opus_state.h"
#include "codecs/registry.h"
#include "tests/fixtures/coder_pair.h"
#include "tests/fixtures/fake_talker.h"
#include "tests/fixtures/opus_answers.h"
#include "tests/fixtures/shared_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	ANSWERS = sizeof(opus_answer) / sizeof(opus_answer[0]),
	RATE_MAX_HZ = 48000,
	PACKET_MAX_N = RATE_MAX_HZ / 1000 * TP_CODEC_PACKET_MAX_MS,
	TALK_N = 16000 * 6,
	PACKET_N = 320, /* 20 ms at 16 kHz */
};

static const int rates_hz[] = {8000, 12000, 16000, 24000, 48000};

static int16_t said[TALK_N], heard[TALK_N], other[TALK_N];

/* ---- Conformance -------------------------------------------------------------------------- */

static void check_answers(int rate_hz)
{
	const struct tp_codec_config config = {.rate_hz = rate_hz};
	static int16_t pcm[PACKET_MAX_N];
	struct coder_pair pair;

	coder_pair_open(&pair, &tp_opus, &config, 0);
	for (int i = 0; i < ANSWERS; i++) {
		coder_pair_decode(&pair, opus_answer[i].payload, opus_answer[i].len, pcm,
				  rate_hz / 400 * opus_answer[i].ms_10 / 25);
		assert_int_equal(tp_opus_final_range(pair.decoder), opus_answer[i].final_range);
	}
	coder_pair_close(&pair);
}

static void every_mode_is_understood_at_every_rate(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rates_hz) / sizeof(rates_hz[0]); i++)
		check_answers(rates_hz[i]);
}

static uint32_t word_at(const uint8_t *octet)
{
	return (uint32_t)octet[0] << 24 | (uint32_t)octet[1] << 16 | (uint32_t)octet[2] << 8 |
	       octet[3];
}

/* A file of RFC 6716's test vectors is packets, each behind its length and its final range. Mono
 * and 8 kHz cost least and use the same bits. */
static int check_test_vector(int number)
{
	const struct tp_codec_config config = {.rate_hz = 8000};
	static int16_t pcm[PACKET_MAX_N];
	struct coder_pair pair;
	char path[64];
	uint8_t *data;
	size_t len;
	int packets = 0;

	snprintf(path, sizeof(path), "opus/testvector%02d.bit", number);
	shared_vectors_read(path, &data, &len);
	coder_pair_open(&pair, &tp_opus, &config, 0);
	for (size_t at = 0; at + 8 < len; packets++) {
		size_t packet_len = word_at(data + at);
		int n = tp_opus.samples(&pair.shape, data + at + 8, packet_len);

		assert_true(n > 0);
		coder_pair_decode(&pair, data + at + 8, packet_len, pcm, n);
		assert_int_equal(tp_opus_final_range(pair.decoder), word_at(data + at + 4));
		at += 8 + packet_len;
	}
	coder_pair_close(&pair);
	free(data);
	return packets;
}

static void test_vectors_of_rfc_6716(void **state)
{
	int packets = 0;

	(void)state;
	for (int i = 1; i <= 12; i++)
		packets += check_test_vector(i);
	assert_int_equal(packets, 20075);
}

/* ---- Settings ----------------------------------------------------------------------------- */

static int octets_of_talk(struct coder_pair *pair)
{
	uint8_t payload[TP_CODEC_PAYLOAD_MAX];
	int octets = 0;

	for (int at = 0; at < TALK_N; at += PACKET_N)
		octets += coder_pair_encode(pair, said + at, PACKET_N, payload);
	return octets;
}

static void bit_rate_is_kept_and_changes(void **state)
{
	const struct tp_codec_config config = {.rate_hz = 16000, .bit_rate = 16000};
	struct coder_pair pair;

	(void)state;
	fake_talker(said, TALK_N, 16000, 41, 12000);
	coder_pair_open(&pair, &tp_opus, &config, 0);
	assert_in_range(octets_of_talk(&pair) * 8 * 16000LL / TALK_N, 12000, 18000);
	assert_int_equal(tp_opus.control(pair.encoder, TP_CODEC_BIT_RATE, 32000), 0);
	assert_in_range(octets_of_talk(&pair) * 8 * 16000LL / TALK_N, 24000, 36000);
	coder_pair_close(&pair);
}

static void impossible_settings_are_refused_with_a_sentence(void **state)
{
	static const struct tp_codec_config bad[] = {
		{.rate_hz = 44100}, {.bit_rate = 5000},    {.bit_rate = 600000},
		{.complexity = 11}, {.loss_percent = 101}, {.loss_percent = -1},
	};
	_Alignas(TP_CODEC_STATE_ALIGN) static uint8_t memory[1 << 17];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(tp_opus.encoder_size(&bad[i]) <= sizeof(memory));
		tp_fail(0, "%s", "");
		assert_true(tp_opus.encoder_init(memory, &bad[i]) < 0);
		assert_true(tp_opus.decoder_init(memory, &bad[i]) < 0);
		assert_true(strlen(tp_error_detail()) > 20);
	}
}

/* ---- Packets ------------------------------------------------------------------------------ */

/* All lengths that phones use, in turn through one stream; 30 and 50 ms are joined frames. */
static void packet_times_of_phones(void **state)
{
	static const int ms[] = {10, 20, 30, 40, 50, 60};
	struct tp_codec_config config = {0};

	(void)state;
	for (size_t r = 0; r < sizeof(rates_hz) / sizeof(rates_hz[0]); r++) {
		static int16_t pcm[PACKET_MAX_N];
		uint8_t payload[TP_CODEC_PAYLOAD_MAX];
		struct coder_pair pair;

		config.rate_hz = rates_hz[r];
		fake_talker(said, TALK_N, rates_hz[r], 43, 12000);
		coder_pair_open(&pair, &tp_opus, &config, 0);
		for (int i = 0, at = 0; i < 24; i++) {
			int n = rates_hz[r] / 1000 * ms[i % 6];
			int len = coder_pair_encode(&pair, said + at, n, payload);

			assert_true(len > 2);
			coder_pair_decode(&pair, payload, (size_t)len, pcm, n);
			at += n;
		}
		coder_pair_close(&pair);
	}
}

/* A new bit rate moves the encoder to another mode within a packet of joined frames; such a packet
 * must still be well-formed and of full length. */
static void mode_changes_inside_a_packet(void **state)
{
	enum { N = 48 * 50 };
	static const int bit_rate[] = {12000, 128000, 20000, 64000, 9000, 40000};
	const struct tp_codec_config config = {.rate_hz = 48000};
	uint8_t payload[TP_CODEC_PAYLOAD_MAX];
	struct coder_pair pair;
	int modes = 0, mode = -1;

	(void)state;
	fake_talker(said, TALK_N, 48000, 47, 12000);
	coder_pair_open(&pair, &tp_opus, &config, 0);
	for (int at = 0; at + N <= TALK_N; at += N) {
		int len;

		assert_int_equal(
			tp_opus.control(pair.encoder, TP_CODEC_BIT_RATE, bit_rate[at / N / 3 % 6]),
			0);
		len = coder_pair_encode(&pair, said + at, N, payload);
		coder_pair_decode(&pair, payload, (size_t)len, heard + at, N);
		modes += payload[0] >> 3 != mode;
		mode = payload[0] >> 3;
	}
	assert_true(modes > 5);
	coder_pair_close(&pair);
}

/* Joining costs octets of its own, which must have been left free. */
static void joined_frames_fill_what_there_is(void **state)
{
	enum { N = 48 * 50 };
	const struct tp_codec_config config = {.rate_hz = 48000, .bit_rate = 510000};
	uint8_t payload[TP_CODEC_PAYLOAD_MAX];
	struct coder_pair pair;

	(void)state;
	fake_talker(said, TALK_N, 48000, 48, 30000);
	coder_pair_open(&pair, &tp_opus, &config, 0);
	for (int i = 0; i < 30; i++) {
		size_t cap = 100 + 43 * (size_t)i;
		int len = tp_opus.encode(pair.encoder, said + i * N, N, payload, cap);

		assert_in_range(len, cap / 2, cap);
		coder_pair_decode(&pair, payload, (size_t)len, heard, N);
	}
	coder_pair_close(&pair);
}

static void nothing_is_sent_while_nothing_is_said(void **state)
{
	static const int packet_n[] = {160, 320, 480, 960};
	const struct tp_codec_config config = {.rate_hz = 16000, .dtx = true};
	uint8_t payload[TP_CODEC_PAYLOAD_MAX];
	struct coder_pair pair;

	(void)state;
	for (size_t i = 0; i < sizeof(packet_n) / sizeof(packet_n[0]); i++) {
		int sent = 0, packets = 0;

		coder_pair_open(&pair, &tp_opus, &config, 0);
		memset(said, 0, sizeof(said));
		fake_talker(said, TALK_N / 4, 16000, 53, 12000);
		coder_pair_talk(&pair, said, heard, TALK_N / 4 / packet_n[i] * packet_n[i],
				packet_n[i]);
		for (int at = TALK_N / 2; at + packet_n[i] <= TALK_N; at += packet_n[i], packets++)
			sent += coder_pair_encode(&pair, said + at, packet_n[i], payload) > 0;
		assert_true(sent < packets / 5); /* a sign of life every 400 ms */
		assert_int_equal(tp_opus.control(pair.encoder, TP_CODEC_DTX, 0), 0);
		assert_true(coder_pair_encode(&pair, said + TALK_N / 2, packet_n[i], payload) > 0);
		coder_pair_close(&pair);
	}
}

/* ---- Losses ------------------------------------------------------------------------------- */

/* Loses every fifth packet of a talk encoded as `config` says and takes it from the one after it
 * if `fec`, or else are silence. Returns the signal to error against the whole talk over the lost
 * packets; *taken counts what came from the next packet. */
static double lose_packets(const struct tp_codec_config *config, bool fec, int *taken)
{
	static int16_t want[TALK_N], got[TALK_N];
	uint8_t payload[2][TP_CODEC_PAYLOAD_MAX];
	struct coder_pair whole, lossy;
	int len[2], lost_n = 0;

	*taken = 0;
	coder_pair_open(&whole, &tp_opus, config, 0);
	coder_pair_open(&lossy, &tp_opus, config, 0);
	len[0] = coder_pair_encode(&whole, said, PACKET_N, payload[0]);
	for (int i = 0; (i + 2) * PACKET_N <= TALK_N; i++) {
		const uint8_t *now = payload[i % 2], *next = payload[(i + 1) % 2];
		int at = i * PACKET_N, n = 0;

		len[(i + 1) % 2] = coder_pair_encode(&whole, said + at + PACKET_N, PACKET_N,
						     payload[(i + 1) % 2]);
		coder_pair_decode(&whole, now, (size_t)len[i % 2], heard + at, PACKET_N);
		if (i % 5 != 4) {
			coder_pair_decode(&lossy, now, (size_t)len[i % 2], other + at, PACKET_N);
			continue;
		}
		if (fec)
			n = tp_opus.decode(lossy.decoder, next, (size_t)len[(i + 1) % 2], true,
					   other + at, PACKET_N);
		assert_true(n == 0 || n == PACKET_N);
		*taken += n == PACKET_N;
		if (n == 0) {
			memset(other + at, 0, PACKET_N * sizeof(*other));
			tp_opus.absorb(lossy.decoder, other + at, PACKET_N);
		}
		memcpy(want + lost_n, heard + at, PACKET_N * sizeof(int16_t));
		memcpy(got + lost_n, other + at, PACKET_N * sizeof(int16_t));
		lost_n += PACKET_N;
	}
	coder_pair_close(&whole);
	coder_pair_close(&lossy);
	return fake_talker_snr_db(want, got, lost_n);
}

static void lost_packets_come_from_the_next(void **state)
{
	const struct tp_codec_config config = {.rate_hz = 16000, .fec = true, .loss_percent = 20};
	int taken, none;
	double with_db, without_db;

	(void)state;
	fake_talker(said, TALK_N, 16000, 59, 12000);
	with_db = lose_packets(&config, true, &taken);
	without_db = lose_packets(&config, false, &none);
	assert_true(taken >= TALK_N / PACKET_N / 5 / 2);
	assert_int_equal(none, 0);
	assert_true(with_db > without_db + 2);
}

static void no_redundancy_is_found_where_none_was_sent(void **state)
{
	const struct tp_codec_config config = {.rate_hz = 16000};
	int taken;

	(void)state;
	fake_talker(said, TALK_N, 16000, 59, 12000);
	lose_packets(&config, true, &taken);
	assert_int_equal(taken, 0);
}

/* Whether any packet of a talk carries redundancy. */
static bool sends_redundancy(struct coder_pair *pair)
{
	int n = pair->shape.rate_hz / 50;
	uint8_t payload[TP_CODEC_PAYLOAD_MAX];
	bool any = false;

	for (int i = 0; i < 50; i++) {
		int len = coder_pair_encode(pair, said + i * n, n, payload);

		any |= tp_opus.decode(pair->decoder, payload, (size_t)len, true, heard, n) == n;
	}
	return any;
}

/* Asked for and nothing else said, there is some at every rate; not for a network without loss. */
static void redundancy_follows_the_expected_loss(void **state)
{
	(void)state;
	for (size_t r = 0; r < sizeof(rates_hz) / sizeof(rates_hz[0]); r++) {
		const struct tp_codec_config config = {.rate_hz = rates_hz[r], .fec = true};
		struct coder_pair pair;

		fake_talker(said, rates_hz[r], rates_hz[r], 59, 12000);
		coder_pair_open(&pair, &tp_opus, &config, 0);
		assert_true(sends_redundancy(&pair));
		assert_int_equal(tp_opus.control(pair.encoder, TP_CODEC_LOSS_PERCENT, 0), 0);
		sends_redundancy(&pair); /* the first packet after the change still has some */
		assert_false(sends_redundancy(&pair));
		assert_int_equal(tp_opus.control(pair.encoder, TP_CODEC_LOSS_PERCENT, 10), 0);
		assert_true(sends_redundancy(&pair));
		coder_pair_close(&pair);
	}
}

/* The answers say which packet carries the frame before it. */
static void redundancy_is_told_from_the_packet(void **state)
{
	const struct tp_codec_config config = {.rate_hz = 48000};
	static int16_t pcm[PACKET_MAX_N];
	struct coder_pair pair;

	(void)state;
	for (int i = 0; i < ANSWERS; i++) {
		int n = 48 * opus_answer[i].ms_10 / 10, got;

		coder_pair_open(&pair, &tp_opus, &config, 0);
		got = tp_opus.decode(pair.decoder, opus_answer[i].payload, opus_answer[i].len, true,
				     pcm, n);
		assert_int_equal(got, opus_answer[i].fec ? n : 0);
		if (opus_answer[i].fec) { /* less than the frame before cannot be had */
			got = tp_opus.decode(pair.decoder, opus_answer[i].payload,
					     opus_answer[i].len, true, pcm, n / 2);
			assert_int_equal(got, 0);
		}
		coder_pair_close(&pair);
	}
}

/* The packet behind a loss of lost_n samples after a second of talk, of which the decoder is told
 * told_n, in pieces of piece_n. */
static void decode_behind_a_loss(int16_t *pcm, int lost_n, int told_n, int piece_n)
{
	const struct tp_codec_config config = {.rate_hz = 16000};
	struct coder_pair pair;
	uint8_t payload[TP_CODEC_PAYLOAD_MAX];
	int len = 0;

	coder_pair_open(&pair, &tp_opus, &config, 0);
	coder_pair_talk(&pair, said, heard, 16000, PACKET_N);
	for (int at = 0; at <= lost_n; at += PACKET_N)
		len = coder_pair_encode(&pair, said + 16000 + at, PACKET_N, payload);
	memset(pcm, 0, PACKET_N * sizeof(*pcm));
	for (int at = 0; at < told_n; at += piece_n)
		tp_opus.absorb(pair.decoder, pcm, piece_n);
	coder_pair_decode(&pair, payload, (size_t)len, pcm, PACKET_N);
	coder_pair_close(&pair);
}

/* Blocks of 5 ms and odd lengths say the same as frames of 20 ms; and it is heard. */
static void a_loss_told_in_pieces_is_the_same(void **state)
{
	static const int piece_n[] = {1, 5, 16, 80, 128};
	int16_t once[PACKET_N], pieces[PACKET_N], untold[PACKET_N];

	(void)state;
	fake_talker(said, TALK_N, 16000, 61, 12000);
	decode_behind_a_loss(once, 2 * PACKET_N, 2 * PACKET_N, PACKET_N);
	decode_behind_a_loss(untold, 2 * PACKET_N, 0, 1);
	assert_memory_not_equal(once, untold, sizeof(once));
	for (size_t i = 0; i < sizeof(piece_n) / sizeof(piece_n[0]); i++) {
		decode_behind_a_loss(pieces, 2 * PACKET_N, 2 * PACKET_N, piece_n[i]);
		assert_memory_equal(once, pieces, sizeof(once));
	}
}

/* A minute that is gone is as much work as 60 ms. */
static void a_long_loss_costs_no_more(void **state)
{
	int16_t some[PACKET_N], all[PACKET_N];

	(void)state;
	fake_talker(said, TALK_N, 16000, 61, 12000);
	decode_behind_a_loss(some, 16 * PACKET_N, 3 * PACKET_N, PACKET_N);
	decode_behind_a_loss(all, 16 * PACKET_N, 3000 * PACKET_N, PACKET_N);
	assert_memory_equal(some, all, sizeof(some));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mode_is_understood_at_every_rate),
		cmocka_unit_test(test_vectors_of_rfc_6716),
		cmocka_unit_test(bit_rate_is_kept_and_changes),
		cmocka_unit_test(impossible_settings_are_refused_with_a_sentence),
		cmocka_unit_test(packet_times_of_phones),
		cmocka_unit_test(mode_changes_inside_a_packet),
		cmocka_unit_test(joined_frames_fill_what_there_is),
		cmocka_unit_test(nothing_is_sent_while_nothing_is_said),
		cmocka_unit_test(lost_packets_come_from_the_next),
		cmocka_unit_test(no_redundancy_is_found_where_none_was_sent),
		cmocka_unit_test(redundancy_follows_the_expected_loss),
		cmocka_unit_test(redundancy_is_told_from_the_packet),
		cmocka_unit_test(a_loss_told_in_pieces_is_the_same),
		cmocka_unit_test(a_long_loss_costs_no_more),
	};

	return cmocka_run_group_tests_name("opus", tests, NULL, NULL);
}
