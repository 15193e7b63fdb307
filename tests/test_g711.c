/* SPDX-License-Identifier: MIT */
/* G.711 against its definition on every input, and against the ITU's sweeps. */
#include "codecs/registry.h"
#include "tests/fixtures/shared_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
	VALUES = 65536,
	PACKET_N = 960,
};

/* ITU-T G.711 tables 1 and 2 as the segments that they describe, on the one's complement. */
static uint8_t define_mu_code(int v)
{
	int m = ((v < 0 ? ~v : v) >> 2) + 33, segment = 0;

	if (m > 0x1fff)
		m = 0x1fff;
	for (; m > 63; segment++)
		m >>= 1;
	return (uint8_t) ~((v < 0 ? 0x80 : 0) | segment << 4 | (m >> 1 & 15));
}

static int define_mu_linear(int code)
{
	int turned = ~code & 0xff;
	int m = (((turned & 15) * 2 + 33) << (turned >> 4 & 7)) - 33;

	return turned & 0x80 ? -4 * m : 4 * m;
}

static uint8_t define_a_code(int v)
{
	int m = (v < 0 ? ~v : v) >> 4, segment = 1;

	if (m < 16)
		segment = 0;
	for (; m > 31; segment++)
		m >>= 1;
	return (uint8_t)(((v < 0 ? 0 : 0x80) | segment << 4 | (m & 15)) ^ 0x55);
}

static int define_a_linear(int code)
{
	int turned = code ^ 0x55;
	int segment = turned >> 4 & 7, m = (turned & 15) * 2 + 1;

	if (segment > 0)
		m = (m + 32) << (segment - 1);
	return turned & 0x80 ? 8 * m : -8 * m;
}

static void encode_all(const struct tp_codec_ops *codec, uint8_t code[VALUES])
{
	int16_t pcm[PACKET_N];

	for (int at = 0; at < VALUES; at += PACKET_N) {
		int n = VALUES - at < PACKET_N ? VALUES - at : PACKET_N;

		for (int i = 0; i < n; i++)
			pcm[i] = (int16_t)(at + i - 32768);
		assert_int_equal(codec->encode(NULL, pcm, n, code + at, PACKET_N), n);
	}
}

static void decode_codes(const struct tp_codec_ops *codec, int16_t linear[256])
{
	uint8_t code[256];

	for (int i = 0; i < 256; i++)
		code[i] = (uint8_t)i;
	assert_int_equal(codec->decode(NULL, code, 256, false, linear, 256), 256);
}

static void every_sample_has_the_code_of_the_definition(void **state)
{
	static uint8_t mu[VALUES], a[VALUES];

	(void)state;
	encode_all(&tp_g711_pcmu, mu);
	encode_all(&tp_g711_pcma, a);
	for (int i = 0; i < VALUES; i++) {
		assert_int_equal(mu[i], define_mu_code(i - 32768));
		assert_int_equal(a[i], define_a_code(i - 32768));
	}
}

static void every_code_has_the_level_of_the_definition(void **state)
{
	int16_t mu[256], a[256];

	(void)state;
	decode_codes(&tp_g711_pcmu, mu);
	decode_codes(&tp_g711_pcma, a);
	for (int i = 0; i < 256; i++) {
		assert_int_equal(mu[i], define_mu_linear(i));
		assert_int_equal(a[i], define_a_linear(i));
	}
}

/* An implementation that takes -v as magnitude differs at these inputs and only there. */
static void magnitude_is_the_complement(void **state)
{
	static uint8_t mu[VALUES];
	int differ = 0;

	(void)state;
	encode_all(&tp_g711_pcmu, mu);
	for (int v = -32767; v < 0; v++)
		differ += mu[v + 32768] != (define_mu_code(-v) & 0x7f);
	assert_int_equal(differ, 127);
	assert_int_equal(mu[-4 + 32768], 0x7f);
	assert_int_equal(mu[-31612 + 32768], 0x01);
}

static int survivors(const struct tp_codec_ops *codec)
{
	int16_t linear[256];
	uint8_t code[256];
	int same = 0;

	decode_codes(codec, linear);
	assert_int_equal(codec->encode(NULL, linear, 256, code, 256), 256);
	for (int i = 0; i < 256; i++)
		same += code[i] == i;
	return same;
}

/* Mu-law has two zeros, of which the negative one comes back as the positive. */
static void codes_survive_transcoding(void **state)
{
	(void)state;
	assert_int_equal(survivors(&tp_g711_pcma), 256);
	assert_int_equal(survivors(&tp_g711_pcmu), 255);
}

static void check_sweep(const struct tp_codec_ops *codec, const char *codes, const char *linears,
			const char *both)
{
	static uint8_t code[VALUES];
	int16_t *source, *want_code, *want_linear, *want_both, linear[256];
	int n;

	shared_vectors_words("g711/sweep.src", &source, &n);
	shared_vectors_words(codes, &want_code, &n);
	shared_vectors_words(linears, &want_linear, &n);
	shared_vectors_words(both, &want_both, &n);
	assert_int_equal(n, VALUES);
	encode_all(codec, code);
	decode_codes(codec, linear);
	for (int i = 0; i < VALUES; i++) {
		assert_int_equal(source[i], i - 32768);
		assert_int_equal(code[i], want_code[i] & 0xff);
		assert_int_equal(linear[want_code[i] & 0xff], want_linear[i]);
		assert_int_equal(linear[code[i]], want_both[i]);
	}
	free(source);
	free(want_code);
	free(want_linear);
	free(want_both);
}

static void itu_sweep_of_mu_law(void **state)
{
	(void)state;
	check_sweep(&tp_g711_pcmu, "g711/sweep-r.u", "g711/sweep-r.reu", "g711/sweep-r.u-u");
}

static void itu_sweep_of_a_law(void **state)
{
	(void)state;
	check_sweep(&tp_g711_pcma, "g711/sweep-r.a", "g711/sweep-r.rea", "g711/sweep-r.a-a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sample_has_the_code_of_the_definition),
		cmocka_unit_test(every_code_has_the_level_of_the_definition),
		cmocka_unit_test(magnitude_is_the_complement),
		cmocka_unit_test(codes_survive_transcoding),
		cmocka_unit_test(itu_sweep_of_mu_law),
		cmocka_unit_test(itu_sweep_of_a_law),
	};

	return cmocka_run_group_tests_name("g711", tests, NULL, NULL);
}
