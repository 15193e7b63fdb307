/* SPDX-License-Identifier: MIT */
/* Which codecs are taken, and that each refusal says why. */
#include <talkpath/codec.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

static void every_codec_passes_the_check(void **state)
{
	(void)state;
	for (int i = 0; tp_codec_builtin(i); i++) {
		assert_int_equal(tp_codec_check(tp_codec_builtin(i)), 0);
		for (int k = 0; k < i; k++)
			assert_int_not_equal(
				strcasecmp(tp_codec_builtin(i)->name, tp_codec_builtin(k)->name),
				0);
	}
}

static int describe_wrongly(const struct tp_codec_config *config, struct tp_codec_shape *shape)
{
	(void)config;
	*shape = (struct tp_codec_shape){8000, 8000, 160, 100, 0};
	return 0;
}

/* 11025 Hz are 11 samples and a bit for each millisecond: the bit would
 * be missing from every packet. */
static int describe_broken_rate(const struct tp_codec_config *config, struct tp_codec_shape *shape)
{
	(void)config;
	*shape = (struct tp_codec_shape){11025, 11025, 1, 1100, 0};
	return 0;
}

/* Well at its own rate, and at one that the engine will ask for not. */
static int describe_one_broken_rate(const struct tp_codec_config *config,
				    struct tp_codec_shape *shape)
{
	int rate_hz = config->rate_hz == 16000 ? 16500 : 8000;

	*shape = (struct tp_codec_shape){rate_hz, rate_hz, 1, 160, 0};
	return 0;
}

static int describe_own_rate_only(const struct tp_codec_config *config,
				  struct tp_codec_shape *shape)
{
	*shape = (struct tp_codec_shape){24000, 24000, 1, 480, 0};
	return config->rate_hz == 0 ? 0 : TP_ERR_UNSUPPORTED;
}

static void the_check_names_what_is_wrong(void **state)
{
	static const int16_t sample;
	static const uint8_t octet;
	static const struct tp_codec_vector nothing_checked[] = {
		{&sample, 1, &octet, 1, false, false},
		{NULL, 0, NULL, 0, false, false},
	};
	struct tp_codec_ops good = *tp_codec_builtin(0), bad[15];

	(void)state;
	for (int i = 0; i < 15; i++)
		bad[i] = good;
	bad[0].abi = TP_CODEC_ABI + 1;
	bad[1].name = NULL;
	bad[2].name = "G722/8000";
	bad[3].name = "a name of 17 char";
	bad[4].static_pt = 128;
	bad[5].channels = 0;
	bad[6].decode = NULL;
	bad[7].describe = describe_wrongly;
	bad[8].vectors = nothing_checked;
	bad[9].about = NULL;
	bad[10].encoder_init = NULL;
	bad[11].describe = describe_broken_rate;
	bad[12].describe = describe_one_broken_rate;
	bad[13].name = "cn"; /* what the engine takes apart itself */
	bad[14].name = "RED";
	assert_int_equal(tp_codec_check(&good), 0);
	good.describe = describe_own_rate_only;
	assert_int_equal(tp_codec_check(&good), 0);
	assert_true(tp_codec_check(NULL) < 0);
	for (int i = 0; i < 15; i++) {
		tp_fail(0, "%s", "");
		assert_true(tp_codec_check(&bad[i]) < 0);
		assert_true(strlen(tp_error_detail()) > 20);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_codec_passes_the_check),
		cmocka_unit_test(the_check_names_what_is_wrong),
	};

	return cmocka_run_group_tests_name("codec_check", tests, NULL, NULL);
}
